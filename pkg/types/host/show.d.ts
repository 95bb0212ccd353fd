export type Host = import("./client.js").Host;
export type Part = import("./mend.js").Part;
/**
 * Has the running part of a call tell of its child after a while; one that answers sooner is shown by its result alone.
 * @param {Host} host
 * @param {Part | undefined} part
 * @param {string} title
 * @param {Record<string, unknown>} metadata
 * @returns {{ now: () => Promise<void>, settled: () => Promise<void> }} shows it at once; ends the wait, and is done when
 *   what was begun is: later it would be written over the result
 */
export declare function show(host: Host, part: Part | undefined, title: string, metadata: Record<string, unknown>): {
    now: () => Promise<void>;
    settled: () => Promise<void>;
};
