// The values that cross to the wasm: as JSON text, with names in NFC.

import { DelegateError } from "./error.js"

/**
 * @typedef {import("./types.js").Event} Event
 * @typedef {import("./types.js").Invalid} Invalid
 * @typedef {import("./types.js").Request} Request
 */

/**
 * The JSON of a value. A lone surrogate, which JSON can carry and UTF-8 cannot, becomes U+FFFD.
 * @param {unknown} value
 * @param {Invalid} code the error if it has none: it is cyclic, nested thousands of levels deep, holds a BigInt, or throws
 * @param {(value: any) => unknown} [shape] the form in which the value crosses
 */
export function json(value, code, shape = (given) => given) {
  try {
    const shaped = shape(value)
    const text = JSON.stringify(shaped) ?? "null"
    return text.includes("\\ud") ? JSON.stringify(shaped, wellFormed) : text
  } catch (cause) {
    const message = `Invalid ${SUBJECTS[code]}: it cannot be written as JSON. It is cyclic, nested too deep, holds a BigInt, or throws.`
    throw new DelegateError({ code, message, field: "" }, cause)
  }
}

/** @param {string} _ @param {unknown} item */
function wellFormed(_, item) {
  if (typeof item === "string") return item.toWellFormed()
  if (typeof item !== "object" || item === null || Array.isArray(item)) return item
  return Object.fromEntries(Object.entries(item).map(([key, value]) => [key.toWellFormed(), value]))
}

/**
 * A text that crosses as it is: the wasm takes nothing else.
 * @param {unknown} value
 * @param {string} field its name, for the error
 * @returns {string}
 * @throws {DelegateError} `invalid_request`, naming the field
 */
export function text(value, field) {
  if (typeof value === "string") return value
  const message = `Invalid request, field "${field}": expected a string, got ${value === null ? "null" : typeof value}.`
  throw new DelegateError({ code: "invalid_request", message, field })
}

/** The subject of an error, by its code. */
const SUBJECTS = { invalid_config: "configuration", invalid_event: "event", invalid_request: "request" }

/** The deepest nesting of another program's value that crosses, in levels. The engine's JSON reader refuses a whole text at 128 levels. */
const DEPTH = 100

/**
 * The JSON of another program's value. A part that is nested deeper crosses as `null`: no rule looks there.
 * @param {unknown} value
 */
export const foreignJSON = (value) => json(value, "invalid_request", (given) => (isShallow(given, DEPTH) ? given : cut(given, [])))

/**
 * The JSON of an event. A record that cannot cross does so as `false`, which is unreadable. Only its own session loses the record.
 * @param {Event} event
 */
export function eventJSON(event) {
  let created = false
  try {
    return json(event, "invalid_event", (given) => {
      created = given?.type === "session.created"
      return eventInNFC(created && !isShallow(given.session?.record, DEPTH) ? withoutRecord(given) : given)
    })
  } catch (error) {
    if (!created) throw error
    return json(event, "invalid_event", (given) => eventInNFC(withoutRecord(given)))
  }
}

/** @param {any} event */
const withoutRecord = (event) => ({ ...event, session: { ...event.session, record: false } })

/**
 * Whether a value is nested no deeper than a number of levels.
 * @param {unknown} value
 * @param {number} levels
 * @returns {boolean}
 */
const isShallow = (value, levels) =>
  typeof value !== "object" || value === null || (levels > 0 && Object.values(value).every((item) => isShallow(item, levels - 1)))

/**
 * A copy without the parts that are nested too deep.
 * @param {any} value
 * @param {unknown[]} above the values around it
 * @returns {unknown}
 */
function cut(value, above) {
  if (typeof value !== "object" || value === null) return value
  if (above.includes(value)) throw new TypeError("The value is cyclic.")
  if (above.length === DEPTH) return null
  const inside = [...above, value]
  if (Array.isArray(value)) return value.map((item) => cut(item, inside))
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, cut(item, inside)]))
}

/**
 * A text in the form in which names are compared: Unicode's NFC.
 * @template T
 * @param {T} text
 * @returns {T}
 */
export const nfc = (text) => (typeof text === "string" ? /** @type {any} */ (text.normalize()) : text)

/**
 * An event with its names in NFC.
 * @param {any} event
 */
function eventInNFC(event) {
  if (event?.type === "session.alias") return { ...event, alias: nfc(event.alias) }
  if (event?.type === "call.recovered") return { ...event, description: nfc(event.description), name: nfc(event.name) }
  if (event?.type !== "session.created" || typeof event.session !== "object" || !event.session || Array.isArray(event.session)) return event
  const { session } = event
  return { ...event, session: { ...session, slug: nfc(session.slug), description: nfc(session.description) } }
}

/**
 * A request with its names in NFC.
 * @param {any} request
 */
export const requestInNFC = (request) =>
  request && typeof request === "object" && !Array.isArray(request)
    ? { ...request, description: nfc(request.description), task_id: nfc(request.task_id) }
    : request

/**
 * The fields of a request that can cross as one text; none if one is of another type.
 * @param {any} request
 * @param {boolean} [checked] whether the engine has checked it
 * @returns {Request | undefined}
 */
export function plainRequest(request, checked = false) {
  const { callID, messageID, sessionID, callerAgent, agent, description, prompt, task_id, permission, model, limits, now, background, by } = request ?? {}
  const texts = [callID, sessionID, agent, description, prompt].every((value) => typeof value === "string")
  const maybe = [messageID, callerAgent, task_id, permission, model].every((value) => value == null || typeof value === "string")
  if (!texts || !maybe || !Number.isFinite(now) || (background != null && typeof background !== "boolean")) return undefined
  if (by != null && by !== "model" && by !== "user") return undefined
  if (limits != null && !checked) return undefined
  return { callID, messageID, sessionID, callerAgent, agent, description, prompt, task_id, permission, model, limits: limits ?? undefined, now, background, by }
}
