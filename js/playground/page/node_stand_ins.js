// Stand-ins for the parts of Node that the plugin uses: the played world has no files, and its ids come from its dice.

export const pid = 1
export const isMainThread = false
export const homedir = () => "/home"
export const join = (/** @type {string[]} */ ...parts) => parts.join("/")
export const resolve = join
export const pathToFileURL = (/** @type {string} */ path) => new URL(`file://${path}`)
export const stat = () => Promise.reject(new Error("There are no files here."))

/** No other plugin is composed in the played world. */
export class AsyncLocalStorage {}
