// The task tool as models, users and other plugins see it, in the real OpenCode.

import assert from "node:assert/strict"
import { existsSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { after, before, describe, it } from "node:test"
import { script } from "../../host/model.js"
import { AGENTS, OURS, idIn, task } from "../fixture.js"
import { boot, later, until } from "./world.js"

/** A mark of no width. Some plugins sort names with it. */
const MARK = "\u200b"

const agent = {
  ...AGENTS,
  thinker: { mode: "subagent", description: "Thinks", model: "scripted/other" },
  [`${MARK}${MARK}marked`]: { mode: "subagent", description: "Sorts first", prompt: "You are marked." },
}

const limit = { context: 200_000, output: 8_192 }
const variants = { high: { reasoningEffort: "high" } }
const config = {
  provider: { scripted: { models: { m: { variants }, other: { name: "Other", tool_call: true, limit, variants } } } },
}

/** A plugin that notes each call of the task tool, before and after. */
const WITNESS = `
import { appendFileSync } from "node:fs"
export const Witness = async ({ directory }) => {
  const note = (line) => appendFileSync(directory + "/witness.jsonl", JSON.stringify(line) + "\\n")
  return {
    async "tool.execute.before"({ tool, sessionID, callID }, { args }) {
      if (tool !== "task") return
      note({ when: "before", sessionID, callID, args })
      if (args.description === "Forbidden") throw new Error("The witness forbids it.")
      args.prompt = args.prompt.replace("WORD", "witnessed")
    },
    async "tool.execute.after"({ tool, sessionID, callID }, output) {
      if (tool !== "task") return
      note({ when: "after", sessionID, callID, title: output.title, output: output.output, metadata: output.metadata })
      output.output += "\\nseen by the witness"
    },
  }
}
`

/** A repository. Without it OpenCode looks for files from the root of the disk. */
const files = {
  ".git/HEAD": "ref: refs/heads/main\n", ".git/config": "[core]\n\trepositoryformatversion = 0\n", ".git/objects/.keep": "", ".git/refs/.keep": "",
  "witness.js": WITNESS, "notes/a.txt": "The word in a is kumquat.\n", "notes/b.md": "The word in b is fig.\n",
}

/** OpenCode with this package, and stock OpenCode. @type {Awaited<ReturnType<typeof boot>>} */
let world, /** @type {typeof world} */ stock
const ends = /** @type {(() => Promise<void>)[]} */ ([])
before(async () => {
  const t = { after: (/** @type {() => Promise<void>} */ end) => void ends.push(end) }
  world = await boot(t, { own: true, agent, config, files, plugin: [OURS, "./witness.js"] })
  stock = await boot(t, { own: true, agent, config, files, plugin: [] })
})
after(() => Promise.all(ends.map((end) => end())))

/** The requests that a session made to the model. @param {string} id */
const asked = (id, { model } = world) => model.requests.filter(({ kind, sessionID }) => kind === "chat" && sessionID === id).map(({ body }) => body)

describe("The model's tools", () => {
  it("The model gets one task tool, with OpenCode's text and ours", async () => {
    const offered = async (/** @type {typeof world} */ of) => {
      const root = await of.host.session()
      await of.say(root)
      return asked(root, of)[0].tools?.map((tool) => tool.function) ?? []
    }
    const [tools, own] = [await offered(world), (await offered(stock)).find(({ name }) => name === "task")]
    assert.deepEqual(tools.map(({ name }) => name).filter((name) => /task|delegate/.test(name)).sort(), ["delegate_cancel", "delegate_list", "delegate_output", "delegate_steer", "task"])
    const { description = "", parameters } = tools.find(({ name }) => name === "task") ?? assert.fail()
    // OpenCode ends each description with its own list of agents.
    const [words, list] = (own?.description ?? "").split(/\n(?=Available agent types)/)
    assert.ok(description.startsWith(words.trimEnd()), description)
    if (list) assert.ok(description.includes(list.trim()), `${description}\n--\n${list}`)
    for (const name of ["explorer: Reads code", "fixer: Changes code", "thinker: Thinks"]) assert.equal(description.split(`- ${name}`).length, 2, name)
    assert.match(description, /Every subagent session has a name, its task_id\./)
    assert.match(description, /With background: true the call returns at once/)
    assert.deepEqual(parameters.required, ["description", "prompt", "subagent_type"])
    assert.deepEqual(Object.keys(parameters.properties).sort(), ["background", "command", "description", "prompt", "subagent_type", "task_id"])
    const { task_id: ourID, background, ...rest } = parameters.properties
    const { task_id: ownID, background: _, ...ownRest } = own?.parameters.properties
    assert.deepEqual(rest, ownRest)
    assert.deepEqual([ourID.type, background.type], [ownID.type, "boolean"])
  })

  it("The tools have the same bytes in every request, over sessions, restarts and reloads", async () => {
    const { host, say } = world
    const roots = [await host.session(), await host.session()]
    await say(roots[0], task("explorer", "One"), task("explorer", "Two"))
    await host.api("POST", "/instance/dispose")
    await say(roots[1], task("explorer", "One"))
    await host.restart()
    await say(roots[0], task("explorer", "Three"))
    const sent = roots.flatMap((root) => asked(root).map(({ tools }) => JSON.stringify(tools)))
    assert.ok(sent.length >= 6, `${sent.length} requests`)
    assert.equal(new Set(sent).size, 1)
  })
})

describe("The user's view of a call", () => {
  it("A call shows the child while it runs, and the action when it ends", async () => {
    const { host, model, say, calls } = world
    const root = await host.session()
    const turn = say(root, task("explorer", "Explore auth", [{ gate: root, say: "Done." }], "auth"))
    await model.reached(root)
    const [child] = await host.children(root)
    const running = await until(async () => {
      const [{ state }] = await calls(root)
      return state.metadata?.sessionId && state
    }, "the child in the running part")
    const shown = { parentSessionId: root, sessionId: child.id, model: { providerID: "scripted", modelID: "m" } }
    assert.deepEqual([running.status, running.title, running.metadata], ["running", "Explore auth", shown])
    assert.deepEqual([child.title, child.agent], ["Explore auth (@explorer subagent)", "explorer"])
    model.open(root)
    await turn
    const [{ state }] = await calls(root)
    assert.deepEqual([state.status, state.title], ["completed", "Explore auth · auth spawned"])
    const { truncated, ...metadata } = state.metadata
    assert.deepEqual(metadata, { ...shown, delegate: { task_id: "auth", action: "spawn", rule: "R5" } })
  })

  it("A background call shows its task", async () => {
    const { host, say, calls, hears } = world
    const root = await host.session()
    await say(root, later("explorer", "Explore", [{ say: "Done." }]))
    const [{ state: { status, title, metadata } }] = await calls(root)
    assert.deepEqual([status, title, metadata.background, /^bg_\w{8}$/.test(metadata.jobId)], ["completed", "Explore · spawned", true, true])
    await hears(root, 1)
  })
})

describe("A prompt", () => {
  it("A prompt carries the files and agents that it mentions, as OpenCode's tool does", async () => {
    const text = "Read @notes/a.txt, then @notes/b.md. Not `@notes/a.txt`, nor @nothing or me@notes. Ask @fixer, or look in @notes."
    const read = async (/** @type {typeof world} */ of) => {
      const root = await of.host.session()
      const id = idIn(await of.say(root, task("explorer", "Read", text)))
      const [{ parts }] = await of.host.messages(id)
      const kept = parts.filter(({ type }) => type !== "text").map(({ type, name, filename, mime, url }) => ({ type, name: name ?? filename, mime, path: url?.split(of.host.home)[1] }))
      const { content } = /** @type {any} */ (asked(id, of)[0].messages.at(-1))
      return { kept, content: content.map((/** @type {any} */ { text }) => text.replaceAll(of.host.home, "")) }
    }
    const [ours, theirs] = await Promise.all([read(world), read(stock)])
    // OpenCode's own tool orders them as it finds them.
    const byName = (/** @type {typeof ours.kept} */ kept) => kept.toSorted((a, b) => (a.name < b.name ? -1 : 1))
    assert.deepEqual([byName(ours.kept), ours.content.toSorted()], [byName(theirs.kept), theirs.content.toSorted()])
    assert.deepEqual(ours.kept.map(({ type, name }) => [type, name]), [["file", "notes/a.txt"], ["file", "notes/b.md"], ["agent", "fixer"], ["file", "notes"]])
    assert.match(ours.content.join("\n"), /The word in a is kumquat[^]*The word in b is fig/)
  })

  for (const [who, agent, model, effort] of /** @type {[string, string, string, string | undefined][]} */ ([
    ["an agent without a model has its caller's model and variant", "explorer", "m", "high"],
    ["an agent with a model has that model, without its caller's variant", "thinker", "other", undefined],
  ])) {
    it(`A prompt to ${who}`, async () => {
      const { host } = world
      const root = await host.session()
      const { text } = await host.prompt(root, script(task(agent, "Think"), { say: "{{results}}" }), { variant: "high" })
      assert.deepEqual([asked(root)[0].model, asked(root)[0].reasoning_effort], ["m", "high"])
      const [body] = asked(idIn(text))
      assert.deepEqual([body.model, body.reasoning_effort], [model, effort])
    })
  }

  it("A prompt to a resumed session has the caller's current model", async () => {
    const { host, say } = world
    const root = await host.session()
    const id = idIn(await say(root, task("explorer", "Think", "Go.", "think")))
    await host.prompt(root, script(task("explorer", "Think", "Go.", "think")), { model: { providerID: "scripted", modelID: "other" } })
    assert.deepEqual(asked(id).map(({ model }) => model), ["m", "other"])
  })
})

describe("Other plugins", () => {
  it("Other plugins see each call before and after, and can change and forbid it", async () => {
    const { host, say } = world
    const root = await host.session()
    const result = await say(root, task("explorer", "Explore", [{ say: "I was WORD." }], "explore"), task("explorer", "Forbidden", "Go.", "explore"))
    assert.match(result, /I was witnessed\.[^]*task_id: explore \(spawned: [^]*\nseen by the witness\n[^]*The witness forbids it\./)
    const file = join(host.directory, "witness.jsonl")
    assert.ok(existsSync(file))
    const notes = readFileSync(file, "utf8").trim().split("\n").map((line) => JSON.parse(line)).filter(({ sessionID }) => sessionID === root)
    assert.deepEqual(notes.map(({ when }) => when), ["before", "after", "before"])
    assert.equal(notes[0].callID, notes[1].callID)
    assert.deepEqual([notes[0].args.task_id, notes[1].title, notes[1].metadata.sessionId], ["explore", "Explore · spawned", idIn(result)])
  })
})

describe("An agent's name", () => {
  for (const [how, name] of [["by its name without marks", "marked"], ["by its name with other marks", `marked${MARK}`], ["by OpenCode's spelling", `${MARK}${MARK}marked`]]) {
    it(`An agent is known ${how}`, async () => {
      const { host, say } = world
      const root = await host.session()
      const id = idIn(await say(root, task(name, "Work", "Go.", "work")))
      const { agent } = await host.api("GET", `/session/${id}`)
      assert.equal(agent, `${MARK}${MARK}marked`)
      assert.match(JSON.stringify(asked(id)[0].messages), /You are marked\./)
      assert.match(await say(root, task("marked", "Work", "Go.", "work")), /task_id: work \(resumed: /)
    })
  }
})

describe("A task tool of a plugin that is loaded later", () => {
  it("A warning names the order of the plugin list, once", async (t) => {
    const handmade = new URL("../compose/handmade.js", import.meta.url).href
    const { host, say } = await boot(t, { plugin: [OURS, handmade] })
    const events = await host.events()
    const root = await host.session()
    assert.match(await say(root, task("explorer", "One"), task("explorer", "Two")), /"One" was done by hand[^]*"Two" was done by hand/)
    const { properties } = await events.wait(({ type }) => type === "tui.toast.show")
    assert.match(properties.message, /Move "opencode-delegate" to the end of that list/)
    assert.equal(properties.variant, "warning")
    // A call of the user runs OpenCode's own tool.
    await host.prompt(root, [{ type: "subtask", agent: "explorer", description: "Look", prompt: "Look." }])
    assert.equal(events.list.filter(({ type }) => type === "tui.toast.show").length, 1)
    events.stop()
  })

  it("No warning comes if this plugin is loaded last", async (t) => {
    const handmade = new URL("../compose/handmade.js", import.meta.url).href
    const { host, say } = await boot(t, { plugin: [handmade, OURS] })
    const events = await host.events()
    const root = await host.session()
    await host.prompt(root, [{ type: "subtask", agent: "explorer", description: "Look", prompt: "Look." }])
    assert.match(await say(root, task("explorer", "One"), task("explorer", "Two", "Go.", "one")), /task_id: one \(spawned[^]*task_id: one \(resumed/)
    assert.deepEqual(events.list.filter(({ type }) => type === "tui.toast.show"), [])
    events.stop()
  })
})
