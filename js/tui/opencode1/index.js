// The face of OpenCode 1 for the terminal half: the calls of its client. Its plugin interface is what the view is written for.

/**
 * @typedef {import("./host.js").Api} Api
 * @typedef {import("./host.js").Host} Host
 * @typedef {import("./host.js").HostMessage} HostMessage
 * @typedef {import("./host.js").HostSession} HostSession
 * @typedef {import("./host.js").LastEnd} LastEnd
 * @typedef {import("./host.js").Question} Question
 */

export { bindHost } from "./host.js"
