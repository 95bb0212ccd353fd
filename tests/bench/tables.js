// The figures as tables, for the terminal and for docs/benchmarks.md.

import { KINDS, SIZES } from "./world.js"

/**
 * @typedef {import("./measure.js").Times} Times
 * @typedef {object} Figures
 * @property {ReturnType<typeof import("./measure.js").decisions>} decisions
 * @property {Times} core
 * @property {ReturnType<typeof import("./measure.js").loading>} loading
 * @property {Record<string, number> | undefined} counts
 */

const NATIVE = /** @type {const} */ ([
  ["event/status", "an event: a turn began or ended"],
  ["state/meet", "all sessions are met, with their records"],
  ["state/snapshot", "`snapshot`, with the 1 024 calls that are remembered"],
  ["state/restore", "`restore` of that"],
])

const grouped = (/** @type {number} */ number) => String(Math.round(number)).replace(/\B(?=(\d{3})+$)/g, " ")
const sizes = SIZES.map(grouped)
const [few] = sizes

/** A number with two figures. @param {number} number */
function short(number) {
  return number >= 100 ? grouped(Number(number.toPrecision(2))) : String(Number(number.toPrecision(2)))
}

/** @param {number} ns */
function time(ns) {
  const [unit, size] = ns < 1e3 ? ["ns", 1] : ns < 1e6 ? ["us", 1e3] : ns < 1e9 ? ["ms", 1e6] : ["s", 1e9]
  return `${short(ns / Number(size))} ${unit}`
}

/** @param {string[]} head @param {string[][]} rows */
function table(head, rows) {
  const widths = head.map((_, column) => Math.max(3, ...[head, ...rows].map((row) => row[column].length)))
  const line = (/** @type {string[]} */ row) => `| ${row.map((cell, column) => cell.padEnd(widths[column])).join(" | ")} |`
  return [line(head), `|${widths.map((width) => "-".repeat(width + 2)).join("|")}|`, ...rows.map(line), ""].join("\n")
}

/** The engine's times, as multiples of the others'. @param {Figures} figures */
export function ratios({ decisions }) {
  return Object.entries(decisions).map(([runtime, { engine, plain, slim }]) => {
    const head = [`in ${runtime}, the engine takes so many times as long as`, `plain JavaScript, ${few} sessions`, ...sizes.slice(1), `slim's job board, ${few} sessions`, ...sizes.slice(1)]
    const rows = KINDS.map(({ kind, what, row }) =>
      [`${what} (${row})`, ...[plain, slim].flatMap((side) => SIZES.map((size) => short(engine[kind][size] / side[kind][size])))])
    return table(head, rows)
  })
}

/** @param {Figures} figures */
export function times({ decisions, core, loading, counts }) {
  const instructions = (/** @type {string} */ name) => (counts?.[name] ? [grouped(counts[name])] : counts ? ["-"] : [])
  const counted = counts ? ["instructions natively, 1 000"] : []
  const { Bun, Node } = decisions
  const decide = KINDS.map(({ kind, what }) =>
    [what, ...[Bun.engine[kind], Node.engine[kind], core[`decide/${kind}`]].flatMap((times) => SIZES.map((size) => time(times[size]))), ...instructions(`decide/${kind}`)])
  const theirs = KINDS.map(({ kind, what }) =>
    [what, ...[Bun.plain[kind], Bun.slim[kind]].flatMap((times) => SIZES.map((size) => time(times[size])))])
  const native = NATIVE.map(([name, what]) => [what, ...SIZES.map((size) => time(core[name][size])), ...instructions(name)])
  return [
    table(["`decide`", `in Bun, ${few} sessions`, ...sizes.slice(1), `in Node, ${few}`, ...sizes.slice(1), `natively, ${few}`, ...sizes.slice(1), ...counted], decide),
    table(["beside it, in Bun", `plain JavaScript, ${few} sessions`, ...sizes.slice(1), `slim's job board, ${few}`, ...sizes.slice(1)], theirs),
    table(["natively", `${few} sessions`, ...sizes.slice(1), ...counted], native),
    table(["loading", "in Bun", "in Node"], [
      ["import and init of `opencode-delegate/engine`", `${loading.Bun.init.toFixed(0)} ms`, `${loading.Node.init.toFixed(0)} ms`],
      ["the plugin loads beside OpenCode's start, whose thread it holds for", `${loading.Bun.held.toFixed(0)} ms`, `${loading.Node.held.toFixed(0)} ms`],
    ]),
  ]
}

/** @typedef {{ heading: string, rows: { what: string, stock: number, added: number, thread: number, bare?: number }[] }} Cost of a host */

/**
 * The plugin's cost of a prompt in each host.
 * @param {Cost[]} costs
 * @param {number} pairs
 */
export function prompts(costs, pairs) {
  const stock = costs.map(({ rows }) => rows.map(({ stock }) => Math.round(stock)).sort((a, b) => a - b))
  const cell = (/** @type {number | undefined} */ ms) => (ms === undefined || Number.isNaN(ms) ? "-" : `${ms.toFixed(0)} ms`)
  const added = costs[0].rows.flatMap(({ what }, row) => [
    [`added if ${what}`, ...costs.map(({ rows }) => cell(rows[row].added))],
    ["more CPU time of OpenCode's thread", ...costs.map(({ rows }) => cell(rows[row].thread))],
    ["by a bare plugin", ...costs.map(({ rows }) => cell(rows[row].bare))],
  ])
  return table([`a prompt with one delegation, medians of ${pairs} pairs`, ...costs.map(({ heading }) => heading)], [
    ["without the plugin", ...stock.map((times) => `${times[0]} to ${times[times.length - 1]} ms`)], ...added,
  ])
}

/**
 * The plugin's cost of the first prompts in an old conversation.
 * @param {string} what the database
 * @param {number} rounds
 * @param {Awaited<ReturnType<typeof import("./old_database.js").oldDatabaseCost>>} rows
 */
export function firstPrompts(what, rounds, rows) {
  const ms = (/** @type {number} */ number) => `${number.toFixed(0)} ms`
  const head = [`after a start, with ${what}; medians of ${rounds}`, "without the plugin", "added by `\"delegate\"`", "by `\"host\"`"]
  return table(head, rows.map(({ what, stock, added }) => [what, ms(stock), ...added.map(ms)]))
}
