// The tools of executor "delegate": the task tool, and the small tools beside it.

import { sessionTools } from "../../core/index.js"
import { LIMITS_PARAMETER, PARAMETERS, TASK_DESCRIPTION } from "../../core/texts/index.js"
import { readMessages } from "../sdk/index.js"

/**
 * @typedef {import("../sdk/index.js").Host} Host
 * @typedef {import("../../core/index.js").EngineSync} EngineSync
 * @typedef {import("./delegate_executor.js").Context} Context
 * @typedef {{ description: string, args: any, execute: (args: any, context: any) => Promise<any> }} Tool
 */

const text = (/** @type {string} */ description) => ({ type: "string", description })

/**
 * The tools beside the task tool, whichever tool that is.
 * @param {{ host: Host, sync: EngineSync, cancel: (sessionID: string, callerID: string) => number }} parts
 */
export const smallTools = ({ host, sync, cancel }) => sessionTools({
  sync,
  async lastAnswer(sessionID) {
    const { answer, failed, words } = readMessages(await host.messages(sessionID))
    return { answer, message: failed?.message, words }
  },
  steer: (message) => host.steer(message),
  cancel,
})

/**
 * The tools for models.
 * @param {ReturnType<typeof smallTools>} small
 * @param {(args: any, context: Context) => Promise<any>} [run] runs a call of the task tool, if this package brings one
 * @returns {Record<string, Tool>}
 */
export function delegateTools(small, run) {
  const tools = Object.entries(small).map(([name, { description, args, run }]) => [name, {
    description,
    args,
    async execute(/** @type {any} */ given, /** @type {Context} */ { sessionID: callerID }) {
      const { title, output, sessionID } = await run(given, callerID)
      return { title, output, metadata: sessionID === undefined ? {} : { sessionId: sessionID } }
    },
  }])
  const task = run && {
    description: TASK_DESCRIPTION,
    args: {
      description: text(PARAMETERS.description),
      prompt: text(PARAMETERS.prompt),
      subagent_type: text(PARAMETERS.subagent_type),
      task_id: text(PARAMETERS.task_id),
      model: text(PARAMETERS.model),
      limits: LIMITS_PARAMETER,
      command: text(PARAMETERS.command),
      background: { type: "boolean", description: PARAMETERS.background },
    },
    execute: run,
  }
  return { ...(task ? { task } : {}), ...Object.fromEntries(tools) }
}
