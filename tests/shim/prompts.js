// A prompt runner whose OpenCode, engine and pauses a test controls.

import { it } from "node:test"
import "../../js/engine.js"
import { PromptRunner } from "../../js/opencode1/execute/prompt_runner.js"

const LONG = 60_000
export const done = (/** @type {string} */ id, text = "Done.") => ({ data: { info: { role: "assistant", parentID: id, finish: "stop" }, parts: [{ type: "text", text }] } })
export const refused = (/** @type {string} */ message) => ({ error: { name: "BadRequest", data: { message } } })
export const of = (sessionID = "ses_a", prompt_no = 1, attempt = 1) => ({ sessionID, prompt_no, attempt })
export const send = (fields = {}) => { const id = { ...of(), ...fields }; return { type: "send", message: { messageID: `msg_${id.prompt_no}`, parts: [] }, stall: LONG, ...id } }
const turn = () => new Promise((resolve) => setImmediate(resolve))
export const settle = async () => { for (let time = 0; time < 10; time++) await turn() }

/** A runner whose OpenCode, engine and pauses the test controls. @param {(world: ReturnType<typeof make>) => Promise<void>} test @param {Record<string, any>} [given] */
async function running(test, given = {}) {
  const { setTimeout } = globalThis
  const pauses = /** @type {{ work: () => void, ms: number }[]} */ ([])
  Object.assign(globalThis, { setTimeout: (/** @type {() => void} */ work, ms = 0) => { pauses.push({ work, ms }); return { unref() {} } } })
  try {
    const world = make(given, pauses)
    await test(world)
    world.runner.dispose()
  } finally {
    Object.assign(globalThis, { setTimeout })
  }
}

/** @param {Record<string, any>} given @param {{ work: () => void, ms: number }[]} pauses */
function make({ status = () => ({}), abort = () => true, messages = () => [], message = () => undefined, session = async (/** @type {string} */ id) => ({ id }), stored = async () => true }, pauses) {
  const events = /** @type {any[]} */ ([])
  const asked = /** @type {any[]} */ ([])
  const delivered = /** @type {any[]} */ ([])
  const noted = /** @type {any[]} */ ([])
  const answers = /** @type {((answer: any) => void)[]} */ ([])
  const known = /** @type {Record<string, any>} */ ({})
  const host = {
    prompt: (/** @type {string} */ id, /** @type {any} */ { messageID }) => (asked.push(["prompt", id, messageID]), new Promise((resolve) => answers.push(resolve))),
    status: async () => (asked.push(["status"]), status()),
    abort: async (/** @type {string} */ id) => (asked.push(["abort", id]), abort()),
    message: async () => message(),
    session,
    messages: async (/** @type {string} */ id) => (asked.push(["messages", id]), messages()),
  }
  const sync = {
    process: "none",
    apply: (/** @type {any} */ { now: _, ...event }) => (events.push(event), []),
    session: (/** @type {string} */ id) => known[id],
    whenStored: stored,
    noteSpent: (/** @type {any[]} */ ...spent) => void noted.push(spent),
  }
  const another = () => new PromptRunner(/** @type {any} */ (host), /** @type {any} */ (sync), async (/** @type {any} */ ending, /** @type {any} */ answer) => void delivered.push([ending.type, answer]))
  const runner = another()
  const follow = (fields = {}, call = {}) => runner.follow(/** @type {any} */ ({ sessionID: "ses_a", prompt_no: 1, behind: 0, ...fields }), { callerID: "ses_root", background: false, ...call })
  const perform = async (/** @type {any} */ effect) => { runner.perform(effect); await settle() }
  /** Ends the pauses of a length. @param {number} ms */
  const pass = async (ms) => {
    for (const pause of pauses.filter((pause) => pause.ms === ms)) { pauses.splice(pauses.indexOf(pause), 1); pause.work() }
    await settle()
  }
  const answer = async (/** @type {any} */ answer, nth = 0) => { answers[nth](answer); await settle() }
  /** The end of a prompt, if it has ended. @param {any} prompt */
  const end = async (prompt) => Promise.race([prompt.end, settle().then(() => undefined)])
  const types = () => events.map(({ type }) => type)
  const calls = (/** @type {string} */ what) => asked.filter(([call]) => call === what)
  return { runner, another, sync, events, asked, delivered, noted, known, follow, perform, pass, answer, end, types, calls }
}

/** A test of a runner. @param {string} what @param {Parameters<typeof running>[0]} test @param {Record<string, any>} [given] */
export const runs = (what, test, given) => it(what, () => running(test, given))
