export type Decision = import("../api.js").Decision;
export type Request = import("../api.js").Request;
export type Host = import("./client.js").Host;
export type Ledger = import("./ledger.js").Ledger;
export type Part = import("./mend.js").Part;
export type Granted = Exclude<Decision, {
    action: "deny";
}>;
export type Between = {
    run: () => Promise<void>;
    hears: boolean;
};
export type Call = {
    request: Request;
    asked: unknown;
    place: number;
    decision?: Granted;
    trouble?: string;
    childID?: string;
    committed: boolean;
    told?: Promise<void>;
    endTurn?: () => void;
    abort: AbortController;
    child: Promise<string | undefined>;
    found: (childID: string | undefined) => void;
};
/**
 * The calls of the task tool that are in progress.
 */
export declare class Calls {
    #private;
    /**
     * @param {Host} host
     * @param {Ledger} ledger
     * @param {import("./mend.js").Mender} mender
     * @param {(message: string) => void} say tells a person something
     */
    constructor(host: Host, ledger: Ledger, mender: import("./mend.js").Mender, say: (message: string) => void);
    /**
     * Decides a call before OpenCode runs it, and writes the session that it is to resume into its arguments.
     * @param {Request} request
     * @param {Record<string, unknown>} args
     * @param {boolean} byUser whether the user made the call, whom a denial would leave with a broken session
     * @param {Between} [between] what another plugin has to say of the call, once it is decided and before it waits
     * @throws {Error} the denial, for the model to read, or what `between` throws
     */
    before(request: Request, args: Record<string, unknown>, byUser: boolean, { run: between, hears }?: Between): Promise<void>;
    /**
     * Tells the model and the user what was done, in a result.
     * @param {string} sessionID
     * @param {string} callID
     * @param {{ title: string, output: string, metadata: any } | undefined} result none where the tool failed
     */
    after(sessionID: string, callID: string, result: {
        title: string;
        output: string;
        metadata: any;
    } | undefined): Promise<void>;
    /**
     * Follows the parts of calls: the child appears in the running part, a failure only in the failed one.
     * @param {Part} part
     */
    part(part: Part): void;
    /**
     * Makes the messages of a request to the model tell what the model itself asked for, and what can be done about a
     * failure. Each part reads the same in every request.
     * @param {{ parts: any[] }[]} messages
     */
    transform(messages: {
        parts: any[];
    }[]): void;
    /** Gives up the calls of a session whose turn has ended. @param {string} sessionID */
    idle(sessionID: string): void;
}
