// The tree of a conversation in the real terminal: in the sidebar, at the bottom, in a child's view.

import assert from "node:assert/strict"
import { describe, it } from "node:test"
import { setTimeout as sleep } from "node:timers/promises"
import { MISSING, OPENCODE2, SHOWN, open, run, script, shared, task } from "./world.js"

/** The title of the section. */
const TITLE = "Delegations"
/** Whether two sessions stand there so, in any order. @param {string} mark @returns {(screen: string) => boolean} */
const bothParts = (mark) => (screen) => [1, 2].every((number) => screen.includes(`${mark} part-${number}`))
/** The time in which a list of the terminal settles. */
const SETTLES_MS = 500

describe(`The tree of a conversation (screens in ${SHOWN})`, { skip: MISSING }, () => {
  const world = shared()

  it("A conversation without delegations shows no section", async () => {
    const { conversation, say, look, resize, see } = world
    const root = await conversation()
    await say(root, { say: "Nothing to delegate." })
    assert.ok(!(await look("without-delegations-160", "Nothing to delegate.")).includes(TITLE))
    await resize(80, 24)
    assert.ok(!(await see((screen) => !screen.includes("LSP"))).includes(TITLE))
    await resize(160, 45)
  })

  it("The sidebar shows spawned, resumed and nested sessions with their figures", async () => {
    const { conversation, say, look } = world
    const root = await conversation()
    await say(root,
      task("explorer", "Explore auth", [{ say: "Read." }], "explore-auth"),
      task("lead", "Lead the work", [task("explorer", "Read the tests", [{ say: "Read too." }]), { say: "Led." }], "lead"),
      task("explorer", "Explore more", [{ say: "Read more." }], "explore-auth"))
    // The sidebar of OpenCode 2 draws other lines beside and below.
    const side = (/** @type {RegExp} */ wanted) => (/** @type {string} */ shown) => wanted.test(shown.split("\n").map((line) => line.slice(118)).join("\n"))
    await look("tree-160", ...[
      /▼ Delegations *\n *3 subagents/,
      /✓ explore-auth/,
      /explorer · done · resumed 1×/,
      /\d+ (?:k )?tokens \(\d+ %\) · \$\d+\.\d\d/,
      /\d+ s ago/,
      /lead · done[^✓]*1\/3 calls/,
      / {2}✓ read-the-tests/,
    ].map(side), (shown) => shown.split(TITLE).length === 2)
  })

  it("A running session is shown while it runs, and a click opens it", async () => {
    const { conversation, begin, look, model, clickOn, keys, see } = world
    const root = await conversation()
    await begin(root, task("explorer", "Take a while", [{ gate: "while", say: "It took a while." }], "long-read"))
    await look("running-160", /◐ long-read[^]*explorer · running/)
    await clickOn("◐ long-read")
    await look("child-160", "long-read, 1 of 1")
    model.open("while")
    await see(/✓ long-read, 1 of 1/)
    await world.show(root)
    await see("✓ long-read")
    await keys("C-l")
  })

  it("At 120 and at 80 columns, the lines at the bottom show what runs", async () => {
    const { conversation, begin, look, model, resize, clickOn, see } = world
    const root = await conversation()
    await begin(root, { tasks: [1, 2].map((number) => task("explorer", `Part ${number}`, [{ gate: "parts", say: "Done." }], `part-${number}`).task) })
    await see(bothParts("◐"))
    for (const [width, height] of [[120, 40], [80, 24]]) {
      await resize(width, height)
      const screen = await look(`running-${width}`, /▼ Delegations {2}2 subagents · 2 running/, /◐ part-1 .*running/, (shown) => shown.split(TITLE).length === 2)
      assert.ok(screen.split("\n").every((line) => [...line].length <= width))
    }
    await clickOn("▼ Delegations")
    const folded = await look("folded-80", "▶ Delegations")
    assert.ok(!folded.includes("◐ part-1"))
    await resize(160, 45)
    await see((screen) => screen.includes("▶ Delegations") && !screen.includes("◐ part-1"))
    await clickOn("▶ Delegations")
    await see("◐ part-1")
    model.open("parts")
    await see(bothParts("✓"))
  })

  it("The view of a child names it, its parent and its place", async () => {
    const { conversation, say, children, show, look, resize } = world
    const root = await conversation()
    const one = (/** @type {string} */ name) => task("explorer", name, [{ say: "Done." }], name)
    await say(root, task("lead", "Lead the work", [one("first"), one("second"), { say: "Led." }], "boss"))
    const [lead] = await children(root)
    const second = (await children(lead.id)).find(({ title }) => title.includes("second"))
    await show(String(second?.id))
    await look("place-160", "second, 2 of 2 under boss")
    await resize(80, 24)
    await look("place-80", "second, 2 of 2 under boss")
    await resize(160, 45)
  })

  it("A failed session is shown as failed", async () => {
    const { conversation, say, look } = world
    const root = await conversation()
    await say(root, task("explorer", "Break", [{ fail: { status: 400, message: "the model refuses" } }], "broken"))
    await look("failed-160", /1 failed[^]*✗ broken/)
  })

  it("A name and an agent in wide letters take one line, cut where it has no room", async () => {
    const { conversation, say, look, resize, list, keys, see } = world
    const root = await conversation()
    const name = "探索認證流程與權限檢查以及登入頁面的所有測試案例和文件"
    await say(root, task("閱讀程式碼的研究員", "Explore", [{ say: "Read." }], name))
    /** The lines of the screen that show a part of the name, without those of the conversation. @param {string} screen */
    const shown = (screen) => screen.split("\n").filter((line) => /✓ 探|試案|例和|和文|文件/.test(line) && !line.includes('"')).map((line) => line.slice(line.indexOf("✓")).trimEnd())
    const [side, ...more] = shown(await look("wide-160", /✓ 探/))
    assert.deepEqual([/^✓ 探索認證[^ ]*…[^ ]*文件$/.test(side), more], [true, []], side)
    await resize(80, 24)
    const [bottom, ...below] = shown(await look("wide-80", /▼ Delegations[^]*✓ 探/))
    assert.deepEqual([/^✓ 探索認證[^ ]*… +done/.test(bottom), below], [true, []], bottom)
    await list()
    const [listed, ...further] = shown((await look("wide-list-80", /Delegations .*esc[^]*✓ 探/)).split("▼")[0])
    assert.deepEqual([/^✓ 探索認證[^ ]*… +done/.test(listed), further], [true, []], listed)
    await keys("Escape")
    await resize(160, 45)
    await see((screen) => !screen.includes("ctrl+d"))
  })

  it("A question stands first in the lines at the bottom and in their counts, before three sessions that failed", async () => {
    const { conversation, say, begin, look, resize, see, reject } = world
    const root = await conversation()
    const fails = [{ fail: { status: 400, message: "the model refuses" } }]
    await say(root, { tasks: [1, 2, 3].map((number) => task("explorer", `Broken ${number}`, fails, `broken-${number}`).task) })
    await begin(root, task("lead", "Lead the work", [task("asker", "Ask", [run("echo hi"), { say: "Ran." }], "asking"), { say: "Led." }], "boss"))
    await see("△ asking")
    await resize(80, 24)
    // OpenCode draws its question in the place of the prompt.
    await look("pressing-80", /▼ Delegations {2}1 waiting for permission · 1 running[^]*△ asking[^]*◐ boss[^]*✗ broken-/)
    await resize(44, 24)
    await look("pressing-44", /▼ Delegations {2}1 waiting for permissi… *$/m, /△ asking .*waiting for/)
    await resize(160, 45)
    await reject()
    await see("The turn is over.")
  })

  it("A hundred sessions leave room in the sidebar, and each is in the list", async () => {
    const { session, show, look, list, type, keys, see, say } = world
    const root = await session()
    await Promise.all(Array.from({ length: 100 }, (_, place) => session({
      parentID: root, title: `Old work ${place} (@explorer subagent)`, agent: "explorer", permission: [{ permission: "task", pattern: "*", action: "deny" }],
      metadata: { delegate: { v: 2, slug: `old-work-${place}`, id: `ses_abcd_old-work-${place}`, agent: "explorer", description: `Old work ${place}`, budget: 0, used: 0, lastUsed: 1_790_000_000_000 + place } },
    })))
    await show(root)
    await say(root, task("explorer", "Newest", [{ say: "Done." }], "newest"))
    await look("hundred-160", /101 subagents[^]*✓ newest[^]*and 91 more: \/delegations/)
    await list()
    await type("old-work-42")
    await look("hundred-list-160", /old-work-42 /)
    await keys("Escape")
    await see((shown) => !shown.includes("ctrl+d"))
  })

  it("Deleted sessions, quick changes of the view and of the size end nothing", async () => {
    const { conversation, say, children, remove, show, resize, see, begin, model, list, keys } = world
    const root = await conversation()
    await say(root, ...["one", "two", "three"].map((name) => task("lead", name, [task("explorer", `below ${name}`, [{ say: "Done." }]), { say: "Led." }], name)))
    await begin(root, task("explorer", "Stream", [{ gate: "storm", say: "Done." }], "storm"))
    const below = await children(root)
    for (const width of [80, 160, 121, 120, 160]) {
      for (const { id } of [...below, { id: root }]) await show(id)
      await resize(width, width === 80 ? 24 : 45)
    }
    const two = below.find(({ title }) => title.startsWith("two"))
    await show(String(two?.id))
    await remove(String(two?.id))
    model.open("storm")
    await show(root)
    await see("The turn is over.")
    await list()
    await see((screen) => /✓ one[^]*✓ three[^]*✓ storm/.test(screen) && !screen.includes("✓ two"))
    await keys("Escape")
    assert.deepEqual(world.faults(), [])
  })
})

