// The least that a plugin can do which runs children itself: its tool creates a session, or takes the one that the call names, and
// prompts it through OpenCode's server.

const text = (/** @type {string} */ description) => ({ type: "string", description })

/** @type {{ id: string, server: (input: any) => Promise<any> }} */
const plugin = {
  id: "bare-tool",
  server: async ({ client }) => {
    /** @param {any} args @param {any} context */
    async function execute({ description, prompt, subagent_type, task_id }, { sessionID, ask }) {
      await ask({ permission: "task", patterns: [subagent_type], always: ["*"], metadata: {} })
      const id = task_id || (await client.session.create({ body: { parentID: sessionID, title: description } })).data.id
      const { data } = await client.session.prompt({ path: { id }, body: { agent: subagent_type, parts: [{ type: "text", text: prompt }] } })
      const answer = data.parts.findLast((/** @type {any} */ { type }) => type === "text")?.text
      return { title: description, metadata: { sessionId: id }, output: `<task id="${id}" state="completed">\n<task_result>\n${answer}\n</task_result>\n</task>` }
    }
    const args = { description: text("The task"), prompt: text("The prompt"), subagent_type: text("The agent"), task_id: text("The session") }
    return { tool: { task: { description: "Delegates.", args, execute } } }
  },
}

export default plugin
