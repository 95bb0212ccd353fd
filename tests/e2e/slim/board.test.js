// The model reads slim's text and our own lines, and nothing else. A message that was sent once never changes.

import assert from "node:assert/strict"
import { describe, it } from "node:test"
import { setTimeout as sleep } from "node:timers/promises"
import { script } from "../../host/model.js"
import { MISSING, OPENCODE2, plain as plainErrors, task } from "../fixture.js"
import { ALONE, BOARD, WITH_US, hosts, later, readNotes, recall, secret, texts, use } from "./world.js"

const { world } = hosts()

/**
 * @typedef {import("../../host/model.js").Body} Body
 * @typedef {{ home: string, sessions: Body[][], rested: number[], made: string[] }} Played the requests of each session,
 *   the root first; the root's requests at which all ended tasks were acknowledged; and the calls of its script
 */

/** The names of the sessions in a conversation: slim's, or the model's. */
const WORDS = { alias: ["exp-1", "fix-1"], name: ["the-map", "the-mend"] }

/** The id of the first background session. */
const RUNNING = String.raw`{{recall /(?:<task id="|\(sessionID: )(ses_\w+)(?:" state="running"|\))/}}`

/** The arguments of a call that delegates, as the model writes them. @param {any} task */
function argumentsOf(task) {
  if (!OPENCODE2) return task
  const { subagent_type: agent, task_id, ...rest } = task
  return { agent, ...rest, ...(task_id && { task_id }) }
}

/**
 * Plays a conversation of several turns, with specialists in the foreground and in the background. Each is resumed, one too
 * early, and one fails.
 * @param {import("./world.js").World} world
 * @param {keyof typeof WORDS} words
 * @returns {Promise<Played>}
 */
async function converse({ host, model, requests, hears, children }, words) {
  const root = await host.session()
  const rested = /** @type {number[]} */ ([])
  const made = /** @type {string[]} */ ([])
  const [map, mend] = WORDS[words]
  const named = (/** @type {string} */ name) => (words === "name" ? name : undefined)
  /** A turn, and the turns that slim needs to notice all ended tasks. @param {number} ends @param {...object} steps */
  const turn = async (ends, ...steps) => {
    made.push(...steps.map((/** @type {any} */ { task, call }) => JSON.stringify(task ? argumentsOf(task) : call.args)))
    await host.prompt(root, script(...steps, { say: "noted" }))
    if (ends) model.open(`${words} ${ends}`)
    await hears(root, ends)
    // Slim confirms within a second that a session has stopped.
    await sleep(1_500)
    for (let empty = 0; empty < 2; empty++) await host.prompt(root, script({ say: "noted" }))
    rested.push(requests(root).length - 1)
  }
  await turn(1, task("explorer", "Map the code", secret("fig"), named(map)), later("fixer", "Mend the code", [{ gate: `${words} 1`, say: "SECRET=date" }], named(mend)))
  await turn(1, task("explorer", "Map more", recall, map))
  await turn(2, later("fixer", "Mend more", [{ gate: `${words} 2`, ...recall[0] }], mend), task("fixer", "Too early", recall, named(mend) ?? RUNNING))
  await turn(2, task("oracle", "Break", [{ fail: { status: 400, times: 9 } }], named("the-break")), { say: "I look.", ...readNotes })
  await turn(2, use("task_result", { task_id: mend }), use("wait_for_user", { reason: "to look" }))
  const ids = [root, ...(await children(root)).map(({ id }) => id)]
  return { home: host.home, sessions: ids.map((id) => requests(id).map(({ body }) => body)), rested, made }
}

/** @type {Map<string, Promise<Played>>} */
const conversations = new Map()
/** A conversation, which is played once. @param {string} plugin @param {keyof typeof WORDS} words */
function had(plugin, words) {
  const key = `${plugin} ${words}`
  const played = conversations.get(key) ?? world(plugin).then((at) => converse(at, words))
  conversations.set(key, played)
  return played
}
/** The conversation in slim's words, with slim alone and with us, at the same time. */
const both = () => Promise.all([had(ALONE, "alias"), had(WITH_US, "alias")])

/** Gives ids a number in order of appearance, and the host's folder a name. @param {string} home */
function plain(home) {
  const seen = new Map()
  return (/** @type {string} */ text) =>
    text.replaceAll(home, "HOME").replace(/\b(ses|msg|prt|call)_\w+/g, (id) => {
      if (!seen.has(id)) seen.set(id, `id-${seen.size}`)
      return seen.get(id)
    })
}

const JOB = /^- (\S+ \/ \S+ \/ \S+) \/ (?:running, status uncertain|completed, (?:un)?reconciled)\n(  Objective: .*)\n(?:  (?:Result|Status): .*\n)?/gm

/**
 * A board with the ended jobs in one place. Slim notices an end and its acknowledgment within milliseconds, in either order, also
 * alone.
 * @param {string} text
 */
