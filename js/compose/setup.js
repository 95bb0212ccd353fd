// Another plugin's setup and this package's, as the setup of one plugin of OpenCode 2.

import { classifyTaskID } from "../api.js"
import { SUBAGENT, attach, isOpenCode2, projectOf } from "../opencode2/index.js"
import { withProperties } from "./forwarded.js"

/**
 * @typedef {(context: any) => Promise<unknown>} Setup
 * @typedef {(event: any) => unknown} Hook
 * @typedef {{ dispose: () => Promise<void> }} Registration
 *
 * What is known of the other plugin. `nicknames`: if given, it finds all names that the plugin gives; `refusesNew`: whether its
 * refusal is one of a new session.
 * @typedef {{ nicknames?: import("./compose.js").NicknameReader, refusesNew?: (error: unknown) => boolean }} Known
 */

/** Where this package's records stand in the storage, which OpenCode gives both plugins together. */
const OURS = "opencode-delegate/"

/** The end of the built-in tool's own result. */
const END = `</${SUBAGENT}>`

/**
 * @param {any} context OpenCode's
 * @param {Setup} theirs the other plugin's setup
 * @param {string} id the composed plugin's
 * @param {Record<string, unknown>} options this package's
 * @param {Known} [known]
 * @returns {Promise<unknown>} ends both plugins
 */
export async function composeSetup(context, theirs, id, options, known = {}) {
  if (!isOpenCode2(context)) return theirs(context)
  const project = projectOf(context)
  const calls = { before: new Set(), after: new Set() }
  const other = {
    id,
    before: runAll(calls.before),
    after: runAll(calls.after),
    givesNames: !known.nicknames,
    refusesNew: known.refusesNew ?? (() => false),
  }

  /**
   * The hooks of tools. Those of a delegation run when the engine has decided it, and with OpenCode's own result.
   * @param {string} name @param {Hook} work @param {...any} rest
   */
  const toolHook = async (name, work, ...rest) => {
    const late = name === "execute.before" ? calls.before : name === "execute.after" ? calls.after : undefined
    if (!late) return context.tool.hook(name, work, ...rest)
    late.add(work)
    const early = (/** @type {any} */ event) => (event.tool === SUBAGENT && project.engine ? undefined : work(event))
    return until(await context.tool.hook(name, early, ...rest), () => late.delete(work))
  }

  /** @param {string} name @param {Hook} work @param {...any} rest */
  const sessionHook = (name, work, ...rest) => {
    if (name !== "context") return context.session.hook(name, work, ...rest)
    const reading = async (/** @type {any} */ event) => {
      const restore = saveLines(event.messages)
      await work(event)
      restore(event.messages)
      const messages = event.messages.map((/** @type {any} */ { content }) => ({ info: { sessionID: event.sessionID }, parts: Array.isArray(content) ? content : [] }))
      for (const nickname of known.nicknames?.(messages) ?? []) await project.engine?.addAlias(nickname)
    }
    return context.session.hook(name, reading, ...rest)
  }

  const accepting = acceptNames(async (sessionID, task_id) => project.engine?.findSession(sessionID, task_id))
  const transform = (/** @type {(editor: any) => unknown} */ edit) =>
    context.tool.transform((/** @type {any} */ editor) => edit(withProperties(editor, { add: (/** @type {any} */ tool) => editor.add(accepting(tool)) })))

  const end = await theirs(withProperties(context, {
    tool: withProperties(context.tool, { hook: toolHook, transform }),
    session: withProperties(context.session, { hook: sessionHook }),
  }))
  const leave = () => void (project.others.includes(other) && project.others.splice(project.others.indexOf(other), 1))
  // A plugin that is loaded again takes its own place.
  const before = project.others.findIndex((known) => known.id === id)
  project.others.splice(before < 0 ? project.others.length : before, 1, other)
  await context.tool.hook("execute.before", async (/** @type {any} */ event) => {
    if (event.tool === SUBAGENT && project.engine) event.input = withName(event.input)
  })
  // This package reads the final state: the other plugin's agents, and its own tools.
  const endOurs = await attach(withProperties(context, { storage: within(context.storage) }), id, options).catch((error) => {
    leave()
    throw error
  })

  return async () => {
    leave()
    const ends = await Promise.allSettled([endOurs(), typeof end === "function" ? end() : undefined])
    for (const end of ends) if (end.status === "rejected") throw end.reason
  }
}

