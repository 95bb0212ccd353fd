// Prompts that wait or run when the engine is lost. Runs under Node and Bun.

import assert from "node:assert/strict"
import { it } from "node:test"
import { answered, hosting, running } from "./children.js"
import { kept, later, trap } from "./opencode.js"

/** Calls of which each child's prompt ends when the test says so. @param {Record<string, unknown>} [options] */
async function begun(options) {
  const ends = /** @type {((answer: any) => void)[]} */ ([])
  const world = await running(hosting(() => new Promise((resolve) => ends.push(resolve))), options)
  return { ...world, ends }
}

/** Waits until something holds. @param {() => boolean} holds */
async function until(holds) {
  for (let tries = 0; tries < 200 && !holds(); tries++) await later(20)
}

it("A call that waits for its session fails with the reason if the engine is lost", async () => {
  const { call, ends, prompts } = await begun()
  const first = call({ task_id: "auth" })
  await until(() => prompts.length === 1)
  const second = call({ task_id: "auth", prompt: "More." })
  await later(100)
  trap()
  await assert.rejects(second, /The engine was lost while this prompt waited for its session, so OpenCode never got it\. Call again\.\ntask_id: auth \([^)\n]+\)$/)
  ends[0](answered("Done."))
  assert.match((await kept(first)).output, /\nDone\.\n/)
  const third = kept(call({ task_id: "auth", prompt: "Again." }))
  await until(() => ends.length === 2)
  ends[1](answered("Again done."))
  assert.match((await third).output, /\nAgain done\.\n/)
  assert.equal(prompts.length, 2)
})

it("A call that waits for other sessions' prompts fails with the reason if the engine is lost", async () => {
  const { call, ends, prompts } = await begun({ max_parallel: 1 })
  const first = call({ task_id: "auth" })
  await until(() => prompts.length === 1)
  const second = kept(call({ task_id: "map" }))
  await later(100)
  trap()
  await assert.rejects(Promise.race([second, later(5_000)]), /The engine was lost while this prompt waited/)
  ends[0](answered("Done."))
  assert.match((await kept(first)).output, /\nDone\.\n/)
  assert.equal(prompts.length, 1)
})

for (const found of ["before its silence is reported", "by the report of its silence"]) it(`A prompt that gives no sign of life is aborted if a trap is found ${found}`, async () => {
  const { call, ends, prompts, speak, done } = await begun({ stall_ms: 1_000 })
  const ended = call({ task_id: "auth" })
  await until(() => prompts.length === 1)
  trap()
  if (found.startsWith("before")) await speak()
  const aborted = () => done.some(([what, id]) => what === "abort" && id === "ses_new1")
  await until(aborted)
  assert.equal(aborted(), true)
  ends[0]({ error: { name: "MessageAbortedError", data: { message: "Aborted" } }, parts: [] })
  await assert.rejects(kept(ended), /Aborted/)
})

it("Each of two calls of a session gets its own answer if the engine is lost between them", async () => {
  const { call, ends, prompts, emit } = await begun()
  const first = kept(call({ task_id: "auth" }))
  await until(() => prompts.length === 1)
  await emit("message.updated", { info: { id: prompts[0].messageID, role: "user", sessionID: "ses_new1" } })
  trap()
  const second = kept(call({ task_id: "auth", prompt: "More." }))
  await later(100)
  ends[0](answered("Done."))
  assert.match((await first).output, /\nDone\.\n/)
  await until(() => ends.length === 2)
  ends[1](answered("More done."))
  assert.match((await second).output, /\nMore done\.\n/)
  assert.deepEqual(prompts.map(({ parts }) => parts.map((/** @type {any} */ { text }) => text)), [["Go."], ["More."]])
})

it("A prompt that arrives before the next engine knows its session is not sent again", async () => {
  const { call, ends, prompts, emit } = await begun()
  const { output } = await call({ task_id: "auth", background: true })
  await until(() => prompts.length === 1)
  assert.match(output, /state="running"/)
  trap()
  await emit("message.updated", { info: { id: prompts[0].messageID, role: "user", sessionID: "ses_new1" } })
  const second = kept(call({ task_id: "auth", prompt: "More." }))
  await later(100)
  ends[0](answered("Done."))
  await until(() => ends.length === 2)
  ends[1](answered("More done."))
  assert.match((await second).output, /\nMore done\.\n/)
  assert.deepEqual(prompts.map(({ parts }) => parts.map((/** @type {any} */ { text }) => text)), [["Go."], ["More."]])
})

it("A prompt arrives though the hook for its message begins the next engine", async () => {
  const { call, ends, prompts, emit, hooks } = await begun()
  await call({ task_id: "auth", background: true })
  await until(() => prompts.length === 1)
  trap()
  const [{ messageID }] = prompts
  await emit("session.status", { sessionID: "ses_root", status: { type: "busy" } })
  // OpenCode stores a message after the hook.
  const heard = hooks["chat.message"]({ sessionID: "ses_new1" }, { message: { id: messageID, agent: "fixer" }, parts: [{ type: "text", text: "Go." }] })
  const second = kept(call({ task_id: "auth", prompt: "More." }))
  assert.equal(await Promise.race([heard.then(() => "stored"), later(2_000)]), "stored")
  await emit("message.updated", { info: { id: messageID, role: "user", sessionID: "ses_new1" } })
  ends[0](answered("Done."))
  await until(() => ends.length === 2)
  ends[1](answered("More done."))
  assert.match((await second).output, /\nMore done\.\n/)
})

