// What must hold of a world, seen from outside: what callers are told, what children are asked, what is stored.

import { evaluate } from "../../js/playground/rules.js"
import { answer, asks, marks } from "./script.js"

/**
 * @typedef {import("../../js/playground/host.js").Host} Host
 * @typedef {import("../../js/playground/store.js").Store} Store
 * @typedef {import("../../js/playground/store.js").Happening} Happening
 * @typedef {import("./plan.js").Weather} Weather
 * @typedef {{
 *   mark: string, caller: string, root: string, speaker: string, agent: string, task_id?: string, expected?: string,
 *   background: boolean, byUser: boolean, host: Host, at: number, state: "open" | "completed" | "error", result: string,
 *   child?: string, messageID?: string, told: number, turn: number, reloads: number, ended?: string, spent?: boolean
 * }} Known a call of the task tool
 */

/** What a call may fail with. Whatever else it says is an error that nobody meant. */
const EXPECTED = [
  /is neither a session id nor a usable name/, /^Unknown agent /, /may not delegate to/, /^Cannot resume session: not a child/, /^Delegation depth limit/,
  /^Caller has no task budget/, /is not callable by subagents/, /^Task budget exhausted/, /belongs to agent ".*", not to/, /^There is no session ".*" to resume/,
  /^Subagent failed \(task_id: ses_\w+\): (scripted \d+|It gave no sign of life|It gave an empty answer|The session has nothing)/,
  /^Task cancelled/, /^Tool execution aborted/, /^The user (rejected|has specified)/, /^Model tried to call unavailable tool/, /^The session of this task is gone/,
  /^The call was given up before its session was created/, /^The calling session has ended its turn/, /^There is no subagent session/,
]

/** What a call may fail with beside that where calls to OpenCode fail, or sessions go while they are used. */
const TROUBLED = [/OpenCode did not answer within/, /OpenCode refused a call/, /fetch failed/, /could not be judged/, /Session not found/, /Unexpected server error/, /OpenCode gave no answer/, /has nothing to answer/, /Not found/, /^Invalid task_id/, /^Unknown agent type/]

/** What is looked at of a permission. */
const PROBES = [["edit", "a.txt"], ["bash", "rm -f x"], ["bash", "echo x"], ["webfetch", "https://x"], ["read", "a.txt"]]

/** How many letters at the end of a message's id stand for the prompt, whichever attempt sends it. */
const SEED = 14

/** How long after a call was committed its caller's record may still be on its way, in milliseconds. */
const ON_ITS_WAY_MS = 1_500

/**
 * The invariants.
 */
export class Checks {
  #store
  #weather
  #clock
  /** @type {{ invariant: string, what: string, at: number }[]} */
  violations = []
  /** The calls of the task tool by mark. @type {Map<string, Known>} */
  calls = new Map()
  /** Handles that were told under a root, and what they stood for. @type {Map<string, Map<string, string>>} */
  #handles = new Map()
  /** Who was told a handle, by session. @type {Map<string, Set<string>>} */
  #heard = new Map()
  /** How often a session has returned control. @type {Map<string, number>} */
  #returns = new Map()
  /** What a session has spent before it returned control, by session and how often it had before. @type {Map<string, { mark: string, at: number }[]>} */
  #spent = new Map()
  /** The budget that held when a session was made. @type {Map<string, number>} */
  #budgets = new Map()
  /** The parts that told of background tasks. @type {Map<string, string>} */
  #tellings = new Map()
  /** How often a caller is to be told of a child's tasks, and was, by both. @type {Map<string, { owed: number, told: number, waived: number }>} */
  tasks = new Map()
  /** Sessions of which a call was refused or slow: a write of theirs may never have been made. @type {Set<string>} */
  unwritten = new Set()
  /** How deep a session may lie. */
  deepest = 3
  deleted = /** @type {Set<string>} */ (new Set())
  /** When each process prompted a session last. @type {Map<string, Map<Host, number>>} */
  #prompters = new Map()
  /** Roots under which something was said since the plugins were loaded. @type {Set<string>} */
  #met = new Set()
  kills = 0
  reloads = 0

  /**
   * @param {Store} store
   * @param {import("../../js/playground/clock.js").Clock} clock
   * @param {Weather} weather
   * @param {Record<string, number>} budgets by agent
   */
  constructor(store, clock, weather, budgets) {
    this.#store = store
    this.#clock = clock
    this.#weather = weather
    this.budgets = budgets
  }

