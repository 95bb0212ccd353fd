// The requests of the terminal half to the server half: commands that no terminal knows. OpenCode hands each to its plugins.

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
