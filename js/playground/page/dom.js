// Elements, made in one expression.

/**
 * @typedef {Node | string | number | false | null | undefined} Child
 * @typedef {Record<string, any>} Props attributes; `on…` are listeners, `value`, `checked` and `htmlFor` properties
 */

const PROPERTIES = ["value", "checked", "htmlFor", "className"]
const SVG = "http://www.w3.org/2000/svg"

/**
 * @param {string} tag
 * @param {Props} [props]
 * @param {...(Child | Child[])} children
 * @returns {any}
 */
export const h = (tag, props, ...children) => fill(document.createElement(tag), props, children)

/** The same for pictures. @param {string} tag @param {Props} [props] @param {...(Child | Child[])} children @returns {any} */
export const svg = (tag, props, ...children) => fill(document.createElementNS(SVG, tag), props, children)

/** @param {any} node @param {Props} props @param {(Child | Child[])[]} children */
function fill(node, props = {}, children) {
  for (const [name, value] of Object.entries(props)) {
    if (value === undefined || value === null || value === false) continue
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value)
    else if (PROPERTIES.includes(name) && node.namespaceURI !== SVG) node[name] = value
    else node.setAttribute(name, value === true ? "" : String(value))
  }
  // What comes later may be chosen by a select's value, which must be set again then.
  put(node, ...children.flat())
  if ("value" in props && node.tagName === "SELECT") node.value = props.value
  return node
}

/** Replaces what is in an element. @param {any} node @param {...Child} children */
export function put(node, ...children) {
  node.replaceChildren(...children.filter((child) => child !== false && child !== null && child !== undefined).map((child) => (typeof child === "number" ? String(child) : /** @type {any} */ (child))))
}

/** The one element of that id. @param {string} id @returns {any} */
export const byID = (id) => document.getElementById(id)

/** Text in which what stands in backquotes is code. @param {string} text @returns {Child[]} */
export const prose = (text) => text.split("`").map((piece, place) => (place % 2 ? h("code", {}, piece) : piece))

/** What is told to who does not see the page change. @param {string} text */
export function announce(text) {
  byID("live").textContent = text
}
