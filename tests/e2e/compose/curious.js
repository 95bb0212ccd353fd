// A plugin of OpenCode 2 that uses much of its context, and says in a tool what it has got.

/** What every domain of a context offers. @param {any} context */
const offered = (context) =>
  Object.entries(context).map(([name, domain]) => [name, domain && typeof domain === "object" ? Object.keys(domain).sort() : typeof domain])

/** @param {any} context */
async function setup(context) {
  const seen = /** @type {string[]} */ ([])
  const note = (/** @type {string} */ what) => async (/** @type {any} */ event) => void seen.push(`${what} ${event.tool ?? event.kind ?? ""}`.trim())
  const hooks = [
    await context.session.hook("prompt", note("prompt")),
    await context.session.hook("context", note("context")),
    await context.session.hook("model.request", note("model.request")),
    await context.tool.hook("execute.before", note("before")),
    await context.tool.hook("execute.after", async (/** @type {any} */ { tool, status, result, error }) => {
      const text = error ? error.message : result.content.map((/** @type {any} */ { text }) => text).join("\n")
      seen.push(`after ${tool} ${status}: ${tool === "subagent" ? text.replace(/ses_\w+/g, "ses_") : ""}`)
    }),
    await context.permission.hook("evaluate", note("evaluate")),
    await context.shell.hook("env", note("env")),
    await context.aisdk.hook("language", note("language")),
  ]
  await context.agent.transform((/** @type {any} */ editor) => editor.update("gardener", (/** @type {any} */ agent) => Object.assign(agent, { mode: "subagent", description: "Tends plants" })))
  await context.command.transform((/** @type {any} */ editor) => editor.add({ name: "water", description: "Waters the plants", execute: async () => {} }))
  await context.storage.set("record/mine", { plants: 3 })
  await context.tool.transform((/** @type {any} */ editor) => {
    const text = { type: "string" }
    const options = { codemode: false }
    editor.add({
      name: "look",
      description: "Says what the plugin has got",
      input: { type: "object", properties: {} },
      options,
      execute: async (/** @type {unknown} */ _, /** @type {any} */ { sessionID }) => {
        const { title } = await context.session.get({ sessionID })
        const agents = (await context.agent.list()).data.map((/** @type {any} */ { id }) => id).sort()
        const commands = (await context.command.list()).data.map((/** @type {any} */ { name }) => name).sort()
        const { entries } = await context.storage.scan({ prefix: "record/" })
        return { content: JSON.stringify({ offered: offered(context), options: context.options, agents, commands, entries, title: typeof title, hooks: hooks.map((hook) => typeof hook.dispose), seen }) }
      },
    })
    editor.add({
      name: "peek",
      description: "Says which session it was given",
      input: { type: "object", properties: { task_id: text }, required: ["task_id"] },
      options,
      execute: async (/** @type {any} */ { task_id }) => ({ content: `peeked at ${task_id}` }),
    })
    editor.add({
      name: "silence",
      description: "Ends the plugin's hooks",
      input: { type: "object", properties: {} },
      options,
      execute: async () => {
        for (const hook of hooks) await hook.dispose()
        return { content: "silent" }
      },
    })
  })
}

export default { id: "curious", setup }
