// A plugin that breaks the engine's wasm of this process at a word of a prompt.

import { initSync } from "../../pkg/opencode_delegate.js"

export default {
  id: "trapper",
  server: async () => ({
    /** @param {unknown} _ @param {{ parts: { text?: string }[] }} output */
    async "chat.message"(_, { parts }) {
      if (!parts.some(({ text }) => text?.includes("[[trap]]"))) return
      const { memory } = /** @type {any} */ (initSync(/** @type {any} */ (undefined)))
      new Uint8Array(memory.buffer).fill(0xff)
    },
  }),
}
