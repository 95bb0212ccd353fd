// The list of delegations in the real terminal: opening, stopping, renaming, copying, explaining, answering.

import assert from "node:assert/strict"
import { describe, it } from "node:test"
import { setTimeout as sleep } from "node:timers/promises"
import { MISSING, SHOWN, open, run, shared, task } from "./world.js"

/** The head of a dialog. */
const DIALOG = /(?:Delegations|Why|Rename|Message|permission) .*\besc\b/
/** The time that a terminal waits for the rest of a key. */
const SETTLES_MS = 300
/** The time after which an age differs from that of a session that is used now. */
const AGES_MS = 5_000

describe(`The list of delegations (screens in ${SHOWN})`, { skip: MISSING }, () => {
  const world = shared({ width: 120, height: 40 })

  /** Opens the list with one session chosen. @param {string} name */
  async function choose(name) {
    await close()
    await world.list()
    await world.type(name)
    await world.see((screen) => screen.split("\n").some((line) => line.includes(name) && /[◐○△✗■✓]/.test(line)))
    // The list chooses the first that fits a moment after the last letter.
    await sleep(SETTLES_MS)
  }
  /** Closes all dialogs, one after the other: two escapes at once are another key. */
  async function close() {
    for (let before = await world.screen(); DIALOG.test(before); before = await world.screen()) {
      await world.keys("Escape")
      await world.see((screen) => !DIALOG.test(screen) || screen !== before)
      await sleep(SETTLES_MS)
    }
  }
  /** Types instead of what stands in a field. @param {string} text */
  async function retype(text) {
    await world.keys(...Array.from({ length: 40 }, () => "BSpace"))
    await world.type(text)
    await world.keys("Enter")
  }

  it("A conversation without delegations says so instead of a list", async () => {
    const { conversation, typeCommand, keys, look } = world
    await conversation()
    await typeCommand()
    await keys("Enter")
    await look("list-empty-120", "This conversation has no delegation yet.")
  })

  it("Enter opens the session that is chosen", async () => {
    const { conversation, say, keys, look } = world
    const root = await conversation()
    await say(root, task("explorer", "Explore auth", [{ say: "Read." }], "explore-auth"), task("lead", "Lead", [task("explorer", "Read the tests", [{ say: "Read." }], "read-tests"), { say: "Led." }], "lead"))
    await choose("read-tests")
    await look("list-120", "✓ read-tests")
    await keys("Enter")
    await look("opened-120", "read-tests, 1 of 1 under lead")
  })

  it("The list says why the last call was decided as it was, also after a mistyped id", async () => {
    const { conversation, say, keys, look, children } = world
    const root = await conversation()
    await say(root, task("explorer", "Explore auth", [{ say: "Read." }], "explore-auth"))
    await choose("explore-auth")
    await keys("C-e")
    await look("why-spawned-120", "R5, spawn: No session has this name yet")
    await close()
    const [{ id }] = await children(root)
    await say(root, task("explorer", "Explore more", [{ say: "Read." }], id.slice(0, -1) + (id.endsWith("A") ? "B" : "A")))
    await choose("explore-auth")
    await keys("C-e")
    await look("why-mistyped-120", /R6, resume: No session has this id, and exactly one/)
    await keys("Escape")
    await world.see("ctrl+d")
    await close()
  })

  it("The list shows the error of a call that failed", async () => {
    const { conversation, say, keys, look } = world
    const root = await conversation()
    await say(root, task("explorer", "Break", [{ fail: { status: 400, message: "the model refuses" } }], "broken"))
    await choose("broken")
    await keys("C-e")
    await look("why-failed-120", /Why broken was called[^]*the model refuses/)
    await close()
  })

  it("The name of the session that is chosen is copied", async () => {
    const { conversation, say, keys, look, copied } = world
    const root = await conversation()
    await say(root, task("explorer", "One", [{ say: "Read." }], "first-name"), task("explorer", "Two", [{ say: "Read." }], "second-name"))
    await choose("second-name")
    await keys("C-y")
    await look("copied-120", "Copied second-name")
    assert.equal(copied(), "second-name")
    await close()
  })

  it("A session that is stopped ends, and its conversation goes on", async () => {
    const { conversation, begin, keys, look, see, children, wasInterrupted, running } = world
    const root = await conversation()
    await begin(root, { tasks: [task("explorer", "Wait", [{ gate: "never", say: "Waited." }], "waits").task, task("explorer", "Quick", [{ say: "Done." }], "quick").task] })
    await see(/◐ waits/)
    await choose("waits")
    await keys("C-d")
    await look("stopped-120", "waits is stopped. Its session is kept.")
    await see("■ waits")
    await close()
    await see("The turn is over.")
    await look("stopped-row-120", /▼ Delegations {2}2 subagents · 1 stopped[^]*■ waits .*stopped/)
    const waits = (await children(root)).find(({ title }) => title.startsWith("Wait"))
    assert.ok(await wasInterrupted(String(waits?.id)))
    assert.deepEqual(Object.keys(await running()), [])
    await choose("waits")
    await keys("C-d")
    await see("waits is not running.")
    await close()
  })

  it("A running session reads a message of the list, and an idle one gets none", async () => {
    const { conversation, begin, model, keys, look, see, type } = world
    const root = await conversation()
    await begin(root, task("explorer", "Explore", [{ gate: "steered", say: "First." }, { say: "It said {{recall /ADDED=(\\w+)/}}." }], "steered"), { say: "Result: {{results}}" })
    await see(/◐ steered/)
    await choose("steered")
    await keys("C-s")
    await see("Message to steered")
    await sleep(SETTLES_MS)
    await type("ADDED=kiwi")
    await keys("Enter")
    await look("steer-120", /reads the\s+message/)
    await close()
    model.open("steered")
    await look("steered-120", /Result:[^]*It said kiwi\./)
    await choose("steered")
    await keys("C-s")
    await see("steered is not running.")
    await close()
  })

  it("A session that is stopped stops those below it", async () => {
    const { conversation, begin, keys, see, running } = world
    const root = await conversation()
    const below = task("explorer", "Below", [{ gate: "never", say: "Never." }], "below")
    await begin(root, task("lead", "Lead", [below, { say: "Led." }], "above"))
    await see(/◐ below/)
    await choose("above")
    await keys("C-d")
    await see("■ below")
    await see("■ above")
    await close()
    await see("The turn is over.")
    assert.deepEqual(Object.keys(await running()), [])
  })

  it("A renamed session has its new name everywhere, and models still reach it by the former", async () => {
    const { conversation, say, keys, look, see, children, record } = world
    const root = await conversation()
    await say(root, task("explorer", "Explore auth", [{ say: "Read." }], "explore-auth"), task("explorer", "Explore docs", [{ say: "Read." }], "explore-docs"))
    await sleep(AGES_MS)
    await choose("explore-auth")
    await keys("C-r")
    await see("Rename explore-auth")
    await retype("last")
    await look("rename-no-name-120", "This can be no name.")
    await retype("Explore Docs")
    await look("rename-taken-120", "Another session is called explore-docs.")
    await retype("Login Flow")
    await look("renamed-120", "explore-auth is called login-flow now.")
    await close()
    const [first] = await children(root)
    assert.equal((await record(first.id)).slug, "login-flow")
    await choose("login-flow")
    assert.match(await look("renamed-age-120", "✓ login-flow"), /✓ login-flow .* ([5-9]|\d\d) s ago/, "a rename is no use")
    await close()
    await say(root, task("explorer", "Go on", [{ say: "Read." }], "explore-auth"), task("explorer", "Go on", [{ say: "Read." }], "login-flow"))
    assert.equal((await children(root)).length, 2, "no third session")
    await choose("login-flow")
    await keys("C-e")
    await see("R4, resume")
    await close()
  })

  it("A question of a child's child is answered from the list", async () => {
    const { conversation, begin, keys, look, see } = world
    const root = await conversation()
    const runs = task("asker", "Run", [run("echo asked-and-run"), { say: "It said {{results}}" }], "runs")
    await begin(root, task("lead", "Lead", [runs, { say: "Below: {{results}}" }], "lead"), { say: "Result: {{results}}" })
    await see(/△ runs/)
    await choose("runs")
    await keys("C-a")
    await look("answer-120", /runs asks for permission[^]*Allow once/)
    await keys("Enter")
    // The list comes back, and hides the answer.
    await see("ctrl+d")
    await close()
    await look("answered-120", /Result:[^]*asked-and-run/)
    await see((screen) => !screen.includes("△ runs"))
  })

  it("The list keeps what is typed while sessions change", async () => {
    const { conversation, begin, model, look, see, keys } = world
    const root = await conversation()
    await begin(root, { tasks: ["alpha", "beta", "gamma"].map((name) => task("explorer", name, [{ gate: `list-${name}`, say: "Done." }], name).task) })
    await see(/◐ gamma/)
    await choose("beta")
    model.open("list-gamma")
    model.open("list-beta")
    const screen = await look("list-changes-120", (shown) => /✓ beta/.test(shown) && !/✓ gamma/.test(shown))
    assert.match(screen, /Delegations[^]*\n.*beta *\n/, "the filter stays")
    model.open("list-alpha")
    await keys("Enter")
    await see(/beta, \d of 3/)
  })

  it("No fault is logged", () => assert.deepEqual(world.faults(), []))
})

describe("The terminal half alone", { skip: MISSING }, () => {
  it("Without the server half, the tree is shown by descriptions, and a rename says that nobody answers", async (t) => {
    const { conversation, say, list, keys, type, look, see, faults } = await open(t, { plugin: [], width: 120, height: 40 })
    const root = await conversation()
    await say(root, task("explorer", "Explore auth", [{ say: "Read." }]))
    await look("alone-120", /▼ Delegations {2}1 subagent/)
    await list()
    await sleep(SETTLES_MS)
    await keys("C-r")
    await see("Rename explore-auth")
    await sleep(SETTLES_MS)
    await type("a-name")
    await keys("Enter")
    await look("alone-rename-120", "does not answer")
    assert.deepEqual(faults(), [])
  })
})

