// Stand-ins for the parts of Node that the plugin uses: the played world has no files, and its ids come from its dice.

/** @param {number} length */
export function randomBytes(length) {
  const bytes = Array.from({ length }, () => String.fromCharCode(Math.floor(Math.random() * 256)))
  return { toString: () => btoa(bytes.join("")).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "") }
}

export function randomUUID() {
  const digits = Array.from({ length: 32 }, () => Math.floor(Math.random() * 16).toString(16)).join("")
  return digits.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-")
}

export const pid = 1
export const isMainThread = false
export const homedir = () => "/home"
export const join = (/** @type {string[]} */ ...parts) => parts.join("/")
export const resolve = join
export const pathToFileURL = (/** @type {string} */ path) => new URL(`file://${path}`)
export const stat = () => Promise.reject(new Error("There are no files here."))
