// The small tools beside the built-in one, for `ctx.tool.transform`, and what they do to sessions.

import { countEnded, sessionTools } from "../core/index.js"
import { lastAnswer } from "./sdk/index.js"

/**
 * What tools and persons do to sessions.
 * @param {{ host: import("./sdk/index.js").Host, sync: import("../core/index.js").EngineSync, calls: { cancelWaiting(sessionID: string): number } }} parts
 * @returns {Pick<Parameters<typeof sessionTools>[0], "steer" | "cancel">}
 */
export const sessionActions = ({ host, sync, calls }) => ({
  steer: (message) => host.steer(message),
  async cancel(sessionID, callerID) {
    const waiting = calls.cancelWaiting(sessionID)
    const ran = (sync.session(sessionID)?.status ?? "idle") !== "idle"
    const effects = sync.apply({ type: "session.cancelled", now: Date.now(), sessionID, callerID })
    // The one above comes first: it must not read the end of one below.
    const running = [...(ran ? [sessionID] : []), ...effects.flatMap((effect) => (effect.type === "abort" ? [effect.sessionID] : []))]
    await Promise.all([...new Set(running)].map((id) => host.interrupt(id)))
    return Math.max(ran ? 1 : 0, countEnded(effects, sessionID, waiting))
  },
})

/**
 * @param {{ add: (tool: object) => void }} editor
 * @param {{ host: import("./sdk/index.js").Host, sync: import("../core/index.js").EngineSync, actions: ReturnType<typeof sessionActions> }} parts
 */
export function addSessionTools(editor, { host, sync, actions }) {
  const tools = sessionTools({ sync, lastAnswer: async (sessionID) => lastAnswer(await host.messages(sessionID), (id) => sync.steers(id)), ...actions })
  for (const [name, { description, args, required, run }] of Object.entries(tools)) {
    editor.add({
      name,
      description,
      input: { type: "object", properties: args, required, additionalProperties: false },
      // Models reach a tool of code mode only inside `execute`.
      options: { codemode: false },
      async execute(/** @type {any} */ given, /** @type {import("./sdk/index.js").ToolContext} */ { sessionID: callerID }) {
        const { title, output, sessionID } = await run(given, callerID)
        return { content: output, metadata: { title, ...(sessionID === undefined ? {} : { sessionID }) } }
      },
    })
  }
}