describe("The terminal half that is turned off", { skip: MISSING }, () => {
  it("The half that is turned off while a child runs leaves nothing behind, and comes back", async (t) => {
    const { conversation, begin, show, model, see, look, type, keys, faults } = await open(t)
    const root = await conversation()
    await begin(root, task("explorer", "Take a while", [{ gate: "off", say: "Done." }], "long-read"))
    await see(/◐ long-read/)
    const turn = async () => {
      if (OPENCODE2) await type("/plugins")
      else {
        await keys("C-p")
        await see("Commands")
        await type("plugins")
      }
      await sleep(SETTLES_MS)
      await keys("Enter")
      await see(/Plugins .*esc/)
      await type("opencode-delegate")
      await sleep(SETTLES_MS)
      // In OpenCode 2 the list has the server half first.
      if (OPENCODE2) await keys("Down")
      await keys("Enter")
      await sleep(SETTLES_MS)
      await keys("Escape")
      await sleep(SETTLES_MS)
    }
    await turn()
    await look("turned-off-160", (screen) => !screen.includes(TITLE))
    model.open("off")
    await see("The turn is over.")
    await turn()
    await look("turned-on-160", /Delegations[^]*✓ long-read/)
    await show(root)
    assert.deepEqual(faults(), [])
  })
})

