export type Storage = {
    get: (key: string) => Promise<any>;
    set: (key: string, value: unknown) => Promise<void>;
    remove: (key: string) => Promise<void>;
    scan: (from: {
        prefix: string;
        after?: string;
        limit?: number;
    }) => Promise<{
        entries: {
            key: string;
            value: any;
        }[];
        next?: string;
    }>;
};
/**
 * The records by session.
 */
export declare class StoredRecords {
    #private;
    /** @param {Storage} storage */
    constructor(storage: Storage);
    /** The record of a session, if it has one. @param {string} sessionID */
    get(sessionID: string): Promise<any>;
    /** @param {string} sessionID @param {unknown} record */
    set(sessionID: string, record: unknown): Promise<void>;
    /** Stores whose child a session is. @param {string} childID @param {string} parentID */
    link(childID: string, parentID: string): Promise<void>;
    /** The stored children of a session. @param {string} parentID */
    children(parentID: string): Promise<string[]>;
    /** Removes what is stored of a session that is gone. @param {string} sessionID @param {string} [parentID] */
    forget(sessionID: string, parentID?: string): Promise<void>;
}
