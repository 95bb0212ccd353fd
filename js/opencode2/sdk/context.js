// OpenCode 2's plugin context as core's host. The context lists no sessions and writes no metadata, so the records of sessions stand
// in the plugin's storage.

import { HostRefusal, RECORD_KEY, isMissing } from "../../core/index.js"
import { readAgent, readRule, writeRule } from "./agents.js"
import { namings } from "./namings.js"
import { StoredRecords } from "./stored_records.js"

/**
 * The parts of the context that this package uses (OpenCode 2.0.14, `packages/plugin`).
 * @typedef {{ providerID: string, id: string, variant?: string }} Model
 * @typedef {import("./agents.js").Rule} Rule
 * @typedef {{ type: string, data: any, created: number, location?: { directory: string } }} HostEvent
 * @typedef {{
 *   app: { name: string, version: string }, location: { directory: string }, options?: Record<string, unknown>,
 *   agent: { list: () => Promise<{ data: any[] }>, transform: (edit: (editor: any) => void) => Promise<unknown> },
 *   permission: {
 *     hook: (name: "evaluate", work: (event: any) => Promise<void>) => Promise<unknown>,
 *     reply: (input: { sessionID: string, requestID: string, decision: "reject", message: string }) => Promise<unknown>,
 *   },
 *   model: { default: () => Promise<{ data?: Model }> },
 *   session: {
 *     get: (input: { sessionID: string }) => Promise<any>, context: (input: { sessionID: string }) => Promise<any[]>,
 *     interrupt: (input: { sessionID: string }) => Promise<unknown>, wait: (input: { sessionID: string }) => Promise<unknown>,
 *     switchModel: (input: { sessionID: string, model: Model }) => Promise<unknown>,
 *     update: (input: { sessionID: string, permissions: Rule[] }) => Promise<unknown>,
 *     prompt: (input: { sessionID: string, id: string, text: string, delivery: "steer", resume: boolean }) => Promise<unknown>,
 *     synthetic: (input: { sessionID: string, text: string, resume?: boolean }) => Promise<unknown>,
 *     hook: (name: string, work: (event: any) => Promise<void>) => Promise<unknown>,
 *   },
 *   storage: import("./stored_records.js").Storage,
 *   tool: { transform: (edit: (editor: any) => void) => Promise<unknown>, reload: () => Promise<void> },
 *   event: { subscribe: (options?: { signal: AbortSignal }) => AsyncIterable<HostEvent> },
 *   rpc?: { register: (definition: object, methods: Record<string, (input: any) => Promise<object>>) => Promise<Registration> },
 * }} Context
 *
 * @typedef {{ dispose: () => Promise<void>, events: { emit: (name: string, data: object) => Promise<void> } }} Registration of calls that this plugin answers
 * @typedef {(name: "stored" | "toast", data: object) => void} Emit sends the terminal half an event
 *
 * @typedef {{ sessionID: string, agent: string, messageID: string, id: string, signal: AbortSignal, progress: (update: any) => Promise<void> }} ToolContext
 * @typedef {{ output: unknown, content: string | { type: string, text?: string }[], metadata?: Record<string, unknown> }} ToolResult
 * @typedef {{ description: string, input: any, execute: (input: any, context: ToolContext) => Promise<ToolResult> }} Tool
 *
 * @typedef {import("../../core/index.js").Host & {
 *   record: (sessionID: string, parentID?: string) => Promise<unknown>,
 *   agents: () => Promise<import("../../core/index.js").HostAgent[]>,
 *   store: (childID: string, parentID: string, record: unknown) => Promise<void>,
 *   link: (childID: string, parentID: string) => Promise<void>,
 *   forget: (sessionID: string, parentID?: string) => Promise<void>,
 *   messages: (sessionID: string) => Promise<any[]>,
 *   interrupt: (sessionID: string) => Promise<void>,
 *   steer: (message: import("../../api.js").SendSteering) => Promise<void>,
 *   model: (sessionID: string) => Promise<Model | undefined>,
 *   outcome: (sessionID: string) => Promise<"succeeded" | "failed" | "interrupted" | undefined>,
 *   switchModel: (sessionID: string, model: Model) => Promise<void>,
 *   addPermission: (sessionID: string, rules: import("../../api.js").HostRule[]) => Promise<void>,
 *   rest: (sessionID: string) => Promise<void>,
 *   addMessage: (sessionID: string, text: string) => Promise<void>,
 *   ownModel: (sessionID: string) => Promise<{ own: Model, other: Model } | undefined>,
 *   setOwnModel: (sessionID: string, models: { own: Model, other: Model } | undefined) => Promise<void>,
 *   setStatus: (sessionID: string, status: "busy" | "idle") => void,
 * }} Host
 */

/** The sessions that run, as events say: a plugin that is loaded again has heard no event of their begin. */
const RUNNING = Symbol.for("opencode-delegate.running")
const running = /** @type {{ [RUNNING]?: Map<string, { type: "busy" }> }} */ (globalThis)[RUNNING] ??= new Map()

