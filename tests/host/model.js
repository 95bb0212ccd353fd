import { createHash, randomUUID } from "node:crypto"
import { createServer } from "node:http"
import { setTimeout as sleep } from "node:timers/promises"

/**
 * A step of a script. `fail`, `drop`, `cut` and `empty` happen `times` times (once), then the step after them is played.
 * `hang` alone waits and continues; beside other fields it delays them; so does `gate`, until the test opens it. `ids` are
 * the ids of the step's calls; without them each call has a new one. Strings
 * outside of nested scripts may hold `{{recall /regex/}}` (first capture of the first match in the conversation, else
 * `(nothing)`) and `{{results}}` (the tool results since the script).
 * @typedef {{ tool: string, args: Record<string, unknown> }} Call
 * @typedef {{ description: string, prompt: string, subagent_type: string, task_id?: string, [key: string]: unknown }} Task
 * @typedef {{
 *   say?: string, task?: Task, tasks?: Task[], call?: Call, calls?: Call[], ids?: string[],
 *   fail?: { status: number, times?: number, message?: string, retry_after_ms?: number },
 *   drop?: boolean, cut?: boolean, empty?: boolean, times?: number, hang?: number, gate?: string, usage?: number
 * }} Step
 *
 * @typedef {{ role: string, content?: string | null | { text?: string }[], tool_calls?: unknown[] }} Message
 * @typedef {{ messages: Message[], tools?: { function: { name: string, description?: string, parameters?: any } }[], [key: string]: any }} Body
 * @typedef {{ kind: "chat" | "title" | "summary", sessionID: string | undefined, body: Body, at: number }} Recorded
 * @typedef {{
 *   url: string, requests: Recorded[], reached(gate: string): Promise<void>, open(gate: string): void, clear(): void,
 *   close(): Promise<void>
 * }} Model
 * @typedef {{ say?: string, calls?: Call[], ids?: string[], usage?: number, cut?: boolean }} Answer
 */

const OPEN = "<script>"
const CLOSE = "</script>"
const CUT = "This answer stops in the mid"
/** A conversation that holds this cannot be summarised. */
export const NO_SUMMARY = "[[no summary]]"
export const TITLE = "Scripted session"
const SUMMARY = "SUMMARY\n## Objective\n- Scripted"

/**
 * The text that makes the model play these steps, one per answer: put it in a prompt.
 * @param {...Step} steps
 */
export const script = (...steps) => OPEN + JSON.stringify(steps) + CLOSE

/**
 * An OpenAI-compatible model on a free port that plays the scripts found in the conversations it is sent, so that it
 * holds no state and each session scripts itself.
 * @param {{ plays?: Record<string, Step[]>, title?: string }} [given] `plays`: the steps that stand for whole messages, where a
 *   person is to read the messages
 * @returns {Promise<Model>}
 */
