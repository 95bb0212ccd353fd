// The ends of another plugin's prompts: what the engine hears of each, and who reports it to the caller.

import { resumeHint } from "../../core/texts/index.js"
import { PluginCleanups } from "./plugin_cleanups.js"
import { PluginReports, QUIET_MS } from "./plugin_reports.js"

/**
 * @typedef {import("../../api.js").Effect} Effect
 * @typedef {import("../../api.js").Failure} Failure
 * @typedef {import("../../core/index.js").EngineSync} EngineSync
 * @typedef {import("./plugin_entries.js").Entry} Entry
 * @typedef {Extract<Effect, { type: "deliver" }>} Ending
 */

/** OpenCode's name of the error of a turn that was aborted. */
const ABORTED = "MessageAbortedError"

/**
 * Takes in the ends.
 */
export class PluginEnds {
  #sync
  #entries
  #deliver
  #isWhole
  cleanups = new PluginCleanups()

  /**
   * @param {EngineSync} sync
   * @param {import("./plugin_entries.js").PluginEntries} entries
   * @param {(ending: Ending) => Promise<void>} deliver delivers the end of a background task to its caller
   * @param {(entry: Entry) => Promise<boolean>} isWhole whether the session has ended its answer to a prompt
   */
  constructor(sync, entries, deliver, isWhole) {
    this.#sync = sync
    this.#entries = entries
    this.#deliver = deliver
    this.#isWhole = isWhole
    this.reports = new PluginReports(sync, (entry) => this.#wasReported(entry))
  }

  /** Reports the end of a prompt whose session is idle and whose call is over. @param {Entry} entry */
  async settle(entry) {
    const { turn, error } = entry
    if (entry.request.background) {
      // A plugin may take a turn that was aborted for an answer. What it says of other errors is about its next attempt.
      if (!isUnfinished(entry) && (!error || error.name === ABORTED)) this.reports.expect(entry)
      if (entry.sessionID && !error) this.cleanups.expect(entry.sessionID)
    }
    if (error) {
      // The plugin may try again, in this session or in another.
      await new Promise((resolve) => setTimeout(resolve, QUIET_MS).unref())
      if (entry.turn !== turn || !entry.error || !this.#entries.has(entry)) return
      this.reports.withdraw(entry)
      entry.settled = true
      this.broke(entry, entry.error)
    } else {
      entry.settled = true
      this.apply(entry, "prompt.answered")
    }
    // Nobody hears of the end of a prompt that its caller has left.
    if (entry.left) this.#entries.end(entry)
  }

  /**
   * Takes in that the end of a background prompt is to be delivered. The plugin delivers answers and its own cancellations by
   * itself. If a person or the engine has ended the session, it may say nothing.
   * @param {Entry} entry
   * @param {Ending} ending
   */
  ended(entry, ending) {
    // A turn that reaches a limit with its last step has its whole answer: its messages show that once it is over.
    if (entry.limited && entry.runs) return void (entry.ending = ending)
    if (ending.state === "failed") this.#entries.fail(entry)
    else this.#entries.end(entry)
    if (entry.limited) return void this.#endedAtLimit(entry, ending)
    // The plugin may see that the session is deleted, and report that.
    if (ending.to?.lost) return this.reports.expectSoon(entry, () => void this.#deliver(ending))
    if (ending.state === "idle") return this.reports.expect(entry)
    if (ending.state === "cancelled" && entry.withdrawn) return this.reports.confirm(ending)
    void this.#deliver(ending)
  }

  /**
   * Takes in that a limit ended a task. An abort between two steps leaves no error. If the plugin reports the task as completed, its
   * report says too that the work is unfinished.
   * @param {Entry} entry @param {Ending} ending
   */
  async #endedAtLimit(entry, ending) {
    if (!entry.error && (await this.#isWhole(entry))) return this.reports.expect(entry)
    const task_id = this.#sync.nameFor(ending.sessionID, entry.request.sessionID)
    this.reports.expectSoon(entry, () => void this.#deliver(ending), [resumeHint(task_id), ...ending.notices].join("\n"))
  }

  /**
   * Takes in that a request of the plugin failed. The plugin may report that, or try again.
   * @param {Entry} entry @param {string} message
   */
  refused(entry, message) {
    if (!this.#entries.has(entry)) return
    const { turn } = entry
    entry.failure = { kind: "host", name: "PluginError", message, retryable: false }
    const late = () => {
      if (entry.turn === turn && !entry.accepted && this.#entries.has(entry)) this.#fail(entry)
    }
    if (entry.request.background) this.reports.expectSoon(entry, late)
    else setTimeout(late, QUIET_MS).unref()
  }

  /** Ends an attempt that the plugin repeats in another session: that is no end to report. @param {Entry} entry */
  overtake(entry) {
    this.reports.withdraw(entry)
    this.reports.silence(entry)
    this.apply(entry, "prompt.answered")
  }

  /** Takes in that the plugin has reported an end, perhaps that of a turn that was aborted. @param {Entry} entry */
  #wasReported(entry) {
    this.#entries.end(entry)
    if (!entry.error && !entry.failure) return
    this.reports.silence(entry)
    if (entry.error) this.broke(entry, entry.error)
    else this.#fail(entry)
  }

  /** @param {Entry} entry whose request failed */
  #fail(entry) {
    if (entry.failure) this.failed(entry, entry.failure)
  }

  /** Takes in the error of a turn. @param {Entry} entry @param {NonNullable<Entry["error"]>} error */
  broke(entry, { name, message }) {
    if (name === ABORTED) this.apply(entry, "prompt.cancelled")
    else this.failed(entry, { kind: "host", name, message, retryable: false })
  }

  /** @param {Entry} entry @param {Failure} failure */
  failed({ sessionID, prompt_no }, failure) {
    if (sessionID === undefined || prompt_no === undefined) return
    this.#sync.apply({ type: "prompt.failed", now: Date.now(), sessionID, prompt_no, attempt: 1, failure, live: false })
  }

  /** @param {Entry} entry @param {"prompt.sent" | "prompt.accepted" | "prompt.answered" | "prompt.cancelled"} type */
  apply({ sessionID, prompt_no }, type) {
    if (sessionID === undefined || prompt_no === undefined) return
    this.#sync.apply({ type, now: Date.now(), sessionID, prompt_no, attempt: 1 })
  }
}

/** Whether the turn of a prompt broke off at its limit: the plugin does not know that its work is unfinished. @param {Entry} entry */
const isUnfinished = ({ limited, error }) => limited && error !== undefined
