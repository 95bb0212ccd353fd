/**
 * OpenCode 1 calls `tui`, for `plugin` in tui.json. OpenCode 2 calls `setup` of each package that is listed as a plugin.
 * @type {{ id: string, tui: import("@opencode-ai/plugin/tui").TuiPlugin, setup: (context: any) => Promise<() => void> }}
 */
declare const plugin: {
    id: string;
    tui: import("@opencode-ai/plugin/tui").TuiPlugin;
    setup: (context: any) => Promise<() => void>;
};
export default plugin;
