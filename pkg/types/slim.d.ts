/**
 * OpenCode 1 calls `server`, OpenCode 2 calls `setup`.
 * @type {{ id: string, server: import("@opencode-ai/plugin").Plugin, setup: (context: any) => Promise<unknown> }}
 */
declare const plugin: {
    id: string;
    server: import("@opencode-ai/plugin").Plugin;
    setup: (context: any) => Promise<unknown>;
};
export default plugin;
