// Time that passes only on demand: alarms wait in a queue, and ring one after the other.

/**
 * @typedef {{ at: number, number: number, owner: unknown, work: (() => void) | undefined, every?: number }} Alarm
 */

/**
 * A clock that jumps from alarm to alarm.
 */
export class Clock {
  /** The alarms, as a heap: the earliest first; of two at one moment, the one that was set first. @type {Alarm[]} */
  #queue = []
  #count = 0
  #breathe
  #dead = new WeakSet()
  /** The milliseconds since the epoch. A change of the wall clock does not change them. */
  time
  /** The lead of the wall clock, in milliseconds. */
  skew = 0
  /** The owner of the alarm that rings now. New alarms get the same owner, and end with it. @type {unknown} */
  owner

  /**
   * @param {{ start?: number, breathe: () => Promise<void> }} setting `breathe` resolves when all that follows at once is done
   */
  constructor({ start = 1_800_000_000_000, breathe }) {
    this.time = start
    this.#breathe = breathe
  }

  /** The time of the wall clock. */
  wall() {
    return Math.floor(this.time + this.skew)
  }

  /**
   * @param {number} ms
   * @param {() => void} work
   * @param {{ owner?: unknown, every?: number }} [more] `every`: the milliseconds until it rings again
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

  /** Ends an owner: its alarms ring no more. @param {object} owner */
  drop(owner) {
    this.#dead.add(owner)
  }

  /** The time of the next alarm, if there is one. */
  next() {
    for (let first = this.#queue[0]; first; first = this.#queue[0]) {
      if (first.work && !this.#isDead(first.owner)) return first.at
      this.#pop()
    }
    return undefined
  }

  /** Rings the next alarm, and does all that follows at once. @returns {Promise<boolean>} whether there was one */
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

  /** Rings all alarms within a time. @param {number} ms */
  async pass(ms) {
    const end = this.time + ms
    for (let next = this.next(); next !== undefined && next <= end; next = this.next()) await this.step()
    this.time = Math.max(this.time, end)
  }

  /** Does work for an owner, and all that follows at once. @param {unknown} owner @param {() => unknown} work */
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
    let index = queue.push(alarm) - 1
    for (let above = (index - 1) >> 1; index > 0 && isBefore(alarm, queue[above]); above = (index - 1) >> 1) {
      queue[index] = queue[above]
      index = above
    }
    queue[index] = alarm
  }

  /** @returns {Alarm} */
  #pop() {
    const queue = this.#queue
    const first = queue[0]
    const last = /** @type {Alarm} */ (queue.pop())
    if (!queue.length) return first
    let index = 0
    for (let below = 1; below < queue.length; below = 2 * index + 1) {
      if (below + 1 < queue.length && isBefore(queue[below + 1], queue[below])) below++
      if (!isBefore(queue[below], last)) break
      queue[index] = queue[below]
      index = below
    }
    queue[index] = last
    return first
  }
}

/** @param {Alarm} one @param {Alarm} other */
const isBefore = (one, other) => one.at < other.at || (one.at === other.at && one.number < other.number)
