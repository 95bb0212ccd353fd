// Subagents that wait for permission, in the real OpenCode: their ancestors see it, and permission_timeout_ms ends the wait.

import assert from "node:assert/strict"
import { describe, it } from "node:test"
import { until } from "./delegate/world.js"
import { AGENTS, MISSING, OPENCODE2, boot, task } from "./fixture.js"

const agent = {
  ...AGENTS,
  lead: { mode: "subagent", description: "Delegates", task_budget: 9, permission: { task: "allow" } },
  looker: { mode: "subagent", description: "Looks", task_budget: 1 },
  asker: { mode: "subagent", description: "Asks first", callable_by_subagents: true, permission: { bash: "ask" } },
}
const shell = { call: { tool: OPENCODE2 ? "shell" : "bash", args: { command: "echo ran-it", description: "Prints a word" } } }
const list = { call: { tool: "delegate_list", args: {} } }
const SECONDS = { timeout: 180_000 }

/** The open questions of a host. @param {import("../host/opencode.js").Host} host @returns {Promise<any[]>} */
const questions = async (host) => {
  const answer = await host.api("GET", OPENCODE2 ? "/permission/request" : "/permission")
  return answer.data ?? answer
}

describe("A subagent that waits for permission", { skip: MISSING }, () => {
  it("A session at any depth that waits shows in the list, until the question is answered", SECONDS, async (t) => {
    const { host, say, model, answers } = await boot(t, { agent })
    const root = await host.session()
    const asks = task("lead", "Lead", [task("asker", "Print", [shell, { say: "PRINTED {{results}}" }], "printer"), { say: "Led. {{results}}" }], "lead").task
    const looks = task("looker", "Look", [{ gate: root, ...list }, { say: "SEEN {{results}}" }], "look").task
    const said = say(root, { tasks: [asks, looks] })
    await until(async () => (await questions(host)).length === 1, "a question")
    await model.reached(root)
    model.open(root)
    const [{ id, sessionID }] = await questions(host)
    const looker = (await host.children(root)).find(({ agent }) => agent === "looker")
    await until(async () => (await answers(looker?.id ?? "")).some((text) => text.startsWith("SEEN")), "the list")
    if (OPENCODE2) await host.api("POST", `/session/${sessionID}/permission/${id}/reply`, { decision: "once" })
    else await host.api("POST", `/permission/${id}/reply`, { reply: "once" })
    const result = await said
    assert.match(result, /ran-it/)
    assert.match(result, /\| +printer \| asker \| waiting for permission \|/)
    assert.doesNotMatch(await say(root, list), /waiting for permission/)
  })

  it("A question that nobody answers is denied after permission_timeout_ms, and the subagent goes on", SECONDS, async (t) => {
    const { host, say, model } = await boot(t, { agent, options: { permission_timeout_ms: 2_000 } })
    const root = await host.session()
    const result = await say(root, task("lead", "Lead", [task("asker", "Print", [shell, { say: "WITHOUT {{results}}" }], "printer"), { say: "Led. {{results}}" }], "lead"))
    const told = /Nobody has answered this question for permission within 2 s \(permission_timeout_ms\)\. Do without it, or say in your answer what you need\./
    const asker = model.requests.findLast(({ body }) => body.messages.some((message) => told.test(JSON.stringify(message))))
    assert.ok(asker, "the model reads why")
    // In OpenCode 2 it reads that as a message of its own, after which the script has no step.
    if (!OPENCODE2) assert.match(result, /WITHOUT /)
    assert.doesNotMatch(result, /^ran-it/m)
    assert.deepEqual(await questions(host), [])
  })
})
