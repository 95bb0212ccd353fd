// A plugin that breaks a session in OpenCode's own database, as a crash or another program might.

import { join } from "node:path"

/** A module of Bun, which runs OpenCode. */
const SQLITE = "bun:sqlite"

export default {
  id: "corrupter",
  server: async () => ({
    /** @param {unknown} _ @param {{ parts: any[] }} message */
    "chat.message": async (_, { parts }) => {
      const id = /\[\[corrupt (\w+)\]\]/.exec(parts.map(({ text }) => text).join())?.[1]
      if (!id) return
      const { Database } = await import(SQLITE)
      const database = new Database(join(process.env.XDG_DATA_HOME ?? "", "opencode/opencode.db"))
      database.run("update session set metadata = '{' where id = ?", [id])
      database.close()
    },
  }),
}
