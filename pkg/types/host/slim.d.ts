export declare const SLIM = "oh-my-opencode-slim";
/** The version that the composition is tested with. */
export declare const TESTED = "2.2.24";
/**
 * The aliases that slim's job board tells in a request to the model.
 * @param {any[]} messages
 * @returns {Iterable<import("./compose.js").Told>}
 */
export declare function aliases(messages: any[]): Iterable<import("./compose.js").Told>;
/**
 * Loads slim from where this package is installed.
 * @returns {Promise<{ server: import("../compose.js").Server, version: string | undefined }>}
 * @throws {Error} what is wrong, and what can be done
 */
export declare function load(): Promise<{
    server: import("../compose.js").Server;
    version: string | undefined;
}>;
