// A plugin that lets some sessions delegate by rules of their own, composed with this package's engine.

import { tool } from "@opencode-ai/plugin"
import { withDelegation } from "../../../js/compose.js"

const text = tool.schema.string()

/** @type {import("@opencode-ai/plugin").Plugin} */
const server = async ({ client }) => ({
  tool: {
    nest: tool({
      description: "Starts a session that may delegate",
      args: { agent: text, prompt: text },
      async execute({ agent, prompt }, { sessionID }) {
        const permission = [{ permission: "task", pattern: "*", action: "allow" }]
        const { data } = await client.session.create({ body: /** @type {any} */ ({ parentID: sessionID, title: `Nest of ${agent}`, agent, permission }) })
        const answer = await client.session.prompt({ path: { id: data?.id ?? "" }, body: { agent, parts: [{ type: "text", text: prompt }] } })
        return answer.data?.parts.findLast((part) => part.type === "text")?.text ?? "no answer"
      },
    }),
  },
})

export default withDelegation({ id: "nesting", server })
