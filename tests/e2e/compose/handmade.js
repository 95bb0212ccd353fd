// A plugin with a task tool of its own, which starts no session.

import { tool } from "@opencode-ai/plugin"

const text = tool.schema.string()

/** @type {import("@opencode-ai/plugin").Plugin} */
const server = async () => ({
  tool: {
    task: tool({
      description: "Does a task by hand",
      args: { description: text, prompt: text, subagent_type: text, task_id: text.optional() },
      execute: async ({ description }) => `"${description}" was done by hand`,
    }),
  },
})

/** The same for OpenCode 2, whose tool that delegates is called `subagent`. @param {any} context */
const setup = (context) => context.tool.transform((/** @type {any} */ editor) => editor.add({
  name: "subagent",
  description: "Does a task by hand",
  input: { type: "object", properties: Object.fromEntries(["agent", "description", "prompt"].map((name) => [name, { type: "string" }])) },
  options: { codemode: false },
  execute: async (/** @type {any} */ { description }) => ({ content: `"${description}" was done by hand` }),
}))

export default { id: "handmade", server, setup }
