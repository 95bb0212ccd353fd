// The `tool.definition` hook: OpenCode's own words about the task tool, and the guide to names.

import { BACKGROUND_GUIDE, LIMITS_PARAMETER, TASK_DESCRIPTION, TASK_ID_GUIDE, TOOL_GUIDE, modelGuide } from "../../core/texts/index.js"

/** The longest wait for OpenCode's own definition, in milliseconds. */
const DEFINED_MS = 500

/**
 * The task tool's description and parameters.
 */
export class ToolDefinition {
  /** @type {(own: { description: string, jsonSchema?: any }) => void} */
  #resolveOwn = () => {}
  /** The definition of OpenCode's own task tool, which OpenCode shows first. @type {Promise<{ description: string, jsonSchema?: any }>} */
  #own = new Promise((resolve) => (this.#resolveOwn = resolve))

  /**
   * @param {{ description: string, jsonSchema?: any }} output
   * @param {boolean} delegating whether this package has a task tool of its own
   * @param {{ models?: [agent: string, models: string[]][], limited?: boolean }} [settings] `models`: the models that calls may ask
   *   for, by agent; `limited`: whether prompts have limits
   */
  async define(output, delegating, { models = [], limited = false } = {}) {
    if (delegating && output.description !== TASK_DESCRIPTION) return this.#resolveOwn({ ...output })
    if (!delegating && output.description.includes(TOOL_GUIDE)) return
    const late = new Promise((resolve) => setTimeout(resolve, DEFINED_MS, undefined).unref())
    const own = delegating ? ((await Promise.race([this.#own, late])) ?? output) : output
    output.description = [own.description, "", TOOL_GUIDE, ...(delegating ? [BACKGROUND_GUIDE] : [])].join("\n")
    const properties = { ...output.jsonSchema?.properties, ...own.jsonSchema?.properties }
    if (!properties.task_id) return
    if (models.length) properties.model = { type: "string", description: modelGuide(models) }
    else if (delegating) delete properties.model
    if (limited) properties.limits = LIMITS_PARAMETER
    else if (delegating) delete properties.limits
    properties.task_id = { ...properties.task_id, description: TASK_ID_GUIDE }
    const required = delegating ? { required: ["description", "prompt", "subagent_type"] } : {}
    output.jsonSchema = { ...output.jsonSchema, ...own.jsonSchema, ...required, properties }
  }
}
