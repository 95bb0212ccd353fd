// The requests of the terminal half to the server half. OpenCode 1 hands commands that its terminal does not know to its plugins;
// OpenCode 2 has calls between the halves of a plugin.

const RENAME = "opencode-delegate.rename"

/** The command that gives a session a name. @param {string} sessionID @param {string} name */
export const renameCommand = (sessionID, name) => [RENAME, sessionID, name].join(" ")

/**
 * The session and the name in a command, if it is of that form.
 * @param {unknown} command
 * @returns {{ sessionID: string, name: string } | undefined}
 */
export function readRename(command) {
  if (typeof command !== "string") return undefined
  const [kind, sessionID, ...words] = command.split(" ")
  return kind === RENAME && sessionID ? { sessionID, name: words.join(" ") } : undefined
}

const SESSION_ID = { type: "string", maxLength: 200 }
const NOTHING = { type: "object", additionalProperties: false }
const input = (/** @type {Record<string, object>} */ properties) => ({ type: "object", properties, required: Object.keys(properties), additionalProperties: false })

/** The calls in OpenCode 2, with the schemas of their inputs and outputs, and the events that the server half sends. */
export const terminalRPC = {
  id: "opencode-delegate",
  methods: {
    /** The records of a session's children, and of the session itself if it is `parentID`. */
    records: { input: input({ parentID: SESSION_ID, sessionIDs: { type: "array", items: SESSION_ID, maxItems: 1_000 } }), output: { type: "object" } },
    command: { input: input({ command: { type: "string", maxLength: 1_000 } }), output: NOTHING },
    log: { input: input({ message: { type: "string", maxLength: 1_000 } }), output: NOTHING },
  },
  events: {
    /** The record of a session has changed. */
    stored: { schema: input({ sessionID: SESSION_ID }) },
    /** A message for a person. */
    toast: { schema: input({ message: { type: "string" }, variant: { type: "string" } }) },
  },
}
