// I5: where the shim runs the child, it is never allowed what its caller is denied.

import { evaluate } from "../../../js/playground/opencode/permission_rules.js"

/**
 * @typedef {import("./scene.js").Scene} Scene
 * @typedef {import("./scene.js").Host} Host
 */

/** What is looked at of a permission. */
const PROBES = [["edit", "a.txt"], ["bash", "rm -f x"], ["bash", "echo x"], ["webfetch", "https://x"], ["read", "a.txt"]]

/**
 * What a session must not do when an agent speaks in it.
 * @param {Scene} scene
 * @param {Host} host
 * @param {string} sessionID
 * @param {string} agent
 */
export function denied({ store }, host, sessionID, agent) {
  const rules = [...(host.agents.get(agent)?.permission ?? []), ...(store.sessions.get(sessionID)?.permission ?? [])]
  return PROBES.filter(([permission, pattern]) => evaluate(rules, permission, pattern) === "deny")
}

/**
 * Looks at what a session may do that is about to be asked: not what its caller was denied when it called.
 * @param {Scene} scene
 * @param {{ host: Host, sessionID: string, agent: string, mark: string }} asked
 */
export function curbed(scene, { host, sessionID, agent, mark }) {
  const { store, weather, calls, deaf, alone } = scene
  const call = calls.get(mark)
  if (!call || call.byUser || weather.executor !== "delegate" || call.child !== sessionID) return
  // What a session may do the plugin knows from events: of those that come late, or go to another process, too late.
  if (deaf || !alone || !store.sessions.has(call.caller) || !store.sessions.has(sessionID)) return
  const held = denied(scene, host, sessionID, agent)
  for (const probe of call.denied) {
    if (!held.includes(probe)) scene.fail("I5", `${sessionID} (${agent}) may ${probe.join(" ")}, which its caller ${call.caller} (${call.speaker}) may not: ${mark}`)
  }
}
