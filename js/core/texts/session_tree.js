// The sessions of a root, as a table and as a diagram.

/**
 * @typedef {import("../../api.js").Session} Session
 */

/**
 * One row a session, each child under its parent.
 * @param {Session[]} sessions a root and all sessions below it
 * @param {number} now
 */
export function table(sessions, now) {
  const rows = depthFirst(sessions).map((session) => {
    const { slug, id, agent, depth, lastUsed, tokens, window, budget, used } = session
    const share = window ? ` (${Math.round((100 * tokens) / window)} %)` : ""
    const cells = ["  ".repeat(depth - 1) + (slug ?? id), agent ?? "", state(session), age(now - lastUsed), `${tokens}${share}`, budget ? `${used}/${budget}` : "-"]
    return `| ${cells.join(" | ")} |`
  })
  if (!rows.length) return "There is no subagent session yet."
  return ["| task_id | agent | state | last used | tokens | budget |", "|---|---|---|---|---|---|", ...rows].join("\n")
}

/**
 * A Mermaid flowchart: an arrow leads from each caller to each child.
 * @param {Session[]} sessions a root and all sessions below it
 */
export function diagram(sessions) {
  const names = new Map(sessions.map(({ id }, index) => [id, `s${index}`]))
  const lines = sessions.map((session) => {
    const { id, parentID, slug, agent } = session
    const label = parentID ? [slug ?? id, agent, state(session)].filter(Boolean).join("<br>") : `root${agent ? `<br>${agent}` : ""}`
    const node = `${names.get(id)}["${label.replaceAll('"', "#quot;")}"]`
    return parentID && names.has(parentID) ? `  ${names.get(parentID)} --> ${node}` : `  ${node}`
  })
  return ["flowchart TD", ...lines].join("\n")
}

/** The state of a session, or of its last background task if it is idle. @param {Session} session */
function state({ status, prompt, waiting, task }) {
  const more = waiting ? ` +${waiting} waiting` : ""
  if (prompt === "created" && status === "idle") return `waiting${more}`
  if (status !== "idle" || prompt) return `${status === "retry" ? "retrying" : "running"}${more}`
  return task ? `${task.state} (${task.id})` : "idle"
}

/** All sessions except the root, depth first: each after its parent and its elder siblings. @param {Session[]} sessions */
function depthFirst(sessions) {
  const children = /** @type {Map<string | undefined, Session[]>} */ (new Map())
  for (const session of sessions) {
    const siblings = children.get(session.parentID)
    if (siblings) siblings.push(session)
    else children.set(session.parentID, [session])
  }
  /** @type {(of: Session) => Session[]} */
  const all = (of) => (children.get(of.id) ?? []).flatMap((child) => [child, ...all(child)])
  return (children.get(undefined) ?? []).flatMap(all)
}

/** @param {number} ms */
function age(ms) {
  const seconds = Math.max(0, Math.round(ms / 1000))
  if (seconds < 60) return `${seconds} s`
  if (seconds < 3_600) return `${Math.round(seconds / 60)} min`
  return seconds < 86_400 ? `${Math.round(seconds / 3_600)} h` : `${Math.round(seconds / 86_400)} d`
}
