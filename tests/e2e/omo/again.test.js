// One session that is asked again: with the same words, in the background, by a subagent.

import assert from "node:assert/strict"
import { describe } from "node:test"
import { until } from "../delegate/world.js"
import { CASES } from "./lasting.js"
import { hosts, idIn, recall, secret, task } from "./world.js"

const { shown, test } = hosts({ agent: { "Sisyphus-Junior": { task_budget: 1 }, explore: { callable_by_subagents: true } } })

describe("The same prompt", () => {
  shown("The same prompt is answered as often as it is asked", async ({ host, say }) => {
    const root = await host.session()
    const id = idIn(await say(root, task({ subagent_type: "explore", description: "Count" }, [{ say: "SECRET=fig" }])))
    for (let count = 0; count < 2; count++) {
      assert.match(await say(root, task({ subagent_type: "explore", description: "Count", task_id: id }, recall)), /recalled fig/)
    }
  })

  test("A prompt that was marked reaches the child unmarked", async ({ host, say, requests }) => {
    const root = await host.session()
    const id = idIn(await say(root, task({ subagent_type: "explore", description: "Count" }, secret("fig"))))
    for (let count = 0; count < 2; count++) await say(root, task({ task_id: id }, recall))
    const asked = JSON.stringify(requests(id).at(-1)?.body.messages)
    assert.doesNotMatch(asked, /\u2063/)
    assert.equal(asked.split("recalled fig").length - 1, 1)
  })
})

describe("A session of the foreground", () => {
  shown("A session of the foreground goes on in the background, and its result is delivered once", async ({ host, say, asked, rests }) => {
    const root = await host.session()
    const id = idIn(await say(root, task({ subagent_type: "explore", description: "Explore auth" }, secret("fig"))))
    const started = await say(root, task({ subagent_type: "explore", description: "Go on", task_id: id, run_in_background: true }, recall))
    assert.match(started, /\ntask_id: explore-auth \(resumed/)
    const reports = () => asked(root).then((texts) => texts.filter((text) => text.includes("recalled fig")))
    await until(async () => (await reports()).length, "the result", 30_000)
    await rests(root)
    assert.equal((await reports()).length, 1)
    assert.equal((await asked(id)).length, 2)
  }, /Task not found for session/)
})

describe("A background task", () => {
  shown("A result is read by omo's id, by the session's id and by its name", async (world) => {
    const root = await world.host.session()
    await CASES.reads.holds(world, root, await CASES.reads.begin?.(world, root))
  })
})

describe("A subagent", () => {
  test("A plan delegates without a budget", async ({ host, say, children }) => {
    const root = await host.session()
    const result = await say(root, task({ subagent_type: "plan", description: "Plan it" }, [task({ subagent_type: "explore", description: "Explore auth" }, secret("fig")), { say: "PLANNED {{results}}" }]))
    assert.match(result, /PLANNED [^]*SECRET=fig[^]*\ntask_id: explore-auth \(spawned/)
    assert.equal((await children(root))[0].children.length, 1)
  })

  shown("A subagent with a budget of one call makes one", async ({ host, say }) => {
    const root = await host.session()
    const call = (/** @type {string} */ description) => ({ call: { ...task({ subagent_type: "explore", description, run_in_background: false }, secret("fig")).call, tool: "call_omo_agent" } })
    const result = await say(root, task({ category: "quick", description: "Nest" }, [call("One"), call("Two"), { say: "NESTED {{results}}" }]))
    assert.match(result, /NESTED [^]*SECRET=fig[^]*budget/)
    assert.doesNotMatch(result, /task_id: two/)
  })
})
