/**
 * @param {{ directory: string, host: import("./sdk/index.js").Host, sync: import("../core/index.js").EngineSync, undos: import("./undos.js").Undos }} parts
 * @returns {(event: import("./sdk/index.js").HostEvent) => Promise<void>}
 */
export declare function eventHandler({ directory, host, sync, undos }: {
    directory: string;
    host: import("./sdk/index.js").Host;
    sync: import("../core/index.js").EngineSync;
    undos: import("./undos.js").Undos;
}): (event: import("./sdk/index.js").HostEvent) => Promise<void>;
