// Time that passes only when it is told to: what is to happen waits in a queue, and happens one thing after the other.

/**
 * @typedef {{ at: number, number: number, owner: unknown, work: (() => void) | undefined, every?: number }} Alarm
 */

/**
 * A clock whose hours last as long as what happens in them.
 */
export class Clock {
  /** What is to happen, as a heap: the earliest first, of one moment the one that was asked for first. @type {Alarm[]} */
  #queue = []
  #count = 0
  #breathe
  #dead = new WeakSet()
  /** The milliseconds that have passed since the epoch, however often the wall clock was set. */
  time
  /** How far the wall clock is ahead. */
  skew = 0
  /** On whose behalf things happen now: with it goes all that it has yet to do. @type {unknown} */
  owner

  /**
   * @param {{ start?: number, breathe: () => Promise<void> }} setting `breathe` is done when everything has happened that
   *   follows at once
   */
  constructor({ start = 1_800_000_000_000, breathe }) {
    this.time = start
    this.#breathe = breathe
  }

  /** What the wall clock says. */
  wall() {
    return Math.floor(this.time + this.skew)
  }

  /**
   * @param {number} ms
   * @param {() => void} work
   * @param {{ owner?: unknown, every?: number }} [more] `every`: the milliseconds after which it happens again
   * @returns {Alarm}
   */
  after(ms, work, { owner = this.owner, every } = {}) {
    const alarm = { at: this.time + Math.max(0, ms || 0), number: this.#count++, owner, work, every }
    if (!this.#isDead(owner)) this.#push(alarm)
    return alarm
  }

  /** @param {Alarm | undefined} alarm */
  cancel(alarm) {
    if (alarm) alarm.work = undefined
  }

  /** @param {number} ms @returns {Promise<void>} */
  sleep(ms) {
    return new Promise((resolve) => this.after(ms, resolve))
  }

  /** Ends an owner: nothing that waits for its time on its behalf happens any more. @param {object} owner */
  drop(owner) {
    this.#dead.add(owner)
  }

  /** When the next thing happens, if one is to. */
  next() {
    for (let first = this.#queue[0]; first; first = this.#queue[0]) {
      if (first.work && !this.#isDead(first.owner)) return first.at
      this.#pop()
    }
    return undefined
  }

  /** Lets the next thing happen, and all that follows from it at once. @returns {Promise<boolean>} whether there was one */
  async step() {
    if (this.next() === undefined) return false
    const alarm = this.#pop()
    this.time = alarm.at
    this.owner = alarm.owner
    const { work } = alarm
    if (alarm.every === undefined) alarm.work = undefined
    else this.#push(Object.assign(alarm, { at: this.time + alarm.every, number: this.#count++ }))
    work?.()
    await this.#breathe()
    this.owner = undefined
    return true
  }

  /** Lets everything happen that is due within so long. @param {number} ms */
  async pass(ms) {
    const end = this.time + ms
    for (let next = this.next(); next !== undefined && next <= end; next = this.next()) await this.step()
    this.time = Math.max(this.time, end)
  }

  /** Does something on somebody's behalf, and all that follows from it at once. @param {unknown} owner @param {() => unknown} work */
  async as(owner, work) {
    this.owner = owner
    work()
    await this.#breathe()
    this.owner = undefined
  }

  /** @param {unknown} owner */
  #isDead(owner) {
    return typeof owner === "object" && owner !== null && this.#dead.has(owner)
  }

  /** @param {Alarm} alarm */
  #push(alarm) {
    const queue = this.#queue
    let place = queue.push(alarm) - 1
    for (let above = (place - 1) >> 1; place > 0 && isBefore(alarm, queue[above]); above = (place - 1) >> 1) {
      queue[place] = queue[above]
      place = above
    }
    queue[place] = alarm
  }

  /** @returns {Alarm} */
  #pop() {
    const queue = this.#queue
    const first = queue[0]
    const last = /** @type {Alarm} */ (queue.pop())
    if (!queue.length) return first
    let place = 0
    for (let below = 1; below < queue.length; below = 2 * place + 1) {
      if (below + 1 < queue.length && isBefore(queue[below + 1], queue[below])) below++
      if (!isBefore(queue[below], last)) break
      queue[place] = queue[below]
      place = below
    }
    queue[place] = last
    return first
  }
}

/** @param {Alarm} one @param {Alarm} other */
const isBefore = (one, other) => one.at < other.at || (one.at === other.at && one.number < other.number)
