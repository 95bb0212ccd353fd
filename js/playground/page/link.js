// The state of the page in its address: all shown content can be shared.

/** @typedef {{ tab: string, name?: string, state?: any }} Target */

/**
 * The target of an address: a tab (`#decide`), an example by its name (`#decide/R4`), or a state (`#decide/~…`).
 * @param {string} hash
 * @returns {Promise<Target>}
 */
export async function read(hash) {
  const [tab = "", rest = ""] = hash.replace(/^#/, "").split(/\/(.*)/s)
  if (!rest.startsWith("~")) return { tab, name: rest ? decodeURIComponent(rest) : undefined }
  return { tab, state: JSON.parse(await unpack(rest.slice(1))) }
}

/** @param {Target} target */
export async function write({ tab, name, state }) {
  return `#${tab}${state !== undefined ? `/~${await pack(JSON.stringify(state))}` : name ? `/${encodeURIComponent(name)}` : ""}`
}

/** @param {string} text */
async function pack(text) {
  const bytes = await through(new Blob([text]), new CompressionStream("deflate-raw"))
  const letters = Array.from(bytes, (byte) => String.fromCharCode(byte)).join("")
  return btoa(letters).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "")
}

/** @param {string} text */
async function unpack(text) {
  const letters = atob(text.replaceAll("-", "+").replaceAll("_", "/"))
  const bytes = Uint8Array.from(letters, (letter) => letter.charCodeAt(0))
  return new TextDecoder().decode(await through(new Blob([bytes]), new DecompressionStream("deflate-raw")))
}

/** @param {Blob} blob @param {any} transform */
async function through(blob, transform) {
  return new Uint8Array(await new Response(blob.stream().pipeThrough(transform)).arrayBuffer())
}
