// A plugin that breaks the engine's wasm of this process at a word of a prompt.

import { initSync } from "../../pkg/opencode_delegate.js"

/** @param {string} [text] */
function trap(text) {
  if (!text?.includes("[[trap]]")) return
  const { memory } = /** @type {any} */ (initSync(/** @type {any} */ (undefined)))
  new Uint8Array(memory.buffer).fill(0xff)
}

export default {
  id: "trapper",
  server: async () => ({
    /** @param {unknown} _ @param {{ parts: { text?: string }[] }} output */
    async "chat.message"(_, { parts }) {
      for (const { text } of parts) trap(text)
    },
  }),
  /** @param {any} context */
  async setup({ session }) {
    await session.hook("prompt", async (/** @type {any} */ { prompt }) => trap(prompt.text))
  },
}
