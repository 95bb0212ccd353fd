// What sessions cost, in the real OpenCode: the figures are OpenCode's own, each step counted once.

import assert from "node:assert/strict"
import { describe, it } from "node:test"
import { script } from "../host/model.js"
import { AGENTS, EXECUTOR, MISSING, boot, idIn, task } from "./fixture.js"

const agent = { ...AGENTS, lead: { mode: "subagent", description: "Delegates", task_budget: 9, permission: { task: "allow" } }, explorer: { ...AGENTS.explorer, callable_by_subagents: true } }
const config = { provider: { scripted: { models: { m: { cost: { input: 100, output: 100 } } } } } }
/** A step of a child that ends no turn. */
const glob = { call: { tool: "glob", args: { pattern: "*" } } }
const list = { call: { tool: "delegate_list", args: {} } }
const SECONDS = { timeout: 180_000 }

/** The tokens that a session used, as OpenCode counts them. @param {any} info */
const tokensOf = ({ tokens: { input, output, reasoning, cache } }) => input + output + reasoning + cache.read + cache.write

/** The tokens in the row of a name, or in the sentence about the conversation. @param {string} text @param {string} [name] */
const tokensIn = (text, name) => Number((name ? new RegExp(`^\\| +${name} .* (\\d+) tokens \\|$`, "m") : /^The conversation has spent \$\d+\.\d\d, (\d+) tokens\.$/m).exec(text)?.[1])

/** @param {import("../host/opencode.js").Host} host @param {string[]} ids */
async function counted(host, ...ids) {
  let sum = 0
  for (const id of ids) {
    const answer = await host.api("GET", `/session/${id}`)
    sum += tokensOf(answer.data ?? answer)
  }
  return sum
}

/** A root with a child and a grandchild. @param {Awaited<ReturnType<typeof boot>>} world */
async function family({ host, say, calls }) {
  const root = await host.session()
  const lead = idIn(await say(root, task("lead", "Lead", [task("explorer", "Look", [{ say: "Seen." }], "look"), { say: "Led." }], "lead")))
  const look = idIn((await calls(lead))[0].state.output)
  return { root, lead, look }
}

describe("What sessions cost", { skip: MISSING }, () => {
  it("A list says what each session used with all below it, and the conversation", SECONDS, async (t) => {
    const world = await boot(t, { agent, config })
    const { host, say } = world
    const { root, lead, look } = await family(world)
    const before = await counted(host, root, lead, look)
    const text = await say(root, list)
    assert.equal(tokensIn(text, "look"), await counted(host, look))
    assert.equal(tokensIn(text, "lead"), await counted(host, lead, look))
    // The turn that lists them counts as far as its steps are reported.
    assert.ok(tokensIn(text) >= before - 1 && tokensIn(text) <= (await counted(host, root, lead, look)), text)
    assert.match(text, /^\| lead .* \| \$\d\.\d\d, \d+ tokens \|$/m)
  })

  it("After kill -9 in the middle of a step each session has the figure of OpenCode, once", SECONDS, async (t) => {
    const world = await boot(t, { agent, config, own: true })
    const { host, say, model } = world
    const { root, lead, look } = await family(world)
    host.prompt(root, script(task("lead", "Go on", [task("explorer", "Go on", [glob, { gate: root, say: "never" }], "look")], "lead"))).catch(() => {})
    await model.reached(root)
    await host.kill()
    model.open(root)
    await host.restart()
    const text = await say(root, list)
    assert.equal(tokensIn(text, "look"), await counted(host, look))
    assert.equal(tokensIn(text, "lead"), await counted(host, lead, look))
  })

  it("A conversation that has cost max_cost gets no further call, and another one does", SECONDS, async (t) => {
    const { host, say } = await boot(t, { agent, config, options: { max_cost: 0.2 } })
    const root = await host.session()
    assert.match(await say(root, task("explorer", "Look", [{ usage: 5_000, say: "Seen." }], "look")), /Seen\./)
    const denied = await say(root, task("explorer", "Go on", [{ say: "More." }], "look"))
    assert.match(denied, /This conversation has spent \$\d\.\d\d, \d+ tokens, and its limit is \$0\.20 \(max_cost\)\./)
    assert.doesNotMatch(denied, /More\./)
    assert.match(await say(await host.session(), task("explorer", "Look", [{ say: "Seen." }], "look")), /Seen\./)
  })

  it("The result of a background task says what its session used", { ...SECONDS, skip: EXECUTOR !== "delegate" }, async (t) => {
    const { host, say, told } = await boot(t, { agent, config })
    const root = await host.session()
    const work = task("explorer", "Look", [{ say: "Seen." }], "look")
    await say(root, { task: { ...work.task, background: true } })
    const [{ id }] = await host.children(root)
    let texts = /** @type {string[]} */ ([])
    for (const deadline = Date.now() + 60_000; Date.now() < deadline && !texts.length; await new Promise((next) => setTimeout(next, 200))) {
      texts = (await told(root)).filter((text) => text.includes("has used"))
    }
    const [, tokens] = /This session has used \$\d\.\d\d, (\d+) tokens\./.exec(texts[0]) ?? []
    assert.equal(Number(tokens), await counted(host, id), texts[0])
  })
})
