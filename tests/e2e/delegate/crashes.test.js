// A child's first prompt after its process is killed, in the real OpenCode: the resumed session has the prompt once.

import assert from "node:assert/strict"
import { existsSync } from "node:fs"
import { join } from "node:path"
import { describe, it } from "node:test"
import { script } from "../../host/model.js"
import { AGENTS, OPENCODE2, OURS, PLUGIN, task } from "../fixture.js"
import { FIRST, LIMIT, NEXT, SABOTEUR, SLUG, prompt, scene, settle } from "./ending.js"
import { later, until } from "./world.js"

const world = settle({
  own: true,
  plugin: [SABOTEUR, [PLUGIN, { ...OURS[1], child_permissions: "caller" }]],
  agent: { ...AGENTS, restricted: { mode: "primary", description: "Talks", permission: { edit: "deny" } } },
})

const resent = /\nIts earlier prompt never reached the session, so it was sent with this one\./
const goneOn = /\(resumed: /

/**
 * The moment of the process's death, and its word; the child's prompts at that time; and the result of the resuming call.
 * @typedef {{ when: string, word: string, background?: true, stored: number, says: RegExp }} Row
 */

/** The rows by their common death: children that wait for the model first, then the one at whose word the process dies. @type {Row[][]} */
const DEATHS = [
  [{ when: "the child is created", word: "DIE-CREATED", stored: 0, says: resent }],
  [{ when: "its prompt is on the way", word: "DIE-SENT", stored: 0, says: resent }],
  [{ when: "its prompt is on the way, in the background", word: "DIE-SENT-TOO", background: true, stored: 0, says: resent }],
  [
    { when: "the model is asked", word: "GO", stored: 1, says: goneOn },
    { when: "the model is asked, in the background", word: "GO", background: true, stored: 1, says: goneOn },
    { when: "its message is stored", word: "DIE-STORED", stored: 1, says: goneOn },
  ],
]

/** Plays rows up to the death of their process, and starts the next one. @param {Row[]} rows */
async function die(rows) {
  const { host, model, say } = world
  const scenes = []
  const said = []
  for (const { word, background } of rows) {
    const at = scene(world, await host.session())
    const call = background ? later : task
    scenes.push(at)
    said.push(say(at.root, call("explorer", `${word} explore`, prompt(`${word} ${FIRST}`, { gate: at.root, say: "never" }), SLUG)).catch(() => {}))
    if (word === "GO") await model.reached(at.root)
    else await until(async () => existsSync(join(host.directory, `${word}.died`)), "the end of the process")
  }
  await Promise.all(said)
  await host.restart()
  return scenes
}

describe("A first prompt", () => {
  for (const rows of DEATHS) {
    /** @type {ReturnType<typeof die> | undefined} */
    let died
    for (const [index, { when, stored, says }] of rows.entries()) {
      it(`A first prompt outlives kill -9 if ${when}`, LIMIT, async () => {
        const at = (await (died ??= die(rows)))[index]
        assert.equal((await world.asked(await at.child())).length, stored, "prompts of the child")
        await at.resume()
        await at.ends({ says, arrived: { [FIRST]: 1, [NEXT]: 1 } })
      })
    }
  }
})

describe("A kept prompt", () => {
  for (const [rest, tools] of /** @type {[string, Record<string, boolean> | undefined][]} */ ([["", undefined], [", and another client replaced the child's rules", { bash: false }]])) {
    const skip = OPENCODE2 && tools !== undefined && "a prompt of OpenCode 2 replaces no rules"
    it(`A kept prompt has its own caller's permissions, though another resumes it${rest}`, { ...LIMIT, skip }, async () => {
      const { host, model } = world
      const at = scene(world, await host.session())
      const word = tools ? "DIE-CREATED-THEN" : "DIE-CREATED-TOO"
      const asked = script(task("explorer", `${word} explore`, prompt(`${word} ${FIRST}`, { say: "ANSWER" }), SLUG))
      const said = host.prompt(at.root, asked, { agent: "restricted" }).catch(() => {})
      await until(async () => existsSync(join(host.directory, `${word}.died`)), "the end of the process")
      await said
      await host.restart()
      const child = await at.child()
      if (tools) await host.api("POST", `/session/${child}/message`, { parts: [{ type: "text", text: "Wait." }], tools, agent: "explorer" })
      await at.resume()
      await at.ends({ says: resent, arrived: { [FIRST]: 1, [NEXT]: 1 } })
      const offered = model.requests.findLast(({ kind, sessionID }) => kind === "chat" && sessionID === child)?.body.tools?.map((tool) => tool.function.name) ?? []
      assert.ok(offered.includes("read"), offered.join())
      for (const denied of ["write", "edit", ...Object.keys(tools ?? {})]) assert.ok(!offered.includes(denied), denied)
    })
  }
})
