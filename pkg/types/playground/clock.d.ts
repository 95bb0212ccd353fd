export type Alarm = {
    at: number;
    number: number;
    owner: unknown;
    work: (() => void) | undefined;
    every?: number;
};
/**
 * @typedef {{ at: number, number: number, owner: unknown, work: (() => void) | undefined, every?: number }} Alarm
 */
/**
 * A clock whose hours last as long as what happens in them.
 */
export declare class Clock {
    #private;
    /** The milliseconds that have passed since the epoch, however often the wall clock was set. */
    time: number;
    /** How far the wall clock is ahead. */
    skew: number;
    /** On whose behalf things happen now: with it goes all that it has yet to do. @type {unknown} */
    owner: unknown;
    /**
     * @param {{ start?: number, breathe: () => Promise<void> }} setting `breathe` is done when everything has happened that
     *   follows at once
     */
    constructor({ start, breathe }: {
        start?: number;
        breathe: () => Promise<void>;
    });
    /** What the wall clock says. */
    wall(): number;
    /**
     * @param {number} ms
     * @param {() => void} work
     * @param {{ owner?: unknown, every?: number }} [more] `every`: the milliseconds after which it happens again
     * @returns {Alarm}
     */
    after(ms: number, work: () => void, { owner, every }?: {
        owner?: unknown;
        every?: number;
    }): Alarm;
    /** @param {Alarm | undefined} alarm */
    cancel(alarm: Alarm | undefined): void;
    /** @param {number} ms @returns {Promise<void>} */
    sleep(ms: number): Promise<void>;
    /** Ends an owner: nothing that waits for its time on its behalf happens any more. @param {object} owner */
    drop(owner: object): void;
    /** When the next thing happens, if one is to. */
    next(): number | undefined;
    /** Lets the next thing happen, and all that follows from it at once. @returns {Promise<boolean>} whether there was one */
    step(): Promise<boolean>;
    /** Lets everything happen that is due within so long. @param {number} ms */
    pass(ms: number): Promise<void>;
    /** Does something on somebody's behalf, and all that follows from it at once. @param {unknown} owner @param {() => unknown} work */
    as(owner: unknown, work: () => unknown): Promise<void>;
}
