// The texts of the terminal half: what has room, toasts, and reasons. Runs under Node and Bun.

import assert from "node:assert/strict"
import { describe, it } from "node:test"
import { countsIn } from "../../js/tui/few_lines.js"
import { cellsOf, cut, cutName, fitting, linesOf, plainLine } from "../../js/tui/looks.js"
import { toastStack } from "../../js/tui/toast_stack.js"
import { toastOf } from "../../js/tui/toasts.js"
import { whyOf } from "../../js/tui/why.js"

describe("Texts of the terminal half", () => {
  it("A text is split between its pieces, and a long piece is cut", () => {
    assert.deepEqual(linesOf("explorer · running · 45 k tokens", 20), ["explorer · running", "45 k tokens"])
    assert.deepEqual(linesOf("a-very-long-agent-name · done", 10), ["a-very-lo…", "done"])
    assert.equal(cut("auth", 3), "au…")
    assert.equal(fitting({ text: "the long one", short: "short" }, 6), "short")
  })

  it("A text is cut by its cells, and never within what a person sees as one character", { skip: !process.versions.bun && "Bun alone counts cells" }, () => {
    assert.equal(cut("探索認證流程", 12), "探索認證流程")
    for (const [text, most, shown] of /** @type {[string, number, string][]} */ ([
      ["探索認證流程", 11, "探索認證流…"], ["探索認證流程", 8, "探索認…"], ["調べるe\u0301e\u0301e\u0301", 8, "調べるe\u0301…"], ["🙂👩‍👩‍👧‍👦🙂", 5, "🙂👩‍👩‍👧‍👦…"], ["探索", 0, "…"],
    ])) {
      assert.equal(cut(text, most), shown)
      assert.ok(cellsOf(shown) <= Math.max(1, most), text)
    }
    assert.deepEqual(linesOf("研究員 · 完成 · 五", 13), ["研究員 · 完成", "五"])
    assert.equal(fitting({ text: "研究員 · 完成", short: "完成" }, 12), "完成")
  })

  it("A name that is cut keeps its end", () => {
    assert.equal(cutName("find-where-tokens-are-kept-2", 28), "find-where-tokens-are-kept-2")
    for (const number of [2, 3, 4]) assert.equal(cutName(`find-where-tokens-are-kept-${number}`, 16), `find-whe…-kept-${number}`)
    for (const most of [1, 0, -3]) assert.equal(cutName("auth", most), "…")
  })

  it("A name in wide letters that is cut keeps its end, and takes no more cells", { skip: !process.versions.bun && "Bun alone counts cells" }, () => {
    for (const [most, shown] of /** @type {[number, string][]} */ ([[12, "探索認證流程"], [11, "探索認…流程"], [10, "探索…流程"], [4, "探…"]])) {
      assert.equal(cutName("探索認證流程", most), shown)
      assert.ok(cellsOf(shown) <= most)
    }
  })

  it("The counts that are most pressing stay where there is little room, and a text beside them goes first", () => {
    const summary = "5 subagents · 1 waiting for permission · 1 running · 3 failed"
    const command = 14
    assert.deepEqual(countsIn(summary, 80, command), { text: summary, hasRoom: true })
    assert.deepEqual(countsIn(summary, 55, command), { text: "1 waiting for permission · 1 running", hasRoom: true })
    assert.deepEqual(countsIn(summary, 39, command), { text: "1 waiting for permission", hasRoom: true })
    assert.deepEqual(countsIn(summary, 30, command), { text: "1 waiting for permission", hasRoom: false })
    assert.deepEqual(countsIn(summary, 19, command), { text: "1 waiting for perm…", hasRoom: false })
    assert.deepEqual(countsIn("3 subagents", 30, command), { text: "3 subagents", hasRoom: true })
  })

  it("A text of others becomes one line without control characters", () => assert.equal(plainLine("a\u001b[31m\nb\u202ec", 80), "a [31m b c"))

  it("Toasts that come together stand together, and the gravest gives the look", () => {
    const shown = /** @type {any[]} */ ([])
    let now = 0
    const toast = toastStack((one) => shown.push(one), () => now)
    toast({ variant: "success", title: "One", message: "done" })
    toast({ variant: "warning", message: "two" })
    now = 60_000
    toast({ message: "three" })
    assert.deepEqual(shown.map(({ variant, message }) => [variant, message]), [["success", "done"], ["warning", "One: done\n\ntwo"], [undefined, "three"]])
  })

  it("A call that a person interrupted has no toast", () => {
    const part = { state: { status: "error", error: "Tool execution aborted", metadata: { interrupted: true } } }
    assert.equal(toastOf({ kind: "refused", sessionID: "ses_root", part }, () => "x"), undefined)
  })

  it("The last call of a session says the row that decided, its reason and its error", () => {
    const message = (/** @type {any} */ state) => ({ info: {}, parts: [{ type: "tool", tool: "task", state }] })
    const first = message({ status: "completed", metadata: { sessionId: "ses_a", delegate: { rule: "R5", action: "spawn" } } })
    const last = message({ status: "error", error: "It broke.\nBadly.", metadata: { sessionId: "ses_a" } })
    assert.equal(whyOf([first, message({ status: "completed", metadata: { sessionId: "ses_b" } })], "ses_a"), "R5, spawn: No session has this name yet.")
    assert.equal(whyOf([first, last], "ses_a"), "It broke. Badly.")
    assert.equal(whyOf([], "ses_a"), "No call of the last messages names this session.")
  })
})
