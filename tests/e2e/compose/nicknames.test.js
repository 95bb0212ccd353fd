// A plugin with names of its own for sessions, which also refuses some calls, composed with the engine.

import assert from "node:assert/strict"
import { describe, it } from "node:test"
import { AGENTS, MISSING, idIn, task } from "../fixture.js"
import { hosts, recall, secret, use } from "./world.js"

const agent = {
  ...AGENTS,
  explorer: { ...AGENTS.explorer, callable_by_subagents: true },
  lead: { mode: "subagent", description: "Leads", task_budget: 1 },
}
const world = hosts({ composed: { plugin: "./nicknamed.js", agent } })

/** The host, and a root with a child that said "fig" and that the plugin calls Zed. */
async function zed() {
  const at = await world("composed")
  const root = await at.host.session()
  const id = idIn(await at.say(root, task("explorer", "Explore auth, alias Zed", secret("fig"), "auth")))
  return { ...at, root, id }
}

/** The results of simultaneous calls, in the order of the calls. @param {string} text */
const results = (text) => text.split(/(?=^<(?:task id|subagent sessionID)=)/m)

describe("The plugin's name of a session", { skip: MISSING }, () => {
  it("The plugin's name, our name and the id resume the session, and stay as the model wrote them", async () => {
    const { host, say, seen, root, id } = await zed()
    for (const name of ["Zed", "zed", "auth", id, "Zed"]) {
      const result = await say(root, task("explorer", "Go on", recall, name))
      assert.match(result, /recalled fig[^]*\ntask_id: auth \(resumed: /)
      assert.equal(idIn(result), id)
      assert.ok(seen(root).includes(String.raw`\"task_id\":\"${name}\"`), name)
    }
    assert.equal((await host.children(root)).length, 1)
  })

  it("The plugin's name does not reach a session of another conversation", async () => {
    const { host, say, id } = await zed()
    const other = await host.session()
    assert.match(await say(other, task("explorer", "Steal", recall, "Zed")), new RegExp(`Session "${id}" is not owned by this caller`))
    assert.equal((await host.children(other)).length, 0)
  })

  it("The plugin's name does not give a session to another agent", async () => {
    const { host, say, root } = await zed()
    assert.match(await say(root, task("fixer", "Fix", recall, "Zed")), /belongs to agent "explorer", not to "fixer"/)
    assert.equal((await host.children(root)).length, 1)
  })
})

describe("A name that the plugin does not know", { skip: MISSING }, () => {
  it("A new name spawns a session, and resumes it", async () => {
    const { host, say, root } = await zed()
    const first = await say(root, task("explorer", "Map", secret("date"), "The Map"))
    assert.match(first, /\ntask_id: the-map \(spawned: /)
    const again = await say(root, task("explorer", "Go on", recall, "the-map"))
    assert.match(again, /recalled date[^]*\ntask_id: the-map \(resumed: /)
    assert.equal(idIn(again), idIn(first))
    assert.equal((await host.children(root)).length, 2)
  })
})

describe("A call that the plugin refuses", { skip: MISSING }, () => {
  const refusal = (/** @type {string} */ description) => `Nicknames: "${description}" is nobody's business.`

  for (const [what, name] of [["a new session", "new-one"], ["a session that the plugin knows", "Zed"], ["a session that we know", "auth"]]) {
    it(`A refusal of ${what} reaches the model word for word, and starts nothing`, async () => {
      const { host, model, say, root, id } = await zed()
      model.clear()
      assert.equal(await say(root, task("explorer", "A forbidden look", recall, name)), refusal("A forbidden look"))
      assert.deepEqual((await host.children(root)).map((child) => child.id), [id])
      assert.ok(model.requests.every(({ sessionID }) => sessionID !== id))
      // The refused call holds neither the name nor the session.
      assert.match(await say(root, task("explorer", "An open look", recall, name)), name === "new-one" ? /\ntask_id: new-one \(spawned: / : /recalled fig/)
    })
  }

  it("A refused call costs a subagent nothing of its budget", async () => {
    const { host, say, root } = await zed()
    const tries = ["A forbidden look", "Another forbidden look", "An open look", "Too much"].map((description) => task("explorer", description))
    const result = await say(root, task("lead", "Lead", [...tries, { say: "saw {{results}}" }]))
    const said = ["saw " + refusal("A forbidden look"), refusal("Another forbidden look"), "task_id: an-open-look (spawned: ", "Task budget exhausted (1/1 calls)"]
    assert.deepEqual(said.map((text) => result.indexOf(text)).toSorted((a, b) => a - b), said.map((text) => result.indexOf(text)))
    for (const text of said) assert.ok(result.includes(text), result)
    assert.equal((await host.children(idIn(result))).length, 1)
  })
})

describe("The plugin's own tools and prompt", { skip: MISSING }, () => {
  it("A tool with a task_id gets the session's id for our name, and any other text unchanged", async () => {
    const { say, root, id } = await zed()
    await say(root, task("explorer", "Go on", recall, "Zed"))
    const names = ["auth", "Auth", id, "Zed", "nobody", "?!", "ses_00000000000000000000000000"]
    const peeked = await say(root, ...names.map((name) => use("peek", { task_id: name })))
    assert.deepEqual(peeked.split("\n"), names.map((name, index) => `peeked at ${index < 3 ? id : name}`))
  })

  it("A tool without a task_id works, and the plugin's system prompt is in every request", async () => {
    const { say, root, requests } = await zed()
    assert.match(await say(root, use("nicknames")), /^\d nicknames$/)
    const systems = requests().map(({ body }) => JSON.stringify(body.messages.filter(({ role }) => role === "system")))
    assert.ok(systems.length)
    for (const system of systems) assert.match(system, /Nicknames: (Zed|none)/)
  })
})

describe("Simultaneous calls", { skip: MISSING }, () => {
  const again = (/** @type {string} */ name, /** @type {string} */ word) => task("explorer", word, [{ hang: 100 }, { say: `${word} {{recall /SECRET=(\\w+)/}}` }], name).task

  it("Calls by the plugin's name and by ours resume their sessions, each with its own answer", async () => {
    const { host, say, root, id } = await zed()
    const other = idIn(await say(root, task("explorer", "Map, alias Kim", secret("date"), "map")))
    const text = await say(root, { tasks: [again("Zed", "one"), again("Kim", "two"), again("auth", "three"), again("Zed", "four"), again("map", "five")] })
    assert.deepEqual(
      results(text).map((result) => [idIn(result), /\n(\w+ \w+)\n<\/(?:task_result|subagent)>[^]*\ntask_id: (\w+) \(resumed: /.exec(result)?.slice(1)]),
      [[id, ["one fig", "auth"]], [other, ["two date", "map"]], [id, ["three fig", "auth"]], [id, ["four fig", "auth"]], [other, ["five date", "map"]]],
    )
    assert.equal((await host.children(root)).length, 2)
  })

  it("Two new names spawn two sessions, and one new name one", async () => {
    const { host, say, root } = await zed()
    const text = await say(root, { tasks: [again("left", "one"), again("right", "two"), again("left", "three")] })
    const [left, right, joined] = results(text)
    assert.deepEqual([left, right, joined].map((result) => /\ntask_id: (\w+) \((\w+): /.exec(result)?.slice(1)), [["left", "spawned"], ["right", "spawned"], ["left", "resumed"]])
    assert.equal(idIn(joined), idIn(left))
    assert.equal((await host.children(root)).length, 3)
  })

  it("All calls run, except those that the plugin refuses", async () => {
    const { host, say, root, id } = await zed()
    const refused = { ...again("Zed", "no"), description: "A forbidden look" }
    const text = await say(root, { tasks: [refused, again("Zed", "yes"), { ...refused, task_id: "fresh" }, again("fresh", "fresh")] })
    assert.equal(text.split("is nobody's business.").length, 3)
    assert.match(text, new RegExp(`<(?:task id|subagent sessionID)="${id}"[^]*yes fig`))
    assert.match(text, /\ntask_id: fresh \(spawned: /)
    assert.equal((await host.children(root)).length, 2)
  })
})

// This comes last, since it ends the host of all tests.
describe("The plugin's name after a restart", { skip: MISSING }, () => {
  for (const how of ["a restart", "kill -9"]) {
    it(`The plugin's name resumes its session after ${how}, though the plugin has forgotten it`, async () => {
      const { host, say, seen, record, root, id } = await zed()
      await say(root, task("explorer", "Go on", recall, "Zed"))
      assert.match(seen(root), /Nicknames: Zed/)
      if (how === "kill -9") {
        await record(id, (kept) => JSON.stringify(kept?.aliases)?.includes("zed"))
        await host.kill()
      }
      await host.restart()
      const result = await say(root, task("explorer", "Go on", recall, "Zed"))
      assert.match(seen(root), /Nicknames: none\./)
      assert.match(result, /recalled fig[^]*\ntask_id: auth \(resumed: /)
      assert.equal(idIn(result), id)
      assert.equal((await host.children(root)).length, 1)
    })
  }
})
