// The fault of the options or the fields that keeps the server half off. The server half says it when it is asked.

import { createSignal } from "solid-js"
import { ASK_FAULT, readFault } from "../core/index.js"
import { plainLine } from "./looks.js"

/** The cells of a fault. An option and what it may be stand at the beginning. */
const MOST = 300
/** The pauses before the server half is asked: it may not be loaded yet, in milliseconds. */
const ASKS_MS = [0, 1_000, 5_000, 25_000]

/** The command that a person runs about a fault. */
export const REMEDY = "npx opencode-delegate doctor"

/**
 * @param {import("./opencode1/index.js").Api} api
 * @param {import("./opencode1/index.js").Host} host
 * @param {import("./guard.js").Guard["guarded"]} guarded
 * @returns {{ fault: () => string, askFault: (sessionID: string) => void }} `fault`: on one line; empty while none is known
 */
export function followFault(api, host, guarded) {
  const [fault, setFault] = createSignal("")
  let asking = 0
  api.event.on("tui.command.execute", guarded("read a fault", ({ properties }) => {
    const given = readFault(properties.command)
    if (given === undefined) return
    asking++
    setFault(plainLine(given, MOST))
  }))
  api.lifecycle.onDispose(() => void asking++)
  const askFault = guarded("ask for a fault", async (/** @type {string} */ sessionID) => {
    const mine = ++asking
    for (const wait of ASKS_MS) {
      await new Promise((resolve) => setTimeout(resolve, wait))
      if (mine !== asking) return
      // A server half that is not loaded yet may refuse to answer.
      await host.command(ASK_FAULT, sessionID).catch(() => {})
    }
  })
  return { fault, askFault: (sessionID) => void askFault(sessionID) }
}
