// Conversations that are forked, undone, or go on after an agent was renamed, in the real OpenCode.

import assert from "node:assert/strict"
import { readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { after, before, describe, it } from "node:test"
import { AGENTS, OPENCODE2, boot, idIn, task } from "./fixture.js"

/** @type {Awaited<ReturnType<typeof boot>>} */
let world
const ends = /** @type {(() => Promise<void>)[]} */ ([])
before(async () => void (world = await boot({ after: (/** @type {() => Promise<void>} */ end) => void ends.push(end) }, { own: true, agent: { ...AGENTS, temp: AGENTS.explorer } })))
after(() => Promise.all(ends.map((end) => end())))

const secret = (/** @type {string} */ word) => [{ say: `SECRET=${word}` }]
const recall = [{ say: "recalled {{recall /SECRET=(\\w+)/}}" }]

/** The id of the last user message of a session. @param {string} sessionID */
async function lastPrompt(sessionID) {
  const messages = /** @type {any[]} */ (await world.host.messages(sessionID))
  if (OPENCODE2) return messages.findLast(({ type }) => type === "user").id
  return messages.findLast(({ info }) => info.role === "user").info.id
}

const fork = async (/** @type {string} */ root) => world.host.fork(root)

describe("A fork", () => {
  it("In OpenCode 2, which resumes a caller's own children alone, a fork is denied the original's child, and starts no session in its place", { skip: !OPENCODE2 }, async () => {
    const { host, say } = world
    const root = await host.session()
    const child = idIn(await say(root, task("explorer", "Explore auth", secret("kumquat"), "explore-auth")))
    const forked = await fork(root)
    for (const name of ["explore-auth", child]) {
      const denied = await say(forked, task("explorer", "Go on", recall, name))
      assert.match(denied, /Cannot resume session: not a child of caller session\. Session "[\w-]+" is not owned by this caller/)
    }
    assert.equal((await host.children(forked)).length, 0)
  })

  it("In a fork, the name and the id of the copied transcript resume the original's child, and the result says so", { skip: OPENCODE2 }, async () => {
    const { host, say } = world
    const root = await host.session()
    const child = idIn(await say(root, task("explorer", "Explore auth", secret("kumquat"), "explore-auth")))
    const forked = await fork(root)
    for (const name of ["explore-auth", child]) {
      const result = await say(forked, task("explorer", "Go on", recall, name))
      assert.match(result, /recalled kumquat[^]*task_id: explore-auth \(resumed: [^]*shares this session with the one that it was forked from/)
      assert.equal(idIn(result), child)
    }
    assert.equal((await host.children(forked)).length, 0)
  })

  it("A fork reaches nothing else of the original, and the original nothing of the fork", async () => {
    const { host, say } = world
    const root = await host.session()
    await say(root, task("explorer", "Explore auth", secret("fig"), "explore-auth"))
    const forked = await fork(root)
    const later = idIn(await say(root, task("fixer", "Fix it", secret("date"), "fix-it")))
    assert.match(await say(forked, task("fixer", "By id", recall, later)), /is not owned by this caller/)
    const own = await say(forked, task("fixer", "By name", recall, "fix-it"))
    assert.match(own, /recalled \(nothing\)[^]*task_id: fix-it \(spawned: /)
    assert.match(await say(root, task("fixer", "By id", recall, idIn(own))), /is not owned by this caller/)
  })
})

describe("An undo", () => {
  it("A name is free after the message that spawned its session is undone, and the old session keeps its id", async () => {
    const { host, say } = world
    const root = await host.session()
    const first = idIn(await say(root, task("explorer", "Explore auth", secret("kumquat"), "explore-auth")))
    await host.revert(root, await lastPrompt(root))
    const second = await say(root, task("explorer", "Explore auth", recall, "explore-auth"))
    assert.match(second, /recalled \(nothing\)/)
    assert.match(second, new RegExp(`task_id: explore-auth \\(spawned: [^]*was undone, so a new session was started. The earlier one has the id "${first}"`))
    assert.notEqual(idIn(second), first)
    assert.match(await say(root, task("explorer", "By id", recall, first)), /recalled kumquat/)
    assert.equal(idIn(await say(root, task("explorer", "By name", recall, "explore-auth"))), idIn(second))
  })

  it("`last` does not resume the session of an undone message", async () => {
    const { host, say } = world
    const root = await host.session()
    await say(root, task("explorer", "Explore auth", secret("kumquat"), "explore-auth"))
    await host.revert(root, await lastPrompt(root))
    assert.match(await say(root, task("explorer", "Go on", recall, "last")), /recalled \(nothing\)[^]*There is no session of agent "explorer" to resume/)
  })

  it("An undo that reaches back before a summary frees the names of the calls there", async () => {
    const { host, say } = world
    const root = await host.session()
    await host.prompt(root, "Hello.")
    const first = idIn(await say(root, task("explorer", "Explore auth", secret("kumquat"), "explore-auth")))
    const undone = await lastPrompt(root)
    await host.summarise(root)
    assert.equal(idIn(await say(root, task("explorer", "Go on", recall, "explore-auth"))), first)
    await host.revert(root, undone)
    const second = await say(root, task("explorer", "Explore auth", recall, "explore-auth"))
    assert.match(second, /recalled \(nothing\)[^]*task_id: explore-auth \(spawned: /)
    assert.notEqual(idIn(second), first)
  })

  it("An undo that is taken back gives the name back", async () => {
    const { host, say } = world
    const root = await host.session()
    const first = idIn(await say(root, task("explorer", "Explore auth", secret("kumquat"), "explore-auth")))
    await host.revert(root, await lastPrompt(root))
    await host.unrevert(root)
    const again = await say(root, task("explorer", "Go on", recall, "explore-auth"))
    assert.match(again, /recalled kumquat/)
    assert.equal(idIn(again), first)
  })
})

describe("A restart", () => {
  it("After a restart a renamed agent goes on with its sessions, a fork with the original's, and an undo stands", async () => {
    const { host, say, record } = world
    const [renamed, forked, undone] = [await host.session(), await host.session(), await host.session()]
    const kept = idIn(await say(renamed, task("temp", "Explore auth", secret("kumquat"), "explore-auth")))
    const shared = idIn(await say(forked, task("explorer", "Explore auth", secret("fig"), "explore-auth")))
    const old = idIn(await say(undone, task("explorer", "Explore auth", secret("date"), "explore-auth")))
    for (const id of [kept, shared, old]) await record(id, (record) => record?.spawned)
    const copy = await fork(forked)
    const undo = await lastPrompt(undone)
    const file = join(host.directory, "opencode.json")
    writeFileSync(file, readFileSync(file, "utf8").replace('"temp"', '"scout"'))
    await host.restart()
    await host.revert(undone, undo)
    const went = await say(renamed, task("scout", "Go on", recall, "explore-auth"))
    assert.match(went, /recalled kumquat[^]*task_id: explore-auth \(resumed: [^]*Its agent "temp" is gone from the configuration, so it goes on as "scout"/)
    assert.equal(idIn(went), kept)
    assert.doesNotMatch(await say(renamed, task("scout", "Once more", recall, "explore-auth")), /is gone/)
    const there = await say(copy, task("explorer", "Go on", recall, "explore-auth"))
    assert.match(there, OPENCODE2 ? /is not owned by this caller/ : /recalled fig[^]*shares this session/)
    assert.equal(idIn(there), OPENCODE2 ? "" : shared)
    const fresh = await say(undone, task("explorer", "Explore auth", recall, "explore-auth"))
    assert.match(fresh, /recalled \(nothing\)[^]*was undone/)
  })
})
