/** @param {import("./client.js").Host} host */
export declare function announce(host: import("./client.js").Host): {
    /** Something that can be looked up. @param {string} message */
    say: (message: string) => undefined;
    /** Something to look into. @param {string} message */
    warn: (message: string) => void;
    /** Something that does not work. @param {string} message */
    alarm: (message: string) => void;
};
