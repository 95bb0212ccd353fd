// The conversation in a few lines at the bottom, where there is no sidebar.

import { useTerminalDimensions } from "@opentui/solid"
import { el, line, list, show, span } from "./elements.js"
import { REMEDY } from "./fault.js"
import { countsIn, mostPressing } from "./few_lines.js"
import { LOOKS, cellsOf, cut, fitting } from "./looks.js"

/**
 * @typedef {import("./outline.js").Row} Row
 * @typedef {import("./start.js").View} View
 */

/** The number of sessions that are listed: the most pressing ones, or else the one that was used last. */
const MOST = 3
/** The cells around a line, and between its parts. */
const [AROUND, GAP] = [6, 2]
/** What stands before and after the counts. */
const [TITLE, COMMAND] = ["▼ Delegations  ", "/delegations"]

/** @param {View} view */
export function bottom(view) {
  const size = useTerminalDimensions()
  const width = () => size().width - AROUND
  const all = () => view.outline().all
  const own = () => all().rows.find(({ sessionID }) => sessionID === view.viewed())
  const listed = () => (view.folded() ? [] : mostPressing(all(), MOST))
  const counts = () => countsIn(all().summary, width() - cellsOf(TITLE), cellsOf(COMMAND) + GAP)
  const off = show(() => view.viewed() && view.fault() && !view.hasSidebar(), () =>
    el("box", { flexDirection: "row", justifyContent: "space-between", gap: GAP, flexShrink: 0, paddingLeft: view.padding, paddingRight: view.padding },
      line({}, span(() => view.colour("error"), () => `${LOOKS.failed.mark} `), span(() => view.colour("text"), () => cut(view.fault(), width() - cellsOf(REMEDY) - 2))),
      line({ fg: () => view.colour("textMuted"), flexShrink: 0 }, REMEDY),
    ))
  return [off, show(() => all().rows.length && (own() || !view.hasSidebar()), () =>
    el("box", { flexDirection: "column", flexShrink: 0, paddingLeft: view.padding, paddingRight: view.padding },
      show(own, () => session(view, () => own() ?? all().rows[0], width, (row) => `${row.title}, ${row.place}`)),
      show(() => !own(), () =>
        el("box", { flexDirection: "column" },
          el("box", { flexDirection: "row", justifyContent: "space-between", gap: GAP, onMouseDown: view.fold },
            line({}, span(() => view.colour("text"), () => (view.folded() ? TITLE.replace("▼", "▶") : TITLE)), span(() => view.colour("textMuted"), () => counts().text)),
            show(() => counts().hasRoom, () => line({ fg: () => view.colour("textMuted"), flexShrink: 0 }, COMMAND)),
          ),
          list(listed, (row) => session(view, row, width, ({ title }) => title)),
        )),
    ))]
}

/**
 * A session on a line.
 * @param {View} view
 * @param {() => Row} row
 * @param {() => number} width
 * @param {(row: Row) => string} nameOf
 */
function session(view, row, width, nameOf) {
  const name = () => cut(nameOf(row()), Math.floor(width() * 0.6))
  return el("box", { flexDirection: "row", justifyContent: "space-between", gap: GAP, onMouseUp: () => view.open(row().sessionID) },
    line({}, span(() => view.colour(LOOKS[row().state].colour), () => `${LOOKS[row().state].mark} `), span(() => view.colour("text"), name)),
    line({ fg: () => view.colour("textMuted"), flexShrink: 0 }, () => fitting(row(), width() - cellsOf(name()) - 4)),
  )
}
