// The messages between the terminal half and the server half: commands that no terminal knows. OpenCode 1 hands each to both
// halves; OpenCode 2 has calls between them.

const RENAME = "opencode-delegate.rename"
const FAULT = "opencode-delegate.fault"
const STOP = "opencode-delegate.stop"
const STEER = "opencode-delegate.steer"

/** The command that asks the server half for the fault that keeps it off. */
export const ASK_FAULT = "opencode-delegate.ask-fault"

/** The answer to that command. @param {string} [fault] */
export const faultCommand = (fault = "") => [FAULT, fault].join(" ")

/** The fault in a command, if it is such an answer: empty if the server half is on. @param {unknown} command @returns {string | undefined} */
export function readFault(command) {
  if (typeof command !== "string" || !command.startsWith(`${FAULT} `)) return undefined
  return command.slice(FAULT.length + 1)
}

/** The command that gives a session a name. @param {string} sessionID @param {string} name */
export const renameCommand = (sessionID, name) => [RENAME, sessionID, name].join(" ")

/**
 * The session and the name in a command, if it is of that form.
 * @param {unknown} command
 * @returns {{ sessionID: string, name: string } | undefined}
 */
export function readRename(command) {
  const given = words(command, RENAME)
  return given && { sessionID: given.sessionID, name: given.rest }
}

/** The session in a command of a kind, and what follows it. @param {unknown} command @param {string} kind */
function words(command, kind) {
  if (typeof command !== "string") return undefined
  const [first, sessionID, ...rest] = command.split(" ")
  return first === kind && sessionID ? { sessionID, rest: rest.join(" ") } : undefined
}

/** The command that stops a session with all below it. @param {string} sessionID */
export const stopCommand = (sessionID) => [STOP, sessionID].join(" ")

/** The session to stop in a command, if it is of that form. @param {unknown} command @returns {string | undefined} */
export const readStop = (command) => words(command, STOP)?.sessionID

/** The command that gives a running session a message. @param {string} sessionID @param {string} message */
export const steerCommand = (sessionID, message) => [STEER, sessionID, message].join(" ")

/** The session and the message in a command, if it is of that form. @param {unknown} command */
export function readSteer(command) {
  const given = words(command, STEER)
  return given && { sessionID: given.sessionID, message: given.rest }
}

/** The longest message for the log, in characters. */
export const LOGGED = 1_000

const SESSION_ID = { type: "string", maxLength: 200 }
const NOTHING = { type: "object", additionalProperties: false }
const input = (/** @type {Record<string, object>} */ properties) => ({ type: "object", properties, required: Object.keys(properties), additionalProperties: false })

/** The calls in OpenCode 2, with the schemas of their inputs and outputs, and the events that the server half sends. */
export const terminalRPC = {
  id: "opencode-delegate",
  methods: {
    /** The records of a session's children, and of the session itself if it is `parentID`. */
    records: { input: input({ parentID: SESSION_ID, sessionIDs: { type: "array", items: SESSION_ID, maxItems: 1_000 } }), output: { type: "object" } },
    /** Hands the server half a command; it may answer with one. */
    command: { input: input({ command: { type: "string", maxLength: 20_000 } }), output: { type: "object", properties: { answer: { type: "string" } }, additionalProperties: false } },
    log: { input: input({ message: { type: "string", maxLength: LOGGED } }), output: NOTHING },
  },
  events: {
    /** The record of a session has changed. */
    stored: { schema: input({ sessionID: SESSION_ID }) },
    /** A message for a person. */
    toast: { schema: input({ message: { type: "string" }, variant: { type: "string" } }) },
  },
}
