// The three tables of rules, as data.

import * as wasm from "../../pkg/opencode_delegate.js"
import { call } from "./call.js"

/**
 * @typedef {import("./types.js").Recovery} Recovery
 * @typedef {import("./types.js").Rule} Rule
 * @typedef {import("./types.js").Transition} Transition
 */

/**
 * The decision table, row by row.
 *
 * @example
 * rules()[0].rule // "G1"
 * @returns {Rule[]}
 */
export function rules() {
  return tables()[0]
}

/**
 * The prompt table, row by row: it decides about prompts.
 *
 * @example
 * transitions()[0].row // "B1"
 * @returns {Transition[]}
 */
export function transitions() {
  return tables()[1]
}

/**
 * The recovery table, row by row: it decides about the prompts and tasks of other processes.
 *
 * @example
 * recoveries()[0].row // "C1"
 * @returns {Recovery[]}
 */
export function recoveries() {
  return tables()[2]
}

/** @returns {[Rule[], Transition[], Recovery[]]} */
const tables = () => JSON.parse(call(() => wasm.tables()))