function timeless(text) {
  if (!text.includes(BOARD)) return text
  const ended = Array.from(text.matchAll(JOB), ([, job, objective]) => `- ${job}\n${objective}\n`)
  const rest = text.replace(JOB, "").replace(/^(####.*\n)(?:- none\n)?/gm, "$1")
  return `${rest}\n${ended.sort().join("")}`
}

/** The results of the delegating tool and its failures, without the lines at their end that are ours. @param {string} text */
const theirs = (text) => text.replace(/^(<task [^]*?\n<\/task>|<subagent [^]*?\n<\/subagent>|The subagent is working [^]*?|Subagent failed .*)\ntask_id: [^]*$/, "$1")

/** The tool that delegates. */
const DELEGATES = OPENCODE2 ? "subagent" : "task"

/** The tools without what is ours: texts of the tool that delegates and, in OpenCode 2, its `task_id` and our own tools. @param {any} tools */
const withoutOurs = (tools) =>
  tools?.map((/** @type {any} */ { function: { name, description, parameters } }) => {
    if (name !== DELEGATES) return { name, description, parameters }
    const { task_id, ...properties } = parameters.properties
    return { name, parameters: { ...parameters, properties: OPENCODE2 ? properties : { ...properties, task_id: { ...task_id, description: "" } } } }
  }).filter((/** @type {any} */ { name }) => !OPENCODE2 || !name.startsWith("delegate_"))

/** The calls that the model made in a session, as its last request has them. @param {Body[]} requests */
const calls = (requests) =>
  (requests.at(-1)?.messages ?? []).flatMap(({ tool_calls = [] }) =>
    tool_calls.map((/** @type {any} */ { function: { name, arguments: text } }) => ({ name, text, json: JSON.parse(text) })))

describe("The same conversation with slim alone and with us", { skip: MISSING }, () => {
  it("Both conversations make as many requests, of as many sessions", async () => {
    const [alone, withUs] = await both()
    assert.deepEqual(withUs.sessions.map(({ length }) => length), alone.sessions.map(({ length }) => length))
    assert.ok(alone.sessions[0].length > 15)
    assert.equal(alone.sessions.length, 4)
  })

  it("Both conversations have the same requests, except the text of the task tool", async () => {
    const [alone, withUs] = (await both()).map(({ home, sessions }) => {
      const text = plain(home)
      return sessions.map((requests) => requests.map(({ messages, tools, ...rest }) => ({
        system: messages.filter(({ role }) => role === "system").map((message) => text(JSON.stringify(message))),
        tools: text(JSON.stringify(withoutOurs(tools))),
        rest,
      })))
    })
    assert.deepEqual(withUs, alone)
  })

  it("Both conversations have the same messages to the byte, except our lines at the end of results", async () => {
    const [alone, withUs] = (await both()).map(({ home, sessions }, host) => {
      const text = plain(home)
      return sessions.map((requests) => requests.map(({ messages }) => messages.map((message) => {
        const read = texts(message).map((part) => (message.role === "tool" ? plainErrors(part) : part)).map((part) => (host && message.role === "tool" ? theirs(part) : part))
        return { role: message.role, texts: read.map((part) => timeless(text(part))) }
      })))
    })
    assert.deepEqual(withUs, alone)
    const all = JSON.stringify(alone)
    for (const injected of [BOARD, "Scheduler workflow", ...(OPENCODE2 ? ["is working in the background"] : ["Background task running", "running [resumed]"]), "state=\"completed\"", "still running", "recalled date", "waiting_for_user"]) {
      assert.ok(all.includes(JSON.stringify(injected).slice(1, -1)), injected)
    }
  })

  it("Both conversations have the same boards to the byte if all ended tasks are acknowledged", async () => {
    const [alone, withUs] = (await both()).map(({ home, sessions: [requests], rested }) => {
      const text = plain(home)
      return rested.map((at) => text(requests[at].messages.flatMap(texts).findLast((part) => part.includes(BOARD)) ?? ""))
    })
    assert.deepEqual(withUs, alone)
    for (const board of alone) assert.match(board, /Unreconciled\n- none\n\n#### Reusable Sessions\n- exp-1 .*completed, reconciled/)
  })

  it("Both conversations have the same calls, except the task_id, which stays as the model wrote it", async () => {
    const [alone, withUs] = (await both()).map(({ sessions: [requests] }) => calls(requests))
    const without = (/** @type {any[]} */ made) => made.map(({ json: { task_id: _, sessionID: __, ...args }, name }) => ({ name, args }))
    assert.deepEqual(without(withUs), without(alone))
    assert.deepEqual(withUs.flatMap(({ name, json: { task_id } }) => (name === DELEGATES && task_id ? [task_id] : [])).slice(0, 2), WORDS.alias)
  })
})

describe("Named sessions", { skip: MISSING }, () => {
  it("A call with a name is sent to the byte as the model wrote it", async () => {
    const { sessions: [requests], made } = await had(WITH_US, "name")
    assert.deepEqual(calls(requests).map(({ text }) => text), made)
  })
})

describe("An earlier message in the next request", { skip: MISSING }, () => {
  /** @type {[string, string, keyof typeof WORDS][]} */
  const cases = [["with slim alone", ALONE, "alias"], ["with us", WITH_US, "alias"], ["with us and named sessions", WITH_US, "name"]]
  for (const [which, plugin, words] of cases) {
    it(`An earlier message stays the same ${which}, except a last board`, async () => {
      const { sessions } = await had(plugin, words)
      for (const requests of sessions) {
        for (const [index, { messages, tools }] of requests.slice(0, -1).entries()) {
          const next = requests[index + 1]
          assert.equal(JSON.stringify(next.tools), JSON.stringify(tools))
          const last = messages.at(-1)
          const volatile = last && last.role === "user" && texts(last).every((text) => text.includes(BOARD))
          const kept = volatile ? messages.slice(0, -1) : messages
          assert.deepEqual(next.messages.slice(0, kept.length), kept)
        }
      }
    })
  }
})
