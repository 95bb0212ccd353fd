// An OpenCode whose children answer prompts, and the plugin that runs them.

import { data, opencode, plugin } from "./opencode.js"

export const answered = (/** @type {string} */ text) => ({ parts: [{ type: "text", text }] })
export const failed = (/** @type {string} */ message, isRetryable = false) => ({ error: { name: "APIError", data: { message, isRetryable } }, parts: [] })

/**
 * An OpenCode whose children give these answers.
 * @param {(asked: { id: string, body: any, nth: number }) => any} [answers] the answer to a prompt, now or later
 * @param {Record<string, any>} [agents]
 */
export function hosting(answers = () => answered("Done."), agents = {}) {
  const host = opencode()
  const { session, app } = host.input.client
  const prompts = /** @type {any[]} */ ([])
  const created = /** @type {any[]} */ ([])
  const delivered = /** @type {any[]} */ ([])
  const messages = /** @type {Record<string, any[]>} */ ({})
  const plain = { build: {}, lead: {}, fixer: {} }
  app.agents = () => data(Object.entries({ ...plain, ...agents }).map(([name, fields]) => ({ name, mode: "subagent", ...fields })))
  const speaker = { id: "msg_call", role: "assistant", sessionID: "ses_root", providerID: "p", modelID: "one", variant: "high" }
  Object.assign(session, {
    create: (/** @type {any} */ { body }) => (created.push(body), data(host.add(`ses_new${created.length}`, body))),
    message: (/** @type {any} */ { path }) => data({ info: speaker, parts: [{ callID: "c1", id: "prt_1", type: "tool", tool: "task", sessionID: path.id, messageID: path.messageID, state: { status: "running", input: {} } }] }),
    messages: (/** @type {any} */ { path }) => data(messages[path.id] ?? []),
    promptAsync: (/** @type {any} */ { path, body }) => (delivered.push({ id: path.id, ...body }), data(true)),
    prompt: async (/** @type {any} */ { path: { id }, body }) => {
      prompts.push({ id, ...body })
      const { error, parts } = await answers({ id, body, nth: prompts.length })
      return { data: { info: { role: "assistant", sessionID: id, parentID: body.messageID, finish: error ? undefined : "stop", error }, parts } }
    },
  })
  return { ...host, prompts, created, delivered, messages }
}

/** The plugin that runs children itself, and calls of its task tool. @param {ReturnType<typeof hosting>} [host] @param {Record<string, unknown>} [options] */
export async function running(host = hosting(), options = {}) {
  const world = await plugin(options, host)
  await world.speak()
  let count = 0
  /** @param {Record<string, unknown>} [given] @param {Record<string, unknown>} [context] */
  const call = async (given = {}, context = {}) => {
    const asked = /** @type {any[]} */ ([])
    const callID = `c${++count}`
    const args = { description: "Mend it", prompt: "Go.", subagent_type: "fixer", ...given }
    const whole = { sessionID: "ses_root", messageID: "msg_call", callID, agent: "build", abort: new AbortController().signal, ask: async (/** @type {any} */ what) => void asked.push(what), ...context }
    const result = await world.hooks.tool.task.execute(args, whole)
    await world.hooks["tool.execute.after"]({ tool: "task", sessionID: whole.sessionID, callID }, result)
    return { ...result, asked }
  }
  return { ...world, ...host, call }
}
