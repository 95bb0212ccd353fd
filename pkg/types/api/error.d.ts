export type Code = import("./types.js").Code;
/** @typedef {import("./types.js").Code} Code */
/** An error with a stable code, and the field at fault if there is one. */
export declare class DelegateError extends Error {
    code: import("../../opencode_delegate_types.js").Code;
    field: string | undefined;
    /** @param {{ code: Code, message: string, field?: string }} error @param {unknown} [cause] */
    constructor({ code, message, field }: {
        code: Code;
        message: string;
        field?: string;
    }, cause?: unknown);
}
