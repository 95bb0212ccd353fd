// The limit of a resumed child: its caller's denials hold for it too, at every resume and by every caller.

import { inheritedPermission } from "../../api.js"

/**
 * @typedef {import("../sdk/index.js").Host} Host
 * @typedef {import("../sdk/index.js").HostSession} HostSession
 * @typedef {Parameters<typeof inheritedPermission>[0]} Inherited
 */

/**
 * Adds the denials that the resuming caller passes on and the session does not have yet.
 * @param {Host} host
 * @param {HostSession} session
 * @param {Inherited} inherited
 */
export async function narrowPermissions(host, { id, permission = [] }, inherited) {
  const missing = inheritedPermission({ ...inherited, held: permission })
  if (missing.length) await host.addPermission(id, missing)
}
