// The calls of the terminal half, which in OpenCode 2 can read neither records nor notices by itself.

import { ASK_FAULT, faultCommand, readRename, terminalRPC } from "../core/index.js"

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
     * @param {{ host: Host, sync: import("../core/index.js").EngineSync, settings: import("../core/index.js").Settings }} parts
     */
    async answer({ host, sync, settings }) {
      registered = await rpc?.register(terminalRPC, {
        async records({ parentID, sessionIDs }) {
          const found = await Promise.all(sessionIDs.map(async (/** @type {string} */ id) => [id, await host.record(id, parentID).catch(() => undefined)]))
          return Object.fromEntries(found.filter(([, record]) => record !== undefined))
        },
        async command({ command }) {
          if (command === ASK_FAULT) return { answer: faultCommand(settings.fault ?? (await sync.fault())) }
          const renaming = readRename(command)
          if (!renaming) return {}
          await sync.load(renaming.sessionID).catch(() => {})
          sync.apply({ type: "session.renamed", now: Date.now(), ...renaming })
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
