// Runs the measurements, and reads their results.

import { execFileSync } from "node:child_process"
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { BENCH, BUN, ROOT, cargo } from "./machine.js"
import { KINDS, SIZES } from "./world.js"

/**
 * Nanoseconds by operation and by number of sessions.
 * @typedef {Record<string, Record<number, number>>} Times
 * @typedef {{ engine: Times, plain: Times, slim: Times }} Sides
 */

const RUNTIMES = /** @type {[name: "Bun" | "Node", command: string, args: string[]][]} */ ([["Bun", BUN, []], ["Node", process.execPath, ["--expose-gc"]]])

/** Decisions in JavaScript, by kind and runtime: ours and those beside it. */
export function decisions() {
  const script = fileURLToPath(new URL("decide.js", import.meta.url))
  const found = RUNTIMES.map(([name, command, args]) => {
    const sides = /** @type {Sides} */ ({ engine: {}, plain: {}, slim: {} })
    const text = execFileSync(command, [...args, script], { cwd: ROOT, encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] })
    for (const line of text.trim().split("\n")) {
      const { side, kind, sessions, ns } = JSON.parse(line)
      const times = sides[/** @type {keyof Sides} */ (side)]
      times[kind] ??= {}
      times[kind][sessions] = ns
    }
    return [name, sides]
  })
  return /** @type {Record<"Bun" | "Node", Sides>} */ (Object.fromEntries(found))
}

/** The native times of the core, from criterion. @returns {Times} */
export function core() {
  const home = join(BENCH, "criterion")
  cargo(["bench", "--bench", "core"], { CRITERION_HOME: home })
  const names = [...KINDS.map(({ kind }) => `decide/${kind}`), "event/status", "state/meet", "state/snapshot", "state/restore"]
  return Object.fromEntries(names.map((name) => {
    const times = SIZES.map((sessions) => {
      const estimates = JSON.parse(readFileSync(join(home, name, String(sessions), "new", "estimates.json"), "utf8"))
      return [sessions, estimates.median.point_estimate]
    })
    return [name, Object.fromEntries(times)]
  }))
}

/**
 * Import and init of the engine, and the longest time for which the plugin's load of the wasm holds the thread: each the best of ten
 * processes, in milliseconds.
 * @returns {Record<"Bun" | "Node", { init: number, held: number }>}
 */
export function loading() {
  const best = (/** @type {string} */ code) => Object.fromEntries(RUNTIMES.map(([name, command]) => {
    const args = name === "Node" ? ["--input-type=module", "-e", code] : ["-e", code]
    return [name, Math.min(...Array.from({ length: 10 }, () => Number(execFileSync(command, args, { encoding: "utf8" }))))]
  }))
  const url = (/** @type {string} */ path) => new URL(`../../js/${path}`, import.meta.url).href
  const init = best(`const began = performance.now(); const { Engine } = await import("${url("engine.js")}"); new Engine(); console.log(performance.now() - began)`)
  const held = best(`const { loadEngine } = await import("${url("load_engine.js")}")
    let [longest, last, loaded] = [0, performance.now(), false]
    const turn = () => { const now = performance.now(); longest = Math.max(longest, now - last); last = now; if (!loaded) setImmediate(turn) }
    const turns = () => new Promise((resolve) => setTimeout(resolve, 20))
    turn(); await turns(); longest = 0; await loadEngine(); await turns(); loaded = true; console.log(longest)`)
  return /** @type {any} */ (Object.fromEntries(RUNTIMES.map(([name]) => [name, { init: init[name], held: held[name] }])))
}