const ownModelKey = (/** @type {string} */ sessionID) => `model/${sessionID}`

/** What names a model, of all that OpenCode says of it. @param {Model} model @returns {Model} */
const reference = ({ providerID, id, variant }) => ({ providerID, id, ...(variant === undefined ? {} : { variant }) })

/**
 * @param {Context} context
 * @param {Emit} [emit]
 * @returns {Host}
 */
export function bindContext({ agent, model, permission, session, storage }, emit = () => {}) {
  const records = new StoredRecords(storage)

  /** @param {string} sessionID */
  const read = async (sessionID) => {
    const info = await session.get({ sessionID }).catch((error) => {
      // An id of another form names no session either.
      const missing = error?._tag === "Session.NotFoundError" || error?._tag === "SchemaError"
      throw missing ? new HostRefusal(`OpenCode has no session ${sessionID}.`, { name: "NotFound", missing }) : error
    })
    const record = await records.get(sessionID, info.parentID)
    const metadata = record === undefined ? info.metadata : { ...info.metadata, [RECORD_KEY]: record }
    return { ...info, title: info.title ?? "", metadata, permission: info.permissions?.map(readRule) }
  }
  const messages = (/** @type {string} */ sessionID) => session.context({ sessionID })
  const rest = async (/** @type {string} */ sessionID) => void (await session.wait({ sessionID }))
  const callChildren = async (/** @type {string} */ sessionID) => [...new Set(namings(await messages(sessionID)).map(({ namedID }) => namedID))]

  return {
    session: read,
    async children(sessionID) {
      const known = await Promise.all([records.children(sessionID), callChildren(sessionID)])
      const found = await Promise.all([...new Set(known.flat())].map((id) => read(id).catch((error) => {
        if (!isMissing(error)) throw error
        return void records.forget(id, sessionID).catch(() => {})
      })))
      return found.filter((child) => child?.parentID === sessionID)
    },
    childIDs: (sessionID) => records.children(sessionID),
    callChildren,
    status: async () => Object.fromEntries(running),
    namings: async (sessionID) => namings(await messages(sessionID)),
    async setMetadata(sessionID, metadata) {
      const now = await read(sessionID)
      await records.set(sessionID, metadata[RECORD_KEY])
      emit("stored", { sessionID })
      return { ...now, metadata }
    },
    async refuse({ sessionID, requestID, message }) {
      await permission.reply({ sessionID, requestID, decision: "reject", message })
      // Some tools of OpenCode 2 keep the message from the model.
      await session.synthetic({ sessionID, text: message, resume: false })
    },
    record: (sessionID, parentID) => records.get(sessionID, parentID),
    // OpenCode 2 gives a plugin neither its log nor its screen; what a plugin prints is in the server's log.
    log: async (level, message) => console[level](`opencode-delegate: ${message}`),
    toast: async (message, variant) => emit("toast", { message, variant }),
    agents: async () => (await agent.list()).data.map(readAgent),
    async store(childID, parentID, record) {
      await records.create(childID, parentID, record)
      emit("stored", { sessionID: childID })
    },
    link: (childID, parentID) => records.link(childID, parentID),
    async forget(sessionID, parentID) {
      running.delete(sessionID)
      await storage.remove(ownModelKey(sessionID))
      await records.forget(sessionID, parentID)
    },
    messages,
    // OpenCode 2 reverts whole messages.
    messagesFrom: async (sessionID, messageID) => {
      const rest = (await messages(sessionID)).filter(({ id }) => id >= messageID)
      return rest.map(({ id }) => ({ id, partIDs: [] }))
    },
    async interrupt(sessionID) {
      await session.interrupt({ sessionID })
      await rest(sessionID)
    },
    // A message that starts no turn: a running one reads it at its next step.
    steer: async ({ sessionID, messageID: id, text }) => void (await session.prompt({ sessionID, id, text, delivery: "steer", resume: false })),
    rest,
    // A session without a model has the default one.
    async model(sessionID) {
      const known = (await session.get({ sessionID })).model ?? (await model.default()).data
      return known && reference(known)
    },
    outcome: async (sessionID) => (await session.get({ sessionID })).outcome,
    switchModel: async (sessionID, model) => void (await session.switchModel({ sessionID, model: reference(model) })),
    async addPermission(sessionID, rules) {
      const { permissions = [] } = await session.get({ sessionID })
      await session.update({ sessionID, permissions: [...permissions, ...rules.map(writeRule)] })
    },
    // The model that a session had before another took over for one prompt.
    ownModel: (sessionID) => storage.get(ownModelKey(sessionID)),
    setOwnModel: (sessionID, models) => (models ? storage.set(ownModelKey(sessionID), models) : storage.remove(ownModelKey(sessionID))),
    // A message that starts no turn: the session reads it with its next one.
    addMessage: async (sessionID, text) => void (await session.synthetic({ sessionID, text, resume: false })),
    setStatus(sessionID, status) {
      if (status === "busy") running.set(sessionID, { type: status })
      else running.delete(sessionID)
    },
  }
}
