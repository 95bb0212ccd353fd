// A reader of OpenCode's sessions: the answers of its server, and the files of `opencode export`.

/**
 * @typedef {{ input: number, write: number, read: number }} Tokens the tokens sent to the model: uncached, written to its cache, read from its cache
 * @typedef {{ id: string, parent?: string, agent?: string, name?: string, title: string, created: number, updated: number, tokens?: Tokens }} Past `name`: the name that the plugin gave it
 * @typedef {{
 *   id: string, message?: string, since?: number, at: number, end?: number, caller: string, callerAgent?: string, agent: string, description: string, prompt: string,
 *   task_id?: string, child?: string, background?: boolean, error?: string, action?: string, rule?: string
 * }} Call a call of the task tool in a conversation; `since`: the beginning of the message with the call; `error`: the reason of
 *   a call that failed or was refused; `action`, `rule`: what the plugin decided then
 * @typedef {{ sessions: Past[], calls: Call[], redacted?: number }} History `redacted`: how many calls an export hides
 */

/** OpenCode's title of a child. */
const TITLE = / \(@([^()]*) subagent\)$/

/** The depth of the search for sessions in a dropped file. */
const DEEP = 12

/** The latest valid time, in milliseconds. */
const LATEST = 8.64e15

/** The shown part of an error, in characters. */
const ERROR = 240

/** The line that `opencode export` prints to standard error, which a terminal mixes with the rest. */
const PREFACE = /^\ufeff?(Exporting session: .*\r?\n)?/

/** The used part of a prompt, in characters: a whole prompt would not fit into an address. */
const PROMPT = 400

/** Parses a file. @param {string} text @returns {unknown} */
export const parse = (text) => JSON.parse(text.replace(PREFACE, ""))

/**
 * Reads a dropped file: sessions in any nesting, exports, and lists of both.
 * @param {unknown} json
 * @returns {History}
 * @throws {Error} if the file holds no session
 */
export function read(json) {
  let redacted = 0
  /** @type {Map<string, Past>} */
  const sessions = new Map()
  /** @type {Map<string, Call>} */
  const calls = new Map()
  walk(json, DEEP)
  if (!sessions.size) throw new Error("There is no session in this. It should be an answer of GET /session, or a file of opencode export.")
  return { sessions: [...sessions.values()], calls: [...calls.values()], ...(redacted && { redacted }) }

  /** @param {any} value @param {number} deep */
  function walk(value, deep) {
    if (!value || typeof value !== "object" || deep < 0) return
    const { info, messages } = value
    if (info && Array.isArray(messages)) {
      session(info, messages)
      for (const message of messages) for (const part of list(message?.parts)) call(part, message.info)
      return
    }
    session(value)
    for (const each of Object.values(value)) walk(each, deep - 1)
  }

  /** @param {any} given @param {any[]} [messages] */
  function session({ id, parentID, agent, title, time, tokens, metadata }, messages = []) {
    const created = when(time?.created)
    if (!text(id)?.startsWith("ses") || created === undefined) return
    const whole = text(title) ?? ""
    const counted = tokens ? [tokens] : messages.flatMap((message) => (message?.info?.role === "assistant" && message.info.tokens ? [message.info.tokens] : []))
    sessions.set(id, {
      id, parent: text(parentID), agent: text(agent) ?? TITLE.exec(whole)?.[1], name: text(metadata?.delegate?.slug), title: whole.replace(TITLE, ""),
      created, updated: when(time.updated) ?? created, tokens: counted.length ? sum(counted) : sessions.get(id)?.tokens,
    })
  }

  /** @param {any} part @param {any} info */
  function call(part, info) {
    const { type, tool, callID, messageID, sessionID, state } = part ?? {}
    const input = state?.input
    if (type === "tool" && tool === "task" && input?.redacted) redacted++
    const { sessionId, parentSessionId, delegate } = state?.metadata ?? {}
    // A fork holds copies of the calls that its original made.
    const caller = text(parentSessionId ?? sessionID ?? info?.sessionID)
    const [id, message, agent] = [text(callID), text(messageID ?? info?.id), text(input?.subagent_type)]
    const since = when(info?.time?.created)
    const at = when(state?.time?.start) ?? since
    if (type !== "tool" || tool !== "task" || !id || !caller || !agent || at === undefined) return
    const child = text(sessionId)
    // With executor "host", the input holds the session that was decided.
    const task_id = text(delegate && "asked" in delegate ? delegate.asked : input.task_id) || undefined
    const made = {
      id, message, since, at, end: when(state.time?.end), caller, callerAgent: text(info?.agent ?? info?.mode),
      agent, description: text(input.description) ?? "", prompt: (text(input.prompt) ?? "").slice(0, PROMPT), task_id, child, background: input.background === true || undefined,
      error: state.status === "error" ? (text(state.error) ?? "").slice(0, ERROR) : undefined, action: text(delegate?.action), rule: text(delegate?.rule),
    }
    calls.set(keyOf(made), made)
  }
}

/** The same for a call and its copy in a fork. Some providers give their ids again. @param {Call} call */
const keyOf = ({ id, child, at }) => `${id} ${child} ${at}`

/** A text, or nothing. @param {unknown} value */
const text = (value) => (typeof value === "string" ? value : undefined)

/** A time, in milliseconds. @param {unknown} value */
const when = (value) => (typeof value === "number" && Math.abs(value) <= LATEST ? value : undefined)

/** @param {unknown} value @returns {any[]} */
const list = (value) => (Array.isArray(value) ? value : [])

/** @param {any[]} all @returns {Tokens} */
function sum(all) {
  const of = (/** @type {(tokens: any) => unknown} */ field) => all.reduce((sum, tokens) => sum + (Number(field(tokens)) || 0), 0)
  return { input: of(({ input }) => input), write: of(({ cache }) => cache?.write), read: of(({ cache }) => cache?.read) }
}

/** The joined history of two files. @param {History | undefined} one @param {History} other @returns {History} */
export function join(one, other) {
  if (!one) return other
  const sessions = new Map([...one.sessions, ...other.sessions].map((session) => [session.id, session]))
  const calls = new Map([...other.calls, ...one.calls].map((call) => [keyOf(call), call]))
  const redacted = (one.redacted ?? 0) + (other.redacted ?? 0)
  return { sessions: [...sessions.values()], calls: [...calls.values()], ...(redacted && { redacted }) }
}

/**
 * The sessions that a history names and does not hold, as far as their calls and children show them.
 * @param {History} history
 * @returns {Past[]}
 */
export function missing({ sessions, calls }) {
  const known = new Set(sessions.map(({ id }) => id))
  /** @type {Map<string, Past>} */
  const found = new Map()
  const note = (/** @type {Past} */ past) => known.has(past.id) || found.has(past.id) || found.set(past.id, past)
  for (const { child, caller: parent, agent, description: title, at: created, end: updated = created } of calls.toSorted((one, other) => one.at - other.at)) {
    note({ id: parent, title: "", created, updated })
    if (child) note({ id: child, parent, agent, title, created, updated })
  }
  for (const { parent: id, created } of sessions) if (id) note({ id, title: "", created, updated: created })
  return [...found.values()]
}
