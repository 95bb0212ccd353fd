/**
 * @param {{ host: import("./sdk/index.js").Host, sync: import("../core/index.js").EngineSync }} parts
 * @returns {(event: { type: string, data: any, created: number }) => Promise<void>}
 */
export declare function eventHandler({ host, sync }: {
    host: import("./sdk/index.js").Host;
    sync: import("../core/index.js").EngineSync;
}): (event: {
    type: string;
    data: any;
    created: number;
}) => Promise<void>;
