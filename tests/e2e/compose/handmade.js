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

export default { id: "handmade", server }
