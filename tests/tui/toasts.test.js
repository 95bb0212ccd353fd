// Toasts in the real terminal: an event that a person may miss has one toast.

import assert from "node:assert/strict"
import { describe, it } from "node:test"
import { setTimeout as sleep } from "node:timers/promises"
import { MISSING, OPENCODE2, OURS, SHOWN, open, run, shared, task } from "./world.js"

/** The time in which a second toast would come. */
const LATER_MS = 1_500

describe(`Toasts (screens in ${SHOWN})`, { skip: MISSING }, () => {
  const world = shared({ width: 120, height: 40 })
  /** How often a text stands on the screen. @param {string} screen @param {string} text */
  const times = (screen, text) => screen.split(text).length - 1

  it("A toast gives the reason of a denial, and of one of a child's call", async () => {
    const { conversation, say, look } = world
    const root = await conversation()
    await say(root, task("lead", "Lead", [task("fixer", "Fix", [{ say: "Fixed." }]), { say: "Led." }], "lead"))
    const screen = await look("toast-denied-120", /No delegation to fixer[^]*Target "fixer" is not/)
    assert.equal(times(screen, "No delegation to fixer"), 1)
    assert.equal(times(screen, "callable_by_subagents"), 1)
  })

  it("Denials that come together stand together", async () => {
    const { conversation, say, look } = world
    const root = await conversation()
    await say(root, { tasks: ["nobody", "noone"].map((agent) => task(agent, "Look", [{ say: "Looked." }]).task) })
    await look("toasts-120", /delegation to nobody[^]*delegation to noone/)
  })

  it("The end of a background task is said once", async () => {
    const { conversation, say, look, model, see } = world
    const root = await conversation()
    await say(root, { task: { ...task("explorer", "Count the lines", [{ gate: "count", say: "Counted." }], "count").task, background: true } })
    await see(/◐ count/)
    model.open("count")
    await look("toast-background-120", "count has its result.")
    await see((screen) => !screen.includes("has its result"))
    await sleep(LATER_MS)
    assert.ok(!(await world.screen()).includes("has its result"))
  })

  it("A child's child that waits for permission is said to a person who looks elsewhere", async () => {
    const { conversation, begin, look, see, reject, keys, show, children, model } = world
    const root = await conversation()
    const runs = task("asker", "Run", [run("echo asked"), { say: "Ran." }], "runs")
    await begin(root, task("lead", "Lead", [{ gate: "seen", ...runs }, { say: "Led." }], "lead"))
    await see("◐ lead")
    // OpenCode 2 itself asks in the view of the root, and OpenCode 1 asks there for children.
    if (OPENCODE2) await show((await children(root))[0].id)
    model.open("seen")
    const screen = await look("toast-permission-120", /runs asks for permission[^]*(?:bash|shell) echo asked/)
    assert.equal(times(screen, "asks for permission"), 1)
    await reject()
    await see((shown) => !shown.includes("△ runs"))
    await keys("C-l")
  })

  it("A call that a person interrupts is no news", async () => {
    const { conversation, begin, see, keys, abort, look } = world
    const root = await conversation()
    await begin(root, task("explorer", "Wait", [{ gate: "never", say: "Waited." }], "waits"))
    await see(/◐ waits/)
    await abort(root)
    const screen = await look("interrupted-120", /■ waits .*stopped/)
    assert.ok(!screen.includes("No delegation"))
    await keys("C-l")
  })

  it("No fault is logged", () => assert.deepEqual(world.faults(), []))
})

/** A word of the sentence about what follows from a fault: the screen may break the sentence anywhere. */
const CONSEQUENCE = "corrected,"

describe("A notice of the server half", { skip: MISSING }, () => {
  it("The notice stands once on the screen, although both halves hear of its cause", async (t) => {
    const { conversation, say, look, screen } = await open(t, { width: 120, height: 40, plugin: [[OURS[0], { ...OURS[1], max_dept: 3 }]] })
    const root = await conversation()
    await say(root, { say: "Hello." })
    // The panel names the fault as well, without its consequence.
    const shown = await look("notice-120", CONSEQUENCE)
    assert.equal(times(shown, CONSEQUENCE), 1)
    await sleep(LATER_MS)
    assert.ok(times(await screen(), CONSEQUENCE) <= 1)
  })

  /** @param {string} text @param {string} part */
  const times = (text, part) => text.split(part).length - 1
})
