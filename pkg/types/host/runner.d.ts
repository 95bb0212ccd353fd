export type Effect = import("../api.js").Effect;
export type Answer = import("./answer.js").Answer;
export type Trouble = import("./answer.js").Trouble;
export type Host = import("./client.js").Host;
export type Ledger = import("./ledger.js").Ledger;
export type Ending = Extract<Effect, {
    type: "deliver";
}>;
export type End = {
    state: Ending["state"];
    message?: string;
    notices: string[];
    answer?: Answer;
};
export type Prompt = {
    sessionID: string;
    turn: number;
    attempt: number;
    callerID: string;
    background: boolean;
    sent: boolean;
    preparing: boolean;
    prepare?: () => Promise<void>;
    answer?: Answer;
    end: Promise<End>;
    finish: (end: End) => void;
};
/**
 * The prompts of this instance, from the moment they are taken up to their end.
 */
export declare class Runner {
    #private;
    /**
     * @param {Host} host
     * @param {Ledger} ledger
     * @param {(ending: Ending, answer?: Answer) => Promise<void>} deliver tells a caller what became of a background task
     */
    constructor(host: Host, ledger: Ledger, deliver: (ending: Ending, answer?: Answer) => Promise<void>);
    /**
     * Follows a prompt that the engine has just taken up.
     * @param {Extract<Effect, { type: "wait" }>} wait
     * @param {{ callerID: string, background: boolean, prepare?: () => Promise<void> }} call `prepare` is done before the
     *   prompt is first sent
     * @returns {Prompt}
     */
    follow({ sessionID, turn }: Extract<Effect, {
        type: "wait";
    }>, call: {
        callerID: string;
        background: boolean;
        prepare?: () => Promise<void>;
    }): Prompt;
    /**
     * Carries out an effect, not before whoever called for it has returned.
     * @param {Effect} effect
     */
    perform(effect: Effect): void;
    /** Ends a prompt because somebody wants that. @param {Prompt} prompt */
    cancel({ sessionID, turn, attempt, preparing, finish }: Prompt): void;
    /** The prompts of a session, or those that a caller left to the background. @param {(prompt: Prompt) => boolean} test */
    prompts(test: (prompt: Prompt) => boolean): Prompt[];
    /**
     * Takes in an event of the host.
     * @param {string} type
     * @param {any} properties
     */
    seen(type: string, properties: any): void;
    /** Is done when everything is looked up that a process left behind. */
    checked(): Promise<void>;
    /** Lets go of everything, and of no child: what runs ends with the host, or goes on. */
    dispose(): void;
}
