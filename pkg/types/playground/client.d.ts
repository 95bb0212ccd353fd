export type Host = import("./host.js").Host;
export type Given = {
    path?: any;
    body?: any;
    url?: string;
    [field: string]: any;
};
/**
 * @typedef {import("./host.js").Host} Host
 * @typedef {{ path?: any, body?: any, url?: string, [field: string]: any }} Given
 */
/**
 * The client of a process: what it is asked takes a moment on its way there, and one on its way back.
 * @param {Host} host
 */
export declare function sdk(host: Host): {
    session: {
        get: (/** @type {Given} */ { path }: Given) => Promise<{
            error: {
                name: string;
                data: {
                    message: string;
                };
            };
            data?: undefined;
        } | {
            error?: undefined;
            data: {};
        }>;
        children: (/** @type {Given} */ { path }: Given) => Promise<{
            error: {
                name: string;
                data: {
                    message: string;
                };
            };
            data?: undefined;
        } | {
            error?: undefined;
            data: {};
        }>;
        status: () => Promise<{
            error: {
                name: string;
                data: {
                    message: string;
                };
            };
            data?: undefined;
        } | {
            error?: undefined;
            data: {};
        }>;
        update: (/** @type {Given} */ { path, body }: Given) => Promise<{
            error: {
                name: string;
                data: {
                    message: string;
                };
            };
            data?: undefined;
        } | {
            error?: undefined;
            data: {};
        }>;
        create: (/** @type {Given} */ { body }: Given) => Promise<{
            error: {
                name: string;
                data: {
                    message: string;
                };
            };
            data?: undefined;
        } | {
            error?: undefined;
            data: {};
        }>;
        message: (/** @type {Given} */ { path: { id, messageID } }: Given) => Promise<{
            error: {
                name: string;
                data: {
                    message: string;
                };
            };
            data?: undefined;
        } | {
            error?: undefined;
            data: {};
        }>;
        messages: (/** @type {Given} */ { path }: Given) => Promise<{
            error: {
                name: string;
                data: {
                    message: string;
                };
            };
            data?: undefined;
        } | {
            error?: undefined;
            data: {};
        }>;
        prompt: (/** @type {Given} */ { path, body }: Given) => Promise<{
            error: {
                name: string;
                data: {
                    message: string;
                };
            };
            data?: undefined;
        } | {
            error?: undefined;
            data: {};
        }>;
        /** Is answered once the message is stored. @param {Given} given */
        promptAsync: ({ path, body }: Given) => Promise<{
            error: {
                name: string;
                data: {
                    message: string;
                };
            };
            data?: undefined;
        } | {
            error?: undefined;
            data: {};
        }>;
        abort: (/** @type {Given} */ { path }: Given) => Promise<{
            error: {
                name: string;
                data: {
                    message: string;
                };
            };
            data?: undefined;
        } | {
            error?: undefined;
            data: {};
        }>;
        summarize: (/** @type {Given} */ { path, body }: Given) => Promise<{
            error: {
                name: string;
                data: {
                    message: string;
                };
            };
            data?: undefined;
        } | {
            error?: undefined;
            data: {};
        }>;
    };
    app: {
        log: (/** @type {Given} */ { body }: Given) => Promise<{
            error: {
                name: string;
                data: {
                    message: string;
                };
            };
            data?: undefined;
        } | {
            error?: undefined;
            data: {};
        }>;
        agents: () => Promise<{
            error: {
                name: string;
                data: {
                    message: string;
                };
            };
            data?: undefined;
        } | {
            error?: undefined;
            data: {};
        }>;
    };
    config: {
        providers: () => Promise<{
            error: {
                name: string;
                data: {
                    message: string;
                };
            };
            data?: undefined;
        } | {
            error?: undefined;
            data: {};
        }>;
    };
    tui: {
        showToast: (/** @type {Given} */ { body }: Given) => Promise<{
            error: {
                name: string;
                data: {
                    message: string;
                };
            };
            data?: undefined;
        } | {
            error?: undefined;
            data: {};
        }>;
    };
    _client: {
        /** @param {Given} given */
        delete: ({ path: { id, messageID } }: Given) => Promise<{
            error: {
                name: string;
                data: {
                    message: string;
                };
            };
            data?: undefined;
        } | {
            error?: undefined;
            data: {};
        }>;
        /** @param {Given} given */
        patch: ({ path, body }: Given) => Promise<{
            error: {
                name: string;
                data: {
                    message: string;
                };
            };
            data?: undefined;
        } | {
            error?: undefined;
            data: {};
        }>;
    };
};
