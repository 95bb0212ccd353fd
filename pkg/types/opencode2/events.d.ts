/**
 * @param {{ host: import("./sdk/index.js").Host, sync: import("../core/index.js").EngineSync, undos: import("./undos.js").Undos }} parts
 * @returns {(event: { type: string, data: any, created: number }) => Promise<void>}
 */
export declare function eventHandler({ host, sync, undos }: {
    host: import("./sdk/index.js").Host;
    sync: import("../core/index.js").EngineSync;
    undos: import("./undos.js").Undos;
}): (event: {
    type: string;
    data: any;
    created: number;
}) => Promise<void>;
