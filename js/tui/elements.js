// The elements of the terminal, without a build step: what a compiler would make of JSX.

import { createComponent, createElement, effect, insert, setProp } from "@opentui/solid"
import { Index, Show } from "solid-js"

/**
 * An element. A property that is a function is followed, except a handler (`on...`); so is a child that is a function.
 * @param {string} tag
 * @param {Record<string, any>} properties
 * @param {...any} children
 * @returns {any}
 */
export function el(tag, properties, ...children) {
  const node = createElement(tag)
  for (const [name, value] of Object.entries(properties)) {
    if (typeof value === "function" && !name.startsWith("on")) effect((/** @type {any} */ before) => setProp(node, name, value(), before))
    else setProp(node, name, value)
  }
  // Without a marker, a text replaces what stands before it.
  for (const child of children) insert(node, child, null)
  return node
}

/** A line of text that is cut at the edge. @param {Record<string, any>} properties @param {...any} children */
export const line = (properties, ...children) => el("text", { wrapMode: "none", ...properties }, ...children)

/** A part of a line in a colour. @param {() => any} fg @param {any} text @param {{ bold?: boolean }} [style] */
export const span = (fg, text, style = {}) => el("span", { style: () => ({ fg: fg(), ...style }) }, text)

/** An element that stands here while a condition holds. @param {() => unknown} when @param {() => any} make @returns {any} */
export const show = (when, make) =>
  createComponent(/** @type {any} */ (Show), { get when() { return Boolean(when()) }, get children() { return make() } })

/**
 * An element for each value, by its place: it stays when the value changes.
 * @template T
 * @param {() => T[]} each
 * @param {(value: () => T, place: number) => any} make
 * @returns {any}
 */
export const list = (each, make) => createComponent(/** @type {any} */ (Index), { get each() { return each() }, children: make })

/** An element of the terminal's own. @param {any} component @param {object} properties @returns {any} */
export const component = (component, properties) => createComponent(component, properties)
