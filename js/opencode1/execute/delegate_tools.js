// The tools of executor "delegate": the task tool, and the small tools beside it.

import { PARAMETERS, TASK_DESCRIPTION, count, diagram, output, resumeHint, table } from "../../core/texts/index.js"
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
    const known = sync.resumable(context.sessionID).map(({ slug, id }) => slug ?? id)
    const there = known.length ? ` There are: ${known.join(", ")}.` : " There is none yet."
    throw new Error(`There is no subagent session "${task_id}" within reach.${there}`)
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
      description: "Reads the last answer of a subagent session, whether or not it was told, and says what the session does now.",
      args: { task_id: text("The session: its name, its ses_ id, or the bg_ id of its background task") },
      async execute({ task_id }, context) {
        const { id, slug = id, status, prompt, task } = await find(task_id, context)
        const busy = status !== "idle" || prompt !== undefined
        const messages = await host.messages(id)
        const { answer, failed, words: last } = readMessages(messages)
        const now = busy ? "It is still at work; this is the last that it said." : task?.state === "lost" ? "The process that ran its last task is gone; give its task_id to the task tool to go on." : ""
        const words = busy ? last : answer ? ("error" in answer ? answer.error : answer.text) : failed?.message
        const said = words ?? "It has said nothing yet."
        const state = busy ? "running" : answer && "text" in answer ? "completed" : "error"
        return { title: slug, output: [output({ sessionID: id, state, text: said }), `task_id: ${slug}`, now].filter(Boolean).join("\n"), metadata: { sessionId: id } }
      },
    },

    delegate_cancel: {
      description: "Ends what a subagent session does, and what waits for it. The session is kept and can be resumed.",
      args: { task_id: text("The session: its name, its ses_ id, or the bg_ id of its background task") },
      async execute({ task_id }, context) {
        const { id, slug = id, status } = await find(task_id, context)
        const prompts = runner.prompts(({ sessionID }) => sessionID === id).reverse()
        for (const prompt of prompts) {
          runner.cancel(prompt)
          // The caller asked for the end and needs no result.
          if (prompt.background && prompt.callerID === context.sessionID) {
            sync.apply({ type: "task.delivered", now: Date.now(), sessionID: id, prompt_no: prompt.prompt_no, delivered: true })
          }
        }
        if (!prompts.length && status !== "idle") await host.abort(id)
        const said = prompts.length
          ? `Ended ${count(prompts.length, "prompt")} of it.`
          : status === "idle" ? "It was doing nothing, so there was nothing to end." : "It was ended."
        return { title: slug, output: `${said}\n${resumeHint(slug)}`, metadata: { sessionId: id } }
      },
    },

    delegate_list: {
      description: "Shows the subagent sessions of this conversation: name, agent, state, age, tokens and budget, as a table or as a Mermaid diagram.",
      args: { format: { type: "string", enum: ["table", "mermaid"], description: "table unless given" } },
      async execute({ format }, context) {
        await sync.load(context.sessionID)
        const sessions = sync.tree(context.sessionID)
        const shown = format === "mermaid" ? diagram(sessions) : table(sessions, Date.now())
        return { title: count(sessions.length - 1, "session"), output: shown, metadata: {} }
      },
    },
  }
}
