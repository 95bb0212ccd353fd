// The tree of the conversation in the sidebar.

import { onCleanup } from "solid-js"
import { el, line, list, show, span } from "./elements.js"
import { REMEDY } from "./fault.js"
import { LOOKS, cellsOf, cut, cutName, linesOf } from "./looks.js"

/**
 * @typedef {import("./outline.js").Row} Row
 * @typedef {import("./start.js").View} View
 */

/** The cells of a line in the sidebar. */
const WIDTH = 36
/** The cells of a fault in the sidebar: four lines at most. */
const FAULT = 120
/** The number of sessions up to which each has all its figures. */
const DETAILED = 5

/** @param {View} view */
export function sidebar(view) {
  view.countSidebar(1)
  onCleanup(() => view.countSidebar(-1))
  const few = () => view.outline().few
  const off = show(view.fault, () =>
    el("box", { flexDirection: "column", flexShrink: 0 },
      line({ fg: () => view.colour("text") }, el("b", {}, "Delegations")),
      el("text", { wrapMode: "word", fg: () => view.colour("error") }, () => cut(view.fault(), FAULT)),
      line({ fg: () => view.colour("textMuted") }, `Run ${REMEDY}`),
    ))
  return [off, show(() => few().rows.length, () =>
    el("box", { flexDirection: "column", flexShrink: 0 },
      el("box", { flexDirection: "row", gap: 1, onMouseDown: view.fold },
        line({ fg: () => view.colour("text") }, () => (view.folded() ? "▶" : "▼")),
        line({ fg: () => view.colour("text") }, el("b", {}, "Delegations")),
      ),
      list(() => linesOf(few().summary, WIDTH), (text) => line({ fg: () => view.colour("textMuted") }, text)),
      show(() => !view.folded(), () =>
        el("box", { flexDirection: "column" },
          list(() => few().rows, (row) => session(view, row, () => few().rows.length <= DETAILED)),
          show(() => few().older, () => line({ fg: () => view.colour("textMuted") }, () => `… and ${few().older} more: /delegations`)),
        )),
    ))]
}

/** @param {View} view @param {() => Row} row @param {() => boolean} detailed */
function session(view, row, detailed) {
  const indent = () => "  ".repeat(Math.min(3, row().depth - 1))
  const width = () => WIDTH - indent().length - 2
  const short = () => (detailed() ? "" : cut(row().short, 16))
  return el("box", { flexDirection: "column", onMouseUp: () => view.open(row().sessionID) },
    el("box", { flexDirection: "row", justifyContent: "space-between" },
      line({}, span(() => view.colour(LOOKS[row().state].colour), () => `${indent()}${LOOKS[row().state].mark} `), span(() => view.colour("text"), () => cutName(row().title, width() - cellsOf(short()) - 1))),
      line({ fg: () => view.colour("textMuted"), flexShrink: 0 }, short),
    ),
    list(() => (detailed() ? linesOf(row().text, width()) : []), (text) => line({ fg: () => view.colour("textMuted") }, () => `${indent()}  ${text()}`)),
  )
}
