// The small tools beside the built-in one, for `ctx.tool.transform`.

import { sessionTools } from "../core/index.js"
import { lastAnswer } from "./sdk/index.js"

/**
 * @param {{ add: (tool: object) => void }} editor
 * @param {{ host: import("./sdk/index.js").Host, sync: import("../core/index.js").EngineSync }} parts
 */
export function addSessionTools(editor, { host, sync }) {
  const tools = sessionTools({
    sync,
    lastAnswer: async (sessionID) => lastAnswer(await host.messages(sessionID)),
    async cancel(sessionID, callerID) {
      const ran = (sync.session(sessionID)?.status ?? "idle") !== "idle"
      sync.apply({ type: "session.cancelled", now: Date.now(), sessionID, callerID })
      if (ran) await host.interrupt(sessionID)
      return ran ? 1 : 0
    },
  })
  for (const [name, { description, args, run }] of Object.entries(tools)) {
    editor.add({
      name,
      description,
      input: { type: "object", properties: args, required: Object.keys(args).filter((field) => field === "task_id"), additionalProperties: false },
      // Models reach a tool of code mode only inside `execute`.
      options: { codemode: false },
      async execute(/** @type {any} */ given, /** @type {import("./sdk/index.js").ToolContext} */ { sessionID: callerID }) {
        const { title, output, sessionID } = await run(given, callerID)
        return { content: output, metadata: { title, ...(sessionID === undefined ? {} : { sessionID }) } }
      },
    })
  }
}
