// The small tools beside the delegation tool: they show sessions, read their answers and end their prompts.

import { TOOL_DESCRIPTIONS, delegateCancel, delegateListTitle, delegateOutput, noSession } from "./texts/index.js"

/**
 * @typedef {Parameters<typeof delegateOutput>[2]} LastAnswer
 *
 * A tool as both hosts can offer it. `args` holds the JSON schema of each parameter, none of which is required but `task_id`. `run`
 * gets the calling session.
 * @typedef {{
 *   description: string, args: Record<string, { type: string, description: string, enum?: string[] }>,
 *   run: (args: any, callerID: string) => Promise<{ title: string, output: string, sessionID?: string }>
 * }} SessionTool
 */

/**
 * @param {{
 *   sync: import("./engine_sync.js").EngineSync,
 *   lastAnswer: (sessionID: string) => Promise<LastAnswer>,
 *   cancel: (sessionID: string, callerID: string) => Promise<number> | number,
 * }} parts `cancel` ends the prompts of a session, and gives their number
 * @returns {Record<"delegate_output" | "delegate_cancel" | "delegate_list", SessionTool>}
 */
export function sessionTools({ sync, lastAnswer, cancel }) {
  const task_id = { type: "string", description: TOOL_DESCRIPTIONS.task_id }

  /** @param {string} task_id @param {string} callerID */
  const find = async (task_id, callerID) => {
    const session = await sync.resolve({ sessionID: callerID, task_id })
    if (session?.parentID) return session
    throw new Error(noSession(task_id, sync.resumable(callerID), sync.lists))
  }

  return {
    delegate_output: {
      description: TOOL_DESCRIPTIONS.delegate_output,
      args: { task_id },
      async run({ task_id }, callerID) {
        const session = await find(task_id, callerID)
        const { id, slug = id } = session
        return { title: slug, output: delegateOutput(session, slug, await lastAnswer(id)), sessionID: id }
      },
    },

    delegate_cancel: {
      description: TOOL_DESCRIPTIONS.delegate_cancel,
      args: { task_id },
      async run({ task_id }, callerID) {
        const session = await find(task_id, callerID)
        const { id, slug = id } = session
        return { title: slug, output: delegateCancel(session, slug, await cancel(id, callerID)), sessionID: id }
      },
    },

    delegate_list: {
      description: TOOL_DESCRIPTIONS.delegate_list,
      args: {
        agent: { type: "string", description: TOOL_DESCRIPTIONS.agent },
        state: { type: "string", description: TOOL_DESCRIPTIONS.state },
        page: { type: "integer", description: TOOL_DESCRIPTIONS.page },
        format: { type: "string", enum: ["table", "mermaid"], description: TOOL_DESCRIPTIONS.format },
      },
      async run({ agent, state, page, format }, callerID) {
        await sync.load(callerID)
        const title = delegateListTitle(sync.visible(callerID).slice(1).length)
        // Some models give each parameter, and leave empty what they do not mean.
        return { title, output: sync.list(callerID, { mermaid: format === "mermaid", agent: agent || undefined, state: state || undefined, page: page ?? undefined }) }
      },
    },
  }
}