describe("The tree of a conversation after a restart", { skip: MISSING }, () => {
  it("A terminal that starts with a session shows its tree again, folded as it was", async (t) => {
    const first = await open(t)
    const root = await first.conversation()
    await first.say(root, task("lead", "Lead the work", [task("explorer", "Read the tests", [{ say: "Read." }]), { say: "Led." }], "lead"), task("lead", "Lead on", [{ say: "Led." }], "lead"))
    await first.see("resumed 1×")
    // Records that are not urgent are written after a while.
    for (let record; !record?.resumed; ) record = await first.record((await first.children(root))[0].id)
    await first.clickOn("▼ Delegations")
    await first.see("▶ Delegations")
    await first.stop()
    const second = await open(t, { home: first.home, model: first.model, sessionID: root })
    assert.ok(!(await second.see("▶ Delegations")).includes("✓ lead"))
    await second.clickOn("▶ Delegations")
    const screen = await second.look("restarted-160", /✓ lead[^]*✓ read-the-tests/)
    assert.match(screen, /lead · done · resumed 1×[^✓]*\/3 calls/)
  })

  it("A terminal that starts again shows which sessions failed, were stopped and were killed, as before", async (t) => {
    const first = await open(t)
    const root = await first.conversation()
    const one = (/** @type {string} */ name, /** @type {object} */ step) => task("explorer", name, [step], name)
    await first.say(root, one("well", { say: "Done." }), one("broken", { fail: { status: 400, message: "the model refuses" } }))
    await first.begin(root, one("halted", { gate: "halted", say: "Done." }))
    await first.see("◐ halted")
    await first.abort(root)
    await first.see(/✗ broken[^]*■ halted/)
    await first.begin(root, one("killed", { gate: "killed", say: "Done." }))
    await first.see("◐ killed")
    await first.stop()
    const second = await open(t, { home: first.home, model: first.model, sessionID: root })
    await second.look("ended-before-160", /✓ well[^]*✗ broken[^]*■ halted[^]*■ killed/)
  })

  it("In a terminal without a server for others, a person's own prompt shows the tree", async (t) => {
    const { typePrompt, look } = await open(t, { serves: false, width: 120, height: 40 })
    await typePrompt(script(task("explorer", "Explore auth", [{ say: "Read." }], "explore-auth"), { say: "The turn is over." }))
    await look("typed-120", /The turn is over\.\s[^]*▼ Delegations {2}1 subagent/)
  })
})
