// The built-in tool `subagent` with this package's parameter and texts, and its calls in the hands of this package.

import { taskIDGuide, toolGuide } from "../../core/texts/index.js"
import { SUBAGENT } from "../sdk/index.js"
import { AGENT } from "./parameters.js"

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
    tool.input = withTaskID(tool.input, taskIDGuide(AGENT))
    tool.description = `${tool.description}\n\n${toolGuide(AGENT)}`
  })
}

/**
 * A schema with this package's parameter.
 * @param {any} schema the built-in tool's, or the JSON schema of another plugin's tool in its place
 * @param {string} description
 */
function withTaskID(schema, description) {
  if (!schema.mapFields) return { ...schema, properties: { ...schema.properties, task_id: { type: "string", description } } }
  // The tool's own optional text field serves as a template: its schema belongs to a library that plugins need not have.
  return schema.mapFields((/** @type {Record<string, any>} */ fields) => ({ ...fields, task_id: fields.model.annotate({ description }) }))
}