export async function startModel({ plays = {}, title = TITLE } = {}) {
  /** @type {Recorded[]} */
  const requests = []
  /** How often each fault was played. @type {Map<string, number>} */
  const played = new Map()
  /** @type {Map<string, { reached: Promise<void>, reach: () => void, opened: Promise<void>, open: () => void }>} */
  const gates = new Map()
  const gate = (/** @type {string} */ name) => {
    const [reached, reach] = signal()
    const [opened, open] = signal()
    if (!gates.has(name)) gates.set(name, { reached, reach, opened, open })
    return /** @type {NonNullable<ReturnType<typeof gates.get>>} */ (gates.get(name))
  }
  const server = createServer((req, res) => {
    handle(req, res).catch(() => res.destroy())
  })

  /** @param {import("node:http").IncomingMessage} req @param {import("node:http").ServerResponse} res */
  async function handle(req, res) {
    let raw = ""
    for await (const chunk of req.setEncoding("utf8")) raw += chunk
    if (req.method !== "POST" || !req.url?.endsWith("/chat/completions")) return void res.writeHead(404).end("{}")
    /** @type {Body} */
    const body = JSON.parse(raw)
    const session = req.headers["x-session-id"]
    const sessionID = Array.isArray(session) ? session[0] : session
    const messages = body.messages.filter((message) => message.role !== "system")
    const kind = kindOf(body)
    requests.push({ kind, sessionID, body, at: Date.now() })
    if (kind === "title") return stream(res, body, { say: title })
    if (kind === "summary" && body.messages.some((message) => textOf(message).includes(NO_SUMMARY))) {
      return void res.writeHead(400, { "content-type": "application/json" }).end(JSON.stringify({ error: { message: "no summary of this" } }))
    }
    // OpenCode 2 wants its headings, and shows the summary as a user's message: its scripts were played.
    if (kind === "summary") return stream(res, body, { say: `${SUMMARY}\n${messages.map(plainOf).join("\n\n")}` })

    const { steps, since } = currentScript(messages, plays)
    const after = messages.slice(since)
    // A fault leaves nothing behind that counts, so the position in the script is the number of real answers.
    let position = after.filter((m) => m.role === "assistant" && (m.tool_calls?.length || ![CUT, ""].includes(textOf(m)))).length
    const conversation = hash([sessionID ?? "", since, ...messages.slice(0, since).map(textOf)])

    for (const [index, step] of steps.entries()) {
      const fault = step.fail ?? (step.drop || step.cut || step.empty ? step : undefined)
      const answers = step.say !== undefined || step.task || step.tasks || step.call || step.calls
      if (position > 0) {
        if (!fault && answers) position--
        continue
      }
      if (fault) {
        const key = `${conversation}:${index}`
        const count = played.get(key) ?? 0
        if (count >= (fault.times ?? 1)) continue
        played.set(key, count + 1)
      }
      const closed = new Promise((resolve) => res.once("close", resolve))
      if (step.hang) await Promise.race([sleep(step.hang, undefined, { ref: false }), closed])
      if (step.gate) {
        gate(step.gate).reach()
        await Promise.race([gate(step.gate).opened, closed])
      }
      if (res.destroyed) return
      if (step.drop) return void res.destroy()
      if (step.cut) return stream(res, body, { say: CUT, usage: step.usage, cut: true })
      if (step.empty) return stream(res, body, { usage: step.usage })
      if (step.fail) {
        const { status, message = "scripted failure", retry_after_ms } = step.fail
        const wait = retry_after_ms === undefined ? {} : { "retry-after-ms": String(retry_after_ms) }
        res.writeHead(status, { "content-type": "application/json", ...wait })
        return void res.end(JSON.stringify({ error: { message, type: "scripted", code: String(status) } }))
      }
      if (!answers) continue
      const filled = fill(step, messages, after)
      const tasks = [...(filled.task ? [filled.task] : []), ...(filled.tasks ?? [])].map((args) => delegation(args, body))
      const calls = [...tasks, ...(filled.call ? [filled.call] : []), ...(filled.calls ?? [])]
      return stream(res, body, { say: filled.say, calls, ids: step.ids, usage: step.usage })
    }
    return stream(res, body, { say: "done" })
  }

  await new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(undefined)))
  const { port } = /** @type {import("node:net").AddressInfo} */ (server.address())
  return {
    url: `http://127.0.0.1:${port}/v1`,
    requests,
    reached: (name) => gate(name).reached,
    open: (name) => gate(name).open(),
    clear() {
      requests.length = 0
    },
    close() {
      return new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      })
    },
  }
}

/** A promise and the function that resolves it. @returns {[Promise<void>, () => void]} */
function signal() {
  let give = () => {}
  return [new Promise((resolve) => (give = resolve)), () => give()]
}

/** @param {Body} body @returns {Recorded["kind"]} */
function kindOf(body) {
  // OpenCode 2 asks for a summary at the end of the conversation, and offers the tools again.
  if (/^(?:You MUST summarize|Update the existing checkpoint|The previous response did not fill in)/.test(textOf(body.messages[body.messages.length - 1]))) return "summary"
  if (body.tools?.length) return "chat"
  const text = body.messages.map(textOf)
  if (text.some((t) => t.includes("Generate a title for this conversation") || t.includes("You are a title generator"))) return "title"
  return text.some((t) => t.includes("Here is the conversation so far") || t.includes("anchored summary")) ? "summary" : "chat"
}

/** The call that delegates, with the tool of the host. @param {Task} task @param {Body} body @returns {Call} */
function delegation(task, { tools = [] }) {
  const offered = new Map(tools.map((tool) => [tool.function.name, tool.function.parameters?.properties ?? {}]))
  const parameters = offered.get("subagent")
  if (offered.has("task") || !parameters) return { tool: "task", args: task }
  const { subagent_type: agent, task_id, ...rest } = task
  // A model names a session by the parameter that the tool has.
  const named = task_id === undefined ? {} : { ["task_id" in parameters ? "task_id" : "sessionID"]: task_id }
  return { tool: "subagent", args: { agent, ...rest, ...named } }
}

/** @param {Message} message */
function textOf({ content }) {
  return typeof content === "string" ? content : (content ?? []).map((part) => part.text ?? "").join("\n")
}

/** The text of a message without its scripts. @param {Message} message */
const plainOf = (message) => split(textOf(message)).filter((_, place) => place % 2 === 0).join("")

