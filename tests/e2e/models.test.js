// The model that a call chooses for its child, of those that the agent lists, in the real OpenCode.

import assert from "node:assert/strict"
import { after, before, describe, it } from "node:test"
import { script } from "../host/model.js"
import { AGENTS, MISSING, OPENCODE2, boot, idIn, task } from "./fixture.js"

const models = Object.fromEntries(["n", "o"].map((name) => [name, { name, tool_call: true, limit: { context: 200_000, output: 8_192 } }]))
const agent = { ...AGENTS, chooser: { mode: "subagent", description: "Lets a call choose", models: ["scripted/n", "scripted/o"] } }
const config = { provider: { scripted: { models } } }

/** A call that chooses a model. @param {string | undefined} model @param {string} task_id @param {string} [of] the agent */
const choose = (model, task_id, of = "chooser") => {
  const call = task(of, "Work", [{ say: "ANSWER" }], task_id)
  return model === undefined ? call : { task: { ...call.task, model } }
}

/** @param {Awaited<ReturnType<typeof boot>>} world */
const modelsOf = ({ model }) => (/** @type {string} */ id) =>
  model.requests.filter(({ kind, sessionID }) => kind === "chat" && sessionID === id).map(({ body }) => body.model).join(" ")

describe("The model of a call", { skip: MISSING }, () => {
  const ends = /** @type {(() => Promise<void>)[]} */ ([])
  /** @type {Awaited<ReturnType<typeof boot>>} */
  let world
  before(async () => {
    world = await boot({ after: (/** @type {() => Promise<void>} */ end) => void ends.push(end) }, { agent, config })
  })
  after(() => Promise.all(ends.map((end) => end())))

  it("A new session runs on the model of its call, and a later call without one goes on with it", async () => {
    const root = await world.host.session()
    const asked = modelsOf(world)
    const id = idIn(await world.say(root, choose("scripted/n", "work")))
    assert.equal(asked(id), "n")
    await world.say(root, choose(undefined, "work"))
    assert.equal(asked(id), "n n")
    await world.say(root, choose("scripted/o", "work"))
    await world.say(root, choose(undefined, "work"))
    assert.equal(asked(id), "n n o o")
  })

  it("A session whose call chooses none runs on the model of its agent, until a call chooses", async () => {
    const root = await world.host.session()
    const id = idIn(await world.say(root, choose(undefined, "plain")))
    await world.say(root, choose("scripted/o", "plain"))
    assert.equal(modelsOf(world)(id), "m o")
  })

  it("Parallel calls of one message run each on its own model", async () => {
    const root = await world.host.session()
    await world.say(root, { tasks: [choose("scripted/n", "left").task, choose("scripted/o", "right").task] })
    const children = /** @type {any[]} */ (await world.host.children(root))
    assert.deepEqual(children.map(({ id }) => modelsOf(world)(id)).sort(), ["n", "o"])
  })

  it("A model that the agent does not list is denied, and the denial names those that it lists", async () => {
    const root = await world.host.session()
    const result = await world.say(root, choose("scripted/m", "denied"))
    assert.match(result, /Agent "chooser" does not run on model "scripted\/m"\. Give one of "scripted\/n", "scripted\/o", or leave model out\./)
    assert.deepEqual(await world.host.children(root), [])
  })

  it("An agent that lists no model has none to choose from, unless the host's own tool takes models", async () => {
    const root = await world.host.session()
    const result = await world.say(root, choose("scripted/n", "unlisted", "explorer"))
    if (OPENCODE2) return assert.equal(modelsOf(world)(idIn(result)), "n")
    assert.match(result, /Agent "explorer" lets no call choose a model, so it does not run on "scripted\/n"\. Leave model out\./)
    assert.deepEqual(await world.host.children(root), [])
  })

  it("The tool has the parameter if an agent lists models, and it names them", { skip: OPENCODE2 && "the built-in tool has a parameter of its own" }, async () => {
    const root = await world.host.session()
    await world.host.prompt(root, script({ say: "Hello" }))
    const { body } = /** @type {any} */ (world.model.requests.findLast(({ kind, sessionID }) => kind === "chat" && sessionID === root))
    const { properties } = body.tools.find((/** @type {any} */ { function: { name } }) => name === "task").function.parameters
    assert.match(properties.model.description, /chooser: scripted\/n, scripted\/o\.$/)
    const plain = await boot({ after: (/** @type {() => Promise<void>} */ end) => void ends.push(end) }, { config })
    const other = await plain.host.session()
    await plain.host.prompt(other, script({ say: "Hello" }))
    const { body: without } = /** @type {any} */ (plain.model.requests.findLast(({ kind, sessionID }) => kind === "chat" && sessionID === other))
    const { parameters } = without.tools.find((/** @type {any} */ { function: { name } }) => name === "task").function
    assert.equal("model" in parameters.properties, false)
  })
})

it("A session goes on with its chosen model after a kill and a restart", { skip: MISSING }, async (t) => {
  const world = await boot(t, { agent, config, own: true })
  const root = await world.host.session()
  const id = idIn(await world.say(root, choose("scripted/o", "work")))
  await world.host.kill()
  await world.host.restart()
  await world.say(root, choose(undefined, "work"))
  assert.equal(modelsOf(world)(id), "o o")
})
