// The wasm of the engine, compiled beside the start of the host: the host's thread goes on meanwhile.

import { readFile } from "node:fs/promises"
import { initSync } from "../pkg/opencode_delegate.js"

/** @type {Promise<unknown> | undefined} */
let loading

/** Loads the wasm. It must be loaded before anything of the engine is called. */
export function loadEngine() {
  return (loading ??= wasm().then((bytes) => WebAssembly.compile(bytes)).then((module) => initSync({ module })))
}

/** The bytes of the wasm: of its own file, or of the text for those who have no file beside this one. @returns {Promise<BufferSource>} */
async function wasm() {
  try {
    return await readFile(new URL("../pkg/opencode_delegate_bg.wasm", import.meta.url))
  } catch {
    const { default: inline } = await import("../pkg/opencode_delegate_inline.js")
    return Buffer.from(inline, "base64")
  }
}
