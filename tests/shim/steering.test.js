// Messages for running sessions, as the engine lets them through, and the number of what a cancellation ends. Runs under Node and Bun.

import assert from "node:assert/strict"
import { describe, it } from "node:test"
import { countEnded, sessionTools } from "../../js/core/index.js"
import { child, recorded, world } from "./syncing.js"

/** A message for the session "mend". @param {object} [fields] */
const message = (fields = {}) => ({ sessionID: "ses_root", task_id: "mend", message: "Leave src/old out.", ...fields })

/** A conversation whose session "mend" runs. */
async function running() {
  const parts = world({ ses_a: child(), ses_b: child({ metadata: recorded({ slug: "map" }) }) }, { ses_a: { type: "busy" } })
  await parts.sync.load("ses_root")
  return parts
}

describe("A message for a session", () => {
  it("A message for a running session is to be sent, and is known as a message that steers", async () => {
    const { sync } = await running()
    const steering = /** @type {any} */ (sync.steer(message()))
    assert.deepEqual([steering.action, steering.sessionID], ["send", "ses_a"])
    assert.match(steering.text, /\n\nLeave src\/old out\.$/)
    assert.deepEqual([sync.steers(steering.messageID), sync.steers("msg_of_a_person")], [true, false])
    assert.deepEqual(["ses_a", "ses_b"].map((id) => sync.wasSteered(id)), [true, false])
  })

  it("Two messages have two ids", async () => {
    const { sync } = await running()
    const [one, two] = ["a", "b"].map((seed) => /** @type {any} */ (sync.steer(/** @type {any} */ (message({ seed })))).messageID)
    assert.notEqual(one, two)
    assert.deepEqual([one, two].map((id) => sync.steers(id)), [true, true])
  })

  /** @type {[string, object, RegExp][]} */
  const REFUSED = [
    ["A message for an idle session is refused, and steers nothing", { task_id: "map" }, /^"map" is idle, so it was not sent the message/],
    ["An empty message is refused, and steers nothing", { message: " " }, /^The message is empty/],
    ["A message for an unknown session is refused, and steers nothing", { task_id: "nobody" }, /^There is no subagent session "nobody" within reach/],
  ]
  for (const [what, fields, said] of REFUSED) {
    it(what, async () => {
      const { sync } = await running()
      const steering = /** @type {any} */ (sync.steer(message(fields)))
      assert.equal(steering.action, "refuse")
      assert.match(steering.message, said)
      assert.deepEqual([steering.messageID, "ses_a", "ses_b"].map((id) => sync.steers(id) || sync.wasSteered(id)), [false, false, false])
    })
  }

  it("A message is refused while no engine runs", () => {
    assert.match(/** @type {any} */ (world().sync.steer(message())).message, /^There is no subagent session "mend" within reach/)
  })
})

describe("The tools beside the task tool", () => {
  const tools = (/** @type {any} */ sync) => sessionTools({ sync, lastAnswer: async () => ({}), steer: async () => {}, cancel: () => 0 })

  it("A call must name a session where the tool is about one, and may leave out the rest", () => {
    const required = Object.entries(tools({})).map(([name, tool]) => [name, tool.required])
    assert.deepEqual(required, [["delegate_output", ["task_id"]], ["delegate_steer", ["task_id", "message"]], ["delegate_cancel", ["task_id"]], ["delegate_list", []]])
  })

  it("A model reads of delegate_list only if it has that tool", async () => {
    const many = Object.fromEntries(Array.from({ length: 70 }, (_, at) => [`ses_${at}`, child({ metadata: recorded({ slug: `mend-${at}` }) })]))
    const { sync } = world(many)
    const said = () => tools(sync).delegate_output.run({ task_id: "nobody" }, "ses_root").catch(({ message }) => message)
    assert.doesNotMatch(await said(), /delegate_list/)
    sync.lists = true
    assert.match(await said(), /which delegate_list shows/)
  })
})

describe("What a cancellation has ended", () => {
  const forget = (sessionID = "ses_a") => ({ type: "forget", sessionID, prompt_no: 1 })
  const abort = (sessionID = "ses_a") => ({ type: "abort", sessionID })
  const store = (sessionID = "ses_a") => ({ type: "store", sessionID, record: {} })

  /** The effects, the number of waiting calls, and what is counted for the session ses_a. @type {[string, any[], number | undefined, number][]} */
  const CASES = [
    ["Nothing is counted if nothing has ended", [store()], undefined, 0],
    ["A prompt is counted", [forget()], undefined, 1],
    ["A prompt is counted once, whose turn is aborted too", [forget(), abort()], undefined, 1],
    ["Each prompt of a session is counted", [forget(), forget()], undefined, 2],
    ["A turn below is counted", [abort("ses_b")], undefined, 1],
    ["A turn below is counted once, whose prompt is counted", [forget("ses_b"), abort("ses_b")], undefined, 1],
    ["A turn below is counted beside another's prompt", [forget("ses_b"), abort("ses_c"), store("ses_d")], undefined, 2],
    ["The turn of the session itself is not counted alone", [abort(), store("ses_b")], undefined, 0],
    ["The turn of the session itself is counted beside a prompt below", [abort(), forget("ses_b")], undefined, 2],
    ["The turn of the session itself is counted beside a turn below", [abort(), abort("ses_b")], undefined, 2],
    ["A session that did not run is not counted beside a prompt below", [forget("ses_b"), store()], undefined, 1],
    ["A session that did not run is not counted beside a turn below", [abort("ses_b"), store("ses_b")], undefined, 1],
    ["Calls that waited are counted", [], 2, 2],
    ["Calls that waited are counted beside a turn and a prompt", [forget("ses_b"), abort("ses_c")], 2, 4],
    ["The turn of the session itself is counted beside a call that waited", [abort()], 1, 2],
  ]
  for (const [what, effects, waiting, count] of CASES) it(what, () => assert.equal(countEnded(effects, "ses_a", waiting), count))
})
