/** @type {{ id: string, server: import("@opencode-ai/plugin").Plugin }} */
declare const plugin: {
    id: string;
    server: import("@opencode-ai/plugin").Plugin;
};
export default plugin;
