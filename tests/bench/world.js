// The measured worlds, their calls, and the expected decisions. `world.rs` is the same.

import { readFileSync } from "node:fs"

/** The sessions of a world. */
export const SIZES = [10, 1_000, 100_000]
/** The number of calls in a row before their refund: small enough that no call meets another in any world. */
export const BATCH = 5

export const ROOT = "ses_root0000000000000000000"
/** Agents with the rules that OpenCode 1.18.33 gives them (`GET /agent`), and two of a user's. @type {{ agents: Record<string, { mode: "primary" | "subagent" | "all", permission: import("../../js/engine.js").HostRule[] }> }} */
export const CONFIG = JSON.parse(readFileSync(new URL("config.json", import.meta.url), "utf8"))
const NOW = 500_000_000
/** A step through the sessions of any world, out of order. */
const STRIDE = 7_919
const LETTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

/** The kinds of calls, each with the row that decides it. */
export const KINDS = /** @type {const} */ ([
  { kind: "unnamed", row: "R12", what: "new work, no session named" },
  { kind: "new-name", row: "R5", what: "a new name" },
  { kind: "by-name", row: "R4", what: "resume by name" },
  { kind: "by-id", row: "R4", what: "resume by id" },
  { kind: "mistyped", row: "R6", what: "resume by an id with a letter wrong" },
  { kind: "denied", row: "R2", what: "denied: another agent's" },
])

/**
 * @typedef {typeof KINDS[number]["kind"]} Kind
 * @typedef {import("../../js/engine.js").Request} Request
 * @typedef {{ id: string, agent: string, slug: string, description: string, lastUsed: number }} Session
 * @typedef {{ action: string, rule: string, sessionID?: string, ticket?: number }} Decided the least answer of each side
 */

const agentOf = (/** @type {number} */ index) => (index % 2 ? "explorer" : "fixer")
const slugOf = (/** @type {number} */ index) => `explore-auth-module-${index}`

/** A session of a world. @param {number} index @returns {Session} */
export function session(index) {
  return { id: idOf(index), agent: agentOf(index), slug: slugOf(index), description: `Explore auth module ${index}`, lastUsed: 1_000 + index }
}

/**
 * The next calls of a kind, parsed from text like a host's.
 * @param {Kind} kind @param {number} sessions @param {number} from @param {number} [count]
 * @returns {Request[]}
 */
export function ask(kind, sessions, from, count = BATCH) {
  const calls = Array.from({ length: count }, (_, place) => {
    const call = from + place
    const index = (call * STRIDE) % sessions
    const task_id = {
      unnamed: undefined,
      "new-name": `something-new-${call}`,
      "by-name": slugOf(index),
      "by-id": idOf(index),
      mistyped: mistyped(index),
      denied: slugOf(index),
    }[kind]
    const agent = agentOf(kind === "denied" ? index + 1 : index)
    return { now: NOW, callID: `call_${call}`, sessionID: ROOT, callerAgent: "build", agent, description: `Look into part ${call}`,
      prompt: "Look at the auth code and tell me what it does.", task_id }
  })
  return JSON.parse(JSON.stringify(calls))
}

/** An id in OpenCode's form: the time in hex, then random letters and digits. @param {number} index */
function idOf(index) {
  const draw = draws(index)
  const tail = Array.from({ length: 14 }, () => LETTERS[draw() % 62]).join("")
  return `ses_${(0x19a_0000_0000 + 4_096 * index).toString(16).padStart(12, "0")}${tail}`
}

/** Numbers that look random. @param {number} state */
function draws(state) {
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return (mixed ^ (mixed >>> 14)) >>> 0
  }
}

/** @param {number} index */
function mistyped(index) {
  const id = idOf(index)
  return `${id.slice(0, 20)}${id[20] === "x" ? "y" : "x"}${id.slice(21)}`
}
