// The options of an engine beside its configuration.

import { DelegateError } from "./error.js"

/** @typedef {import("./types.js").EngineOptions} EngineOptions */

/** The longest name of an option that an error shows, in characters. */
const NAME = 80

/**
 * The name of the process among an engine's options. A misspelled option would leave an engine without a name in silence.
 * @param {EngineOptions} options
 * @throws {DelegateError} `invalid_config` for options that are no object, for an unknown one, and for a name that is no text
 */
export function processOf(options) {
  if (options === null || typeof options !== "object" || Array.isArray(options)) {
    throw invalidOptions("", `: expected an object such as { process: "host-1 4711" }, got ${kindOf(options)}.`)
  }
  const unknown = Object.keys(options).find((name) => name !== "process")
  if (unknown !== undefined) {
    const name = unknown.slice(0, NAME)
    throw invalidOptions(name, `, field ${JSON.stringify(name)}: the field is unknown; known fields are: process.`)
  }
  const { process } = options
  if (process === undefined || typeof process === "string") return process
  throw invalidOptions("process", `, field "process": expected a string, got ${kindOf(process)}.`)
}

/** @param {string} field @param {string} wrong */
const invalidOptions = (field, wrong) => new DelegateError({ code: "invalid_config", message: `Invalid options${wrong}`, field })

/** The type of a value, for a message. @param {unknown} value */
const kindOf = (value) => (value === null ? "null" : Array.isArray(value) ? "a list" : typeof value)
