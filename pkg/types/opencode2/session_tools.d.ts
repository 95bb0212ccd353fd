/**
 * @param {{ add: (tool: object) => void }} editor
 * @param {{ host: import("./sdk/index.js").Host, sync: import("../core/index.js").EngineSync }} parts
 */
export declare function addSessionTools(editor: {
    add: (tool: object) => void;
}, { host, sync }: {
    host: import("./sdk/index.js").Host;
    sync: import("../core/index.js").EngineSync;
}): void;
