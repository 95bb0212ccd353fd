// What OpenCode tells of its sessions, read: the answers of its server and the files of `opencode export`.

/**
 * @typedef {{ input: number, write: number, read: number }} Tokens what was sent to the model: anew, into its cache, from its cache
 * @typedef {{ id: string, parent?: string, agent?: string, title: string, created: number, updated: number, tokens?: Tokens }} Past
 * @typedef {{
 *   id: string, since?: number, at: number, end?: number, caller: string, callerAgent?: string, agent: string, description: string, prompt: string,
 *   task_id?: string, child?: string, background?: boolean
 * }} Call a call of the task tool, as it stands in a conversation; `since`: when the message began that makes it
 * @typedef {{ sessions: Past[], calls: Call[] }} History
 */

/** How OpenCode titles a child. */
const TITLE = / \(@([^()]*) subagent\)$/

/** How much of a prompt is looked at, in characters: all of it would make no address to share. */
const PROMPT = 400

/**
 * Reads what was dropped: sessions in any nesting, exports, and lists of both.
 * @param {unknown} json
 * @returns {History}
 * @throws {Error} where there is no session in it
 */
export function read(json) {
  /** @type {Map<string, Past>} */
  const sessions = new Map()
  /** @type {Call[]} */
  const calls = []
  walk(json)
  if (!sessions.size) throw new Error("There is no session in this. It should be what GET /session answers, or a file of opencode export.")
  return { sessions: [...sessions.values()], calls: calls.filter(({ child }, place) => calls.findIndex((other) => other.child === child && other.id === calls[place].id) === place) }

  /** @param {any} value */
  function walk(value) {
    if (Array.isArray(value)) return void value.forEach(walk)
    if (!value || typeof value !== "object") return
    const { info, messages } = value
    if (info && Array.isArray(messages)) {
      session(info, messages)
      for (const message of messages) for (const part of message?.parts ?? []) call(part, message.info)
      return
    }
    if (typeof value.id === "string" && value.id.startsWith("ses") && typeof value.time?.created === "number") session(value)
    for (const name of ["data", "sessions", "children"]) walk(value[name])
  }

  /** @param {any} given @param {any[]} [messages] */
  function session({ id, parentID, agent, title = "", time, tokens }, messages = []) {
    const counted = tokens ? [tokens] : messages.flatMap(({ info }) => (info?.role === "assistant" && info.tokens ? [info.tokens] : []))
    sessions.set(id, {
      id, parent: parentID, agent: agent ?? TITLE.exec(title)?.[1], title: String(title).replace(TITLE, ""),
      created: time.created, updated: time.updated ?? time.created, tokens: counted.length ? sum(counted) : sessions.get(id)?.tokens,
    })
  }

  /** @param {any} part @param {any} info */
  function call(part, info) {
    const { type, tool, callID, sessionID, state } = part ?? {}
    if (type !== "tool" || tool !== "task" || !state?.input?.subagent_type) return
    const { subagent_type, description = "", prompt = "", task_id, background } = state.input
    calls.push({
      id: callID, since: info.time.created, at: state.time?.start ?? info.time.created, end: state.time?.end, caller: sessionID ?? info.sessionID, callerAgent: info.agent ?? info.mode,
      agent: subagent_type, description, prompt: prompt.slice(0, PROMPT), task_id: task_id || undefined, child: state.metadata?.sessionId, background,
    })
  }
}

/** @param {any[]} all @returns {Tokens} */
function sum(all) {
  const of = (/** @type {(tokens: any) => number | undefined} */ field) => all.reduce((sum, tokens) => sum + (field(tokens) ?? 0), 0)
  return { input: of(({ input }) => input), write: of(({ cache }) => cache?.write), read: of(({ cache }) => cache?.read) }
}

/** What two files tell together. @param {History | undefined} one @param {History} other @returns {History} */
export function join(one, other) {
  if (!one) return other
  const sessions = new Map([...one.sessions, ...other.sessions].map((session) => [session.id, session]))
  const calls = new Map([...one.calls, ...other.calls].map((call) => [call.id, call]))
  return { sessions: [...sessions.values()], calls: [...calls.values()] }
}
