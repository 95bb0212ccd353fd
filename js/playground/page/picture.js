// A story as a picture: a lane for each session, its turns as bars, delegations as arrows, resumes as loops.

import { h, svg } from "./dom.js"

/**
 * @typedef {import("../stories/index.js").Moment} Moment
 * @typedef {{ id: string, parent?: string, agent: string, depth: number, from: number, to: number, record?: any, budget?: number, used?: number, busy: boolean, gone: boolean }} Lane
 *   `from`, `to`: its first and last column; the other fields are its state at the shown moment
 */

const [LANE, TOP, EDGE] = [48, 40, 16]

/** The least and the greatest width of a column. */
const [NARROW, BROAD] = [19, 40]

/** The kinds of moments that get a column of their own. */
const WIDE = ["user", "decide", "begin", "end", "fail", "fault", "delivered", "deleted", "boot", "budget"]

/** The column of each moment. @param {Moment[]} moments */
function columns(moments) {
  let column = -1
  return moments.map(({ kind }) => (WIDE.includes(kind) || column < 0 ? ++column : column))
}

/**
 * The sessions at a moment, each under its parent.
 * @param {Moment[]} moments
 * @param {number} cursor
 * @returns {Lane[]}
 */
export function lanes(moments, cursor) {
  const column = columns(moments)
  /** @type {Map<string, Lane>} */
  const all = new Map()
  for (const [place, { kind, session = "", parent, agent, record, budget, used, decision }] of moments.entries()) {
    if (kind === "created") all.set(session, { id: session, parent, agent, depth: parent ? 1 + (all.get(parent)?.depth ?? 0) : 0, from: column[place], to: Infinity, busy: false, gone: false })
    if (kind === "kill" && place <= cursor) for (const each of all.values()) each.busy = false
    const lane = all.get(session)
    if (!lane) continue
    if (kind === "deleted") lane.to = column[place]
    // A name is drawn from the beginning, so that no lane moves later.
    if (kind === "stored") lane.record ??= { slug: record.slug }
    if (place > cursor) continue
    if (kind === "stored") lane.record = record
    if (kind === "deleted") lane.gone = true
    if (kind === "begin") lane.busy = true
    if (kind === "end") lane.busy = false
    if (kind === "budget" || (kind === "decide" && decision)) Object.assign(lane, { budget, used })
    else if (kind === "stored" && record.budget && lane.budget === undefined) Object.assign(lane, { budget: record.budget, used: record.used })
  }
  /** @type {(parent: string | undefined) => Lane[]} */
  const below = (parent) => [...all.values()].filter((lane) => lane.parent === parent).flatMap((lane) => [lane, ...below(lane.id)])
  return below(undefined)
}

/**
 * @param {Moment[]} moments
 * @param {number} cursor
 * @param {Lane[]} all
 * @param {number} room the greatest width
 */
