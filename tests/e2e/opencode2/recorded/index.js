// This package's plugin in OpenCode 2, with each record of a session in a file too: no request reads a plugin's storage.

import { mkdirSync, writeFileSync } from "node:fs"
import { dieAt } from "../../delegate/dying.js"
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
      // A new child's record stands beside its parent's id.
      if (/^(?:record|children\/\w+)\/\w+$/.test(key) && value !== true) writeFileSync(`${folder}/${key.split("/").at(-1)}.json`, JSON.stringify(value))
      if (key.startsWith("children/")) dieAt(context.location.directory, "CREATED", String(/** @type {any} */ (value)?.description))
    }
    return plugin.setup({ ...context, storage: { ...storage, set } })
  },
}
