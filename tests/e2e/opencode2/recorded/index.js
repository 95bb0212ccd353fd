// This package's plugin in OpenCode 2, with each record of a session in a file too: no request reads a plugin's storage.

import { mkdirSync, writeFileSync } from "node:fs"
import plugin from "../../../../js/plugin.js"

export default {
  id: plugin.id,
  /** @param {any} context */
  async setup(context) {
    const { storage } = context
    const folder = `${context.location.directory}/../records`
    mkdirSync(folder, { recursive: true })
    /** @param {string} key @param {unknown} value */
    const set = async (key, value) => {
      await storage.set(key, value)
      if (key.startsWith("record/")) writeFileSync(`${folder}/${key.slice("record/".length)}.json`, JSON.stringify(value))
    }
    return plugin.setup({ ...context, storage: { ...storage, set } })
  },
}
