// A real OpenCode with oh-my-opencode-slim, alone or composed with this package's engine, and the scripted model.

import assert from "node:assert/strict"
import { after, describe, it } from "node:test"
import { setTimeout as sleep } from "node:timers/promises"
import { startModel } from "../../host/model.js"
import { until } from "../delegate/world.js"
import { MISSING, OPENCODE2, startHost, talk, task } from "../fixture.js"

export const ALONE = new URL(OPENCODE2 ? "./alone" : "../../../node_modules/oh-my-opencode-slim/dist/index.js", import.meta.url).href
export const WITH_US = new URL("../../../slim", import.meta.url).href

/** The subagents of slim, and the prefixes of its aliases: `exp-1`, `exp-2` and so on. */
export const SPECIALISTS = { explorer: "exp", librarian: "lib", oracle: "ora", designer: "des", fixer: "fix" }

/** Slim's settings: no access to the network, and a quick check for sessions that ended without an event. */
const CONFIG = {
  autoUpdate: false,
  disabled_mcps: ["context7", "gh_grep"],
  companion: { enabled: false },
  backgroundJobs: { stopConfirmationMs: 1_000 },
}

/** The first line of slim's job board. */
export const BOARD = "### Background Job Board\nSENTINEL"

/** A child's secret, and a step that repeats it. Only the same session can repeat it. */
export const secret = (/** @type {string} */ word) => [{ say: `SECRET=${word}` }]
export const recall = [{ say: "recalled {{recall /SECRET=(\\w+)/}}" }]

/** The id of the session that the first result names. */
export const FIRST_ID = String.raw`{{recall /(?:<task id="|<subagent sessionID="|\(sessionID: )(ses_\w+)/}}`

/** The name of the session in a result, and its state. @param {string} id @param {string} state */
export const isResultOf = (id, state) => String.raw`<(?:task id|subagent sessionID)="${id}" state="${state}"[^>]*>`

/** A step that delegates and does not wait. @param {Parameters<typeof task>} of */
export const later = (...of) => ({ task: { ...task(...of).task, background: true } })

/** A step that calls a tool of slim. @param {string} tool @param {Record<string, unknown>} args */
export const use = (tool, args) => ({ call: { tool, args } })

/** A step that reads the file of the project. */
export const readNotes = use("read", { [OPENCODE2 ? "path" : "filePath"]: "notes.txt" })

/** Slim's answers to a call that it could not check against the host, or not in time: the model is to call again. */
const AGAIN = /Retry task_revive\.|next: retry task_result|timed out after|did not stay stopped|stale\/uncertain cancellation|^state: running\n\n<task_error>/m
/** So often a call is repeated, and the pause before it: slim reads the host's state once at a time, within a moment. */
const [RETRIES, PAUSE_MS] = [8, 500]

/** @typedef {Awaited<ReturnType<typeof boot>>} World */

/**
 * Boots a host and a model that end with the test.
 * @param {{ after(end: () => Promise<void>): void }} t
 * @param {string} plugin
 */
export async function boot(t, plugin) {
  const model = await startModel()
  /** @type {import("../../host/opencode.js").Options} */
  const options = {
    model,
    plugin: [plugin],
    files: { ".opencode/oh-my-opencode-slim.json": CONFIG, "notes.txt": "Nothing of note.\n" },
    env: { OPENCODE_EXPERIMENTAL_BACKGROUND_SUBAGENTS: "true" },
  }
  const host = await startHost(options).catch(async (error) => {
    await model.close()
    throw error
  })
  t.after(async () => {
    await host.stop()
    await model.close()
  })
  const { say, asked } = talk(host)
  /** Waits until a session is idle. @param {string} id */
  const rests = (id) =>
    OPENCODE2 ? host.api("POST", `/experimental/session/${id}/wait`) : until(async () => !(await host.api("GET", "/session/status"))[id], `${id} idle`)
  /** The requests that a session made to the model, in order. @param {string} id */
  const requests = (id) => model.requests.filter(({ kind, sessionID }) => kind === "chat" && sessionID === id)
  /** The ends of background tasks in a session's last request. @param {string} id */
  const ended = (id) =>
    (requests(id).at(-1)?.body.messages ?? []).filter(({ role }) => role === "user").flatMap(texts).filter((text) => /^<(task id|subagent sessionID)=/.test(text))
  /** The job board that the model saw last. @param {string} id */
  const board = (id) => (requests(id).at(-1)?.body.messages ?? []).flatMap(texts).findLast((text) => text.includes(BOARD)) ?? ""

  return {
    host,
    model,
    say,
    asked,
    requests,
    board,
    /**
     * Makes these calls, again while slim asks for it and its answer is another one than is wanted, and returns the last answer.
     * @param {string} id @param {RegExp} wanted @param {...object} steps
     */
    async retried(id, wanted, ...steps) {
      for (let left = RETRIES; ; left--) {
        const answer = await say(id, ...steps)
        if (!left || wanted.test(answer) || !AGAIN.test(answer)) return answer
        await sleep(PAUSE_MS)
      }
    },
    /**
     * Gives slim the turns that it needs to notice ended sessions: before that it refuses to resume them.
     * @param {string} id
     */
    async settle(id) {
      await until(async () => {
        await say(id)
        return !/Unreconciled\n- (?!none)/.test(board(id))
      }, `nothing open on the board of ${id}`)
    },
    /** Waits until a session has got so many ends of background tasks, and has answered. @param {string} id @param {number} count */
    async hears(id, count) {
      await until(() => ended(id).length >= count, `${count} ends delivered to ${id}`)
      await rests(id)
      return ended(id)
    },
    /** The children of a session, the eldest first. @param {string} id */
    children: async (id) => (await host.tree(id)).children,
  }
}

/** The texts of a message. @param {import("../../host/model.js").Message} message @returns {string[]} */
export const texts = ({ content }) => (typeof content === "string" ? [content] : (content ?? []).map(({ text }) => text ?? ""))

/** The two hosts of a file, each booted when it is first needed. */
export function hosts() {
  /** @type {(() => Promise<void>)[]} */
  const ends = []
  /** @type {Map<string, Promise<World>>} */
  const worlds = new Map()
  after(() => Promise.all(ends.map((end) => end())))
  const world = (/** @type {string} */ plugin) => {
    const booted = worlds.get(plugin) ?? boot({ after: (end) => void ends.push(end) }, plugin)
    worlds.set(plugin, booted)
    return booted
  }
  return {
    world,
    /** A test with us. @param {string} name @param {(world: World) => Promise<void>} body */
    test: (name, body) => it(name, { skip: MISSING }, async () => body(await world(WITH_US))),
    /** Two tests of one body. @param {string} name @param {(world: World) => Promise<void>} body @param {RegExp} [instead] */
    shown: (name, body, instead) => shown(name, () => world(WITH_US).then(body), () => world(ALONE).then(body), instead),
  }
}

/**
 * Two tests of one body: the body passes with us, and one of its assertions fails with slim alone.
 * @param {string} name
 * @param {() => Promise<void>} withUs
 * @param {() => Promise<void>} alone
 * @param {RegExp} [instead] slim's own behaviour, in the message of that failure
 */
export function shown(name, withUs, alone, instead = /^/) {
  describe(name, { skip: MISSING }, () => {
    it(`With us: ${name}`, withUs)
    it(`Slim alone fails: ${name}`, () => assert.rejects(alone, { code: "ERR_ASSERTION", message: instead }))
  })
}
