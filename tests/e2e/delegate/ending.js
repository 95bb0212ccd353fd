// The end of every row in the tables of faults.

import assert from "node:assert/strict"
import { after, before } from "node:test"
import { script } from "../../host/model.js"
import { OPENCODE2, boot, task } from "../fixture.js"
import { until, use } from "./world.js"

/** @typedef {Awaited<ReturnType<typeof boot>>} World */
/** @typedef {ReturnType<typeof scene>} Scene */
/** @typedef {(world: World, scene: Scene) => Promise<unknown>} Deed */
/**
 * The model's steps before its answer; a deed during or after the child's turn; the models of the attempts; the result; and,
 * if that is no answer, the error that the caller reads before it resumes the child.
 * @typedef {{
 *   when: string, child: import("../../host/model.js").Step[], agent?: string, first?: string, strict?: true,
 *   during?: Deed, then?: Deed, asked?: string, says?: RegExp, reads?: RegExp, arrived?: number
 * }} Row
 */

/** A mark of a child's first prompt, and one of the prompt that resumes it. */
export const [FIRST, NEXT] = ["FIRST-PROMPT", "NEXT-PROMPT"]

/** A plugin that spoils prompts and titles by their first word. */
export const SABOTEUR = new URL(OPENCODE2 ? "../opencode2/saboteur" : "saboteur.js", import.meta.url).href

/** The name of the child. */
export const SLUG = "explore"

/** With this, a hanging model fails by itself. */
export const LIMIT = { timeout: 230_000 }

/** The line below an error whose session is kept. */
export const KEPT = `\\ntask_id: ${SLUG} \\(its session is kept: give this task_id to go on with it\\)`

/** Waits at the gate of its root, which the test never opens. */
export const STUCK = { gate: "", say: "never" }

/** @param {number} status @param {{ times?: number, retry_after_ms?: number }} [more] */
export const fail = (status, more = {}) => ({ fail: { status, ...more } })

/** A prompt that begins with these words. @param {string} words @param {...import("../../host/model.js").Step} steps */
export const prompt = (words, ...steps) => `${words} ${script(...steps)}`

/**
 * A world for the tests of a file.
 * @param {Parameters<typeof boot>[1]} [setup]
 * @returns {World} filled when the tests begin
 */
export function settle(setup) {
  const world = /** @type {World} */ ({})
  const ends = /** @type {(() => Promise<void>)[]} */ ([])
  before(async () => void Object.assign(world, await boot({ after: (/** @type {() => Promise<void>} */ end) => void ends.push(end) }, setup)))
  after(() => Promise.all(ends.map((end) => end())))
  return world
}

/** Plays a row to its end. @param {World} world @param {Row} row */
export async function play(world, { child, agent = "explorer", first = "GO", during, then, asked, says, reads, arrived = 1 }) {
  const { host, model, say } = world
  const at = scene(world, await host.session())
  const steps = child.map((step) => ("gate" in step ? { ...step, gate: at.root } : step))
  const said = say(at.root, task(agent, "Explore", prompt(`${first} ${FIRST}`, ...steps, { say: "ANSWER" }), SLUG))
  if (during) {
    if ("gate" in child[0]) await model.reached(at.root)
    else await until(async () => (await at.asked()) && (await at.status()) === ("fail" in child[0] ? "retry" : undefined), "its first attempt failed")
    await during(world, at)
  }
  await said
  if (asked) assert.equal(await at.asked(), asked)
  await then?.(world, at)
  if (reads) {
    await at.resume(agent)
    assert.match(at.results()[0], reads)
  }
  await at.ends({ says, arrived: { [FIRST]: arrived, [NEXT]: reads ? 1 : 0 } })
}

/**
 * @param {World} world
 * @param {string} root
 */
export function scene({ host, model, say, asked: prompts, running }, root) {
  /** The last request of a session to the model. @param {string} sessionID */
  const sent = (sessionID) => model.requests.findLast((request) => request.kind === "chat" && request.sessionID === sessionID)?.body.messages ?? []

  const self = {
    root,
    /** The child of that name. @returns {Promise<string>} */
    child: async () => until(async () => {
      for (const { id } of await host.children(root)) if ((await host.record(id))?.slug === SLUG) return id
    }, "a child"),
    /** OpenCode's status of the child, or undefined if it is idle. @returns {Promise<string | undefined>} */
    status: async () => (await running())[await self.child()]?.type,
    /** Resumes the child from its caller. @param {string} [agent] */
    resume: (agent = "explorer") =>
      say(root, { task: { description: "Go on", prompt: prompt(NEXT, { say: "ANSWER" }), subagent_type: agent, task_id: SLUG } }),
    /** The results of the calls in the last request of the caller. */
    results: () => sent(root).flatMap(({ role, content }) => (role === "tool" ? [String(content)] : [])),
    /** The models of the child's requests. */
    async asked() {
      const child = await self.child()
      return model.requests.flatMap(({ kind, sessionID, body }) => (kind === "chat" && sessionID === child ? [body.model] : [])).join(" ")
    },

    /**
     * Asserts that the prompts arrived once, the answer reached the caller, and nothing is left over.
     * @param {{ arrived?: Record<string, number>, says?: RegExp, children?: number, answered?: boolean }} [so]
     */
    async ends({ arrived = { [FIRST]: 1 }, says = /ANSWER/, children = 1, answered = true } = {}) {
      if (answered) {
        const answer = self.results().at(-1) ?? ""
        assert.match(answer, new RegExp(`^<(?:task id|subagent sessionID)="\\w+" state="completed">[^]*ANSWER[^]*\\ntask_id: ${SLUG} \\(`), "the answer reached the caller")
        assert.match(answer, says)
      }

      const child = await self.child()
      const stored = await prompts(child)
      for (const [mark, times] of Object.entries(arrived)) {
        const count = (/** @type {unknown} */ messages) => JSON.stringify(messages).split(mark).length - 1
        assert.equal(count(stored), times, `how often ${mark} is stored`)
        assert.equal(count(sent(child)), times, `how often the model was sent ${mark}`)
      }

      const settled = (/** @type {any} */ kept) => kept && !kept.prompt && !kept.messageID && !kept.tasks?.some((/** @type {any} */ task) => task.state === "running")
      await until(async () => (await Promise.all((await host.children(root)).map(({ id }) => host.record(id)))).every(settled), "records without a prompt")
      await until(async () => !Object.keys(await running()).length, "every session idle")
      assert.equal((await host.children(root)).length, children, "children")
      const { text: list } = await host.prompt(root, script(use("list"), { say: "{{results}}" }))
      assert.match(list, new RegExp(`\\| ${SLUG} \\|`))
      assert.doesNotMatch(list, /running|retrying|waiting/, "the running tasks")
    },
  }
  return self
}
