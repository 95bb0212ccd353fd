// The error of the API.

/** @typedef {import("./types.js").Code} Code */

/** An error with a stable code, and the field at fault if there is one. */
export class DelegateError extends Error {
  /** @param {{ code: Code, message: string, field?: string }} error @param {unknown} [cause] */
  constructor({ code, message, field }, cause) {
    super(message, cause === undefined ? undefined : { cause })
    this.name = "DelegateError"
    this.code = code
    this.field = field
  }
}
