// A plugin of OpenCode 2 with each record of a session in a file too: no request reads a plugin's storage.

import { mkdirSync, writeFileSync } from "node:fs"

/** The key of a record, alone or beside a composed plugin's keys. */
const RECORD = /^(?:opencode-delegate\/)?record\/(ses_\w+)$/

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
      const [, sessionID] = RECORD.exec(key) ?? []
      if (sessionID) writeFileSync(`${folder}/${sessionID}.json`, JSON.stringify(value))
    }
    return plugin.setup({ ...context, storage: { ...storage, set } })
  },
})