  /** @param {string} invariant @param {string} what */
  fail(invariant, what) {
    this.violations.push({ invariant, what, at: this.#clock.time })
    this.#store.log("VIOLATION", undefined, `${invariant}: ${what}`)
  }

  /** Whether OpenCode's calls fail or hang in this world. */
  get troubled() {
    const { refused, lost, slow } = this.#weather.calls
    return refused + lost + slow > 0
  }

  /** Whether events may come out of order, or not at all. */
  get deaf() {
    const { lost, late, lag } = this.#weather.events
    return lost + late + lag > 0
  }

  /** What a session knows to call: what it was told itself, and what others under its root were. @param {string} sessionID */
  handles(sessionID) {
    const root = this.#store.root(sessionID)
    const own = [...(this.#heard.get(sessionID) ?? [])]
    const all = own.length ? own : [...(this.#handles.get(root)?.keys() ?? [])]
    // The id of a task whose session is gone is a new name like any other, and would be taken when that name's task comes again.
    return all.filter((handle) => !handle.startsWith("bg_") || this.meant(root, handle))
  }

  /** The session that a handle under a root was told for, while it lives. @param {string} root @param {string | undefined} handle */
  meant(root, handle) {
    const id = handle === undefined ? undefined : this.#handles.get(root)?.get(handle)
    return id && this.#store.sessions.has(id) ? id : undefined
  }

  /** Whose session it is: what another agent was asked there in passing does not change that. @param {string} id */
  agent(id) {
    const session = this.#store.sessions.get(id)
    return session?.metadata?.delegate?.agent ?? session?.agent
  }

  /** All handles that stand for living sessions. @param {string} root */
  alive(root) {
    return [...(this.#handles.get(root) ?? [])].filter(([, id]) => this.#store.sessions.has(id))
  }

  /** Takes in what happened. @param {Happening} happening */
  on({ kind, sessionID = "", text, data, at }) {
    if (kind === "trouble") this.fail("I9", text)
    else if (kind === "log" && /trapped/.test(text)) this.fail("I9", text)
    else if (kind === "session.created") this.#created(data.info)
    else if (kind === "session.deleted") this.#deleted(data.info)
    else if (kind === "session.updated") this.#updated(data.info)
    else if (kind === "call") this.#called(sessionID, data, at)
    else if (kind === "prompted") this.#prompted(sessionID, text, data, at)
    else if (kind === "message.part.updated" && data.part.type === "tool") this.#part(data.part)
    else if (kind === "turn.end") this.#ended(sessionID)
    else if (kind === "told" && data.type === "session.status" && data.properties.status.type === "idle" && this.deaf) this.#returned(data.properties.sessionID)
    else if (kind === "kill") this.#killed()
    else if (kind === "reload") {
      this.reloads++
      this.#met.clear()
    }
  }

  /** @param {any} info */
  #created({ id, parentID, agent }) {
    if (!parentID) return
    this.#budgets.set(id, this.budgets[agent] ?? 0)
    const depth = this.#store.depth(id)
    if (depth > this.deepest) this.fail("I8", `${id} lies at depth ${depth}`)
  }

  /**
   * With a session goes its record. Where nobody has said a word under its root since the process began, nobody has read that
   * record, and its tasks cannot be told.
   * @param {any} info
   */
  #deleted({ id, parentID }) {
    this.deleted.add(id)
    const root = parentID ? this.#store.root(parentID) : id
    if (this.#met.has(root)) return
    for (const [key, task] of this.tasks) if (key.endsWith(` ${id}`)) task.waived = task.owed
  }

  /** @param {any} info */
  #updated({ id, metadata }) {
    const record = metadata?.delegate
    if (record && record.used > record.budget) this.fail("I2", `the record of ${id} has spent ${record.used} of ${record.budget}`)
  }

  /** @param {string} sessionID @param {any} data @param {number} at */
  #called(sessionID, { part, host }, at) {
    if (part.tool !== "task") return
    const { prompt, subagent_type, task_id, background = false } = part.state.input
    const [mark] = marks(prompt)
    const root = this.#store.root(sessionID)
    // Another agent may have been spoken to since the one that makes the call.
    const speaker = this.#store.message(sessionID, part.messageID)?.info.agent
    this.calls.set(mark, {
      mark, caller: sessionID, root, speaker, agent: subagent_type, task_id, expected: this.meant(root, task_id), background,
      byUser: part.callID.startsWith("prt_"), host, at, state: "open", result: "", told: 0, reloads: this.reloads, turn: this.#returns.get(sessionID) ?? 0,
    })
  }

  /** @param {string} sessionID @param {string} text @param {any} data @param {number} at */
  #prompted(sessionID, text, { info, parts, host }, at) {
    this.#met.add(this.#store.root(sessionID))
    const prompters = this.#prompters.get(sessionID) ?? new Map()
    this.#prompters.set(sessionID, prompters.set(host, at))
    for (const part of parts) if (part.synthetic) this.#told(sessionID, part)
    // Who goes on after a failure has not returned control: its message is known by the letters that its prompt's first had.
    if (this.#store.messages(sessionID).some(({ info: { id } }) => id !== info.id && id.slice(-SEED) === info.id.slice(-SEED))) this.#returns.set(sessionID, Math.max(0, (this.#returns.get(sessionID) ?? 0) - 1))
    const all = marks(asks({ info, parts }))
    if (new Set(all).size < all.length) this.fail("I4", `a prompt stands twice in one message: ${all.join(" ")}`)
    for (const mark of all) {
      const call = this.calls.get(mark)
      if (!call) continue
      // What was on its way when the plugins were loaded anew, the new ones cannot see in the
      // session yet: they send it again. Nor can another process.
      const onItsWay = this.#weather.processes > 1 || (call.messageID ? call.reloads < 0 : call.reloads !== this.reloads)
      if (call.messageID && (call.messageID !== info.id || call.child !== sessionID) && !onItsWay) this.fail("I4", `${mark} was asked twice: ${call.child} ${call.messageID}, ${sessionID} ${info.id}`)
      // What is created under a session that was just deleted lies under nothing.
      if (this.#store.root(sessionID) !== call.root && this.#store.sessions.has(this.#store.root(sessionID)) && this.#store.sessions.has(call.root) && !(this.#runsItself(call) && this.#unjudged(call.caller))) this.fail("I1", `${mark} of root ${call.root} is asked in ${sessionID}`)
      const again = call.messageID === info.id
      if (!call.messageID) call.reloads = onItsWay ? -1 : this.reloads
      Object.assign(call, { child: sessionID, messageID: info.id })
      if (again) continue
      // Another process's turns are not to be seen, and after a call whose answer was lost nobody knows what runs.
      const turn = host.turns.get(sessionID)
      if (turn && !turn.broken && !this.troubled && !this.deaf && this.#weather.processes === 1) {
        const before = marks(this.#store.messages(sessionID).map((message) => (message.info.id === info.id ? "" : asks(message))).join("\n")).at(-1)
        const other = before === undefined ? undefined : this.calls.get(before)
        if (other && other.mark !== mark && other.state === "open") this.fail("turns", `${mark} is asked in ${sessionID} while that answers ${before}`)
      }
      if (mark === all.at(-1)) this.#spend(call, at)
    }
  }

  /** @param {Known} call @param {number} at */
  #spend(call, at) {
    const budget = this.#budgets.get(call.caller)
    if (budget === undefined || call.byUser || call.spent) return
    call.spent = true
    // Each process counts what it is asked itself, also where two run one session at once.
    const key = `${call.caller} ${call.turn} ${call.host.name}`
    const spent = this.#spent.get(key) ?? []
    spent.push({ mark: call.mark, at })
    this.#spent.set(key, spent)
    if (spent.length > budget) this.fail("I2", `${call.caller} has spent ${spent.length} of ${budget}: ${spent.map(({ mark }) => mark).join(" ")}`)
  }

  /** @param {string} sessionID */
  #ended(sessionID) {
    // Where that is told late, it may count twice: once when the caller has the result, and once when it is told. The plugin
    // cannot know better.
    this.#returned(sessionID)
  }

  /** @param {string} sessionID */
  #returned(sessionID) {
    this.#returns.set(sessionID, (this.#returns.get(sessionID) ?? 0) + 1)
  }

  /** What a process that dies has not stored yet nobody knows any more: calls of which the write was under way, or was refused. */
  #killed() {
    this.kills++
    this.#met.clear()
    // With a session went its record: what of it was on its way to its caller, no other process knows.
    for (const [key, task] of this.tasks) if (this.deleted.has(key.split(" ")[1])) task.waived = task.owed
    for (const [key, spent] of this.#spent) {
      const [id] = key.split(" ")
      const record = this.#store.sessions.get(id)?.metadata?.delegate
      const stored = Math.min(record?.used ?? 0, spent.length)
      const unsure = spent.slice(stored).filter(({ at }) => this.unwritten.has(id) || this.troubled || this.#clock.time - at < ON_ITS_WAY_MS)
      this.#spent.set(key, spent.filter((one) => !unsure.includes(one)))
    }
  }

  /** @param {string} sessionID @param {any} part */
  #told(sessionID, part) {
    const found = /^<task id="(\w+)"[^]*Background task bg_\w+ (is completed|failed|was cancelled|was lost|has ended)/.exec(part.text)
    if (!found || this.#tellings.has(part.id)) return
    const [, child, how] = found
    this.#tellings.set(part.id, part.text)
    this.#learn(sessionID, part.text)
    const key = `${sessionID} ${child}`
    const task = this.tasks.get(key) ?? { owed: 0, told: 0, waived: 0 }
    this.tasks.set(key, task)
    task.told++
    // A call that was broken off had begun its task, or had not: its caller has read neither.
    const broken = [...this.calls.values()].filter((call) => call.caller === sessionID && call.background && (call.state === "open" || call.result.startsWith("Tool execution aborted"))).length
    const more = [...this.tasks].reduce((sum, [key, { owed, told }]) => sum + (key.startsWith(sessionID) ? Math.max(0, told - owed) : 0), 0)
    // A call that fails because OpenCode's answer was lost may have begun its task too; and of what another process has told
    // since it read a record, a process knows nothing.
    if (more > broken && !this.troubled && this.#weather.processes === 1) this.fail("I3", `${sessionID} was told ${task.told} times of ${child}, of which it began ${task.owed}`)
    if (how !== "is completed") return
    for (const mark of marks(part.text)) {
      const call = this.calls.get(mark)
      if (!call?.background || call.caller !== sessionID) continue
      // Whether another process tells it at the same moment, neither can see.
      if (call.told++ && this.#weather.processes === 1) this.fail("I3", `${sessionID} was told the answer to ${mark} twice`)
    }
  }

  /** Takes in what a caller reads of a call. @param {any} part */
  #part(part) {
    const { status, error, output, metadata } = part.state
    if (status !== "completed" && status !== "error") return
    const text = error ?? output
    // A child whose last call has failed has failed with that.
    const why = text.replace(/^Subagent failed \(task_id: ses_\w+\): (?!scripted|It gave|The session)/, "")
    if (status === "error" && !EXPECTED.some((known) => known.test(why)) && !(this.#excused() && TROUBLED.some((known) => known.test(why)))) {
      this.fail("I9", `a call of ${part.tool} fails with: ${text}`)
    }
    if (part.tool === "task") this.#result(part, status, text, metadata)
    else if (part.tool === "delegate_output" && status === "error") this.#missed(part, text)
    else if (part.tool === "delegate_cancel" && status === "completed") this.#cancelled(part, metadata)
    this.#learn(part.sessionID, text)
  }

  /**
   * Whether a call may have gone through unjudged: where OpenCode does not answer, a primary's call is run as it is, and
   * by OpenCode's own tool with whatever session it gives.
   * @param {string} caller
   */
  #unjudged(caller) {
    return this.troubled && !this.#store.sessions.get(caller)?.parentID
  }

  #excused() {
    return this.troubled || this.#weather.processes > 1 || this.deleted.size > 0 || this.kills > 0 || this.reloads > 0
  }

  /** @param {any} part @param {string} text */
  #missed(part, text) {
    const { task_id } = part.state.input
    if (this.meant(this.#store.root(part.sessionID), task_id) && !this.#store.sessions.get(part.sessionID)?.parentID && /There is no subagent session/.test(text)) {
      this.#unresolved(`${part.sessionID} cannot read ${task_id}, which stands for ${this.meant(this.#store.root(part.sessionID), task_id)}`)
    }
  }

  /** Who cancels what it has started itself is not told of it. @param {any} part @param {any} metadata */
  #cancelled(part, metadata) {
    const task = this.tasks.get(`${part.sessionID} ${metadata.sessionId}`)
    if (task) task.waived = task.owed
    for (const call of this.calls.values()) if (call.caller === part.sessionID && call.state === "open") call.ended = metadata.sessionId
  }

  /** @param {any} part @param {"completed" | "error"} status @param {string} text @param {any} metadata */
  #result(part, status, text, metadata) {
    const [mark] = marks(part.state.input.prompt)
    const call = this.calls.get(mark)
    if (!call) return
    const first = call.state === "open"
    Object.assign(call, { state: status, result: text })
    if (!first) return
    const id = /<task id="(ses_\w+)"/.exec(text)?.[1] ?? metadata?.sessionId
    if (call.expected && this.#store.sessions.has(call.expected) && !this.#unjudged(call.caller)) {
      if (id && id !== call.expected && !this.#may(call, text)) this.#unresolved(`${mark} named ${call.task_id}, which stands for ${call.expected}, and came to ${id}: ${text}`)
      if (/There is no session/.test(text)) this.#unresolved(`${mark} named ${call.task_id}, which stands for ${call.expected}: ${text}`)
    }
    if (status === "error") return this.#exhausted(call, text)
    if (id && this.#store.sessions.has(id) && this.#store.root(id) !== call.root && !(this.#runsItself(call) && this.#unjudged(call.caller))) this.fail("I1", `${mark} of root ${call.root} was answered by ${id}`)
    const bg = /Background task (bg_\w+) (started|waits)/.exec(text)?.[1]
    if (bg) {
      const key = `${call.caller} ${id}`
      const task = this.tasks.get(key) ?? { owed: 0, told: 0, waived: 0 }
      task.owed++
      if (call.ended === id) task.waived++
      this.tasks.set(key, task)
    } else if (!text.includes(answer(mark)) && !this.#excusedAnswer(call, id, text)) {
      this.fail("answers", `${mark} is answered with: ${text}`)
    }
    // Who asks again where the first prompt never arrived is told of that one in the result.
    const mine = this.tasks.get(`${call.caller} ${id}`)
    if (mine && /Its earlier prompt had never arrived/.test(text)) mine.waived++
  }

  /**
   * Whether a call may have another answer than its own.
   *
   * - OpenCode's own tool takes an empty answer for one, and of a session that is deleted while it runs whatever it said last.
   * - A call that goes through unjudged is run beside whatever else its session answers.
   * - Two processes do not see each other's turns, and go on from a history that holds both.
   * @param {Known} call @param {string} id @param {string} text
   */
  #excusedAnswer(call, id, text) {
    if (this.#runsItself(call) && (this.deleted.has(id) || text.includes("<task_result>\n\n</task_result>"))) return true
    if (this.#unjudged(call.caller) && text.includes("let this call through unjudged")) return true
    return [...(this.#prompters.get(id) ?? [])].some(([host, at]) => host !== call.host && at >= call.at)
  }

  /** A budget is spent by calls that were made: who asked for nothing has spent nothing. @param {Known} call @param {string} text */
  #exhausted({ caller, turn }, text) {
    const budget = Number(/^Task budget exhausted \((\d+)\//.exec(text)?.[1] ?? 0)
    // A write that is lost leaves a count too high.
    if (!budget || this.#excused() || this.deaf) return
    const made = [...this.calls.values()].filter((call) => call.caller === caller && call.turn === turn && (call.messageID || call.state !== "error" || /^Tool execution aborted|^Task cancelled/.test(call.result)))
    if (made.length < budget) this.fail("I2", `${caller} is refused a call with ${made.length} of ${budget} made: ${text}`)
  }

  /** Whether a call that names a session may come to another: by the options, and where its agent is not that session's. @param {Known} call @param {string} text */
  #may({ agent, expected = "" }, text) {
    const { on_agent_mismatch, on_context_full } = this.#weather.options
    const other = this.agent(expected) !== agent
    return (on_agent_mismatch === "spawn" && other) || (on_context_full === "spawn" && /context/.test(text))
  }

  /** Whether OpenCode's own tool runs a call. @param {Known} call */
  #runsItself({ byUser }) {
    return byUser || this.#weather.executor === "host"
  }

  /**
   * What a handle stood for and stands for no more.
   *
   * - Of two processes each knows what it read when it met a root, and what was not to be found then: of names that both
   *   give at once, of sessions that the other deletes and of tasks that the other begins it does not hear.
   * - What OpenCode refuses to store is known for as long as the process lives, and of a session that was run unjudged or
   *   could not be read nothing is known.
   * - Late events may bring a kill between a name that is told and its record.
   * @param {string} what
   */
  #unresolved(what) {
    if (this.#weather.processes > 1 || this.troubled) return
    if (this.deaf && this.kills + this.reloads > 0) return
    this.fail("I10", what)
  }

  /** Takes in the handles that a session is told. @param {string} sessionID @param {string} text */
  #learn(sessionID, text) {
    const root = this.#store.root(sessionID)
    const id = /<task id="(ses_\w+)"/.exec(text)?.[1] ?? /^Subagent failed \(task_id: (ses_\w+)\)/.exec(text)?.[1]
    if (!id || !this.#store.sessions.has(id)) return
    const handles = [id, /\ntask_id: (\S+)/.exec(text)?.[1], /<summary>Background task (bg_\w+) (?:started|waits)/.exec(text)?.[1]]
    const all = this.#handles.get(root) ?? new Map()
    const heard = this.#heard.get(sessionID) ?? new Set()
    this.#handles.set(root, all)
    this.#heard.set(sessionID, heard)
    for (const handle of handles) {
      if (!handle) continue
      const before = all.get(handle)
      if (before && before !== id && this.#store.sessions.has(before)) this.#unresolved(`"${handle}" was told for ${before}, and now for ${id}`)
      all.set(handle, id)
      heard.add(handle)
    }
  }

  /** Looks at what a session may do that is about to be asked. @param {Host} host @param {string} sessionID @param {string} agent @param {string} mark */
  asked(host, sessionID, agent, mark) {
    const call = this.calls.get(mark)
    if (!call || call.byUser || this.#weather.executor !== "delegate" || call.child !== sessionID) return
    // What a session may do the plugin knows from events: of those that come late, or go to another process, too late.
    if (this.deaf || this.#weather.processes > 1) return
    const rules = (/** @type {string} */ id, /** @type {string} */ name) => [...(host.agents.get(name)?.permission ?? []), ...(this.#store.sessions.get(id)?.permission ?? [])]
    if (!this.#store.sessions.has(call.caller) || !this.#store.sessions.has(sessionID)) return
    for (const [permission, pattern] of PROBES) {
      if (evaluate(rules(call.caller, call.speaker), permission, pattern) !== "deny") continue
      if (evaluate(rules(sessionID, agent), permission, pattern) !== "deny") this.fail("I5", `${sessionID} (${agent}) may ${permission} ${pattern}, which its caller ${call.caller} (${call.speaker}) may not: ${mark}`)
    }
  }

  /** What must hold once everything has come to its end. @param {Host[]} hosts */
  settled(hosts) {
    for (const host of hosts) for (const id of host.turns.keys()) this.fail("ends", `${id} runs for ever`)
    for (const call of this.calls.values()) {
      const part = this.#store.messages(call.caller).flatMap(({ parts }) => parts).find((part) => part.type === "tool" && part.tool === "task" && marks(part.state.input.prompt)[0] === call.mark)
      if (call.state === "open" && part && !call.host.dead) this.fail("ends", `${call.mark} has no end`)
    }
    for (const [key, { owed, told, waived }] of this.tasks) {
      const [caller, child] = key.split(" ")
      // What could not be stored is gone with its process; what another process runs is that one's to tell, also where it dies.
      const unsure = this.#weather.processes > 1 || ((this.troubled || this.deaf) && this.kills + this.reloads > 0)
      if (this.#store.sessions.has(caller) && told < owed - waived && !unsure) this.fail("I3", `${caller} was told ${told} times of ${child}, which it began ${owed} times`)
    }
    if (this.#weather.processes > 1 || this.troubled || this.deaf) return
    for (const { id, metadata } of this.#store.sessions.values()) {
      const record = metadata?.delegate
      if (record?.tasks?.some((/** @type {any} */ { state }) => state === "running")) this.fail("I4", `the record of ${id} has a task that runs: ${JSON.stringify(record.tasks)}`)
      if (record?.prompt) this.fail("I4", `the record of ${id} keeps a prompt: ${JSON.stringify(record.prompt.parts)}`)
    }
  }
}
