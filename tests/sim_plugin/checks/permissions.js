// I5: under executor "delegate" a child never has a permission that its caller lacks.

import { evaluate } from "../../../js/playground/opencode/permission_rules.js"

/**
 * @typedef {import("./scene.js").Scene} Scene
 * @typedef {import("./scene.js").Host} Host
 */

/** The permissions that are compared. */
const PROBES = [["edit", "a.txt"], ["bash", "rm -f x"], ["bash", "echo x"], ["webfetch", "https://x"], ["read", "a.txt"]]

/**
 * The permissions that a session lacks with an agent.
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
 * Checks a session that is about to be prompted: it has no permission that its caller lacked at the call.
 * @param {Scene} scene
 * @param {{ host: Host, sessionID: string, agent: string, mark: string }} asked
 */
export function curbed(scene, { host, sessionID, agent, mark }) {
  const { store, weather, calls, deaf, alone } = scene
  const call = calls.get(mark)
  if (!call || call.byUser || weather.executor !== "delegate" || call.child !== sessionID) return
  // The plugin knows a session's rules from events. Late events, and another process's events, come too late.
  if (deaf || !alone || !store.sessions.has(call.caller) || !store.sessions.has(sessionID)) return
  const held = denied(scene, host, sessionID, agent)
  for (const probe of call.denied) {
    if (!held.includes(probe)) scene.fail("I5", `${sessionID} (${agent}) may ${probe.join(" ")}, which its caller ${call.caller} (${call.speaker}) may not: ${mark}`)
  }
}