it("A background result is delivered once if the engine is lost while its prompt runs", async () => {
  const { call, ends, prompts, messages, delivered, emit, speak } = await begun()
  const { output } = await call({ task_id: "auth", background: true })
  await until(() => prompts.length === 1)
  assert.match(output, /state="running"/)
  trap()
  const [{ messageID }] = prompts
  // The next message of the user begins a new engine, while the prompt still runs.
  await speak()
  const info = { role: "assistant", id: "msg_z", sessionID: "ses_new1", parentID: messageID, finish: "stop" }
  messages.ses_new1 = [{ info: { id: messageID, role: "user", sessionID: "ses_new1" }, parts: [] }, { info, parts: answered("Done.").parts }]
  ends[0](answered("Done."))
  await later(50)
  await emit("session.status", { sessionID: "ses_root", status: { type: "idle" } })
  await until(() => delivered.length > 0)
  await later(100)
  const texts = delivered.flatMap(({ id, parts }) => parts.map((/** @type {any} */ { text }) => [id, text]))
  assert.equal(texts.length, 1)
  assert.equal(texts[0][0], "ses_root")
  assert.match(texts[0][1], /is completed<\/summary>\n<task_result>\nDone\.\n/)
})

/** The texts of each prompt. @param {any[]} prompts */
const texts = (prompts) => prompts.map(({ parts }) => parts.map((/** @type {any} */ { text }) => text))

it("A prompt that has arrived is not sent again if the engine is lost at any moment of the next call", async () => {
  const outcomes = new Set()
  for (let moment = 0; moment < 60; moment += 3) {
    const { call, ends, prompts, messages } = await begun()
    await call({ task_id: "auth", background: true })
    await until(() => prompts.length === 1)
    messages.ses_new1 = [{ info: { id: prompts[0].messageID, role: "user", sessionID: "ses_new1" }, parts: [] }]
    const second = kept(call({ task_id: "auth", prompt: "More." })).then(() => ["More."], ({ message }) => [message])
    for (let turn = 0; turn < moment; turn++) await undefined
    trap()
    await later(30)
    ends[0](answered("Done."))
    await Promise.race([second, until(() => ends.length === 2)])
    ends[1]?.(answered("More done."))
    const [came] = await second
    if (came !== "More.") assert.match(came, /The engine was lost while this prompt waited for its session/)
    assert.deepEqual(texts(prompts), came === "More." ? [["Go."], ["More."]] : [["Go."]], `${moment} turns into the call`)
    outcomes.add(came === "More.")
  }
  assert.equal(outcomes.size, 2)
})

/** A question that waits for its answer. */
function question() {
  let allow = () => {}
  const answer = new Promise((resolve) => (allow = () => resolve(undefined)))
  return { ask: () => answer, allow }
}

it("A resume keeps to its session if the engine is lost, and the next gives its ticket to a new call", async () => {
  const { call, prompts } = await running()
  await call({ task_id: "auth" })
  const [resumes, spawns] = [question(), question()]
  const first = kept(call({ task_id: "auth", prompt: "More." }, { ask: resumes.ask }))
  await later()
  trap()
  const others = ["map", "graph"].map((task_id) => kept(call({ task_id, prompt: task_id }, { ask: spawns.ask })))
  await later()
  resumes.allow()
  assert.match((await first).output, /^<task id="ses_new1"[^]*\ntask_id: auth \(resumed: /)
  spawns.allow()
  const outputs = await Promise.all(others)
  assert.deepEqual(outputs.map(({ output }) => /\ntask_id: .*: /.exec(output)?.[0].trim()), ["task_id: map (spawned:", "task_id: graph (spawned:"])
  assert.deepEqual(prompts.map(({ id, parts }) => [id, parts[0].text]), [["ses_new1", "Go."], ["ses_new1", "More."], ["ses_new2", "map"], ["ses_new3", "graph"]])
})

it("A call keeps its child if the engine is lost as OpenCode creates it, and the next gives its ticket to a new call", async () => {
  const { call, prompts, input } = await running()
  const { create } = input.client.session
  const spawns = question()
  /** @type {Promise<any> | undefined} */
  let second
  input.client.session.create = async (/** @type {any} */ given) => {
    input.client.session.create = create
    trap()
    second = kept(call({ task_id: "map", prompt: "Map." }, { ask: spawns.ask }))
    await later()
    return create(given)
  }
  assert.match((await call({ task_id: "auth" })).output, /^<task id="ses_new1"[^]*\ntask_id: auth \(spawned: /)
  spawns.allow()
  assert.match((await second).output, /^<task id="ses_new2"[^]*\ntask_id: map \(spawned: /)
  assert.deepEqual(texts(prompts), [["Go."], ["Map."]])
})
