// A plugin of OpenCode 2 that shortens earlier results for the model, composed with this package's engine.

import { withDelegation } from "../../../../../js/compose.js"

/** @param {any} context */
const setup = (context) => context.session.hook("context", async (/** @type {any} */ { messages }) => {
  for (const { content } of messages) {
    for (const part of content) if (part.type === "tool-result" && part.name === "subagent") part.result = { type: "text", value: "[pruned]" }
  }
})

export default withDelegation({ id: "pruner", setup })