export function picture(moments, cursor, all, room) {
  const column = columns(moments)
  const step = Math.max(NARROW, Math.min(BROAD, Math.floor((room - 3 * EDGE) / Math.max(1, column.at(-1) ?? 1))))
  const x = (/** @type {number} */ place) => EDGE + place * step
  const y = (/** @type {string | undefined} */ id) => TOP + LANE * (all.findIndex((lane) => lane.id === id) + 0.5)
  const now = column[cursor]
  const last = column.at(-1) ?? 0
  const [width, height] = [x(last) + EDGE + 20, TOP + LANE * all.length]
  /** @type {any[]} */
  const under = []
  /** @type {any[]} */
  const bars = []
  /** @type {any[]} */
  const over = []
  const ghost = (/** @type {number} */ place) => (place > cursor ? " ghost" : "")

  for (const { id, from, to } of all) {
    under.push(svg("line", { class: `lane${from > now ? " ghost" : ""}`, x1: x(from), x2: x(Math.min(to, last)) + (to > last ? EDGE : 0), y1: y(id), y2: y(id) }))
    if (to <= last) over.push(cross(x(to), y(id), to > now ? "gone ghost" : "gone"))
  }

  /** The running turn, and the end of the last one, by session. @type {Map<string, { from?: number, ended?: number }>} */
  const turns = new Map()
  /** The arrows that wait for the turn at their end. @type {Map<string, Moment[]>} */
  const leading = new Map()
  const bar = (/** @type {string} */ session, /** @type {number} */ end, broken = false) => {
    const turn = turns.get(session)
    if (turn?.from === undefined) return
    const [from, to] = [turn.from, end]
    const piece = (/** @type {number} */ a, /** @type {number} */ b, /** @type {string} */ more) => b > a && bars.push(svg("rect", { class: `turn${more}`, x: x(a), y: y(session) - 7, width: x(b) - x(a), height: 14, rx: 4 }))
    piece(from, Math.min(to, Math.max(now, from)), broken && to <= now ? " broken" : "")
    piece(Math.max(from, Math.min(to, now)), to, " ghost")
    turns.set(session, { ended: to })
  }
  const arrow = (/** @type {Moment} */ from, /** @type {number} */ x2, /** @type {number} */ y2, /** @type {string} */ more) => {
    const [x1, y1] = [x(column[moments.indexOf(from)]), y(from.session)]
    const bend = Math.min(8, x2 - x1)
    under.push(svg("path", { class: `arrow ${from.decision.action}${more}`, d: `M${x1} ${y1}V${y2 - bend}Q${x1} ${y2} ${x1 + bend} ${y2}H${x2 - 5}m-4 -4l4 4l-4 4` }))
  }
  for (const [place, moment] of moments.entries()) {
    const { kind, session = "", decision, child } = moment
    const at = column[place]
    if (kind === "user") over.push(svg("circle", { class: `user${ghost(place)}`, cx: x(at), cy: y(session), r: 5 }))
    else if (kind === "decide") {
      if (decision.action === "deny") {
        over.push(label(decision, x(at), y(session), ghost(place), "middle"), cross(x(at), y(session), `deny${ghost(place)}`))
      }
      else leading.set(child, [...(leading.get(child) ?? []), moment])
    } else if (kind === "begin") {
      const before = turns.get(session)?.ended
      for (const from of leading.get(session) ?? []) {
        const { action } = from.decision
        const [x2, y2] = [x(at), y(session)]
        arrow(from, x2, y2, ghost(place))
        over.push(label(from.decision, x2, y2, ghost(place)))
        if (before !== undefined && action !== "spawn") under.push(svg("path", { class: `loop ${action}${ghost(place)}`, d: `M${x(before)} ${y2 - 8}C${x(before) + 4} ${y2 - 25} ${x2 - 4} ${y2 - 25} ${x2} ${y2 - 9}` }))
      }
      leading.delete(session)
      turns.set(session, { from: at })
    } else if (kind === "end") bar(session, at, moment.broken)
    else if (kind === "kill") {
      for (const id of turns.keys()) bar(id, at, true)
      for (const [id, all] of leading) if (id) for (const from of all) arrow(from, x(at), y(id), ghost(place))
      leading.clear()
    }
    else if (kind === "fail") over.push(cross(x(at), y(session), `fail${ghost(place)}`))
    else if (kind === "called") {
      const of = /<task id="(\w+)" state="(?!running)/.exec(moment.text)?.[1]
      if (of && all.some(({ id }) => id === of)) under.push(svg("line", { class: `back${ghost(place)}`, x1: x(at), x2: x(at), y1: y(of), y2: y(session) + 8 }))
    } else if (kind === "delivered") over.push(svg("circle", { class: `delivered${ghost(place)}`, cx: x(at), cy: y(session), r: 4.5 }))
    if (kind === "fault" && moment.fault !== "delete") {
      under.push(svg("line", { class: `strike${ghost(place)}`, x1: x(at), x2: x(at), y1: TOP - 10, y2: height }))
      over.push(svg("text", { class: `strike${ghost(place)}`, x: x(at), y: TOP - 14, "text-anchor": "middle" }, { kill: "killed", reload: "reloaded", fail: "to fail" }[/** @type {string} */ (moment.fault)]))
    }
  }
  for (const id of turns.keys()) bar(id, last)

  // A time is drawn if there is room for it.
  let free = -Infinity
  let before = ""
  const times = moments.flatMap(({ at }, place) => {
    const time = `${(at / 1_000).toFixed(1)} s`
    if (x(column[place]) < free || time === before) return []
    free = x(column[place]) + 76
    before = time
    return [svg("text", { class: `time${ghost(place)}`, x: x(column[place]), y: 11, "text-anchor": place ? "middle" : "start" }, time)]
  })
  const cursorLine = svg("line", { class: "now", x1: x(now), x2: x(now), y1: 16, y2: height })
  return { width, height, now: x(now), node: svg("svg", { width, height, viewBox: `0 0 ${width} ${height}`, "aria-hidden": "true" }, times, under, bars, cursorLine, over) }
}

/** The actions in words. @type {Record<string, string>} */
const WORDS = { spawn: "started", resume: "resumed", compact: "summarised", join: "joined", deny: "denied" }

/** A decision beside its child, or beside its caller: in words, with its row behind. @param {any} decision @param {number} x @param {number} y @param {string} ghost @param {string} [anchor] */
function label({ action, rule }, x, y, ghost, anchor = "start") {
  return svg("text", { class: `rule ${action}${ghost}`, x, y: y - 12, "text-anchor": anchor }, WORDS[action], svg("tspan", { class: "code", dx: 4 }, rule))
}

/** @param {number} x @param {number} y @param {string} name */
function cross(x, y, name) {
  return svg("path", { class: `cross ${name}`, d: `M${x - 5} ${y - 5}l10 10m0 -10l-10 10` })
}

/** The names of the lanes, beside the picture. @param {Lane[]} all @param {string} chosen @param {(id: string) => void} choose */
export function names(all, chosen, choose) {
  return h("ul", { class: "names", style: `padding-top:${TOP}px` }, all.map(({ id, depth, agent, record, budget, used = 0, busy, gone, parent }) => {
    const name = record?.slug ?? (parent ? "…" : "conversation")
    const state = gone ? "deleted" : busy ? "at work" : "idle"
    return h("li", { style: `height:${LANE}px;--depth:${depth}` },
      h("button", { "aria-pressed": String(id === chosen), class: gone ? "lost" : "", onclick: () => choose(id), title: `${name}: ${state}` },
        h("code", {}, name), h("span", { class: "dim" }, agent, busy ? h("i", { class: "busy", title: "at work" }) : null,
          budget ? h("span", { class: "pips", role: "img", "aria-label": `${budget - used} of ${budget} calls left` }, Array.from({ length: budget }, (_, place) => h("i", { class: place < budget - used ? "full" : "" }))) : null),
        h("span", { class: "unseen" }, state)))
  }))
}
