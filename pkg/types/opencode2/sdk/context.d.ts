export type HostEvent = {
    type: string;
    data: any;
    created: number;
    location?: {
        directory: string;
    };
};
export type Context = {
    app: {
        name: string;
        version: string;
    };
    location: {
        directory: string;
    };
    options?: Record<string, unknown>;
    agent: {
        list: () => Promise<{
            data: any[];
        }>;
        transform: (edit: (editor: any) => void) => Promise<unknown>;
    };
    session: {
        get: (input: {
            sessionID: string;
        }) => Promise<any>;
        context: (input: {
            sessionID: string;
        }) => Promise<any[]>;
        interrupt: (input: {
            sessionID: string;
        }) => Promise<unknown>;
        hook: (name: string, work: (event: any) => Promise<void>) => Promise<unknown>;
    };
    storage: import("./stored_records.js").Storage;
    tool: {
        transform: (edit: (editor: any) => void) => Promise<unknown>;
        reload: () => Promise<void>;
    };
    event: {
        subscribe: (options?: {
            signal: AbortSignal;
        }) => AsyncIterable<HostEvent>;
    };
};
export type ToolContext = {
    sessionID: string;
    agent: string;
    messageID: string;
    id: string;
    signal: AbortSignal;
    progress: (update: any) => Promise<void>;
};
export type ToolResult = {
    output: unknown;
    content: string | {
        type: string;
        text?: string;
    }[];
    metadata?: Record<string, unknown>;
};
export type Tool = {
    description: string;
    input: any;
    execute: (input: any, context: ToolContext) => Promise<ToolResult>;
};
export type Host = import("../../core/index.js").Host & {
    agents: () => Promise<import("../../core/index.js").HostAgent[]>;
    link: (childID: string, parentID: string) => Promise<void>;
    forget: (sessionID: string, parentID?: string) => Promise<void>;
    messages: (sessionID: string) => Promise<any[]>;
    interrupt: (sessionID: string) => Promise<void>;
    setStatus: (sessionID: string, status: "busy" | "idle") => void;
};
/**
 * @param {Context} context
 * @returns {Host}
 */
export declare function bindContext({ agent, session, storage }: Context): Host;
