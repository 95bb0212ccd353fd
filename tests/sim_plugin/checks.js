// The invariants of a world, seen from outside: the results of callers, the prompts of children, and the records.

import { Budgets } from "./checks/budgets.js"
import { isExpected } from "./checks/errors.js"
import { Limits } from "./checks/limits.js"
import { Names } from "./checks/names.js"
import { Notices } from "./checks/notices.js"
import { Rules, denied, passedOn } from "./checks/permissions.js"
import { Prompts } from "./checks/prompts.js"
import { Scene } from "./checks/scene.js"
import { Deliveries } from "./checks/deliveries.js"
import { checkText } from "./checks/texts.js"
import { hasNoAnswer, isLaunch } from "./other_plugin.js"
import { answer, marks } from "./script.js"

/**
 * @typedef {import("./checks/scene.js").Host} Host
 * @typedef {import("./checks/scene.js").Known} Known
 * @typedef {import("../../js/playground/opencode/store.js").Happening} Happening
 */

/**
 * The invariants.
 */
export class Checks {
  #deepest

  /**
   * @param {import("./checks/scene.js").Store} store
   * @param {import("../../js/playground/opencode/clock.js").Clock} clock
   * @param {import("./plan.js").Weather} weather
   * @param {Record<string, number>} budgets by agent
   */
  constructor(store, clock, weather, budgets) {
    this.scene = new Scene(store, clock, weather)
    this.names = new Names(this.scene)
    this.budgets = new Budgets(this.scene, budgets)
    this.deliveries = new Deliveries(this.scene)
    this.limits = new Limits(this.scene)
    this.notices = new Notices(this.scene)
    this.prompts = new Prompts(this.scene)
    this.rules = new Rules(this.scene)
    this.#deepest = Number(weather.options.max_depth ?? 3)
  }

  /** Takes in a happening. @param {Happening} happening */
  on({ kind, sessionID = "", text, data, at }) {
    const { scene, budgets, deliveries, rules } = this
    if (kind === "session.created" || kind === "session.updated") rules.changed(data.info)
    if (kind === "turn.begin") rules.held(sessionID)
    if (kind === "model") this.limits.begins(sessionID)
    if (kind === "kill" || kind === "reload" || kind === "trap") this.limits.ended(kind, at)
    if (kind === "trouble") scene.fail("I9", text)
    // Each instance loses its engine once.
    else if (kind === "log" && /trapped/.test(text) && ++scene.reports > scene.lost) scene.fail("I9", text)
    else if (kind === "session.created") this.#created(data.info)
    else if (kind === "session.deleted") {
      scene.deleted.add(data.info.id)
      deliveries.deleted(data.info)
    } else if (kind === "session.updated") {
      budgets.updated(data.info)
      this.names.updated(data.info)
    } else if (kind === "call") this.#called(sessionID, data, at)
    else if (kind === "prompted") this.#prompted(sessionID, data, at)
    else if (kind === "message.part.updated" && data.part.type === "tool") {
      if (data.part.tool === "task") this.names.called(data.part)
      this.#part(data.part)
    }
    else if (kind === "message.removed") {
      this.names.removed(data.sessionID, data.messageID)
      deliveries.removed(data.messageID)
      this.notices.removed(data.messageID)
    }
    else if (kind === "event" && data.type === "message.removed") this.names.heard(data.properties.sessionID, data.properties.messageID)
    else if (kind === "event" && data.type === "session.deleted") deliveries.heard(data.properties.info.id)
    else if (kind === "kill") {
      scene.kills++
      deliveries.killed()
      this.names.unloaded()
      budgets.killed()
    } else if (kind === "reload") {
      scene.reloads++
      deliveries.reloaded()
      this.names.unloaded()
      budgets.shaken()
    } else if (kind === "boot") budgets.shaken()
    else if (kind === "trap") scene.trapped()
  }

  /** Checks the permissions of a session that is about to be prompted. @param {Parameters<Rules["curbed"]>[0]} asked */
  asked(asked) {
    this.rules.curbed(asked)
  }

  /** @param {any} info */
  #created(info) {
    this.scene.created(info)
    if (!info.parentID) return
    this.budgets.created(info)
    this.prompts.created(info)
    this.names.created(info)
    const depth = this.scene.store.depth(info.id)
    if (depth > this.#deepest) this.scene.fail("I8", `${info.id} lies at depth ${depth}`)
  }

