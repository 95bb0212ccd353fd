export * from "./api.js";
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
export declare function init(source?: string | URL | Response | Promise<Response> | BufferSource | WebAssembly.Module): Promise<void>;
