// A plugin of OpenCode 2 with each record of a session in a file too: no request reads a plugin's storage.

import { mkdirSync, writeFileSync } from "node:fs"
import { dieAt } from "../../delegate/dying.js"

/** The key of a record, alone or beside a composed plugin's keys. A new child's record stands beside its parent's id. */
const RECORD = /^(?:opencode-delegate\/)?(record|children\/ses_\w+)\/(ses_\w+)$/

/** @param {{ id: string, setup: (context: any) => Promise<unknown> }} plugin */
export const recorded = (plugin) => ({
  id: plugin.id,
  /** @param {any} context */
  async setup(context) {
    const { storage } = context
    const folder = `${context.location.directory}/../records`
    mkdirSync(folder, { recursive: true })
    /** @param {string} key @param {unknown} value */
    const set = async (key, value) => {
      await storage.set(key, value)
      const [, kind, sessionID] = RECORD.exec(key) ?? []
      if (sessionID && value !== true) writeFileSync(`${folder}/${sessionID}.json`, JSON.stringify(value))
      if (kind?.startsWith("children")) dieAt(context.location.directory, "CREATED", String(/** @type {any} */ (value)?.description))
    }
    return plugin.setup({ ...context, storage: { ...storage, set } })
  },
})
