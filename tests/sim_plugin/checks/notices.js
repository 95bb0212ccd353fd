// I3: a session gets each notice of a background task below its subagents once, and few at a time.

/** The most notices in one message: each further one is counted. */
const MOST = 5

/** The characters at the end of a part's id that stand for the task. */
const SEED = 14

/**
 * The notices that sessions get.
 */
export class Notices {
  #scene
  /** The messages with a notice, by session and task. @type {Map<string, Set<string>>} */
  #messages = new Map()

  /** @param {import("./scene.js").Scene} scene */
  constructor(scene) {
    this.#scene = scene
  }

  /** Takes in that a message was removed: the notices in it may come again. @param {string} messageID */
  removed(messageID) {
    for (const messages of this.#messages.values()) messages.delete(messageID)
  }

  /** Takes in a user message. @param {string} sessionID @param {string} messageID @param {any[]} parts */
  prompted(sessionID, messageID, parts) {
    const notices = parts.filter(({ synthetic, text }) => synthetic && /^Background task "/.test(text))
    if (notices.length > MOST) this.#scene.fail("I11", `${sessionID} gets ${notices.length} notices in ${messageID}`)
    for (const { id, text } of notices) {
      if (!/^[^\n]{1,600}(\nSo have \d+ others?\.)?$/.test(text)) this.#scene.fail("I11", `${sessionID} gets a notice in another form: ${text}`)
      const task = `${sessionID} ${id.slice(-SEED)}`
      const messages = this.#messages.get(task) ?? new Set()
      this.#messages.set(task, messages.add(messageID))
      // Two processes may give it at the same moment, and neither sees the other. A record that another plugin overwrote may bring
      // it back.
      if (messages.size > 1 + this.#scene.spoiled.size && this.#scene.alone) this.#scene.fail("I3", `${sessionID} gets a notice ${messages.size} times: ${text}`)
    }
  }
}
