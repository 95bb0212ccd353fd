// OpenCode 2's answers and events in the shapes of OpenCode 1.

/**
 * The parts of the context of a terminal plugin that this package uses (OpenCode 2.0.14, `@opencode/plugin/tui`).
 * @typedef {{ type: string, data: any, created: number, location?: { directory: string } }} HostEvent
 * @typedef {{ mode?: "global" | "modal", commands: { id?: string, bind?: string, title: string, description?: string, group?: string, palette?: boolean, slash?: { name: string }, run: () => unknown }[] }} Layer
 * @typedef {{
 *   readonly location?: { directory: string },
 *   client: Record<string, any>,
 *   data: { listen: (hear: (event: { details: HostEvent }) => void) => () => void, location: { model: { list: (location: { directory?: string }) => any[] | undefined, sync: (location: { directory?: string }) => Promise<unknown> } } },
 *   theme: any,
 *   renderer: import("@opencode-ai/plugin/tui").TuiPluginApi["renderer"],
 *   keymap: { layer: (make: () => Layer) => void, mode?: { current: () => string } },
 *   storage: { store: (name: string, options: { initial: Record<string, unknown> }) => [Record<string, unknown>, (change: (values: Record<string, unknown>) => void) => Promise<unknown>] },
 *   ui: {
 *     dialog: { show: (make: () => any, onClose?: () => void) => void, set: (look: { size: "medium" | "large" | "xlarge" }) => void, clear: () => void },
 *     toast: { show: (toast: object) => void },
 *     router: { current: () => { type: string, sessionID?: string }, navigate: (route: { type: string, sessionID: string }) => void },
 *     slot: (claim: { append?: string, prepend?: string, render: (input: any) => any }) => unknown,
 *   },
 * }} Context
 */

/** The tool that delegates, and its name in OpenCode 1. */
export const SUBAGENT = "subagent"
const TASK = "task"

/** @param {any} question a permission question @returns {import("../opencode1/index.js").Question} */
export const questionOf = ({ id, sessionID, action, resources }) => ({ id, sessionID, permission: action, patterns: resources ?? [] })

/**
 * A message with the calls in it that prompted a child.
 * @param {any} message
 * @returns {import("../opencode1/index.js").HostMessage}
 */
export const messageOf = ({ id, content }) => ({ info: { id }, parts: (Array.isArray(content) ? content : []).filter(({ type, name }) => type === "tool" && name === SUBAGENT).map(partOf) })

/** A call as OpenCode 1's part. @param {any} call */
export function partOf({ id, state }) {
  const { status, input, error, metadata } = state ?? {}
  const named = { ...(metadata?.sessionID === undefined ? {} : { sessionId: metadata.sessionID }), ...(error?.type === "aborted" ? { interrupted: true } : {}) }
  return { id, type: "tool", tool: TASK, state: { status, input: { ...input, subagent_type: input?.agent }, error: error?.message, metadata: { ...metadata, ...named } } }
}

/** A session as the event of its creation says it. @param {HostEvent} event */
export const createdOf = ({ data: { sessionID, parentID, title = "", agent }, created }) => ({ id: sessionID, parentID, title, agent, time: { created, updated: created } })

/**
 * The end of a step or of a turn as the message that OpenCode 1 would report.
 * @param {string} sessionID
 * @param {{ error?: { name: string }, tokens?: object, finish?: string, model?: { providerID: string, id: string } }} end
 */
export const answerOf = (sessionID, { error, tokens, finish, model }) => ({
  sessionID, info: { role: "assistant", sessionID, time: { completed: Date.now() }, error, tokens, finish, summary: false, providerID: model?.providerID, modelID: model?.id },
})

/** How OpenCode 1 calls the errors of turns that did not succeed, by their outcome. */
const ERRORS = new Map([["failed", { name: "UnknownError" }], ["interrupted", { name: "MessageAbortedError" }]])

/** The error of a turn's outcome. @param {string} outcome */
export const errorOf = (outcome) => ERRORS.get(outcome)

/** The characters of a notice. */
const NOTICE = 600

/** A notice of the server half as a toast. It may quote what others wrote. @param {{ message: string, variant: string }} notice */
export const noticeOf = ({ message, variant }) => ({ variant, message: [...message.replace(/[^\S\n]+|(?!\n)[\p{Cc}\p{Cf}]/gu, " ")].slice(0, NOTICE).join("") })

/**
 * How a session's last message ended. The outcome of a turn stands in the session itself.
 * @param {any} message
 * @returns {import("../opencode1/index.js").LastEnd}
 */
export const lastEndOf = ({ type, error, time }) => ({ unanswered: !error && (type === "user" || type === "assistant") && time?.completed === undefined })

/** The models by provider. @param {any[]} models */
export const providersOf = (models) => Object.entries(Object.groupBy(models, ({ providerID }) => providerID)).map(([id, list = []]) => ({ id, models: Object.fromEntries(list.map((model) => [model.id, model])) }))
