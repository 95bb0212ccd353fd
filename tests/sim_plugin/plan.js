// The plan of a seed: the weather of a world, and its steps.

import { Dice } from "../../js/playground/opencode/dice.js"

/**
 * `executor`: what runs the prompts of calls, or `"plugin"` if another plugin does by tools of its own; `back`: whether the wall
 * clock is also set back; `mixed`: whether users speak to another agent during a turn; `torn`: whether other things happen
 * between a message and its parts; `ids`: what the provider's ids of calls begin with, if it begins them again in each message;
 * `writers`: how often another client writes a session's permissions; `edits`: how often a user forks or undoes a conversation;
 * `vandals`: how often another plugin writes a record; `traps`: whether the plugin's engine traps; `hostile`: how often a model
 * writes a hostile description.
 *
 * @typedef {{ kind: string, events?: number, ms?: number, pick: number, more: number, name: string, writes: boolean, edits?: boolean, spoils?: boolean }} Step `events`: how many
 *   things happen before it, or `ms`: how much time passes
 * @typedef {{
 *   executor: "delegate" | "host" | "plugin", options: Record<string, unknown>, processes: number, copies: number,
 *   events: { lost: number, doubled: number, late: number, lag: number }, calls: { refused: number, lost: number, slow: number },
 *   model: { fails: number, hangs: number }, kills: boolean, jumps: boolean, back?: boolean, mixed: boolean, torn?: boolean, roots: number, ids?: string, writers: number,
 *   edits: number, vandals: number, traps: boolean, hostile: number
 * }} Weather
 */

/** How often each kind of step is taken. @type {Record<string, number>} */
const KINDS = { prompt: 12, wait: 6, abort: 1, delete: 0.7, uproot: 0.15, summarize: 0.7, subtask: 0.7, kill: 1.2, reload: 0.6, jump: 0.6, trap: 1 }

/**
 * @param {number} seed
 * @param {number} count
 * @param {Partial<Weather>} [given]
 * @returns {{ weather: Weather, steps: Step[] }}
 */
export function plan(seed, count, given = {}) {
  const dice = new Dice(`weather ${seed}`)
  /** Some worlds have a fault, and few have all, so that the fault behind a failure is known. @param {number} chance @param {number} rate */
  const some = (chance, rate) => (dice.chance(chance) ? rate * (0.2 + dice.next()) : 0)
  const calm = dice.chance(0.3)
  // Each of these has dice of its own, so that worlds without it stay as they are.
  const rights = new Dice(`rights ${seed}`)
  const others = new Dice(`others ${seed}`)
  const edited = new Dice(`edited ${seed}`)
  const drawn = dice.chance(0.65) ? "delegate" : "host"
  const executor = given.executor ?? drawn
  /** @type {Weather} */
  const weather = {
    executor,
    options: {
      ...(executor === "delegate" && rights.chance(0.5) ? { child_permissions: "caller" } : {}),
      ...(dice.chance(0.3) ? { max_parallel: 1 + dice.below(3) } : {}),
      ...(dice.chance(0.5) ? { stall_ms: 20_000 } : {}),
      ...(dice.chance(0.2) ? { same_agent: "resume" } : {}),
      ...(dice.chance(0.2) ? { slug_scope: "caller" } : {}),
      ...(dice.chance(0.2) ? { on_agent_mismatch: dice.pick(["spawn", "resume"]) } : {}),
      ...(dice.chance(0.3) ? { on_context_full: dice.pick(["resume", "spawn"]) } : {}),
      ...(dice.chance(0.3) ? { max_depth: 1 + dice.below(4) } : {}),
      ...(new Dice(`limits ${seed}`).chance(0.15) ? { limits: { max_steps: 2, timeout_ms: 90_000 } } : {}),
    },
    processes: dice.chance(0.2) ? 2 : 1,
    copies: dice.chance(0.1) ? 2 : 1,
    events: { lost: calm ? 0 : some(0.15, 0.1), doubled: calm ? 0 : some(0.3, 0.3), late: calm ? 0 : some(0.2, 0.1), lag: calm ? 0 : Math.floor(some(0.2, 2_000)) },
    calls: { refused: calm ? 0 : some(0.2, 0.05), lost: calm ? 0 : some(0.15, 0.05), slow: calm ? 0 : some(0.2, 0.05) },
    model: { fails: some(0.7, 0.25), hangs: some(0.3, 0.05) },
    kills: dice.chance(0.6),
    jumps: dice.chance(0.3),
    mixed: false,
    roots: 1 + dice.below(4),
    ids: new Dice(`ids ${seed}`).pick([undefined, undefined, "call_", "prt_"]),
    writers: rights.chance(0.3) ? 0.3 : 0,
    edits: edited.chance(0.4) ? 0.3 : 0,
    vandals: edited.chance(0.3) ? 0.2 : 0,
    traps: new Dice(`traps ${seed}`).chance(0.15),
    hostile: others.chance(0.25) ? 0.3 : 0,
    ...given,
  }
  const kinds = Object.entries(KINDS).filter(([kind]) => (kind !== "kill" || weather.kills) && (kind !== "jump" || weather.jumps) && (kind !== "trap" || weather.traps))
  const sum = kinds.reduce((all, [, weight]) => all + weight, 0)
  const steps = Array.from({ length: count }, (_, place) => {
    let left = dice.next() * sum
    const kind = kinds.find(([, weight]) => (left -= weight) < 0)?.[0] ?? "wait"
    const long = [50, 2_000, 30_000, 600_000][Math.floor(dice.next() ** 2 * 4)]
    const pause = dice.chance(["kill", "reload", "trap"].includes(kind) ? 0.8 : 0.5) ? { events: dice.below(dice.pick([5, 40, 200])) } : { ms: dice.below(long) }
    const { edits, vandals } = weather
    return { kind, ...pause, pick: dice.below(1 << 20), more: dice.below(1 << 20), name: `U${place}`, writes: rights.chance(weather.writers), edits: others.chance(edits), spoils: others.chance(vandals) }
  })
  return { weather, steps }
}
