// The calls of the terminal half, which in OpenCode 2 can read neither records nor notices by itself.

import { ASK_FAULT, carryOut, faultCommand, terminalRPC } from "../core/index.js"

/**
 * @typedef {import("./sdk/index.js").Context} Context
 * @typedef {import("./sdk/index.js").Host} Host
 */

/**
 * The terminal half, as far as this half knows it.
 * @param {Context} context
 */
export function bindTerminal({ rpc }) {
  let registered = /** @type {import("./sdk/index.js").Registration | undefined} */ (undefined)
  return {
    /** @type {import("./sdk/index.js").Emit} */
    emit: (name, data) => void registered?.events.emit(name, data).catch(() => {}),
    /**
     * Answers the terminal half. An OpenCode 2 without calls between the halves shows sessions without their names.
     * @param {{ host: Host, sync: import("../core/index.js").EngineSync, settings: import("../core/index.js").Settings, actions: ReturnType<typeof import("./session_tools.js").sessionActions> }} parts
     */
    async answer({ host, sync, settings, actions }) {
      registered = await rpc?.register(terminalRPC, {
        async records({ parentID, sessionIDs }) {
          const found = await Promise.all(sessionIDs.map(async (/** @type {string} */ id) => [id, await host.record(id, parentID).catch(() => undefined)]))
          return Object.fromEntries(found.filter(([, record]) => record !== undefined))
        },
        async command({ command }) {
          if (command === ASK_FAULT) return { answer: faultCommand(settings.fault ?? (await sync.fault())) }
          await carryOut(command, { sync, ...actions, show: (message) => host.toast(message, "info") })
          return {}
        },
        async log({ message }) {
          await host.log("warn", message)
          return {}
        },
      })
    },
    async end() {
      await registered?.dispose()
      registered = undefined
    },
  }
}
