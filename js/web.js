// The engine for browsers: the wasm is a file beside the page, and is loaded before anything else is called.

import load from "../pkg/opencode_delegate.js"

export * from "./api.js"

/** @type {Promise<void> | undefined} */
let loading

/**
 * Loads the wasm: once, however often it is called. One that failed may be tried again.
 *
 * @example
 * await init()
 * new Engine().decide(request)
 * @param {string | URL | Response | Promise<Response> | BufferSource | WebAssembly.Module} [source] where it is, or what it
 *   is; left out, the package's own file, which bundlers find by its address
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
