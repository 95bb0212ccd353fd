// The actions that a person chooses in the terminal, carried out by the server half.

import { steerSession } from "./session_tools.js"
import { readRename, readSteer, readStop } from "./terminal_commands.js"

/**
 * Carries out a command of the terminal half.
 * @param {unknown} command
 * @param {Pick<Parameters<typeof import("./session_tools.js").sessionTools>[0], "sync" | "steer" | "cancel"> & {
 *   show: (message: string) => Promise<unknown>
 * }} parts `show` shows the person a message
 */
export async function carryOut(command, { sync, steer, cancel, show }) {
  const [renaming, stopped, steered] = [readRename(command), readStop(command), readSteer(command)]
  const sessionID = renaming?.sessionID ?? stopped ?? steered?.sessionID
  if (sessionID === undefined) return
  await sync.load(sessionID).catch(() => {})
  if (renaming) sync.apply({ type: "session.renamed", now: Date.now(), ...renaming })
  // No caller has asked for the end, so each reads of it.
  else if (stopped) await cancel(stopped, "")
  else if (steered) {
    const caller = sync.session(sessionID)?.rootID ?? ""
    const said = await steerSession({ sync, steer }, { sessionID: caller, task_id: sessionID, message: steered.message }).catch((/** @type {Error} */ { message }) => message)
    await show(said)
  }
}
