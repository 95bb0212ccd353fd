// The tools of executor "delegate": how models are shown them, and what the small ones do.

import { answerTo, lastWords } from "../sdk/answers.js"
import { BACKGROUND_GUIDE, PARAMETERS, TASK_ID_GUIDE, TOOL_GUIDE, count, kept, output } from "../../core/texts/results.js"
import { diagram, table } from "../../core/texts/session_tree.js"

/**
 * @typedef {import("../../api.js").Request} Request
 * @typedef {import("../sdk/client.js").Host} Host
 * @typedef {import("../../core/engine_sync.js").Ledger} Ledger
 * @typedef {import("./prompt_runner.js").Runner} Runner
 * @typedef {import("./delegate_executor.js").Context} Context
 * @typedef {{ description: string, args: any, execute: (args: any, context: any) => Promise<any> }} Tool
 */

/** What this package's task tool is described by until OpenCode has told how its own is. */
const OURS = "Hands a task to a subagent, which does it in a session of its own."

/** How long OpenCode's own description is waited for, in milliseconds. */
const DEFINED_MS = 500

const text = (/** @type {string} */ description) => ({ type: "string", description })

/**
 * The task tool's description and parameters: OpenCode's own words, and what is to be known of names.
 */
export class Definition {
  /** @type {(own: { description: string, jsonSchema?: any }) => void} */
  #told = () => {}
  /** OpenCode's own task tool, of which it tells first. @type {Promise<{ description: string, jsonSchema?: any }>} */
  #own = new Promise((resolve) => (this.#told = resolve))

  /**
   * @param {{ description: string, jsonSchema?: any }} output
   * @param {boolean} delegating whether this package has a task tool of its own
   */
  async define(output, delegating) {
    if (delegating && output.description !== OURS) return this.#told({ ...output })
    if (!delegating && output.description.includes(TOOL_GUIDE)) return
    const late = new Promise((resolve) => setTimeout(resolve, DEFINED_MS, undefined).unref())
    const own = delegating ? ((await Promise.race([this.#own, late])) ?? output) : output
    output.description = [own.description, "", TOOL_GUIDE, ...(delegating ? [BACKGROUND_GUIDE] : [])].join("\n")
    const properties = { ...output.jsonSchema?.properties, ...own.jsonSchema?.properties }
    if (!properties.task_id) return
    properties.task_id = { ...properties.task_id, description: TASK_ID_GUIDE }
    const required = delegating ? { required: ["description", "prompt", "subagent_type"] } : {}
    output.jsonSchema = { ...output.jsonSchema, ...own.jsonSchema, ...required, properties }
  }
}

/**
 * @param {{
 *   host: Host, ledger: Ledger, runner: Runner, run: (args: any, context: Context) => Promise<any>,
 *   request: (args: any, context: Context) => Request
 * }} rooms
 * @returns {Record<string, Tool>}
 */
export function tools({ host, ledger, runner, run, request }) {
  /** @param {string} task_id @param {Context} context */
  const find = async (task_id, context) => {
    const session = await ledger.resolve(request({ subagent_type: "", description: "", prompt: "", task_id }, context))
    if (session?.parentID) return session
    const known = ledger.below(context.sessionID).map(({ slug, id }) => slug ?? id)
    const there = known.length ? ` There are: ${known.join(", ")}.` : " There is none yet."
    throw new Error(`There is no subagent session "${task_id}" within reach.${there}`)
  }

  return {
    task: {
      description: OURS,
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
        const { answer, trouble } = busy ? {} : answerTo(messages)
        const now = busy ? "It is still at work; this is the last that it said." : task?.state === "lost" ? "The process that ran its last task is gone; give its task_id to the task tool to go on." : ""
        const words = answer ? ("error" in answer ? answer.error : answer.text) : trouble ? trouble.message : lastWords(messages)
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
          // Its caller knows: this is what it asked for.
          if (prompt.background && prompt.callerID === context.sessionID) {
            ledger.apply({ type: "task.told", now: Date.now(), sessionID: id, turn: prompt.turn, told: true })
          }
        }
        if (!prompts.length && status !== "idle") await host.abort(id)
        const said = prompts.length
          ? `Ended ${count(prompts.length, "prompt")} of it.`
          : status === "idle" ? "It was doing nothing, so there was nothing to end." : "It was ended."
        return { title: slug, output: `${said}\n${kept(slug)}`, metadata: { sessionId: id } }
      },
    },

    delegate_list: {
      description: "Shows the subagent sessions of this conversation: name, agent, state, age, tokens and budget, as a table or as a Mermaid diagram.",
      args: { format: { type: "string", enum: ["table", "mermaid"], description: "table unless given" } },
      async execute({ format }, context) {
        await ledger.meet(context.sessionID)
        const sessions = ledger.tree(context.sessionID)
        const shown = format === "mermaid" ? diagram(sessions) : table(sessions, Date.now())
        return { title: count(sessions.length - 1, "session"), output: shown, metadata: {} }
      },
    },
  }
}
