// The built-in tool `subagent` with this package's parameter and texts, and its calls in the hands of this package.

import { taskIDGuide, toolGuide } from "../../core/texts/index.js"
import { SUBAGENT } from "../sdk/index.js"

/** The tool's parameter that names the agent. */
const AGENT = "agent"

/**
 * Wraps the tool, for `ctx.tool.transform`.
 * @param {{ update: (id: string, change: (tool: import("../sdk/index.js").Tool) => void) => void }} editor
 * @param {import("./subagent_calls.js").SubagentCalls} calls
 * @param {{ names: boolean }} so `names`: whether sessions have names
 */
export function wrapTool(editor, calls, { names }) {
  editor.update(SUBAGENT, (tool) => {
    const { execute } = tool
    tool.execute = (input, context) => calls.run(input, context, execute)
    if (!names) return
    // The tool's own optional text field serves as a template: its schema belongs to a library that plugins need not have.
    tool.input = tool.input.mapFields((/** @type {Record<string, any>} */ fields) => ({ ...fields, task_id: fields.model.annotate({ description: taskIDGuide(AGENT) }) }))
    tool.description = `${tool.description}\n\n${toolGuide(AGENT)}`
  })
}
