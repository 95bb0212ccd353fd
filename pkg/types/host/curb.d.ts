import { inheritedPermission } from "../api.js";
export type Host = import("./client.js").Host;
export type HostSession = import("./client.js").HostSession;
export type Inherited = Parameters<typeof inheritedPermission>[0];
/**
 * @typedef {import("./client.js").Host} Host
 * @typedef {import("./client.js").HostSession} HostSession
 * @typedef {Parameters<typeof inheritedPermission>[0]} Inherited
 */
/**
 * Adds to a session that is to be resumed what it must not do because of who resumes it.
 * @param {Host} host
 * @param {HostSession} session
 * @param {Inherited} inherited
 */
export declare function curb(host: Host, { id, permission }: HostSession, inherited: Inherited): Promise<void>;
