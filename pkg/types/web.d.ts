export * from "./api.js";
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
export declare function init(source?: string | URL | Response | Promise<Response> | BufferSource | WebAssembly.Module): Promise<void>;
