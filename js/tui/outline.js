// The view of a conversation. A new engine gives it from all that the host has said.

import { engineSession, isAlive, unreadableSession } from "../core/index.js"
import { Engine, contextTokens } from "../engine.js"

/**
 * @typedef {import("./conversation.js").Conversation} Conversation
 * @typedef {import("./opencode1/index.js").HostSession} HostSession
 * @typedef {import("../api.js").Outline} Outline
 * @typedef {import("../api.js").OutlineRow} Row
 * @typedef {{ few: Outline, all: Outline }} Outlines
 */

/** The name of the terminal's engine. It stores nothing, so no record has it. */
const TERMINAL = "terminal"

/** The number of sessions where there is little space, and in a list that scrolls. */
const [FEW, MANY] = [10, 500]

/**
 * How the sessions of a conversation stand: those used last, and all.
 * @param {Conversation} conversation
 * @param {number} now
 * @returns {Outlines}
 */
export function outlineOf(conversation, now) {
  const engine = engineOf(conversation)
  const asking = new Set([...conversation.questions.values()].map(({ sessionID }) => sessionID))
  const seen = [...conversation.sessions.keys()].map((id) => ({
    sessionID: id, failed: conversation.failed.has(id), error: conversation.errors.get(id), permission: asking.has(id), unanswered: conversation.unanswered.has(id),
  }))
  const [few, all] = [FEW, MANY].map((most) => engine.outline({ sessionID: conversation.rootID, now, most, seen }))
  return { few, all }
}

/** @param {Conversation} conversation */
function engineOf({ rootID, sessions, running, usage }) {
  const engine = new Engine({}, { process: TERMINAL })
  for (const session of sessions.values()) {
    const now = session.time?.updated ?? 0
    try {
      engine.apply({ type: "session.created", now, session: read(session) })
    } catch {
      engine.apply({ type: "session.created", now, session: unreadableSession(session) })
    }
    if (session.id === rootID) engine.apply({ type: "root.reading", now, sessionID: rootID })
  }
  engine.apply({ type: "root.read", now: 0, sessionID: rootID })
  for (const [sessionID, { status, at }] of running) engine.apply({ type: "session.status", now: at, sessionID, status })
  for (const [sessionID, { tokens, window }] of usage) {
    const now = sessions.get(sessionID)?.time?.updated ?? 0
    engine.apply({ type: "session.usage", now, sessionID, tokens, window })
  }
  return engine
}

/** @param {HostSession} session */
function read(session) {
  // The server half may run in another thread of this process, whose instances are not to be seen here.
  return engineSession(session, TERMINAL, (owner) => Number.parseInt(owner) === process.pid || isAlive(owner))
}

/**
 * The use of a context window that an assistant's message shows.
 * @param {any} message
 * @param {readonly any[]} providers as the terminal knows them
 */
export function usageOf({ providerID, modelID, tokens, summary, finish }, providers) {
  if (!finish) return undefined
  const window = providers.find(({ id }) => id === providerID)?.models?.[modelID]?.limit?.context ?? 0
  return { tokens: contextTokens({ tokens, summary }), window }
}
