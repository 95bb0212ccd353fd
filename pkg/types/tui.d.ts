/** @type {{ id: string, tui: import("@opencode-ai/plugin/tui").TuiPlugin }} */
declare const plugin: {
    id: string;
    tui: import("@opencode-ai/plugin/tui").TuiPlugin;
};
export default plugin;
