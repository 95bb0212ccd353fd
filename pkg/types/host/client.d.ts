export type Client = import("@opencode-ai/plugin").PluginInput["client"];
export type HostSession = {
    id: string;
    parentID?: string;
    title: string;
    agent?: string;
    metadata?: Record<string, unknown>;
    model?: {
        id: string;
        providerID: string;
    };
    permission?: import("../api.js").HostRule[];
    time: {
        created: number;
        updated: number;
    };
};
export type HostAgent = {
    name: string;
    mode?: import("../api.js").AgentConfig["mode"];
    permission?: import("../api.js").HostRule[];
    options?: Record<string, unknown>;
    model?: import("../api.js").Model;
};
export type HostMessage = {
    info: any;
    parts: any[];
};
export type Host = ReturnType<typeof bind>;
/** Whether OpenCode says that there is no such thing. @param {unknown} error */
export declare const isMissing: (error: unknown) => boolean;
/**
 * What a call reads, or nothing where OpenCode says that there is no such thing. A call that fails in any other way says
 * nothing of that.
 * @template T
 * @param {Promise<T>} reading
 * @returns {Promise<T | undefined>}
 */
export declare function ifThere<T>(reading: Promise<T>): Promise<T | undefined>;
/**
 * The host's calls, each with a deadline. What fails rejects, with what the host said.
 * @param {Client} client
 */
export declare function bind(client: Client): {
    /** @param {string} id @returns {Promise<HostSession>} */
    session: (id: string) => Promise<HostSession>;
    /** @param {string} id @returns {Promise<HostSession[]>} */
    children: (id: string) => Promise<HostSession[]>;
    /** The sessions that are not idle. @returns {Promise<Record<string, { type: "busy" | "retry" | "idle" }>>} */
    status: () => Promise<Record<string, {
        type: "busy" | "retry" | "idle";
    }>>;
    /** @param {string} id @param {Record<string, unknown>} metadata @returns {Promise<HostSession>} */
    setMetadata: (id: string, metadata: Record<string, unknown>) => Promise<HostSession>;
    /**
     * @param {{ parentID: string, title: string, agent: string, permission: import("../api.js").HostRule[], metadata: Record<string, unknown> }} child
     * @returns {Promise<HostSession>}
     */
    create: (child: {
        parentID: string;
        title: string;
        agent: string;
        permission: import("../api.js").HostRule[];
        metadata: Record<string, unknown>;
    }) => Promise<HostSession>;
    /** Adds rules after those that a session has. @param {string} id @param {import("../api.js").HostRule[]} permission */
    permit: (id: string, permission: import("../api.js").HostRule[]) => Promise<any>;
    /** @param {string} id @param {string} messageID @returns {Promise<HostMessage>} */
    message: (id: string, messageID: string) => Promise<HostMessage>;
    /** @param {string} id @returns {Promise<HostMessage[]>} */
    messages: (id: string) => Promise<HostMessage[]>;
    /**
     * Prompts, and is done when that is answered, however long it takes.
     * @param {string} id
     * @param {import("../api.js").Message} message
     * @returns {Promise<{ data?: HostMessage, error?: any }>}
     */
    prompt: (id: string, message: import("../api.js").Message) => Promise<{
        data?: HostMessage;
        error?: any;
    }>;
    /** Prompts, and is done when that is stored. @param {string} id @param {Partial<import("../api.js").Message>} message */
    tell: (id: string, message: Partial<import("../api.js").Message>) => Promise<any>;
    /** @param {string} id */
    abort: (id: string) => Promise<any>;
    /** Summarises, and is done when that is. @param {string} id @param {{ providerID: string, modelID: string }} model */
    summarize: (id: string, model: {
        providerID: string;
        modelID: string;
    }) => Promise<({
        data: boolean;
        error: undefined;
    } | {
        data: undefined;
        error: import("@opencode-ai/sdk").BadRequestError | import("@opencode-ai/sdk").NotFoundError;
    }) & {
        request: Request;
        response: Response;
    }>;
    /** @param {string} id @param {string} messageID */
    removeMessage: (id: string, messageID: string) => Promise<any>;
    /** @param {{ id: string, messageID: string, sessionID: string, [field: string]: unknown }} part */
    setPart: (part: {
        id: string;
        messageID: string;
        sessionID: string;
        [field: string]: unknown;
    }) => Promise<any>;
    /** @returns {Promise<HostAgent[]>} */
    agents: () => Promise<HostAgent[]>;
    /** @returns {Promise<{ providers: { id: string, models: Record<string, { limit?: { context?: number } }> }[] }>} */
    providers: () => Promise<{
        providers: {
            id: string;
            models: Record<string, {
                limit?: {
                    context?: number;
                };
            }>;
        }[];
    }>;
    /** @param {"info" | "warn" | "error"} level @param {string} message */
    log: (level: "info" | "warn" | "error", message: string) => Promise<({
        data: boolean;
        error: undefined;
    } | {
        data: undefined;
        error: import("@opencode-ai/sdk").BadRequestError;
    }) & {
        request: Request;
        response: Response;
    }>;
    /** @param {string} message @param {"warning" | "error"} variant */
    toast: (message: string, variant: "warning" | "error") => Promise<({
        data: boolean;
        error: undefined;
    } | {
        data: undefined;
        error: unknown;
    }) & {
        request: Request;
        response: Response;
    }>;
};
