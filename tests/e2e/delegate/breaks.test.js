// Aborts, deletions and reloads during a child's first prompt, in the real OpenCode: the session can be resumed, has each prompt
// once, and nothing is left over.

import assert from "node:assert/strict"
import { describe, it } from "node:test"
import { OURS, PLUGIN, task } from "../fixture.js"
import { FIRST, KEPT, LIMIT, NEXT, SABOTEUR, SLUG, STUCK, fail, play, prompt, scene, settle } from "./ending.js"
import { later, until, use } from "./world.js"

const plain = settle({ plugin: [SABOTEUR, OURS] })
const narrow = settle({ plugin: [[PLUGIN, { ...OURS[1], max_parallel: 1 }]] })

const cancelled = new RegExp(`^Task cancelled${KEPT}`)
const broken = new RegExp(`^Tool execution aborted${KEPT}`)
const deleted = /^Task cancelled: its session was deleted/
/** Makes OpenCode wait for ten minutes. */
const WAITS = fail(429, { retry_after_ms: 600_000 })

/** @type {import("./ending.js").Deed} */
const abortChild = async ({ host }, { child }) => host.api("POST", `/session/${await child()}/abort`)
/** @type {import("./ending.js").Deed} */
const abortParent = ({ host }, { root }) => host.api("POST", `/session/${root}/abort`)
/** @type {import("./ending.js").Deed} */
const deleteChild = async ({ host }, { child }) => host.api("DELETE", `/session/${await child()}`)
/** @type {import("./ending.js").Deed} */
const reload = ({ host }) => host.api("POST", "/instance/dispose")

/** @type {import("./ending.js").Row[]} */
const ROWS = [
  { when: "the child is aborted before its message is stored, which OpenCode ignores", first: "ABORT-CHILD", child: [], asked: "m" },
  { when: "the child is aborted while it is busy", child: [STUCK], during: abortChild, reads: cancelled },
  { when: "the child is aborted after it has answered", child: [], then: abortChild, reads: /ANSWER/ },
  { when: "the child is deleted before its message is stored", first: "DELETE-CHILD", child: [STUCK], reads: deleted, arrived: 0 },
  { when: "the child is deleted while it is busy", child: [STUCK], during: deleteChild, reads: deleted, arrived: 0 },
  { when: "the child is deleted after it has answered", child: [], then: deleteChild, reads: /ANSWER/, arrived: 0 },
  { when: "the parent is aborted before the child's message is stored", first: "ABORT-PARENT", child: [STUCK], reads: broken },
  { when: "the parent is aborted while the child is busy", child: [STUCK], during: abortParent, reads: broken },
  { when: "the child is aborted while OpenCode waits for a retry", child: [WAITS], during: abortChild, reads: cancelled },
  { when: "the parent is aborted while OpenCode waits for a retry", child: [WAITS], during: abortParent, reads: broken },
  { when: "the parent is aborted between two attempts", child: [{ empty: true }], during: abortParent, reads: broken },
  { when: "all plugins are reloaded while the child is busy", child: [STUCK], during: reload, reads: /^Tool execution aborted/ },
]

describe("A first prompt", () => {
  for (const row of ROWS) it(`A first prompt is answered once if ${row.when}`, LIMIT, () => play(plain, row))
})

describe("A first prompt that waits", () => {
  const stuck = (/** @type {string} */ gate) => prompt("GO", { ...STUCK, gate })

  it("A waiting first prompt is not sent if a call cancels it", LIMIT, async () => {
    const world = narrow
    const at = scene(world, await world.host.session())
    const never = prompt(FIRST, { say: "never" })
    await world.say(at.root, later("explorer", "Explore", stuck(at.root), "other"), later("explorer", "Explore", never, SLUG), use("cancel", { task_id: SLUG }), use("cancel", { task_id: "other" }))
    const [, , first, second] = at.results()
    assert.match(first, /^Cancelled 1 prompt\.\ntask_id: explore \(its session is kept: /)
    assert.match(second, /^Cancelled 1 prompt\.\ntask_id: other \(its session is kept: /)
    await at.resume()
    await at.ends({ arrived: { [FIRST]: 0, [NEXT]: 1 }, children: 2 })
  })

  it("A waiting first prompt is not sent if the parent is aborted", LIMIT, async () => {
    const world = narrow
    const { host, model } = world
    const at = scene(world, await host.session())
    const tasks = [task("explorer", "Explore", stuck(at.root), "other").task, task("explorer", "Explore", prompt(FIRST, { say: "never" }), SLUG).task]
    const said = world.say(at.root, /** @type {any} */ ({ tasks }))
    await model.reached(at.root)
    await at.child()
    await abortParent(world, at)
    await said
    await at.resume()
    for (const [index, name] of ["other", SLUG].entries()) assert.match(at.results()[index], new RegExp(`^Tool execution aborted\\ntask_id: ${name} \\(`))
    await at.ends({ arrived: { [FIRST]: 0, [NEXT]: 1 }, children: 2 })
  })
})

describe("A busy child", () => {
  it("A child answers both of two simultaneous calls of one new name", LIMIT, async () => {
    const world = plain
    const at = scene(world, await world.host.session())
    const tasks = ["ONE", "TWO"].map((word) => task("explorer", "Explore", prompt(`${word}-PROMPT`, { say: `ANSWER ${word}` }), SLUG).task)
    await world.say(at.root, /** @type {any} */ ({ tasks }))
    const results = at.results()
    assert.equal(results.length, 2)
    for (const [index, word] of ["ONE", "TWO"].entries()) assert.match(results[index], new RegExp(`ANSWER ${word}\n[^]*\ntask_id: ${SLUG} \\(`))
    await at.ends({ arrived: { "ONE-PROMPT": 1, "TWO-PROMPT": 1 } })
  })

  it("A background child outlives a summary of its parent", LIMIT, async () => {
    const world = plain
    const { host, model } = world
    const at = scene(world, await host.session())
    await world.say(at.root, later("explorer", "Explore", prompt(FIRST, { gate: at.root, say: "ANSWER" }), SLUG))
    await model.reached(at.root)
    await host.api("POST", `/session/${at.root}/summarize`, { providerID: "scripted", modelID: "m" })
    model.open(at.root)
    const delivered = async () => (await host.messages(at.root)).flatMap(({ parts }) => parts).filter(({ text }) => /^<task id="\w+" state="completed">[^]*ANSWER[^]*\ntask_id: explore\nThis session has used \d+ tokens\.$/.test(text ?? ""))
    await until(async () => (await delivered()).length, "the answer")
    await at.ends({ answered: false })
    assert.equal((await delivered()).length, 1)
    await at.resume()
    await at.ends({ arrived: { [FIRST]: 1, [NEXT]: 1 } })
  })

  it("A child ends with its parent", LIMIT, async () => {
    const world = plain
    const { host, model } = world
    const at = scene(world, await host.session())
    const said = world.say(at.root, task("explorer", "Explore", prompt(FIRST, { ...STUCK, gate: at.root }), SLUG)).catch(() => {})
    await model.reached(at.root)
    const child = await at.child()
    await host.api("DELETE", `/session/${at.root}`)
    await until(async () => !Object.keys(await host.api("GET", "/session/status")).length, "every session idle")
    await said
    await assert.rejects(host.api("GET", `/session/${child}`), /404/)
    assert.deepEqual(model.requests.filter(({ sessionID }) => sessionID === child).map(({ kind }) => kind), ["chat"])
  })
})
