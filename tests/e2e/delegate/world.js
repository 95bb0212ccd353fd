// Helpers for the tests of executor "delegate", beside those for both executors.

import { setTimeout as sleep } from "node:timers/promises"
import { boot as bootAny, task } from "../fixture.js"

/** A step that delegates in the background. @param {Parameters<typeof task>} of */
export const later = (...of) => ({ task: { ...task(...of).task, background: true } })

/** A step that calls one of the package's small tools. @param {string} tool @param {Record<string, unknown>} [args] */
export const use = (tool, args = {}) => ({ call: { tool: `delegate_${tool}`, args } })

/** The id of the background task in a text. @param {string} text */
export const bgIn = (text) => /\bbg_[0-9a-f]{8}\b/.exec(text)?.[0] ?? ""

/** The time between two looks. Each look costs OpenCode some milliseconds, and delays the other tests. */
const LOOK_MS = 150

/**
 * The first value that is true.
 * @template T
 * @param {() => Promise<T> | T} look
 * @param {string} what
 * @returns {Promise<NonNullable<T>>}
 */
export async function until(look, what, ms = 120_000) {
  for (const deadline = Date.now() + ms; Date.now() < deadline; await sleep(LOOK_MS)) {
    const found = await look()
    if (found) return found
  }
  throw new Error(`not within ${ms} ms: ${what}`)
}

/** @param {Parameters<typeof bootAny>} of */
export async function boot(...of) {
  const world = await bootAny(...of)
  const { host, model } = world
  const state = async (/** @type {string} */ id) => (await host.api("GET", "/session/status"))[id]?.type ?? "idle"
  const delivered = async (/** @type {string} */ id) =>
    (await host.messages(id)).flatMap(({ parts }) => parts.filter(({ synthetic, text }) => synthetic && text.includes("Background task "))).map(({ text }) => /** @type {string} */ (text).replace(/\nThis session has used \d+ tokens\.$/, ""))

  return {
    ...world,
    /** The background results that were delivered to a session, in order. The line about tokens is left out. */
    delivered,
    /** Waits until a session has got so many results, and has answered. @param {string} id @param {number} count */
    async hears(id, count) {
      await until(async () => (await delivered(id)).length >= count, `${count} results delivered to ${id}`)
      await until(async () => (await state(id)) === "idle", `${id} idle`)
      return delivered(id)
    },
    state,
    /** @param {string} id @param {string} what */
    rests: (id, what = "idle") => until(async () => (await state(id)) === what, `${id} ${what}`),
    /** The messages of the last request that a session made to the model, as text. @param {string} id */
    seen: (id) => JSON.stringify(model.requests.findLast(({ kind, sessionID }) => kind === "chat" && sessionID === id)?.body.messages),
    /** The children of a session, the eldest first. @param {string} id */
    children: async (id) => (await host.tree(id)).children,
  }
}

/** How often one text occurs in another. @param {string} text @param {string} part */
export const times = (text, part) => text.split(part).length - 1
