/** @type {import("./compose.js").Server} */
declare function server(input: import("@opencode-ai/plugin").PluginInput, options?: {}): Promise<any>;
declare const _default: {
    id: string;
    server: typeof server;
};
export default _default;
