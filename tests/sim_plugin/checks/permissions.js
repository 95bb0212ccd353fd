// I5: no session is ever widened by this package. With `child_permissions: "caller"`, a child never has a permission that its
// caller lacks.

import { evaluate } from "../../../js/playground/opencode/permission_rules.js"

/**
 * @typedef {import("./scene.js").Scene} Scene
 * @typedef {import("./scene.js").Host} Host
 * @typedef {import("../../../js/playground/opencode/permission_rules.js").Rule} Rule
 */

/** The permissions that are compared. */
export const PROBES = [["edit", "a.txt"], ["bash", "rm -f x"], ["bash", "echo x"], ["webfetch", "https://x"], ["read", "a.txt"]]

/** The most rules of a session without another writer, and the most that each write adds. */
const [MOST, MORE] = [40, 10]

/** The probes that rules deny. @param {Rule[]} rules */
const refused = (rules) => PROBES.filter(([permission, pattern]) => evaluate(rules, permission, pattern) === "deny")

/**
 * The permissions that a session lacks with an agent.
 * @param {Scene} scene
 * @param {Host} host
 * @param {string} sessionID
 * @param {string} agent
 */
export function denied({ store }, host, sessionID, agent) {
  return refused([...(host.agents.get(agent)?.permission ?? []), ...(store.sessions.get(sessionID)?.permission ?? [])])
}

/**
 * The permissions that OpenCode's own tool denies to a child, because the calling session lacks them.
 * @param {Scene} scene
 * @param {string} sessionID
 */
export function passedOn({ store }, sessionID) {
  return refused((store.sessions.get(sessionID)?.permission ?? []).filter(({ action }) => action === "deny"))
}

/**
 * The rules of sessions, and the writes of other clients.
 */
export class Rules {
  #scene
  /** The probes that a session's own rules deny. @type {Map<string, string[][]>} */
  #denied = new Map()
  /** When each session was created. @type {Map<string, number>} */
  #created = new Map()
  /** How often another client wrote rules: those of a caller may be passed on. */
  #writes = 0
  /** When another client last lifted a denial of a session. @type {Map<string, number>} */
  #lifts = new Map()
  #writing = false
  /** The denials of sessions that the plugin has lifted, with the rules that lift them. @type {Map<string, { lifted: string[][], permission: Rule[] }>} */
  #lifted = new Map()

  /** @param {Scene} scene */
  constructor(scene) {
    this.#scene = scene
  }

  /** Another client changes a session's rules. @param {string} id @param {boolean} lifts @param {() => void} change */
  write(id, lifts, change) {
    this.#writes++
    if (lifts) this.#lifts.set(id, this.#scene.clock.time)
    this.#writing = true
    change()
    this.#writing = false
  }

  /**
   * Takes in a session that was created or changed: only another client lifts a denial. Rules are appended, so one that another
   * client adds between the plugin's read and its write may be lifted, until the plugin has added it again.
   * @param {{ id: string, permission?: Rule[] }} info
   */
  changed({ id, permission = [] }) {
    const now = refused(permission)
    const lifted = this.#writing ? [] : (this.#denied.get(id) ?? []).filter((probe) => !now.includes(probe))
    if (lifted.length) this.#lifted.set(id, { lifted, permission })
    else this.#lifted.delete(id)
    this.#denied.set(id, [...now, ...lifted])
    if (!this.#created.has(id)) this.#created.set(id, this.#scene.clock.time)
    if (permission.length > MOST + MORE * this.#writes) this.#scene.fail("I11", `${id} has ${permission.length} rules`)
  }

  /** Checks a session that begins a turn, or each one: no denial of it is lifted. @param {string} [sessionID] */
  held(sessionID) {
    for (const [id, { lifted, permission }] of this.#lifted) {
      if (sessionID !== undefined && id !== sessionID) continue
      for (const probe of lifted) this.#scene.fail("I5", `${id} may ${probe.join(" ")} again: ${JSON.stringify(permission)}`)
    }
  }

  /**
   * Checks a session that is about to be prompted: it has no permission that the call denies it.
   * @param {{ host: Host, sessionID: string, agent: string, mark: string }} asked
   */
  curbed({ host, sessionID, agent, mark }) {
    const { store, weather, calls, deaf, alone } = this.#scene
    const call = calls.get(mark)
    if (!call || call.byUser || weather.executor !== "delegate" || call.child !== sessionID) return
    // The plugin knows a session's rules from events. Late events, and another process's events, come too late.
    if (deaf || !alone || !store.sessions.has(call.caller) || !store.sessions.has(sessionID)) return
    if ([call.caller, sessionID].some((id) => (this.#lifts.get(id) ?? -1) >= call.at)) return
    const held = denied(this.#scene, host, sessionID, agent)
    const strict = weather.options.child_permissions === "caller"
    const spawned = store.sessions.get(sessionID)?.parentID === call.caller && (this.#created.get(sessionID) ?? 0) >= call.at
    for (const probe of strict ? call.denied : spawned ? call.passedOn : []) {
      if (!held.includes(probe)) this.#scene.fail("I5", `${sessionID} (${agent}) may ${probe.join(" ")}, which its caller ${call.caller} (${call.speaker}) may not: ${mark}`)
    }
  }
}