/**
 * Splits a text into plain pieces (even places) and outermost scripts (odd places). A script ends where its JSON is
 * whole, so one inside a string of another does not end it.
 * @param {string} text
 * @returns {string[]}
 */
function split(text) {
  const pieces = []
  let from = 0
  let open = text.indexOf(OPEN)
  while (open >= 0) {
    const start = open + OPEN.length
    let close = text.indexOf(CLOSE, start)
    while (close >= 0 && !parse(text.slice(start, close))) close = text.indexOf(CLOSE, close + 1)
    if (close >= 0) {
      pieces.push(text.slice(from, open), text.slice(start, close))
      from = close + CLOSE.length
    }
    open = text.indexOf(OPEN, close >= 0 ? from : start)
  }
  return [...pieces, text.slice(from)]
}

/** @param {string} json @returns {Step[] | undefined} */
function parse(json) {
  try {
    const value = JSON.parse(json)
    return Array.isArray(value) ? value : undefined
  } catch {
    return undefined
  }
}

/** @param {Message[]} messages @param {Record<string, Step[]>} plays @returns {{ steps: Step[], since: number }} */
function currentScript(messages, plays) {
  for (let i = messages.length - 1; i >= 0; i--) {
    if (messages[i].role !== "user") continue
    const known = plays[textOf(messages[i]).trim()]
    if (known) return { steps: known, since: i + 1 }
    const json = split(textOf(messages[i])).filter((_, place) => place % 2).at(-1)
    if (json) return { steps: parse(json) ?? [], since: i + 1 }
    if (textOf(messages[i]).includes(OPEN)) return { steps: [{ say: "this script is not JSON" }], since: i + 1 }
  }
  return { steps: [], since: messages.length }
}

/**
 * The step with its templates filled in; nested scripts keep theirs for the session that will play them.
 * @param {Step} step @param {Message[]} messages @param {Message[]} after @returns {Step}
 */
function fill(step, messages, after) {
  const plain = messages.map(plainOf).join("\n")
  const results = after.filter((m) => m.role === "tool").map(textOf).join("\n")
  /** @param {string} text */
  const expand = (text) =>
    text
      .replaceAll("{{results}}", () => results)
      .replace(/\{\{recall \/(.+?)\/([a-z]*)\}\}/g, (_, source, flags) => new RegExp(source, flags).exec(plain)?.[1] ?? "(nothing)")
  return JSON.parse(JSON.stringify(step), (_, value) =>
    typeof value !== "string" ? value : split(value).map((piece, place) => (place % 2 ? OPEN + piece + CLOSE : expand(piece))).join(""),
  )
}

/** @param {unknown} value */
const hash = (value) => createHash("sha256").update(JSON.stringify(value)).digest("hex")

/** @param {import("node:http").ServerResponse} res @param {Body} body @param {Answer} answer */
function stream(res, body, { say, calls = [], ids = [], usage, cut }) {
  const id = `chatcmpl-${randomUUID()}`
  const head = { id, object: "chat.completion.chunk", created: Math.floor(Date.now() / 1000), model: body.model }
  /** @param {unknown} data */
  const send = (data) => res.write(`data: ${JSON.stringify(data)}\n\n`)
  /** @param {object} delta @param {string | null} [finish] */
  const chunk = (delta, finish = null) => send({ ...head, choices: [{ index: 0, delta, finish_reason: finish }] })

  res.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-cache" })
  chunk({ role: "assistant", content: "" })
  if (say) chunk({ content: say })
  // Flushed before the socket goes, so that the host has read half of an answer.
  if (cut) return void setTimeout(() => res.destroy(), 50)
  calls.forEach(({ tool, args }, index) => {
    const json = JSON.stringify(args)
    const half = json.length >> 1
    const call = ids[index] ?? `call_${randomUUID().replaceAll("-", "").slice(0, 24)}`
    chunk({ tool_calls: [{ index, id: call, type: "function", function: { name: tool, arguments: "" } }] })
    for (const piece of [json.slice(0, half), json.slice(half)]) chunk({ tool_calls: [{ index, function: { arguments: piece } }] })
  })
  chunk({}, calls.length ? "tool_calls" : "stop")
  const prompt_tokens = usage ?? Math.ceil(JSON.stringify(body.messages).length / 4)
  const completion_tokens = Math.ceil(((say?.length ?? 0) + JSON.stringify(calls).length) / 4)
  send({ ...head, choices: [], usage: { prompt_tokens, completion_tokens, total_tokens: prompt_tokens + completion_tokens } })
  res.end("data: [DONE]\n\n")
}
