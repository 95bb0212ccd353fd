// What the terminal half and the server half say to each other: commands that no terminal knows. OpenCode hands each to both.

const RENAME = "opencode-delegate.rename"
const FAULT = "opencode-delegate.fault"

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
  if (typeof command !== "string") return undefined
  const [kind, sessionID, ...words] = command.split(" ")
  return kind === RENAME && sessionID ? { sessionID, name: words.join(" ") } : undefined
}
