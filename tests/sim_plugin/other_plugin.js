// Another plugin of a world, with delegation tools of its own in the manner of oh-my-openagent: it creates, prompts and awaits its
// children by itself, and keeps nothing over a restart.

import { withDelegation } from "../../js/compose.js"

/**
 * @typedef {{ description: string, prompt: string, subagent_type: string, task_id?: string, background?: boolean }} Args
 * @typedef {{ sessionID: string, abort: AbortSignal, metadata: (shown: any) => void }} Context
 * @typedef {{ id: string, parentID: string, args: Args, state: "queued" | "running" | "done" | "failed" | "cancelled", child?: string, answer?: string }} Task
 */

/** The pauses between two looks at a child, before another prompt of it, and between two identical ones, in milliseconds. */
const [POLL_MS, RESTS_MS, SWALLOWS_MS] = [500, 2_000, 15_000]

/** How long a call waits for its child, in milliseconds. */
const PATIENCE_MS = 600_000

/** The end of a report to a caller. */
const REPORT = "It is theirs."

/** How many background tasks run at once. */
const MOST = 2

/** @type {import("../../js/compose/description.js").Description} */
const DESCRIPTION = {
  plugin: "theirs",
  tools: {
    task: {
      session: "task_id", agent: "subagent_type", background: "background",
      child: { metadata: "sessionId", text: String.raw`^<task id="(ses_\w+)"` }, task: { metadata: "taskId", text: String.raw`^Task: (bg_\w+)$` }, tasks: "background",
      refusals: ["^Refused: "], forgotten: "^Task not found for session", unready: String.raw`^Task \w+ is currently running`,
    },
  },
  readers: { background_output: { id: "task_id", unknown: "^Task not found", over: "^Over: " } },
  cancellers: { background_cancel: { id: "task_id", all: "all", unknown: "^Task not found" } },
  title: String.raw`^([^]*) \(@([^()]*) subagent\)$`,
  nesting: "engine",
  swallows_ms: SWALLOWS_MS,
  rests_ms: RESTS_MS + 100,
}

/** Whether a result says that a background task was launched. @param {string} text */
export const isLaunch = (text) => /^Background task launched/.test(text)

/** The plugin's results without an answer of a child. It takes the last text of a session for the answer, also that of a summary. */
const NO_ANSWERS = [/^<task id="\w+" state="error">/, /^<task id="\w+" state="completed">\n<task_result>\n(SUMMARY)?\n/, /^Task aborted/, /^Refused: /]

/** Whether a result of the plugin has no answer of a child. @param {string} text */
export const hasNoAnswer = (text) => NO_ANSWERS.some((end) => end.test(text))

/** Whether a text is the plugin's own report of a task. @param {string} text */
export const isReport = (text) => text.endsWith(REPORT)

const sleep = (/** @type {number} */ ms) => new Promise((resolve) => setTimeout(resolve, ms))

/** The plugin, composed with the engine. @param {any} input @param {any} options */
export const server = (input, options) => withDelegation(other, options, DESCRIPTION)(input)

