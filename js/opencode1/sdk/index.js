// The face of the SDK: OpenCode's calls, and the answers in OpenCode's messages.

/**
 * @typedef {import("./answers.js").Answer} Answer
 * @typedef {import("./client.js").Client} Client
 * @typedef {import("./client.js").Host} Host
 * @typedef {import("./client.js").HostAgent} HostAgent
 * @typedef {import("./client.js").HostMessage} HostMessage
 * @typedef {import("./client.js").HostSession} HostSession
 * @typedef {import("./client.js").Part} Part
 */

export { callsTool, readMessages } from "./answers.js"
export { bindClient } from "./client.js"
export { namingOf } from "./naming.js"
