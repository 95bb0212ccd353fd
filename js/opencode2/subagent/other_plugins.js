// Other plugins that see the calls of the built-in tool: their hooks run between the decision and the tool, and after it.

import { SUBAGENT } from "../sdk/index.js"

/**
 * @typedef {import("../sdk/index.js").ToolContext} ToolContext
 * @typedef {import("../sdk/index.js").ToolResult} ToolResult
 *
 * A plugin that sees each call after its decision. `before` and `after` are its hooks `execute.before` and `execute.after`;
 * `givesNames`: whether an unknown name may be its own name for a session; `refusesNew`: whether its refusal is one of a new
 * session.
 * @typedef {{
 *   id: string, before: (event: any) => Promise<void>, after: (event: any) => Promise<void>, givesNames: boolean,
 *   refusesNew: (error: unknown) => boolean
 * }} OtherPlugin
 */

/**
 * A call as the other plugins see it: as in OpenCode, with the session of the decision as its `sessionID`.
 */
export class ShownCall {
  #others
  #call
  #signal
  #input
  #running = /** @type {Record<string, unknown>} */ ({})
  /** The session that they leave in the call. @type {string | undefined} */
  task_id

  /**
   * @param {OtherPlugin[]} others
   * @param {Record<string, unknown>} input the call's, without a session
   * @param {ToolContext} context
   */
  constructor(others, input, { sessionID, agent, messageID, id, signal }) {
    this.#others = others
    this.#input = input
    this.#call = { tool: SUBAGENT, sessionID, agent, messageID, id }
    this.#signal = signal
  }

  /** Whether an unknown name may be another plugin's. */
  get givesNames() {
    return this.#others.some(({ givesNames }) => givesNames)
  }

  /**
   * Has the plugins see the call with a session, and change it.
   * @param {unknown} task_id
   * @returns {Promise<{ task_id: unknown, refusal?: { error: unknown } }>} the session that they leave in it
   */
  async show(task_id) {
    const event = { ...this.#call, input: /** @type {any} */ ({ ...this.#input, ...(task_id === undefined ? {} : { sessionID: task_id }) }) }
    let refusal
    for (const { before, refusesNew } of this.#others) {
      try {
        await before(event)
      } catch (error) {
        // A hook that fails may not have written what it made of the call.
        if (refusesNew(error)) delete event.input.sessionID
        refusal = { error }
        break
      }
    }
    this.#running = event.input
    const { sessionID: left, task_id: _, ...input } = event.input
    this.#input = input
    this.task_id = typeof left === "string" ? left : undefined
    return { task_id: left, refusal }
  }

  /**
   * Runs the call as they left it, and has them see its end in OpenCode's own words.
   * @template Input
   * @param {(input: any) => Promise<ToolResult>} execute
   * @returns {Promise<ToolResult>} the result as they leave it
   */
  async run(execute) {
    let result
    try {
      result = await execute(this.#input)
    } catch (error) {
      // In OpenCode, no hook runs after a call that is interrupted.
      if (this.#signal.aborted) throw error
      throw (await this.#end({ status: "error", error })).error
    }
    if (!this.#others.length) return result
    const content = typeof result.content === "string" ? [{ type: "text", text: result.content }] : result.content
    const { result: left } = await this.#end({ status: "completed", result: { ...result, content } })
    // One text stays one: what is added to it is no part of its own.
    const only = left.content?.length === 1 ? left.content[0] : undefined
    return only?.type === "text" ? { ...left, content: only.text } : left
  }

  /** @param {{ status: string, result?: any, error?: unknown }} end */
  async #end(end) {
    const event = { ...this.#call, input: this.#running, ...end }
    for (const { after } of this.#others) await after(event)
    return event
  }
}
