// A plugin that is loaded before ours, and breaks things at the first word of a prompt or a title.

import { existsSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"

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

  /** Dies at a word, but never twice. @param {string} place @param {string} text */
  const die = (place, text) => {
    const [word] = text.split(" ")
    const mark = join(directory, `${word}.died`)
    if (!word.startsWith(`DIE-${place}`) || existsSync(mark)) return
    writeFileSync(mark, "")
    process.kill(process.pid, "SIGKILL")
  }

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

export default { id: "saboteur", server }
