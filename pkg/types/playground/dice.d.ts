/**
 * A seeded generator of 32 bits.
 */
export declare class Dice {
    #private;
    /** @param {number | string} seed */
    constructor(seed: number | string);
    /** The next number from 0 up to, and not, 1. */
    next(): number;
    /** A whole number below another. @param {number} limit */
    below(limit: number): number;
    /** @param {number} chance from 0 to 1 */
    chance(chance: number): boolean;
    /** @template T @param {readonly T[]} list @returns {T} */
    pick<T>(list: readonly T[]): T;
    /** Text of these letters. @param {number} length @param {string} letters */
    text(length: number, letters: string): string;
}
/** A number of 32 bits that stands for a text. @param {string} text */
export declare function hash(text: string): number;
