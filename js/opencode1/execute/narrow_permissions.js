// What a child may do: never what its caller is denied, however often it is resumed, and by whom.

import { inheritedPermission } from "../../api.js"

/**
 * @typedef {import("../sdk/client.js").Host} Host
 * @typedef {import("../sdk/client.js").HostSession} HostSession
 * @typedef {Parameters<typeof inheritedPermission>[0]} Inherited
 */

/**
 * Adds to a session that is to be resumed what it must not do because of who resumes it.
 * @param {Host} host
 * @param {HostSession} session
 * @param {Inherited} inherited
 */
export async function curb(host, { id, permission = [] }, inherited) {
  const missing = inheritedPermission({ ...inherited, held: permission })
  if (missing.length) await host.permit(id, missing)
}
