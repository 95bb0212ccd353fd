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

/** An element of a picture. @param {string} tag @param {Props} [props] @param {...(Child | Child[])} children @returns {any} */
export const svg = (tag, props, ...children) => fill(document.createElementNS(SVG, tag), props, children)

/** @param {any} node @param {Props} props @param {(Child | Child[])[]} children */
function fill(node, props = {}, children) {
  for (const [name, value] of Object.entries(props)) {
    if (value === undefined || value === null || value === false) continue
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value)
    else if (PROPERTIES.includes(name) && node.namespaceURI !== SVG) node[name] = value
    else node.setAttribute(name, value === true ? "" : String(value))
  }
  // The value of a select may name a child that is appended later, so it is set again.
  put(node, ...children.flat())
  if ("value" in props && node.tagName === "SELECT") node.value = props.value
  return node
}

/** Replaces the content of an element. @param {any} node @param {...Child} children */
export function put(node, ...children) {
  node.replaceChildren(...children.filter((child) => child !== false && child !== null && child !== undefined).map((child) => (typeof child === "number" ? String(child) : /** @type {any} */ (child))))
}

/** The element with an id. @param {string} id @returns {any} */
export const byID = (id) => document.getElementById(id)

/** A text whose backquoted pieces are code. @param {string} text @returns {Child[]} */
export const prose = (text) => text.split("`").map((piece, place) => (place % 2 ? h("code", {}, piece) : piece))

/** Announces a change to screen readers. @param {string} text */
export function announce(text) {
  byID("live").textContent = text
}
