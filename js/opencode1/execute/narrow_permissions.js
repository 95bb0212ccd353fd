// The limit of a resumed child: what its callers pass on holds for it too.

import { narrowedPermission } from "../../api.js"

/**
 * @typedef {import("../sdk/index.js").Host} Host
 * @typedef {import("../../api.js").HostRule} HostRule
 * @typedef {Parameters<typeof import("../../api.js").inheritedPermission>[0]} Inherited
 */

/**
 * Adds the denials that the callers pass on and that are not in force in the session. It is only ever narrowed.
 * @param {Host} host
 * @param {string} sessionID
 * @param {HostRule[]} agent the rules of the session's agent
 * @param {HostRule[]} passed
 */
export async function narrowPermissions(host, sessionID, agent, passed) {
  if (!passed.length) return
  const { permission: held = [] } = await host.session(sessionID)
  const missing = narrowedPermission({ agent, held, passed })
  if (!missing.length) return
  const { permission: after = [] } = await host.addPermission(sessionID, missing)
  // Others may have changed the rules since the read: an exception that was added may lift a denial of theirs.
  const lifted = narrowedPermission({ agent, held: after, passed: after.slice(0, -missing.length) })
  if (lifted.length) await host.addPermission(sessionID, lifted)
}
