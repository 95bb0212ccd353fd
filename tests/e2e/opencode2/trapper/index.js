// This package's plugin in OpenCode 2, and beside it the one that breaks its wasm: each plugin of OpenCode 2 has modules of its own.

import trapper from "../../trapper.js"
import recorded from "../recorded/index.js"

export default {
  id: recorded.id,
  /** @param {any} context */
  async setup(context) {
    await trapper.setup(context)
    return recorded.setup(context)
  },
}
