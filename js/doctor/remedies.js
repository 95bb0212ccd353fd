// The complaint about a value, by the engine's own reader, and the value that was probably meant.

import { readFileSync } from "node:fs"
import { Settings, nearest } from "../core/index.js"
import "../engine.js"
import { isObject } from "./json_text.js"

/** @typedef {Record<string, any>} Schema */

/** The published schema, generated from the engine's types: the names that there are, and their kinds. @type {Schema} */
const schema = JSON.parse(readFileSync(new URL("../../schema/options.json", import.meta.url), "utf8"))

/** @type {Schema} */
export const OPTIONS = schema.properties
/** @type {Schema} */
export const AGENT_FIELDS = schema.definitions.agent.properties

/**
 * The plugin's own complaint about options, or about fields of agents, if it has one.
 * @param {Record<string, unknown>} options @param {Record<string, any>} agents @param {readonly string[]} executors
 */
export function complaint(options, agents, executors) {
  try {
    new Settings(executors, options).configure(() => agents, () => 0)
    return undefined
  } catch (error) {
    return /** @type {Error} */ (error).message.replace(/^Invalid configuration, /, "")
  }
}

/** The same without the name of the only field. @param {string} said @param {string} field */
export const unnamed = (said, field) => said.replace(`field "${field}": `, "")

/**
 * The value that a value of the wrong type was probably meant to be.
 * @param {unknown} value @param {Schema | undefined} kind @param {(value: unknown) => boolean} isValid whether the plugin takes it
 */
export function obvious(value, kind, isValid) {
  return candidates(value, kind ?? {}).find((candidate) => isValid(candidate))
}

/** @param {unknown} value @param {Schema} kind @returns {unknown[]} */
function candidates(value, kind) {
  if (Array.isArray(value)) return value.length === 1 ? [value[0]] : []
  if (isObject(value) && kind.properties) return [withKnownNames(value, kind.properties)]
  if (typeof value !== "string") return []
  const text = value.trim()
  const number = text ? [Number(text)].filter(Number.isFinite) : []
  const flag = ["true", "false"].includes(text.toLowerCase()) ? [text.toLowerCase() === "true"] : []
  const word = kind.enum ? [nearest(text, kind.enum)].filter((word) => word !== undefined) : []
  return [...number, ...flag, ...word, ...(kind.type === "array" ? [[text]] : [])]
}

/** An object with the nearest known names, and with what each value was probably meant to be. @param {Record<string, unknown>} value @param {Record<string, Schema>} known */
function withKnownNames(value, known) {
  const free = Object.keys(known).filter((name) => !Object.hasOwn(value, name))
  return Object.fromEntries(Object.entries(value).map(([name, held]) => {
    const meant = Object.hasOwn(known, name) ? name : (nearest(name, free) ?? name)
    return [meant, candidates(held, Object.hasOwn(known, meant) ? known[meant] : {})[0] ?? held]
  }))
}
