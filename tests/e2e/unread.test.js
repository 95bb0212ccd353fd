// Background results that a subagent gets after its call has ended, in the real OpenCode: its caller learns of them once.

import assert from "node:assert/strict"
import { after, before, describe, it } from "node:test"
import { later, until } from "./delegate/world.js"
import { AGENTS, OPENCODE2, boot, task } from "./fixture.js"

const agent = {
  ...AGENTS,
  lead: { mode: "subagent", description: "Leads", task_budget: 8 },
  helper: { mode: "subagent", description: "Helps", callable_by_subagents: true },
}

/** @type {Awaited<ReturnType<typeof boot>>} */
let world
const ends = /** @type {(() => Promise<void>)[]} */ ([])
before(async () => void (world = await boot({ after: (/** @type {() => Promise<void>} */ end) => void ends.push(end) }, { own: true, agent, env: { OPENCODE_EXPERIMENTAL_BACKGROUND_SUBAGENTS: "true" } })))
after(() => Promise.all(ends.map((end) => end())))

const NOTICE = /^Background task "Find tests" \(task_id "tests"\) of "lead" has ended: completed\. "lead" got the result after the call to "lead" had ended\./

/** The notices in a session. @param {string} id */
const notices = async (id) => (await world.told(id)).filter((text) => /^Background task "/.test(text))

/** A root whose subagent answers, and gets the result of its background task after that. */
async function ended() {
  const { host, model, say, record, told, running } = world
  const root = await host.session()
  assert.match(await say(root, task("lead", "Lead", [later("helper", "Find tests", [{ gate: root, say: "FOUND" }], "tests"), { say: "Led." }], "lead")), /\nLed\.\n/)
  const [{ id: lead, children: [{ id }] }] = (await host.tree(root)).children
  await model.reached(root)
  model.open(root)
  await until(async () => (await told(lead)).some((text) => text.includes("FOUND")), "the result in the subagent's session")
  await until(async () => !(await running())[lead], "the subagent idle")
  await record(id, (kept) => kept?.tasks?.at(-1).unread === 1)
  return { root, lead, id }
}

describe("A background task that ends after its subagent's call", () => {
  it("The caller gets one notice with its next message, and is not woken", async () => {
    const { host, model, say, record } = world
    const { root, lead, id } = await ended()
    const { length } = await host.messages(root)
    await say(root, { say: "Next." })
    const [notice, ...more] = await notices(root)
    assert.match(notice, NOTICE)
    assert.deepEqual(more, [])
    // OpenCode 2 keeps the notice as a message of its own.
    if (!OPENCODE2) assert.deepEqual((await host.messages(root)).slice(length).map(({ info, parts }) => [info.role, parts.filter(({ synthetic }) => synthetic).map(({ text }) => text)]).slice(0, 1), [["user", [notice]]])
    await record(id, (kept) => !kept.tasks.at(-1).unread)
    await say(root, { say: "Once more." })
    assert.match(await say(root, task("lead", "Go on", [{ say: "{{recall /(FOUND)/}} again" }], "lead")), /FOUND again/)
    await say(root, { say: "The last." })
    assert.equal((await notices(root)).length, 1)
    assert.equal((await notices(lead)).length, 0)
    const sent = model.requests.filter(({ kind, sessionID }) => kind === "chat" && sessionID === root).map(({ body }) => body.messages)
    assert.equal(JSON.stringify(sent.at(-1)).split("has ended: completed").length, 2)
    for (const [index, messages] of sent.entries()) assert.deepEqual(messages.slice(0, sent[index - 1]?.length ?? 0), sent[index - 1] ?? [])
  })

  it("The notice survives restarts, and is given once", async () => {
    const { host, say, record } = world
    const { root, id } = await ended()
    await host.kill()
    await host.restart()
    await say(root, { say: "Next." })
    assert.match((await notices(root)).join("\n"), NOTICE)
    await record(id, (kept) => !kept.tasks.at(-1).unread)
    await host.restart()
    await say(root, { say: "Once more." })
    assert.equal((await notices(root)).length, 1)
  })
})
