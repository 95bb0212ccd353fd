// The tools of executor "delegate": the task tool, and the small tools beside it.

import { PARAMETERS, TASK_DESCRIPTION, TOOL_DESCRIPTIONS, delegateCancel, delegateListTitle, delegateOutput, noSession } from "../../core/texts/index.js"
import { readMessages } from "../sdk/index.js"

/**
 * @typedef {import("../sdk/index.js").Host} Host
 * @typedef {import("../../core/index.js").EngineSync} EngineSync
 * @typedef {import("./prompt_runner.js").PromptRunner} PromptRunner
 * @typedef {import("./delegate_executor.js").Context} Context
 * @typedef {{ description: string, args: any, execute: (args: any, context: any) => Promise<any> }} Tool
 */

const text = (/** @type {string} */ description) => ({ type: "string", description })

/**
 * @param {{
 *   host: Host, sync: EngineSync, runner: PromptRunner, run: (args: any, context: Context) => Promise<any>
 * }} parts `run` runs a call of the task tool
 * @returns {Record<string, Tool>}
 */
export function delegateTools({ host, sync, runner, run }) {
  /** @param {string} task_id @param {Context} context */
  const find = async (task_id, context) => {
    const session = await sync.resolve({ sessionID: context.sessionID, task_id })
    if (session?.parentID) return session
    throw new Error(noSession(task_id, sync.resumable(context.sessionID)))
  }

  return {
    task: {
      description: TASK_DESCRIPTION,
      args: {
        description: text(PARAMETERS.description),
        prompt: text(PARAMETERS.prompt),
        subagent_type: text(PARAMETERS.subagent_type),
        task_id: text(PARAMETERS.task_id),
        command: text(PARAMETERS.command),
        background: { type: "boolean", description: PARAMETERS.background },
      },
      execute: run,
    },

    delegate_output: {
      description: TOOL_DESCRIPTIONS.delegate_output,
      args: { task_id: text(TOOL_DESCRIPTIONS.task_id) },
      async execute({ task_id }, context) {
        const session = await find(task_id, context)
        const { id, slug = id } = session
        const messages = await host.messages(id)
        const { answer, failed, words } = readMessages(messages)
        return { title: slug, output: delegateOutput(session, slug, { answer, message: failed?.message, words }), metadata: { sessionId: id } }
      },
    },

    delegate_cancel: {
      description: TOOL_DESCRIPTIONS.delegate_cancel,
      args: { task_id: text(TOOL_DESCRIPTIONS.task_id) },
      async execute({ task_id }, context) {
        const session = await find(task_id, context)
        const { id, slug = id } = session
        const prompts = runner.cancelAll(id, context.sessionID)
        return { title: slug, output: delegateCancel(session, slug, prompts), metadata: { sessionId: id } }
      },
    },

    delegate_list: {
      description: TOOL_DESCRIPTIONS.delegate_list,
      args: { format: { type: "string", enum: ["table", "mermaid"], description: TOOL_DESCRIPTIONS.format } },
      async execute({ format }, context) {
        await sync.load(context.sessionID)
        const title = delegateListTitle(sync.visible(context.sessionID).slice(1).length)
        return { title, output: sync.list(context.sessionID, { mermaid: format === "mermaid" }), metadata: {} }
      },
    },
  }
}