  /** @param {string} sessionID @param {any} data @param {number} at */
  #called(sessionID, { part, host }, at) {
    if (part.tool !== "task") return
    const { store, calls, reloads } = this.scene
    const { prompt, subagent_type, task_id, background = false } = part.state.input
    const [mark] = marks(prompt)
    const root = this.scene.root(sessionID)
    // The user may have spoken to another agent since the call's agent.
    const speaker = store.message(sessionID, part.messageID)?.info.agent
    calls.set(mark, {
      mark, caller: sessionID, by: part.messageID, root, speaker, denied: denied(this.scene, host, sessionID, speaker), passedOn: passedOn(this.scene, sessionID), agent: subagent_type, task_id, expected: this.names.meant(sessionID, task_id), background,
      byUser: part.callID.startsWith("own_"), host, at, state: "open", result: "", delivered: 0, reloads, delegation: this.budgets.delegation(sessionID),
    })
  }

  /** @param {string} sessionID @param {any} data @param {number} at */
  #prompted(sessionID, { info, parts, host }, at) {
    this.deliveries.prompted(sessionID, info)
    this.notices.prompted(sessionID, info.id, parts)
    for (const part of parts) {
      if (!part.synthetic) continue
      checkText(this.scene, "task", part.text)
      if (this.deliveries.delivered(sessionID, part)) this.names.delivered(sessionID, part)
    }
    this.budgets.prompted(sessionID, info.id, parts)
    this.prompts.prompted(sessionID, { info, parts, host }, at, (call) => {
      this.budgets.spend(call, at)
      this.names.prompted(call, sessionID)
      // The call of a message that its user removed meanwhile has ended.
      const stands = this.scene.store.message(call.caller, call.by)
      this.limits.prompted(sessionID, info.id, stands ? call.at : -Infinity)
    })
  }

  /** Takes in the result of a call, as its caller reads it. @param {any} part */
  #part(part) {
    const { status, error, output, metadata, input } = part.state
    if (status !== "completed" && status !== "error") return
    const text = error ?? output
    if (this.names.copies(part, text)) return
    checkText(this.scene, part.tool, text)
    if (status === "error" && !isExpected(text, this.scene)) this.scene.fail("I9", `a call of ${part.tool} fails with: ${text}`)
    if (part.tool === "task") this.#result(part, status, text, metadata)
    else if (part.tool === "delegate_output" && status === "error") this.names.missed(part.sessionID, input.task_id, text)
    else if (part.tool === "delegate_cancel" && status === "completed") {
      this.deliveries.cancelled(part.sessionID, metadata.sessionId)
      this.prompts.cancelled(metadata.sessionId)
    } else if (part.tool === "delegate_cancel") this.deliveries.cancelAborted(part.sessionID)
    this.names.learn(part.sessionID, { messageID: part.messageID, text })
  }

  /** @param {any} part @param {"completed" | "error"} status @param {string} text @param {any} metadata */
  #result(part, status, text, metadata) {
    const { scene } = this
    const [mark] = marks(part.state.input.prompt)
    const call = scene.calls.get(mark)
    if (!call) return
    const first = call.state === "open"
    Object.assign(call, { state: status, result: text, ...(first ? { endedAt: scene.clock.time } : {}) })
    if (!first) return
    const id = /<task id="(ses_\w+)"/.exec(text)?.[1] ?? metadata?.sessionId
    this.names.came(call, id, text)
    if (status === "error") return this.budgets.exhausted(call, text)
    const strange = id && scene.strays(call, id)
    if (strange && !(scene.runsItself(call) && scene.unjudged(call.caller))) scene.fail("I1", `${mark} of root ${call.root} was answered by ${id}`)
    if (/Background task bg_\w+ (started|waits)/.test(text)) this.deliveries.began(call, id)
    else if (scene.weather.executor === "plugin" && isLaunch(text)) this.deliveries.began(call, id ?? this.#named(call, text))
    else if (scene.weather.executor === "plugin" && hasNoAnswer(text)) return
    else if (!text.includes(answer(mark)) && !this.#another(call, id, text)) scene.fail("answers", `${mark} is answered with: ${text}`)
    this.deliveries.result(call, id, text)
  }

  /** The session that the last line of a result names. @param {Known} call @param {string} text */
  #named({ root }, text) {
    const name = [...text.matchAll(/\ntask_id: (\S+)/g)].at(-1)?.[1]
    // A session that is deleted at its creation, or whose engine ends then, has no name.
    if (name?.startsWith("ses_")) return name
    return [...this.scene.store.sessions.values()].find(({ id, metadata }) => metadata?.delegate?.slug === name && this.scene.root(id) === root)?.id
  }

  /**
   * Whether a call may have another answer than its own.
   *
   * - OpenCode's own tool accepts an empty answer. For a session that is deleted during its turn it accepts the last text; so
   *   does a plugin that gets the deletion late.
   * - An undecided call runs beside the other prompts of its session, and their answers may be mixed up.
   * - Two processes do not see each other's turns, and continue from a history of both.
   * - OpenCode may store the prompt of a cancelled call late, in the turn of a later prompt; or one that its record lost on the way.
   * - If events come late, a prompt joins the turn of a user's subtask, whose tool answers with the last text.
   * @param {Known} call @param {string} id @param {string} text
   */
  #another(call, id, text) {
    const { scene } = this
    if (scene.deleted.has(id) && (scene.runsItself(call) || scene.deaf)) return true
    if (scene.runsItself(call) && text.includes("<task_result>\n\n</task_result>")) return true
    const went = (/** @type {string} */ result) => result.includes("did not apply its rules to this call")
    if (scene.unjudged(call.caller) && went(text)) return true
    if (call.byUser && scene.deaf && [...scene.calls.values()].some((other) => other !== call && other.child === id && text.includes(answer(other.mark)))) return true
    if (scene.limited && text.includes("\nIts work is unfinished.")) return true
    const beside = [...scene.calls.values()].filter((other) => other !== call && other.child === id)
    if (beside.some((other) => scene.unjudged(other.caller) && (scene.runsItself(other) || other.state === "open" || went(other.result)))) return true
    return this.prompts.disturbed(call, id)
  }

  /** Checks the final state, when everything has ended. @param {Host[]} hosts */
  settled(hosts) {
    const { scene } = this
    for (const host of hosts) for (const id of host.turns.keys()) scene.fail("ends", `${id} runs for ever`)
    for (const { mark, state, caller, host } of scene.calls.values()) {
      const parts = scene.store.messages(caller).flatMap(({ parts }) => parts)
      const there = parts.some((part) => part.type === "tool" && part.tool === "task" && marks(part.state.input.prompt)[0] === mark)
      if (state === "open" && there && !host.dead) scene.fail("ends", `${mark} has no end`)
    }
    this.deliveries.settled()
    this.prompts.settled()
    this.rules.held()
  }
}
