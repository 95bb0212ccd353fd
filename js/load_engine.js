// The wasm of the engine, compiled beside the start of the host: the host's thread goes on meanwhile.

import { readFile } from "node:fs/promises"
import { initSync } from "../pkg/opencode_delegate.js"

/** @type {Promise<unknown> | undefined} */
let loading

/**
 * Loads the wasm. It must be loaded before anything of the engine is called.
 * @returns {Promise<unknown>}
 */
export function loadEngine() {
  loading ??= start(() => readFile(new URL("../pkg/opencode_delegate_bg.wasm", import.meta.url)))
    // A bundle has no such file, or one of another version beside it, or no address of its own.
    .catch(() => start(async () => Buffer.from((await import("../pkg/opencode_delegate_inline.js")).default, "base64")))
    .catch((error) => {
      loading = undefined
      throw error
    })
  return loading
}

/** @param {() => Promise<BufferSource>} read */
const start = async (read) => initSync({ module: await WebAssembly.compile(await read()) })
