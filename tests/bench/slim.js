// The job board of oh-my-opencode-slim, called as slim calls it. The class is in the published bundle and is not exported. A copy
// of that file gets one more line, which exports it, and no other change.

import { existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath, pathToFileURL } from "node:url"
import { BENCH } from "./machine.js"
import { ROOT, session } from "./world.js"

const BUNDLE = fileURLToPath(import.meta.resolve("oh-my-opencode-slim"))
const CLASS = "BackgroundJobBoard"

/**
 * The called methods of slim's board.
 * @typedef {{ taskID: string, agent: string, state: string, generation: number, alias: string, terminalUnreconciled: boolean }} Job
 * @typedef {object} Board
 * @property {Map<string, Job>} jobs
 * @property {(launch: object) => Job} registerLaunch
 * @property {(end: object, generation: number) => void} commitTerminalRecord
 * @property {(taskID: string) => Job} markReconciled
 * @property {(parent: string, key: string, agent: string) => Job | undefined} resolveReusable
 * @property {(parent: string, key: string, agent: string) => Job | undefined} resolveRecoverable
 * @property {(parent: string, key: string) => Job | undefined} resolve
 * @property {(taskID: string, generation: number) => object | undefined} acquireRelaunchLease
 * @property {(lease: object) => boolean} releaseLease
 * @property {(parent: string, key: string) => void} markUsed
 * @property {(parent: string) => Job[]} list
 */

/** @returns {Promise<new (options: object) => Board>} */
async function load() {
  const text = readFileSync(BUNDLE, "utf8")
  if (!new RegExp(`^class ${CLASS} `, "m").test(text)) throw new Error(`there is no class ${CLASS} in ${BUNDLE}`)
  const folder = join(BENCH, "slim")
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  const modules = join(BUNDLE, "..", "..", "node_modules")
  if (existsSync(modules)) symlinkSync(modules, join(folder, "node_modules"), "junction")
  const copy = join(folder, "index.mjs")
  writeFileSync(copy, `${text}\nexport { ${CLASS} }\n`)
  return (await import(pathToFileURL(copy).href))[CLASS]
}

/** A board, as slim's `tool.execute.before` uses it: the same calls for a `task` call, in the same order. */
class Asked {
  #board
  /** @param {Board} board */
  constructor(board) {
    this.#board = board
  }

  /** @param {import("./world.js").Request} request */
  decide({ sessionID, agent, task_id }) {
    const board = this.#board
    if (task_id !== undefined) {
      const job = board.resolveReusable(sessionID, task_id, agent) ?? board.resolveRecoverable(sessionID, task_id, agent)
      if (job) {
        const lease = board.acquireRelaunchLease(job.taskID, job.generation)
        if (!lease) throw new Error(`${task_id} is owned by another call`)
        board.markUsed(sessionID, job.taskID)
        return { action: "resume", rule: "", sessionID: job.taskID, lease }
      }
      const known = board.resolve(sessionID, task_id)
      if (known) return { action: "deny", rule: "", message: `${known.alias} / ${known.taskID}: agent is ${known.agent}, not ${agent}.` }
    }
    const twin = board.list(sessionID).find((job) => job.agent === agent && job.terminalUnreconciled)
    return { action: twin ? "deny" : "spawn", rule: "" }
  }

  /** @param {{ lease?: object }} decision */
  takeBack({ lease }) {
    if (lease) this.#board.releaseLease(lease)
  }
}

/**
 * Makes slim's worlds. Their sessions are called by alias.
 * @returns {Promise<(sessions: number) => Asked & { alias: (slug: string) => string }>}
 */
export async function slim() {
  const BackgroundJobBoard = await load()
  return (sessions) => {
    // Otherwise it would keep no more than two sessions of an agent.
    const board = new BackgroundJobBoard({ maxReusablePerAgent: Infinity })
    const launch = (/** @type {import("./world.js").Session} */ { id, agent, description, lastUsed }) =>
      board.registerLaunch({ taskID: id, parentSessionID: ROOT, agent, description, objective: description, now: lastUsed })
    // The first session goes all the way to its end. Its changes are copied to the others, which would otherwise take hours.
    const first = launch(session(0))
    board.commitTerminalRecord({ taskID: first.taskID, state: "completed", resultSummary: "Done." }, first.generation)
    const done = Object.entries(board.markReconciled(first.taskID)).filter(([key, value]) => /** @type {any} */ (first)[key] !== value)
    const aliases = new Map([[session(0).slug, first.alias]])
    for (let index = 1; index < sessions; index++) {
      const job = launch(session(index))
      board.jobs.set(job.taskID, Object.assign(job, Object.fromEntries(done)))
      aliases.set(session(index).slug, job.alias)
    }
    return Object.assign(new Asked(board), { alias: (/** @type {string} */ slug) => aliases.get(slug) ?? slug })
  }
}
