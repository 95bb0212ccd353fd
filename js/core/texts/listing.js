// Lists of sessions, and counts of things.

/** @param {number} number @param {string} noun */
export const count = (number, noun) => `${number} ${noun}${number === 1 ? "" : "s"}`

/** @param {string} head @param {{ slug?: string, agent?: string, description: string, sessionID?: string }[]} sessions */
export function listing(head, sessions) {
  const lines = sessions.map(
    ({ slug, sessionID, agent, description }) => `- ${slug ?? sessionID} (${agent ?? "any agent"}): ${description}`,
  )
  return [head, ...lines].join("\n")
}
