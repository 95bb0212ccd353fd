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
 * @param {Invalid} code the error if it has none: it is cyclic, nested thousands of levels deep, or holds a BigInt
 */
export function json(value, code) {
  try {
    const text = JSON.stringify(value) ?? "null"
    if (!text.includes("\\ud")) return text
    return JSON.stringify(value, (_, item) => (typeof item === "string" ? item.toWellFormed() : item))
  } catch (cause) {
    const message = `Invalid ${SUBJECTS[code]}: it cannot be written as JSON.`
    throw new DelegateError({ code, message, field: "" }, cause)
  }
}

/** The subject of an error, by its code. */
const SUBJECTS = { invalid_config: "configuration", invalid_event: "event", invalid_request: "request" }

/** The deepest nesting of a record that crosses, in levels. The engine's JSON reader refuses a whole event at 128 levels. */
const RECORD_DEPTH = 100

/**
 * The JSON of an event. A record that is nested too deep crosses as `false`, which is unreadable. Only its own session loses
 * the record.
 * @param {Event} event
 */
export function eventJSON(event) {
  if (event?.type === "session.created") {
    const { session } = event
    if (!isShallow(session?.record, RECORD_DEPTH)) return json(eventInNFC({ ...event, session: { ...session, record: false } }), "invalid_event")
  }
  return json(eventInNFC(event), "invalid_event")
}

/**
 * Whether a value is nested no deeper than a number of levels.
 * @param {unknown} value
 * @param {number} levels
 * @returns {boolean}
 */
const isShallow = (value, levels) =>
  typeof value !== "object" || value === null || (levels > 0 && Object.values(value).every((item) => isShallow(item, levels - 1)))

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
  if (event?.type !== "session.created" || !event.session) return event
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
 * Whether a request can cross as one text. The engine names the fault of any other request.
 * @param {Request} request
 */
export const isRequest = (request) =>
  typeof request?.callID === "string" && typeof request.sessionID === "string" && typeof request.agent === "string" &&
  typeof request.description === "string" && typeof request.prompt === "string" && Number.isFinite(request.now) &&
  (request.callerAgent == null || typeof request.callerAgent === "string") &&
  (request.task_id == null || typeof request.task_id === "string") &&
  (request.background == null || typeof request.background === "boolean")
