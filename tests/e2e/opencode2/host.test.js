// The driver of OpenCode 2: its own tool delegates, sessions survive, and nothing is left.

import assert from "node:assert/strict"
import { describe, it } from "node:test"
import { script } from "../../host/model.js"
import { MISSING } from "../../host/opencode2_binary.js"
import { living } from "../../host/process.js"
import { OPENCODE2, boot, task } from "../fixture.js"

/**
 * OpenCode 2 without plugins.
 * @param {import("node:test").TestContext} t
 * @param {{ own?: boolean }} [setup]
 * @returns {Promise<{ model: import("../../host/model.js").Model, host: import("../../host/opencode2.js").Host }>}
 */
const alone = (t, setup) => /** @type {Promise<any>} */ (boot(t, { plugin: [], ...setup }))

/** A prompt that delegates, and repeats the result. @param {ReturnType<typeof task>} step */
const delegating = (step) => script(step, { say: "RESULTS {{results}}" })

describe("The driver of OpenCode 2", { skip: MISSING || (!OPENCODE2 && "this is a test of OpenCode 2") }, () => {
  it("lets a primary delegate to a subagent and read its answer", async (t) => {
    const { host, model } = await alone(t)
    const events = await host.events()
    const root = await host.session()
    const { text } = await host.prompt(root, delegating(task("explorer", "Look around", [{ say: "three files" }])))
    const [child] = await host.children(root)
    assert.equal(text, `RESULTS <subagent sessionID="${child.id}" state="completed">\nthree files\n</subagent>`)
    assert.deepEqual([child.parentID, child.agent, child.title], [root, "explorer", "Look around"])
    assert.deepEqual((await host.tree(root)).children.map(({ id }) => id), [child.id])
    assert.deepEqual((await host.messages(child.id)).map(({ type }) => type), ["user", "assistant", "idle"])
    await events.wait(({ type, data }) => type === "session.execution.succeeded" && data.sessionID === root)
    events.stop()
    assert.deepEqual(new Set(model.requests.map(({ kind, sessionID }) => `${kind} of ${sessionID}`)), new Set([`chat of ${root}`, `title of ${root}`, `chat of ${child.id}`]))
  })

  it("reads every message of a long session, oldest first", async (t) => {
    const { host } = await alone(t)
    const root = await host.session()
    for (let index = 0; index < 60; index++) await host.api("POST", `/session/${root}/agent`, { agent: index % 2 ? "build" : "general" })
    await host.prompt(root, script({ say: "the end" }))
    const messages = await host.messages(root)
    assert.deepEqual([messages.length, messages[0].type, messages.at(-1)?.type], [63, "agent-switched", "idle"])
  })

  it("has the model summarise a conversation", async (t) => {
    const { host, model } = await alone(t)
    const root = await host.session()
    await host.prompt(root, `the word is lemon ${script({ say: "noted" })}`)
    await host.api("POST", `/session/${root}/compact`, {})
    await host.api("POST", `/experimental/session/${root}/wait`)
    const { text } = await host.prompt(root, script({ say: "it was {{recall /the word is (\\w+)/}}" }))
    assert.equal(text, "it was lemon")
    assert.equal(model.requests.filter(({ kind }) => kind === "summary").length, 1)
    assert.equal((await host.messages(root)).find(({ type }) => type === "compaction")?.status, "completed")
  })

  it("keeps sessions over a restart, and nothing of a killed server", async (t) => {
    const { host } = await alone(t, { own: true })
    const root = await host.session()
    await host.prompt(root, delegating(task("explorer", "Look around", [{ say: "three files" }])))
    const [child] = await host.children(root)
    await host.restart()
    assert.deepEqual((await host.children(root)).map(({ id }) => id), [child.id])
    const again = { call: { tool: "subagent", args: { agent: "explorer", description: "Look again", prompt: script({ say: "four files" }), sessionID: child.id } } }
    const { text } = await host.prompt(root, script(again, { say: "RESULTS {{results}}" }))
    assert.match(text, new RegExp(`sessionID="${child.id}".*\nfour files`))

    const running = host.prompt(root, script({ call: { tool: "shell", args: { command: "sleep 300" } } }))
    for (const deadline = Date.now() + 60_000; living(host.home).length < 2 && Date.now() < deadline;) await new Promise((next) => setTimeout(next, 50))
    assert.ok(living(host.home).length > 1, "the shell runs")
    await Promise.all([assert.rejects(running), host.kill()])
    assert.deepEqual(living(host.home), [])
  })
})
