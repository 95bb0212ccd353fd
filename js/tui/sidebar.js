// The tree of the conversation in the sidebar, and in a few lines at the bottom where there is no sidebar.

import { onCleanup } from "solid-js"
import { el, line, list, show, span } from "./elements.js"
import { STATES, ageOf, cut, figures, fitting, placeOf, summary } from "./figures.js"

/**
 * @typedef {import("./outline.js").Row} Row
 * @typedef {import("./start.js").View} View
 */

/** The cells of a line in the sidebar. */
const WIDTH = 36
/** The number of sessions in the sidebar, and at the bottom. */
const [MOST, MOST_BELOW] = [12, 3]

/** @param {View} view @param {() => Row} row */
const mark = (view, row) => span(() => view.colour(STATES[row().state].colour), () => STATES[row().state].mark)

/** The section of the sidebar. @param {View} view */
export function sidebar(view) {
  view.countSidebar(1)
  onCleanup(() => view.countSidebar(-1))
  const rows = () => view.below()
  const kept = () => fitting(rows(), MOST)
  return show(() => rows().length, () =>
    el("box", { flexDirection: "column", flexShrink: 0 },
      el("box", { flexDirection: "row", gap: 1, onMouseDown: view.fold },
        line({ fg: () => view.colour("text") }, () => (view.folded() ? "▶" : "▼")),
        line({ fg: () => view.colour("text") }, el("b", {}, "Delegations")),
        line({ fg: () => view.colour("textMuted") }, () => cut(summary(rows()), WIDTH - 14)),
      ),
      show(() => !view.folded(), () =>
        el("box", { flexDirection: "column" },
          list(kept, (row) => sidebarRow(view, row)),
          show(() => rows().length > kept().length, () =>
            line({ fg: () => view.colour("textMuted") }, () => `… and ${rows().length - kept().length} more: /delegations`)),
        )),
    ))
}

/** @param {View} view @param {() => Row} row */
function sidebarRow(view, row) {
  const indent = () => "  ".repeat(Math.min(3, row().depth - 1))
  const right = () => (row().state === "running" || row().state === "done" ? ageOf(row().age) : STATES[row().state].word)
  const name = () => cut(row().title, WIDTH - 3 - indent().length - right().length)
  const detail = () => cut([row().agent ?? "", ...figures(row())].filter(Boolean).join(" · "), WIDTH - 2 - indent().length)
  return el("box", { flexDirection: "column", onMouseUp: () => view.open(row().sessionID) },
    el("box", { flexDirection: "row", justifyContent: "space-between" },
      line({}, span(() => view.colour("text"), indent), mark(view, row), span(() => view.colour("text"), () => ` ${name()}`)),
      line({ fg: () => view.colour(row().state === "done" ? "textMuted" : STATES[row().state].colour), flexShrink: 0 }, right),
    ),
    line({ fg: () => view.colour("textMuted") }, () => `${indent()}  ${detail()}`),
  )
}

/** The lines at the bottom. @param {View} view */
export function bottom(view) {
  const rows = () => view.below()
  const place = () => placeOf(view.rows(), view.viewed() ?? "", view.rootTitle())
  const urgent = () => (view.folded() ? [] : fitting(rows().filter(({ state }) => state !== "done"), MOST_BELOW))
  const own = () => /** @type {Row} */ (view.rows().find(({ sessionID }) => sessionID === view.viewed()))
  return show(() => rows().length && (place() !== undefined || !view.hasSidebar()), () =>
    el("box", { flexDirection: "column", flexShrink: 0, paddingLeft: 2, paddingRight: 2 },
      show(() => place() !== undefined, () =>
        el("box", { flexDirection: "row", justifyContent: "space-between", gap: 2 },
          line({}, mark(view, own), span(() => view.colour("text"), () => ` ${place()}`)),
          line({ fg: () => view.colour("textMuted"), flexShrink: 0 }, () => [own().agent ?? "", ...figures(own())].filter(Boolean).join(" · ")),
        )),
      show(() => place() === undefined, () =>
        el("box", { flexDirection: "column" },
          el("box", { flexDirection: "row", justifyContent: "space-between", gap: 2, onMouseDown: view.fold },
            line({}, span(() => view.colour("text"), () => (view.folded() ? "▶ Delegations" : "▼ Delegations")), span(() => view.colour("textMuted"), () => `  ${summary(rows())}`)),
            line({ fg: () => view.colour("textMuted"), flexShrink: 0 }, "/delegations"),
          ),
          list(urgent, (row) => bottomRow(view, row)),
        )),
    ))
}

/** @param {View} view @param {() => Row} row */
function bottomRow(view, row) {
  return el("box", { flexDirection: "row", justifyContent: "space-between", gap: 2, onMouseUp: () => view.open(row().sessionID) },
    line({}, mark(view, row), span(() => view.colour("text"), () => ` ${cut(row().title, 40)}`), span(() => view.colour(STATES[row().state].colour), () => ` ${STATES[row().state].word}`)),
    line({ fg: () => view.colour("textMuted"), flexShrink: 0 }, () => [row().agent ?? "", ...figures(row()), ageOf(row().age)].filter(Boolean).join(" · ")),
  )
}
