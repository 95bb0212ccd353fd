// A plugin that is loaded before ours, and breaks things at the first word of a prompt or a title.

import { setTimeout as sleep } from "node:timers/promises"
import { dieAt } from "./dying.js"

/** @type {import("@opencode-ai/plugin").Plugin} */
const server = async ({ client, directory }) => {
  const { app, session } = client

  // OpenCode lists agent "ghost", but does not know it any more.
  const agents = app.agents.bind(app)
  app.agents = /** @type {any} */ (async (/** @type {any} */ options) => {
    const answer = await agents(options)
    answer.data?.push(/** @type {any} */ ({ name: "ghost", mode: "subagent", permission: [], options: {} }))
    return answer
  })

  const die = (/** @type {string} */ place, /** @type {string} */ text) => dieAt(directory, place, text)

  return {
    async event({ event: { type, properties } }) {
      if (type === "session.created") die("CREATED", properties.info.title)
      // The text of a message is stored after the message.
      if (type === "message.part.updated" && properties.part.type === "text") die("STORED", properties.part.text)
    },
    /** Runs between the prompt's request and its stored message. */
    async "chat.message"({ sessionID }, { parts }) {
      const word = parts.map((part) => (part.type === "text" ? part.text.split(" ")[0] : "")).find((word) => word)
      const { data: child } = await session.get({ path: { id: sessionID } })
      die("SENT", word ?? "")
      if (word === "ABORT-CHILD") await session.abort({ path: { id: sessionID } })
      if (word === "DELETE-CHILD") await session.delete({ path: { id: sessionID } })
      if (word === "ABORT-PARENT" && child?.parentID) {
        await session.abort({ path: { id: child.parentID } })
        await sleep(500)
      }
    },
  }
}

/** The plugin in OpenCode 2. Where a child is created, the plugin's storage dies. @param {any} context */
async function setup({ event, location: { directory }, session }) {
  const die = (/** @type {string} */ place, /** @type {string} */ text = "") => dieAt(directory, place, text)
  await session.hook("prompt", async (/** @type {any} */ { prompt }) => die("SENT", prompt.text))
  const follow = async () => {
    for await (const { type, data } of event.subscribe()) {
      if (type === "session.inbox.delivered") die("STORED", inbox.get(data.inboxID))
      if (type === "session.inbox.enqueued") inbox.set(data.inboxID, data.item.payload.text)
    }
  }
  const inbox = new Map()
  void follow()
}

export default { id: "saboteur", server, setup }
