// A plugin with names of its own for sessions. It forgets them when the process ends.

import { tool } from "@opencode-ai/plugin"

/** @type {import("@opencode-ai/plugin").Plugin} */
async function server() {
  /** @type {Map<string, string>} */
  const nicknames = new Map()
  return {
    async "tool.execute.before"({ tool }, { args }) {
      if (tool !== "task") return
      if (args.description.includes("forbidden")) throw new Error(`Nicknames: "${args.description}" is nobody's business.`)
      if (nicknames.has(args.task_id)) args.task_id = nicknames.get(args.task_id)
      // OpenCode would fail on a text that is no id.
      else if (!args.task_id?.startsWith("ses_")) delete args.task_id
    },
    async "tool.execute.after"({ tool, args }, { metadata }) {
      const nickname = tool === "task" ? /alias (\w+)/.exec(args.description)?.[1] : undefined
      if (nickname) nicknames.set(nickname, metadata.sessionId)
    },
    async "experimental.chat.system.transform"(_, { system }) {
      system.push(`Nicknames: ${[...nicknames.keys()].join(", ") || "none"}.`)
    },
    tool: {
      peek: tool({
        description: "Says which session it was given",
        args: { task_id: tool.schema.string() },
        execute: async ({ task_id }) => `peeked at ${task_id}`,
      }),
      nicknames: tool({ description: "Counts the nicknames", args: {}, execute: async () => `${nicknames.size} nicknames` }),
    },
  }
}

/** The same for OpenCode 2. @param {any} context */
async function setup(context) {
  /** @type {Map<string, string>} */
  const nicknames = new Map()
  await context.tool.hook("execute.before", async (/** @type {any} */ { tool, input }) => {
    if (tool !== "subagent") return
    if (input.description.includes("forbidden")) throw new Error(`Nicknames: "${input.description}" is nobody's business.`)
    if (nicknames.has(input.sessionID)) input.sessionID = nicknames.get(input.sessionID)
    // OpenCode would fail on a text that is no id.
    else if (!input.sessionID?.startsWith("ses_")) delete input.sessionID
  })
  await context.tool.hook("execute.after", async (/** @type {any} */ { tool, input, result }) => {
    const nickname = tool === "subagent" ? /alias (\w+)/.exec(input.description)?.[1] : undefined
    if (nickname) nicknames.set(nickname, result.metadata.sessionID)
  })
  await context.session.hook("context", async (/** @type {any} */ { system }) => {
    system.push({ type: "text", text: `Nicknames: ${[...nicknames.keys()].join(", ") || "none"}.` })
  })
  await context.tool.transform((/** @type {any} */ editor) => {
    const options = { codemode: false }
    editor.add({
      name: "peek",
      description: "Says which session it was given",
      input: { type: "object", properties: { task_id: { type: "string" } }, required: ["task_id"] },
      options,
      execute: async (/** @type {any} */ { task_id }) => ({ content: `peeked at ${task_id}` }),
    })
    editor.add({ name: "nicknames", description: "Counts the nicknames", input: { type: "object", properties: {} }, options, execute: async () => ({ content: `${nicknames.size} nicknames` }) })
  })
}

export default { id: "nicknames", server, setup }
