export type Session = import("../api.js").Session;
/**
 * @typedef {import("../api.js").Session} Session
 */
/**
 * One row a session, children under their parents.
 * @param {Session[]} sessions a root and all below it
 * @param {number} now
 */
export declare function table(sessions: Session[], now: number): string;
/**
 * A Mermaid flowchart of who delegated to whom.
 * @param {Session[]} sessions a root and all below it
 */
export declare function diagram(sessions: Session[]): string;
