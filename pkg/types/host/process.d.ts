/** Begins an instance, and gives the name by which records know it. */
export declare function enter(): string;
/** Ends an instance. @param {string} instance */
export declare const leave: (instance: string) => undefined;
/** Whether an instance lives, in this process or in another of this machine. @param {string} instance */
export declare function isAlive(instance: string): boolean;