/** @param {any} input */
async function other({ client }) {
  const { session } = client
  /** @type {Map<string, Task>} */
  const tasks = new Map()
  /** The last prompt of each session. @type {Map<string, { text: string, at: number }>} */
  const prompted = new Map()
  let disposed = false

  /** @param {Args} args @param {string} parentID @returns {Promise<string>} */
  async function create({ description, subagent_type }, parentID) {
    const { data, error } = await session.create({ body: { parentID, title: `${description} (@${subagent_type} subagent)`, permission: [{ permission: "question", pattern: "*", action: "deny" }] } })
    if (error) throw new Error(error.data?.message)
    return data.id
  }

  /** Prompts a child. @param {string} id @param {Args} args */
  async function prompt(id, { prompt: text, subagent_type: agent }) {
    // A plugin that is unloaded sends nothing more.
    if (disposed) throw new Error("the plugin is unloaded")
    const before = prompted.get(id)
    const since = before ? Date.now() - before.at : Infinity
    if (since >= 0 && since < RESTS_MS) throw new Error("the session was prompted a moment ago")
    // It drops an identical prompt, and waits for the answer of the one before.
    if (before?.text === text && since >= 0 && since < SWALLOWS_MS) return
    prompted.set(id, { text, at: Date.now() })
    const { error } = await session.promptAsync({ path: { id }, body: { agent, parts: [{ type: "text", text }] } })
    if (error) throw new Error(error.data?.message)
  }

  /** The last answer of a child that rests; `undefined` while it runs. @param {string} id */
  async function answer(id) {
    const { data: running } = await session.status()
    if (running?.[id]) return undefined
    const { data: messages, error } = await session.messages({ path: { id } })
    if (error) throw new Error(error.data?.message)
    const last = messages.at(-1)
    if (last?.info.role !== "assistant") return undefined
    if (last.info.error) throw new Error(last.info.error.data?.message)
    return last.parts.findLast((/** @type {any} */ { type, text }) => type === "text" && text)?.text ?? ""
  }

  /** Whether a child has a prompt. @param {string} id @param {string} prompt */
  async function holds(id, prompt) {
    const { data: messages } = await session.messages({ path: { id } })
    return messages?.some((/** @type {any} */ { info, parts }) => info.role === "user" && parts.some((/** @type {any} */ { text }) => text?.includes(prompt)))
  }

  /** Whether a child rests without an answer. @param {string} id */
  async function isSilent(id) {
    const { data: running } = await session.status()
    const { data: messages } = await session.messages({ path: { id } })
    return !running?.[id] && messages?.at(-1)?.info.role !== "assistant"
  }

  /** @param {Args} args @param {Context} context */
  async function foreground(args, { sessionID, abort, metadata }) {
    const id = args.task_id ?? (await create(args, sessionID))
    // A task that has broken off in silence is over once its session goes on.
    const broken = [...tasks.values()].find(({ child, state }) => child === id && state === "running")
    if (broken && (await isSilent(id)) && broken.state === "running") broken.state = "failed"
    metadata({ title: args.description, metadata: { sessionId: id } })
    try {
      await prompt(id, args)
    } catch (error) {
      return `Refused: ${/** @type {Error} */ (error).message}`
    }
    for (let left = PATIENCE_MS; left > 0 && !disposed; left -= POLL_MS) {
      await sleep(POLL_MS)
      if (abort.aborted) {
        await session.abort({ path: { id } })
        return "Task aborted"
      }
      try {
        const text = await answer(id)
        if (text !== undefined) return `<task id="${id}" state="completed">\n<task_result>\n${text}\n</task_result>\n</task>`
      } catch (error) {
        return `<task id="${id}" state="error">\n${/** @type {Error} */ (error).message}\n</task>`
      }
    }
    return `<task id="${id}" state="error">\nPoll timeout\n</task>`
  }

  /** @param {Args} args @param {Context} context */
  async function background(args, { sessionID, abort }) {
    const last = [...tasks.values()].findLast(({ child }) => child !== undefined && child === args.task_id)
    if (args.task_id && !last) return `Task not found for session: ${args.task_id}`
    if (last?.state === "running") return `Task ${last.id} is currently running`
    const id = `bg_${crypto.randomUUID().slice(0, 8)}`
    /** @type {Task} */
    const task = { id, parentID: sessionID, args, state: "queued", child: args.task_id }
    tasks.set(id, task)
    void start()
    // A call that resumes a session waits for its place. A new task waits for one by itself.
    for (let looks = 0; task.state === "queued" && !disposed && (args.task_id || looks < 6); looks++) {
      await sleep(50)
      if (!args.task_id || !abort.aborted) continue
      task.state = "cancelled"
      return "Task aborted"
    }
    return [`Background task launched`, `Task: ${id}`, ...(task.child ? [`<task id="${task.child}" state="running">`] : [])].join("\n")
  }

  /** Starts tasks while there is room. */
  async function start() {
    const all = [...tasks.values()]
    const next = all.find(({ state }) => state === "queued")
    if (!next || disposed || all.filter(({ state }) => state === "running").length >= MOST) return
    next.state = "running"
    try {
      next.child ??= await create(next.args, next.parentID)
      await prompt(next.child, next.args)
    } catch {
      next.state = "failed"
      void report(next, "failed")
    }
    void start()
  }

  /** Reports a task to its caller. @param {Task} task @param {"completed" | "failed"} end */
  async function report({ id, child, parentID }, end) {
    const text = `<task id="${child}" state="${end === "failed" ? "error" : end}">\n<summary>Background task ${id} ${end === "failed" ? end : "is completed"}</summary>\n</task>\n${REPORT}`
    if (!disposed) await session.promptAsync({ path: { id: parentID }, body: { parts: [{ type: "text", text, synthetic: true }] } }).catch(() => {})
  }

  /** Ends the task of a session that rests. @param {string} sessionID */
  async function ended(sessionID) {
    const task = [...tasks.values()].find(({ child, state }) => child === sessionID && state === "running")
    // An idle session may not have the prompt yet.
    if (!task || !(await holds(sessionID, task.args.prompt))) return
    try {
      const text = await answer(sessionID)
      if (text === undefined || task.state !== "running") return
      Object.assign(task, { state: "done", answer: text })
    } catch {
      // Like oh-my-openagent, it says nothing of a task whose turn failed.
      if (task.state === "running") task.state = "failed"
      void start()
      return
    }
    await sleep(20)
    // It clears up, and then reports to the caller.
    await session.abort({ path: { id: sessionID } })
    await report(task, "completed")
    void start()
  }

  return {
    tool: {
      task: { description: "", args: {}, execute: (/** @type {Args} */ args, /** @type {Context} */ context) => (args.background ? background(args, context) : foreground(args, context)) },
      background_output: {
        description: "", args: {},
        execute: async (/** @type {any} */ { task_id }) => {
          const task = tasks.get(task_id)
          if (!task) return `Task not found: ${task_id}`
          return task.state === "failed" || task.state === "cancelled" ? `Over: ${task.state}` : `${task.state}: ${task.answer ?? ""}`
        },
      },
      background_cancel: {
        description: "", args: {},
        execute: async (/** @type {any} */ { task_id }) => {
          const task = tasks.get(task_id)
          if (!task) return `Task not found: ${task_id}`
          const { state, child } = task
          if (state === "running" || state === "queued") task.state = "cancelled"
          if (state === "running" && child) await session.abort({ path: { id: child } })
          return `Cancelled: ${task_id}`
        },
      },
    },
    event: async (/** @type {any} */ { event: { type, properties } }) => {
      if (type === "session.idle") await ended(properties.sessionID).catch(() => {})
      // Nobody waits for a task whose caller is deleted.
      if (type === "session.deleted") for (const task of tasks.values()) if (task.parentID === properties.info.id && task.state === "queued") task.state = "cancelled"
    },
    dispose: async () => void (disposed = true),
  }
}
