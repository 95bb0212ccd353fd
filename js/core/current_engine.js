// The engine that runs now: started when it is needed, dropped when it traps, and started again.

import { DelegateError, Engine } from "../api.js"

/** @typedef {import("../api.js").Config} Config */

/**
 * Holds the engine of an instance.
 */
export class CurrentEngine {
  /** @type {Promise<Engine> | undefined} */
  #starting
  /** @type {Engine | undefined} */
  #engine
  #process
  #prepare
  #report
  #notify
  #dropped

  /**
   * @param {() => string} process gives the name of this instance in records
   * @param {() => Promise<[Config, ...unknown[]]>} prepare gives the configuration once an engine can start
   * @param {{ report: (message: string) => void, notify: (notice: string) => void }} person reports a message, or shows a notice
   *   of the engine
   * @param {() => void} dropped hears that an engine trapped, so its state is lost
   */
  constructor(process, prepare, { report, notify }, dropped) {
    this.#process = process
    this.#prepare = prepare
    this.#report = report
    this.#notify = notify
    this.#dropped = dropped
  }

  /** The engine that runs, if one has started. */
  get engine() {
    return this.#engine
  }

  /** The engine, created if there is none. */
  ready() {
    this.#starting ??= this.#prepare().then(([config]) => {
      this.#engine = new Engine(config, { process: this.#process() })
      this.reportNotices(this.#engine)
      return this.#engine
    })
    this.#starting.catch((error) => {
      // A faulty configuration stays faulty; a host that did not answer may answer the next time.
      if (!(error instanceof DelegateError) || isTrap(error)) this.#starting = undefined
    })
    return this.#starting
  }

  /**
   * The engine's answer, or `undefined` if there is no engine or it traps.
   * @template T
   * @param {(engine: Engine) => T} ask
   * @returns {T | undefined}
   */
  query(ask) {
    try {
      return this.#engine && ask(this.#engine)
    } catch (error) {
      this.#dropOnTrap(error)
      return undefined
    }
  }

  /**
   * Runs work, and runs it again on a new engine if the engine traps.
   * @template T
   * @param {() => Promise<T>} work
   * @param {number} [again] how often it is run again: two traps that come together end one work twice
   * @returns {Promise<T>}
   */
  async retryAfterTrap(work, again = 2) {
    try {
      return await work()
    } catch (error) {
      if (!isTrap(error) || again <= 0) throw error
      // Of several works that one trap ends, the first drops the engine: one that answers is a new one.
      this.query((engine) => engine.spelled(""))
      return this.retryAfterTrap(work, again - 1)
    }
  }

  /** Shows each notice of an engine. @param {Engine} engine */
  reportNotices(engine) {
    for (const notice of engine.notices()) this.#notify(notice)
  }

  /** Drops an engine that trapped, and throws any other error. The next call creates another engine. @param {unknown} error */
  #dropOnTrap(error) {
    if (!isTrap(error)) throw error
    this.#report("The engine trapped. A new one is made from OpenCode's sessions, and open calls lose their reservations.")
    this.#engine = this.#starting = undefined
    this.#dropped()
  }
}

/** @param {unknown} error */
const isTrap = (error) => error instanceof DelegateError && error.code === "engine_trap"
