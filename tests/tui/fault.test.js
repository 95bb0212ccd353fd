// Faulty options in the real terminal: the panel says what is at fault and what to do, and shows no name that nobody knows.

import assert from "node:assert/strict"
import { describe, it } from "node:test"
import { AGENTS, MISSING, OURS, SHOWN, open, script, task } from "./world.js"

/** The list of the server's plugins, with these options of ours. @param {object} options */
const faulty = (options) => ({ plugin: [/** @type {[string, object]} */ ([OURS[0], options])] })
const REMEDY = "npx opencode-delegate doctor"

describe(`Faulty options (screens in ${SHOWN})`, { skip: MISSING }, () => {
  it("The panel shows the fault in place of the sessions, wherever it stands", async (t) => {
    const { conversation, say, children, show, look, resize, typeCommand, keys, see, faults } = await open(t, faulty({ max_depth: "x" }))
    const root = await conversation()
    const text = await look("fault-empty-160", /Delegations\s[^]*"max_depth"/)
    assert.equal(text.split(REMEDY).length - 1, 1)
    await say(root, task("explorer", "Explore auth", [{ say: "Read." }]))
    const side = (await look("fault-160", "The turn is over.", REMEDY, / {4}(?:▼ )?Delegations\s/)).split("\n").map((line) => line.slice(118).trim())
    const at = side.indexOf("Delegations")
    assert.equal(side.slice(at, at + 6).join(" ").trim(), `Delegations Invalid configuration, field "max_depth": expected a whole number from 0 up, got "x". Run ${REMEDY}`)
    assert.ok(!side.some((line) => /explore-auth|subagent/.test(line)), side.join("\n"))
    for (const [width, height, shown] of /** @type {[number, number, RegExp][]} */ ([[120, 40, /expected a whole number/], [80, 24, /"max_depth".*…/]])) {
      await resize(width, height)
      const [line, ...more] = (await look(`fault-${width}`, REMEDY)).split("\n").filter((line) => line.includes(REMEDY) || line.includes("explore-auth"))
      assert.match(line, /^ {2}✗ Invalid configuration, field/)
      assert.match(line, shown)
      assert.deepEqual([line.trimEnd().length <= width, more], [true, []])
    }
    await show((await children(root))[0].id)
    await look("fault-child-80", (screen) => screen.includes(REMEDY) && !screen.includes("explore-auth"))
    await show(root)
    await see("The turn is over.")
    await typeCommand()
    await keys("Enter")
    await look("fault-list-80", /Delegations .*esc[^]*got "x"\.[^]*npx opencode-delegate doctor/)
    await keys("Enter")
    await see((screen) => !/Delegations .*esc/.test(screen))
    assert.deepEqual(faults(), [])
  })

  it("A prompt that a person types on the first screen leaves the fault in view", async (t) => {
    const { typePrompt, look } = await open(t, { ...faulty({ same_agent: "sometimes" }), serves: false, width: 80, height: 24 })
    await typePrompt(script({ say: "The turn is over." }))
    await look("fault-typed-80", /The turn is over\.\s[^]*✗ Invalid configuration, field "same_agent".*npx opencode-delegate doctor/)
  })

  it("A terminal that starts with a session shows the fault of an agent's field, on one line without control characters", async (t) => {
    const first = await open(t)
    const root = await first.conversation()
    await first.say(root, task("explorer", "Explore auth", [{ say: "Read." }], "explore-auth"))
    await first.stop()
    const agent = { ...AGENTS, "一\u001b[31m位\n研究員": { ...AGENTS.lead, task_budget: "many" } }
    const second = await open(t, { home: first.home, model: first.model, sessionID: root, config: { agent }, width: 80, height: 24 })
    const screen = await second.look("fault-agent-80", /✗ Invalid configuration, field "agents.*npx opencode-delegate doctor/)
    assert.ok(!screen.includes("✓ explore-auth"))
    assert.deepEqual(second.faults(), [])
  })
})
