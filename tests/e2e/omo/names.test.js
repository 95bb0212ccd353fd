// A name or an id stands for one session, by whatever parameter the model gives it, and is never silently another's.

import assert from "node:assert/strict"
import { describe } from "node:test"
import { bgIn, hosts, idIn, recall, secret, task } from "./world.js"

const { shown, test } = hosts()

/** Alone, omo waits for an answer of a session that does not exist. */
const STUCK = /hangs/

/** An id that stands for nothing. Each test has its own: omo alone refuses two prompts to one id within a moment. @param {number} which */
const nobody = (which) => `ses_${"0".repeat(25)}${which}`

describe("An id", () => {
  shown("An id with a wrong letter resumes its session, and the result says so", async ({ host, say }) => {
    const root = await host.session()
    const id = idIn(await say(root, task({ subagent_type: "explore", description: "Explore auth" }, secret("fig"))))
    const wrong = id.slice(0, -1) + (id.endsWith("0") ? "1" : "0")
    const result = await say(root, task({ subagent_type: "explore", description: "Go on", task_id: wrong }, recall))
    assert.match(result, /recalled fig/)
    assert.match(result, new RegExp(`There is no session "${wrong}"; "${id}" is nearly the same and was resumed`))
    assert.equal((await host.children(root)).length, 1)
  }, STUCK)

  shown("An unknown id is refused with the list of sessions, and starts none", async ({ host, say }) => {
    const root = await host.session()
    await say(root, task({ subagent_type: "explore", description: "Explore auth" }, secret("fig")))
    const result = await say(root, task({ subagent_type: "explore", description: "Go on", task_id: nobody(1) }, recall))
    assert.match(result, /There is no session "ses_0+\d" to resume[^]*\n- explore-auth \("explore"\): "Explore auth"/)
    assert.equal((await host.children(root)).length, 1)
  }, STUCK)

  shown("An unknown id without an agent is refused with the list of sessions", async ({ host, say }) => {
    const root = await host.session()
    await say(root, task({ subagent_type: "explore", description: "Explore auth" }, secret("fig")))
    assert.match(await say(root, task({ task_id: nobody(2) }, recall)), /There is no session "ses_0+\d" to resume[^]*\n- explore-auth/)
  }, STUCK)

  test("An id alone resumes its session as its own agent", async ({ host, say }) => {
    const root = await host.session()
    const id = idIn(await say(root, task({ subagent_type: "explore", description: "Explore auth" }, secret("fig"))))
    assert.match(await say(root, task({ task_id: id }, recall)), /recalled fig[^]*\nsubagent: explore\n[^]*\ntask_id: explore-auth \(resumed/)
  })

  shown("Another conversation's id is refused", async ({ host, say }) => {
    const [mine, theirs] = [await host.session(), await host.session()]
    const id = idIn(await say(theirs, task({ subagent_type: "explore", description: "Secret" }, secret("quince"))))
    const result = await say(mine, task({ task_id: id }, recall))
    assert.doesNotMatch(result, /recalled quince/)
    assert.match(result, new RegExp(`Session "${id}" is not owned by this caller`))
  }, /recalled quince/)

  shown("Another agent's id is refused", async ({ host, say }) => {
    const root = await host.session()
    const id = idIn(await say(root, task({ subagent_type: "explore", description: "Explore" }, secret("mango"))))
    assert.match(await say(root, task({ subagent_type: "oracle", description: "Advise", task_id: id }, recall)), /belongs to agent "explore", not to "oracle"/)
  })

  shown("omo's id of a background task resumes the task's session", async ({ host, say, rests }) => {
    const root = await host.session()
    const started = await say(root, task({ subagent_type: "explore", description: "Look", run_in_background: true }, secret("plum")))
    await rests(idIn(started))
    const result = await say(root, task({ task_id: bgIn(started) }, recall))
    assert.match(result, /recalled plum/)
    assert.equal((await host.children(root)).length, 1)
  }, STUCK)
})

describe("A name", () => {
  for (const [which, name, by] of /** @type {[string, string, Record<string, string>][]} */ ([["subagent_type", "look", { subagent_type: "explore" }], ["category", "work", { category: "quick" }]])) {
    shown(`A name starts a session and resumes it, by ${which}`, async ({ host, say }) => {
      const root = await host.session()
      const first = await say(root, task({ ...by, description: "Explore auth", task_id: `the-${name}` }, secret("kumquat")))
      assert.match(first, new RegExp(`\ntask_id: the-${name} \\(spawned`))
      const again = await say(root, task({ ...by, description: "Go on", task_id: `the-${name}` }, recall))
      assert.match(again, /recalled kumquat/)
      assert.equal(idIn(again), idIn(first))
      assert.equal((await host.children(root)).length, 1)
    }, STUCK)
  }

  shown("A name alone resumes its session", async ({ host, say }) => {
    const root = await host.session()
    await say(root, task({ category: "quick", description: "Mend the code" }, secret("lime")))
    assert.match(await say(root, task({ task_id: "mend-the-code" }, recall)), /recalled lime[^]*\nsubagent: Sisyphus-Junior\n/)
  }, STUCK)

  shown("A call that omo refuses leaves its name free", async ({ host, say }) => {
    const root = await host.session()
    assert.match(await say(root, task({ category: "no-such-category", description: "Look", task_id: "the-look" })), /Unknown category/)
    const result = await say(root, task({ subagent_type: "explore", description: "Look", task_id: "the-look" }, secret("pear")))
    assert.match(result, /SECRET=pear[^]*\ntask_id: the-look \(spawned/)
  })
})

describe("call_omo_agent", () => {
  /** A call by the agent that oh-my-openagent gives the tool. @param {object[]} calls */
  const junior = (...calls) => task({ category: "quick", description: "Nest" }, [...calls, { say: "NESTED {{results}}" }])
  const call = (/** @type {Record<string, unknown>} */ args, /** @type {object[]} */ steps) => ({ call: { ...task(args, steps).call, tool: "call_omo_agent" } })

  shown("A name as session_id resumes its session", async ({ host, say, children }) => {
    const root = await host.session()
    const result = await say(root, junior(
      call({ subagent_type: "explore", description: "Explore auth", run_in_background: false }, secret("fig")),
      call({ subagent_type: "explore", description: "Go on", run_in_background: false, session_id: "explore-auth" }, recall),
    ))
    assert.match(result, /recalled fig[^]*\ntask_id: explore-auth \(resumed/)
    assert.equal((await children(root))[0].children.length, 1)
  }, /Failed to get existing session/)

  shown("An unknown session_id is refused in words", async ({ host, say }) => {
    const root = await host.session()
    const result = await say(root, junior(
      call({ subagent_type: "explore", description: "Explore auth", run_in_background: false }, secret("fig")),
      call({ subagent_type: "explore", description: "Go on", run_in_background: false, session_id: nobody(3) }, recall),
    ))
    assert.match(result, /There is no session "ses_0+\d" to resume[^]*\n- explore-auth/)
  })
})
