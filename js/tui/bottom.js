// The conversation in a few lines at the bottom, where there is no sidebar.

import { useTerminalDimensions } from "@opentui/solid"
import { el, line, list, show, span } from "./elements.js"
import { REMEDY } from "./fault.js"
import { LOOKS, cellsOf, cut, fitting } from "./looks.js"

/**
 * @typedef {import("./outline.js").Row} Row
 * @typedef {import("./start.js").View} View
 */

/** The number of sessions that are listed: those that are not done, or else the one that was used last. */
const MOST = 3
/** The cells around a line. */
const AROUND = 6

/** @param {View} view */
export function bottom(view) {
  const size = useTerminalDimensions()
  const width = () => size().width - AROUND
  const all = () => view.outline().all
  const own = () => all().rows.find(({ sessionID }) => sessionID === view.viewed())
  const open = () => all().rows.filter(({ state }) => state !== "done").slice(0, MOST)
  const latest = () => all().rows.filter(({ sessionID }) => sessionID === all().latest)
  const listed = () => (view.folded() ? [] : open().length ? open() : latest())
  const off = show(() => view.viewed() && view.fault() && !view.hasSidebar(), () =>
    el("box", { flexDirection: "row", justifyContent: "space-between", gap: 2, flexShrink: 0, paddingLeft: view.padding, paddingRight: view.padding },
      line({}, span(() => view.colour("error"), () => `${LOOKS.failed.mark} `), span(() => view.colour("text"), () => cut(view.fault(), width() - cellsOf(REMEDY) - 2))),
      line({ fg: () => view.colour("textMuted"), flexShrink: 0 }, REMEDY),
    ))
  return [off, show(() => all().rows.length && (own() || !view.hasSidebar()), () =>
    el("box", { flexDirection: "column", flexShrink: 0, paddingLeft: view.padding, paddingRight: view.padding },
      show(own, () => session(view, () => own() ?? all().rows[0], width, (row) => `${row.title}, ${row.place}`)),
      show(() => !own(), () =>
        el("box", { flexDirection: "column" },
          el("box", { flexDirection: "row", justifyContent: "space-between", gap: 2, onMouseDown: view.fold },
            line({}, span(() => view.colour("text"), () => (view.folded() ? "▶ Delegations" : "▼ Delegations")), span(() => view.colour("textMuted"), () => `  ${all().summary}`)),
            line({ fg: () => view.colour("textMuted"), flexShrink: 0 }, "/delegations"),
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
  return el("box", { flexDirection: "row", justifyContent: "space-between", gap: 2, onMouseUp: () => view.open(row().sessionID) },
    line({}, span(() => view.colour(LOOKS[row().state].colour), () => `${LOOKS[row().state].mark} `), span(() => view.colour("text"), name)),
    line({ fg: () => view.colour("textMuted"), flexShrink: 0 }, () => fitting(row(), width() - cellsOf(name()) - 4)),
  )
}
