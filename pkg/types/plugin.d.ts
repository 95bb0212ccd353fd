import { setup } from "./opencode2/index.js";
/**
 * OpenCode 1 calls `server`, OpenCode 2 calls `setup`.
 * @type {{ id: string, server: import("@opencode-ai/plugin").Plugin, setup: typeof setup }}
 */
declare const plugin: {
    id: string;
    server: import("@opencode-ai/plugin").Plugin;
    setup: typeof setup;
};
export default plugin;
