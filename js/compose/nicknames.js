// Another plugin's names for sessions, in the messages of a request to the model.

/**
 * @param {import("./description.js").NicknamesDescription} description
 * @returns {import("./compose.js").NicknameReader}
 */
export function nicknameReader({ metadata: flag, line }) {
  const names = new RegExp(line, "gm")
  return function* (messages) {
    for (const { info, parts } of messages) {
      for (const { metadata, text } of parts) {
        if (metadata?.[flag] !== true) continue
        for (const [, alias, sessionID] of text.matchAll(names)) yield { parentID: info.sessionID, sessionID, alias }
      }
    }
  }
}
