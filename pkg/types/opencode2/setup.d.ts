import "../engine.js";
/**
 * Sets the plugin up in OpenCode 2.
 * @param {import("./sdk/index.js").Context} context
 * @returns {Promise<() => Promise<void>>} ends the plugin
 */
export declare function setup(context: import("./sdk/index.js").Context): Promise<() => Promise<void>>;
