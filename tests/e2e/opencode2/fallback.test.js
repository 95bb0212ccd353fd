// A child whose model fails, in the real OpenCode 2: the next model answers the same prompt, and the result says so.

import assert from "node:assert/strict"
import { after, before, describe, it } from "node:test"
import { NO_SUMMARY, script } from "../../host/model.js"
import { MISSING } from "../../host/opencode2_binary.js"
import { until } from "../delegate/world.js"
import { AGENTS, OPENCODE2, boot, idIn, task } from "../fixture.js"

const only = { skip: MISSING || (!OPENCODE2 && "this is a test of OpenCode 2") }
const models = Object.fromEntries(["n", "o"].map((name) => [name, { name, tool_call: true, limit: { context: 200_000, output: 8_192 } }]))
const agent = {
  ...AGENTS,
  chained: { mode: "subagent", description: "Has others", fallback_models: ["scripted/n", "scripted/o"] },
  mistyped: { mode: "subagent", description: "Has a model that does not exist", model: "scripted/none", fallback_models: ["scripted/n"] },
}
const setup = { agent, config: { provider: { scripted: { models } } } }

const ends = /** @type {(() => Promise<void>)[]} */ ([])
/** @type {Awaited<ReturnType<typeof boot>>} */
let world
before(async () => {
  if (!only.skip) world = await boot({ after: (/** @type {() => Promise<void>} */ end) => void ends.push(end) }, setup)
})
after(() => Promise.all(ends.map((end) => end())))

const fail = (/** @type {number} */ status, /** @type {object} */ more = {}) => ({ fail: { status, ...more } })
const tookOver = (/** @type {string} */ why, /** @type {string[]} */ ...names) => names.map((name) => `\nIts model failed (${why}); scripted/${name} took over.`).join("")
/** The models that were asked in a session. @param {string} id */
const asked = (id) => world.model.requests.filter(({ kind, sessionID }) => kind === "chat" && sessionID === id).map(({ body }) => body.model).join(" ")
/** The model of a session. @param {string} id */
const modelOf = async (id) => (await world.host.api("GET", `/session/${id}`)).model?.id ?? "m"

/**
 * @typedef {{ when: string, agent?: string, child: import("../../host/model.js").Step[], asked: string, says?: string | RegExp, reads?: RegExp, prompts?: number }} Row
 * @type {Row[]}
 */
const ROWS = [
  { when: "its model refuses with 400, and there is a next model", agent: "chained", child: [fail(400)], asked: "m n", says: tookOver("scripted failure", "n") },
  { when: "its model refuses with 401, and there is a next model", agent: "chained", child: [fail(401)], asked: "m n", says: tookOver("scripted failure", "n") },
  // The test would time out if the plugin waited as long as the model asks.
  { when: "its model is busy (429), and there is a next model", agent: "chained", child: [fail(429, { retry_after_ms: 600_000 })], asked: "m n", says: tookOver("scripted failure", "n") },
  { when: "its model breaks (500), and there is a next model", agent: "chained", child: [fail(500)], asked: "m n", says: tookOver("scripted failure", "n") },
  { when: "two of three models refuse", agent: "chained", child: [fail(400, { times: 2 })], asked: "m n o", says: tookOver("scripted failure", "n", "o") },
  { when: "all models refuse", agent: "chained", child: [fail(400, { times: 3 })], asked: "m n o", reads: /^Subagent failed \(sessionID: ses_\w+\): scripted failure\ntask_id: work \(its session is kept: give this task_id to go on with it\)\nIts model failed \(scripted failure\); scripted\/n took over\.\nIts model failed \(scripted failure\); scripted\/o took over\.$/ },
  { when: "its model refuses, and there is no other", child: [fail(400)], asked: "m", reads: /^Subagent failed \(sessionID: ses_\w+\): scripted failure\ntask_id: work \([^\n]*\)$/ },
  { when: "its connection drops, and there is a next model", agent: "chained", child: [{ drop: true }], asked: "m n", says: /\nIts model failed \([^)]+\); scripted\/n took over\.$/ },
  { when: "its answer is cut in the middle, and there is a next model", agent: "chained", child: [{ cut: true }], asked: "m n", says: /\nIts model failed \([^)]+\); scripted\/n took over\.$/ },
  { when: "its model fails after a tool ran, and there is a next model", agent: "chained", child: [{ call: { tool: "glob", args: { pattern: "*" } } }, fail(400)], asked: "m m n", says: tookOver("scripted failure", "n") },
  { when: "its answer is empty, and there is a next model", agent: "chained", child: [{ empty: true }], asked: "m n", says: tookOver("It gave an empty answer.", "n"), prompts: 2 },
  { when: "OpenCode does not know its model, and there is a next model", agent: "mistyped", child: [], asked: "n", says: tookOver("Model unavailable: scripted/none", "n"), prompts: 2 },
  { when: "its model breaks once, and there is no other", child: [fail(500, { retry_after_ms: 100 })], asked: "m m" },
]

