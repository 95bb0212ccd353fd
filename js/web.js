// The engine for browsers: the wasm is a file of its own, and `init` loads it before any other call.

import load from "../pkg/opencode_delegate.js"

export * from "./api.js"

/** @type {Promise<void> | undefined} */
let loading

/**
 * Loads the wasm. Further calls wait for the same load; after a failure the next call loads again.
 *
 * @example
 * await init()
 * new Engine().decide(request)
 * @param {string | URL | Response | Promise<Response> | BufferSource | WebAssembly.Module} [source] the
 *   address of the wasm, or the wasm itself; the package's own file if left out, which bundlers find by its address
 * @returns {Promise<void>}
 */
export function init(source = new URL("../pkg/opencode_delegate_bg.wasm", import.meta.url)) {
  loading ??= load({ module_or_path: source }).then(
    () => {},
    (error) => {
      loading = undefined
      throw error
    },
  )
  return loading
}
