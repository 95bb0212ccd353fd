// This package's terminal half, as the folder of a plugin has it. It shows the session that a test writes into a file: OpenCode 2
// has no call for that.

import { existsSync, readFileSync, rmSync } from "node:fs"
import { join } from "node:path"
import plugin from "../../../../js/tui.js"

/** The time between two looks, in milliseconds. */
const LOOK_MS = 50

export default {
  ...plugin,
  /** @param {any} context */
  async setup(context) {
    const end = await plugin.setup(context)
    const file = join(context.location.directory, "..", "show")
    const looking = setInterval(() => {
      if (!existsSync(file)) return
      context.ui.router.navigate({ type: "session", sessionID: readFileSync(file, "utf8") })
      rmSync(file)
    }, LOOK_MS)
    return () => {
      clearInterval(looking)
      end()
    }
  },
}