/** Runs hooks one after the other. @param {Iterable<Hook>} hooks */
const runAll = (hooks) => async (/** @type {any} */ event) => {
  for (const hook of hooks) await hook(event)
}

/**
 * A registration whose end does something more.
 * @param {Registration} registration
 * @param {() => unknown} more
 */
const until = (registration, more) =>
  withProperties(registration, {
    async dispose() {
      more()
      await registration.dispose()
    },
  })

/** The input of a call with a name as its `task_id`: OpenCode takes nothing but ids for a `sessionID`. @param {any} input */
function withName(input) {
  const { sessionID, ...rest } = input ?? {}
  if (typeof sessionID !== "string" || "task_id" in rest || classifyTaskID(sessionID) === "id") return input
  return { ...rest, task_id: sessionID }
}

/**
 * Tools that accept a session's name for its id, if they get a `task_id`.
 * @param {(sessionID: string, task_id: string) => Promise<string | undefined>} find
 */
const acceptNames = (find) => (/** @type {any} */ tool) => {
  if (tool?.name === SUBAGENT || typeof tool?.execute !== "function") return tool
  return withProperties(tool, {
    /** @param {any} input @param {{ sessionID: string }} context */
    async execute(input, context) {
      const task_id = input?.task_id
      const id = typeof task_id === "string" && task_id ? await find(context.sessionID, task_id) : undefined
      return tool.execute(id ? { ...input, task_id: id } : input, context)
    },
  })
}

/** The results of the built-in tool in messages, which are texts or stand in parts. @param {any[]} messages */
const results = (messages) =>
  messages.flatMap(({ content }) => (Array.isArray(content) ? content : [])).filter(({ type, name, result }) => type === "tool-result" && name === SUBAGENT && (typeof result?.value === "string" || Array.isArray(result?.value)))

/** @param {any} result @returns {string} */
const textOf = ({ value }) => (Array.isArray(value) ? value.map(({ text = "" }) => text).join("\n") : value)

/**
 * Saves the lines under the results of the built-in tool: another plugin may rewrite the results.
 * @param {any[]} messages
 * @returns {(messages: any[]) => void} restores the lines that are gone since
 */
function saveLines(messages) {
  const texts = results(messages).map(({ id, result }) => ({ id, text: textOf(result) }))
  const saved = new Map(texts.filter(({ text }) => text.includes(END)).map(({ id, text }) => [id, text.slice(text.lastIndexOf(END) + END.length)]))
  return (messages) => {
    for (const { id, result } of results(messages)) {
      const under = saved.get(id)
      if (!under || textOf(result).endsWith(under)) continue
      if (Array.isArray(result.value)) result.value.push({ type: "text", text: under.trimStart() })
      else result.value += under
    }
  }
}

/**
 * A part of a plugin's storage.
 * @param {any} storage
 */
const within = (storage) =>
  withProperties(storage, {
    get: (/** @type {string} */ key) => storage.get(OURS + key),
    set: (/** @type {string} */ key, /** @type {unknown} */ value) => storage.set(OURS + key, value),
    remove: (/** @type {string} */ key) => storage.remove(OURS + key),
    async scan(/** @type {any} */ { prefix, ...rest }) {
      const { entries, next } = await storage.scan({ prefix: OURS + prefix, ...rest })
      return { entries: entries.map((/** @type {any} */ { key, value }) => ({ key: key.slice(OURS.length), value })), next }
    },
  })
