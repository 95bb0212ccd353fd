// I5: where the shim runs the child, it is never allowed what its caller is denied.

import { evaluate } from "../../../js/playground/rules.js"

/**
 * @typedef {import("./scene.js").Scene} Scene
 * @typedef {import("./scene.js").Host} Host
 */

/** What is looked at of a permission. */
const PROBES = [["edit", "a.txt"], ["bash", "rm -f x"], ["bash", "echo x"], ["webfetch", "https://x"], ["read", "a.txt"]]

/**
 * Looks at what a session may do that is about to be asked.
 * @param {Scene} scene
 * @param {{ host: Host, sessionID: string, agent: string, mark: string }} asked
 */
export function curbed(scene, { host, sessionID, agent, mark }) {
  const { store, weather, calls, deaf, alone } = scene
  const call = calls.get(mark)
  if (!call || call.byUser || weather.executor !== "delegate" || call.child !== sessionID) return
  // What a session may do the plugin knows from events: of those that come late, or go to another process, too late.
  if (deaf || !alone || !store.sessions.has(call.caller) || !store.sessions.has(sessionID)) return
  const rules = (/** @type {string} */ id, /** @type {string} */ name) => [...(host.agents.get(name)?.permission ?? []), ...(store.sessions.get(id)?.permission ?? [])]
  for (const [permission, pattern] of PROBES) {
    if (evaluate(rules(call.caller, call.speaker), permission, pattern) !== "deny") continue
    if (evaluate(rules(sessionID, agent), permission, pattern) === "deny") continue
    scene.fail("I5", `${sessionID} (${agent}) may ${permission} ${pattern}, which its caller ${call.caller} (${call.speaker}) may not: ${mark}`)
  }
}
