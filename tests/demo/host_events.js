// What the events of a host say of delegations, in one form for OpenCode 1 and 2.

/**
 * @typedef {{ callID: string, callerID: string, messageID: string, input: { agent: string, prompt: string, task_id?: string }, childID?: string }} Call
 * @typedef {{ error: string, result?: undefined } | { result: string, rule?: string, error?: undefined }} End the text that the caller's model reads
 * @typedef {{ type: "speaker", messageID: string, agent: string } | { type: "context", sessionID: string, tokens: number }
 *   | { type: "call", call: Call, ended?: End & { ms: number } }} Reading
 */

/** The size of a context, as a model's usage gives it. @param {any} usage */
const size = ({ input, output, reasoning, cache }) => input + output + reasoning + cache.read + cache.write

/**
 * A reader of OpenCode 1's events.
 * @returns {(event: any) => Reading[]}
 */
export function readOpenCode1() {
  return ({ type, properties }) => {
    if (type === "message.updated" && properties.info.role === "assistant") {
      const { id, sessionID, agent, tokens, finish } = properties.info
      const speaker = /** @type {const} */ ({ type: "speaker", messageID: id, agent })
      return finish ? [speaker, { type: "context", sessionID, tokens: size(tokens) }] : [speaker]
    }
    if (type !== "message.part.updated" || properties.part.tool !== "task" || properties.part.state.status === "pending") return []
    const { callID, sessionID: callerID, messageID, state } = properties.part
    const { subagent_type: agent, prompt, task_id } = state.input
    const call = { callID, callerID, messageID, input: { agent, prompt, task_id }, childID: state.metadata?.sessionId }
    if (state.status === "running") return [{ type: "call", call }]
    const ms = state.time.end - state.time.start
    const end = state.status === "error" ? { error: state.error } : { result: state.output, rule: state.metadata.delegate?.rule }
    return [{ type: "call", call, ended: { ...end, ms } }]
  }
}

/**
 * A reader of OpenCode 2's events.
 * @returns {(event: any) => Reading[]}
 */
export function readOpenCode2() {
  const tools = /** @type {Map<string, string>} */ (new Map())
  const calls = /** @type {Map<string, Call & { at: number }>} */ (new Map())
  return ({ type, data, created }) => {
    if (type === "session.step.started") return [{ type: "speaker", messageID: data.assistantMessageID, agent: data.agent }]
    if (type === "session.step.ended") return [{ type: "context", sessionID: data.sessionID, tokens: size(data.tokens) }]
    if (type === "session.tool.input.started") tools.set(data.id, data.name)
    if (type === "session.tool.called" && tools.get(data.id) === "subagent") {
      const { agent, prompt, task_id, sessionID } = data.input
      calls.set(data.id, { callID: data.id, callerID: data.sessionID, messageID: data.assistantMessageID, input: { agent, prompt, task_id: task_id ?? sessionID }, at: created })
    }
    const known = calls.get(data.id)
    if (!known) return []
    known.childID ??= data.metadata?.sessionID
    const { at, ...call } = known
    const ms = created - at
    if (type === "session.tool.failed") return [{ type: "call", call, ended: { error: data.error.message, ms } }]
    if (type !== "session.tool.success") return [{ type: "call", call }]
    const result = data.content.map((/** @type {any} */ { text }) => text).join("\n")
    return [{ type: "call", call, ended: { result, rule: data.metadata?.delegate?.rule, ms } }]
  }
}
