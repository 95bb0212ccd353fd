// A delegation in the model of OpenCode, without Node, as in a page.

import { Clock } from "../../js/playground/opencode/clock.js"
import { Dice } from "../../js/playground/opencode/dice.js"
import { Host } from "../../js/playground/opencode/host.js"
import { Store } from "../../js/playground/opencode/store.js"

/**
 * @param {() => Promise<void>} breathe resolves after all pending work
 * @returns {Promise<{ answer: string, heard: string[] }>} the last text of the root, and the events of a plugin
 */
export async function delegate(breathe) {
  const clock = new Clock({ breathe })
  const heard = /** @type {string[]} */ ([])
  const store = new Store(clock, new Dice("ids"), () => {})
  const server = async (/** @type {any} */ { client }) => ({
    "tool.execute.before": async (/** @type {any} */ { tool, sessionID }) => void heard.push(`${tool} ${(await client.session.get({ path: { id: sessionID } })).data.title}`),
    event: async (/** @type {any} */ { event: { type } }) => void heard.push(type),
  })
  const host = new Host({
    name: "a page", store, clock, dice: new Dice("host"), config: {}, models: { one: 4_000 }, plugins: [{ server }],
    model: ({ sessionID, messages }) => {
      if (store.sessions.get(sessionID)?.parentID) return { ms: 500, say: "The child's answer." }
      const result = messages.flatMap(({ parts }) => parts).find(({ type }) => type === "tool")?.state.output
      return result ? { ms: 100, say: result } : { ms: 100, calls: [{ tool: "task", args: { description: "Look", prompt: "Look.", subagent_type: "general" } }] }
    },
  })
  await clock.as(host, () => host.boot())
  await clock.pass(100)
  let answer = ""
  await clock.as(host, () => {
    const { id } = host.create({ title: "A root" })
    host.prompt(id, { parts: [{ type: "text", text: "Delegate." }] }).then(({ parts }) => (answer = parts.at(-1).text))
  })
  await clock.pass(60_000)
  return { answer, heard }
}

Object.assign(globalThis, { delegate })