describe("The prompt of a child", only, () => {
  for (const { when, agent = "explorer", child, asked: models, says = "", reads, prompts = 1 } of ROWS) {
    it(`The prompt of a child is answered, or fails, once if ${when}`, { timeout: 120_000 }, async () => {
      const { host, say } = world
      const root = await host.session()
      const result = await say(root, task(agent, "Work", [...child, { say: "ANSWER" }], "work"))
      const [{ id }] = await host.children(root)
      assert.equal(asked(id), models)
      if (reads) assert.match(result, reads)
      else if (says instanceof RegExp) assert.match(result, says)
      else assert.equal(result.replace(/ses_\w+/, "ses_"), `<subagent sessionID="ses_" state="completed">\nANSWER\n</subagent>\ntask_id: work (spawned: No session has this name yet.)${says}`)
      assert.equal((await world.asked(id)).length, prompts)
      assert.equal(await modelOf(id), agent === "mistyped" ? "none" : "m")
    })
  }

  it("A resumed child begins with its own model again", async () => {
    const { host, say } = world
    const root = await host.session()
    const id = idIn(await say(root, task("chained", "Work", [fail(400), { say: "ONE" }], "work")))
    assert.doesNotMatch(await say(root, task("chained", "Work", [{ say: "TWO" }], "work")), /took over/)
    assert.equal(asked(id), "m n m")
    assert.match(await say(root, task("chained", "Work", [fail(400), { say: "THREE" }], "work")), /THREE[^]*scripted\/n took over/)
    assert.equal(asked(id), "m n m m n")
  })

  it("A resumed child begins with its own model again after its process was killed", { timeout: 120_000 }, async (t) => {
    const { host, say, model } = await boot(t, { ...setup, own: true })
    const root = await host.session()
    const said = say(root, task("chained", "Work", [fail(400), { gate: "works", say: "never" }], "work")).catch(() => {})
    await model.reached("works")
    await host.kill()
    await said
    await host.restart()
    assert.match(await say(root, task("chained", "Work", [{ say: "AGAIN" }], "work")), /AGAIN[^]*\(resumed: /)
    const [{ id }] = await host.children(root)
    assert.deepEqual(model.requests.flatMap(({ kind, sessionID, body }) => (kind === "chat" && sessionID === id ? [body.model] : [])), ["m", "n", "m"])
  })

  it("A summary that fails is asked of each model once", { timeout: 120_000 }, async () => {
    const { host, say, model } = world
    const root = await host.session()
    const full = { call: { tool: "glob", args: { pattern: "*" } }, usage: 199_000 }
    const { task: long } = task("chained", "Work", [full, { say: "ANSWER" }], "work")
    const result = await say(root, { task: { ...long, prompt: `${NO_SUMMARY} ${long.prompt}` } })
    const [{ id }] = await host.children(root)
    const summaries = model.requests.flatMap(({ kind, sessionID, body }) => (kind === "summary" && sessionID === id ? [body.model] : []))
    assert.deepEqual(summaries, ["m", "n", "o"])
    assert.match(result, /^Subagent failed \(sessionID: ses_\w+\): [^\n]+\ntask_id: work [^]*scripted\/n took over\.\n[^\n]*scripted\/o took over\.$/)
  })

  it("A caller's interruption ends the prompt that another model answers, and its session can be resumed", { timeout: 120_000 }, async () => {
    const { host, say, model } = world
    const root = await host.session()
    const said = say(root, task("chained", "Work", [fail(400), { gate: `${root} works`, say: "never" }], "work"))
    await model.reached(`${root} works`)
    await host.abort(root)
    await said
    assert.match(await say(root, task("chained", "Work", [{ say: "AGAIN" }], "work")), /AGAIN[^]*\(resumed: /)
    const [{ id }] = await host.children(root)
    assert.equal(asked(id), "m n m")
  })

  it("Children that run side by side each get their own next model", async () => {
    const { host, say } = world
    const root = await host.session()
    const one = (/** @type {string} */ name, /** @type {number} */ times) => task("chained", name, [fail(400, { times }), { say: name }], name).task
    const result = await say(root, { tasks: [one("one", 1), one("two", 2), one("three", 0)] })
    const models = Object.fromEntries((await host.children(root)).map(({ id, title }) => [title, asked(id)]))
    assert.deepEqual(models, { one: "m n", two: "m n o", three: "m" })
    assert.equal(result.split("took over").length - 1, 3)
  })

  it("A child in the background goes on with the next model, and its caller reads that", async () => {
    const { host, say, model } = world
    const root = await host.session()
    const slow = { task: { ...task("chained", "Work", [fail(400), { gate: `${root} works`, say: "LATER" }], "work").task, background: true } }
    assert.match(await say(root, slow), /working in the background[^]*task_id: work \(spawned: /)
    await model.reached(`${root} works`)
    model.open(`${root} works`)
    const texts = () => model.requests.flatMap(({ sessionID, body }) => (sessionID === root ? [JSON.stringify(body.messages)] : []))
    await until(() => texts().some((text) => text.includes("LATER") && text.includes("scripted/n took over")), "the caller reads it")
    const [{ id }] = await host.children(root)
    assert.equal(asked(id), "m n")
    await host.prompt(root, script({ say: "bye" }))
    assert.equal((texts().at(-1) ?? "").split("took over").length - 1, 1)
  })
})
