// Rows from the engine's sessions, until the engine gives them.

/** @param {import("../engine.js").Engine} engine @param {{ sessionID: string, now: number, seen: any[] }} asked @returns {any} */
export function outline(engine, { sessionID, now, seen }) {
  const known = new Map(seen.map((one) => [one.sessionID, one]))
  const rows = engine.sessions(sessionID).map((session) => {
    const host = known.get(session.id) ?? {}
    const state = host.permission ? "permission" : session.status !== "idle" ? "running" : session.prompt ? "waiting" : host.failed ? "failed" : "done"
    const title = session.slug ?? session.description.slice(0, 60)
    const share = session.window ? session.tokens / session.window : undefined
    const age = now - session.lastUsed
    const minutes = `${Math.floor(age / 60_000)} min`
    const figures = [session.tokens ? `${session.tokens} tokens` : "", session.budget ? `${session.used}/${session.budget}` : "", minutes].filter(Boolean)
    return {
      sessionID: session.id, parentID: session.parentID, depth: session.depth, name: session.slug, title, agent: session.agent, state,
      tokens: session.tokens, window: session.window, share, cost: host.cost, budget: session.budget, used: session.used, age, resumed: 0,
      text: [title, session.agent, state, ...figures].join(" · "), short: [title, state, minutes].join(" · "),
    }
  })
  return { rows }
}
