// The texts of a delegation, which the engine writes.

import * as wasm from "../../pkg/opencode_delegate.js"
import { call } from "./call.js"
import { json } from "./json.js"

/** @typedef {import("./types.js").Text} Text */

/**
 * Writes a text of a delegation, for a model or a person to read. Fields of other names are ignored.
 *
 * @example
 * wording({ kind: "title", description: "Explore auth", action: "spawn", task_id: "explore-auth" }) // "Explore auth · spawned"
 * @param {Text} text
 * @returns {string}
 * @throws {DelegateError} `invalid_request`, naming the field, for a field that is missing or of another type
 */
export function wording(text) {
  const given = json(text, "invalid_request")
  return call(() => wasm.wording(given))
}
