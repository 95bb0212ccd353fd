// Executor "host": calls that wait for their session, and calls whose session goes meanwhile. Runs under Node and Bun.

import assert from "node:assert/strict"
import { describe, it } from "node:test"
import { stopCommand } from "../../js/core/index.js"
import { later } from "./opencode.js"
import { calling, isThrough, refused } from "./task_calls.js"

const LOOK = 250

/** Runs a test without the pauses between looks: only reports go on. @param {() => Promise<void>} test */
async function withoutLooks(test) {
  const { setTimeout } = globalThis
  Object.assign(globalThis, { setTimeout: (/** @type {() => void} */ work, ms = 0, /** @type {any[]} */ ...given) => (ms === LOOK ? { unref() {} } : setTimeout(work, ms, ...given)) })
  try {
    await test()
  } finally {
    Object.assign(globalThis, { setTimeout })
  }
}

/** An OpenCode that says of a session it lost that it is not found. @param {any} host */
const forgetful = ({ input, sessions }) => {
  const { get } = input.client.session
  input.client.session.get = async (/** @type {any} */ given) => (sessions[given.path.id] ? get(given) : { error: { name: "NotFoundError" } })
}

it("A call whose turn ends during its decision fails, and its name is free again", async () => {
  const { before, create, emit, input } = await calling()
  await create("ses_a")
  const { session } = input.client
  const { children } = session
  let read = () => {}
  const gate = new Promise((resolve) => (read = () => resolve(undefined)))
  // A name that is not known has the conversation read again.
  session.children = async (/** @type {any} */ given) => (await gate, children(given))
  const first = before({ task_id: "auth" }, "c1")
  await isThrough(first)
  await emit("session.status", { sessionID: "ses_root", status: { type: "idle" } })
  read()
  await assert.rejects(first, { message: "The calling session has ended its turn." })
  const second = before({ task_id: "auth" }, "c2")
  assert.equal(await isThrough(second), true)
  assert.equal((await second).task_id, undefined)
})

describe("A call that waits", () => {
  it("A call proceeds at the end of the call before it, without a look", () => withoutLooks(async () => {
    const { before, begin, end } = await calling()
    await before({ task_id: "auth" }, "c1")
    await begin("c1", "ses_a")
    const second = before({ task_id: "auth" }, "c2")
    assert.equal(await isThrough(second), false)
    await end("c1", "ses_a")
    assert.equal(await isThrough(second), true)
    assert.equal((await second).task_id, "ses_a")
  }))

  it("A call joins the session of its name once that session exists, without a look, whatever other session is created", () => withoutLooks(async () => {
    const { before, begin, end } = await calling()
    await before({ task_id: "map" }, "c0")
    await before({ task_id: "auth" }, "c1")
    const second = before({ task_id: "auth" }, "c2")
    assert.equal(await isThrough(second), false)
    await begin("c0", "ses_map")
    await end("c0", "ses_map")
    assert.equal(await isThrough(second), false)
    await begin("c1", "ses_auth")
    await end("c1", "ses_auth")
    assert.equal(await isThrough(second), true)
    assert.equal((await second).task_id, "ses_auth")
  }))

  it("A call spawns if the call that was to make its session fails, though OpenCode does not answer", async () => {
    const { before, shown, input } = await calling()
    await before({ task_id: "auth" }, "c1")
    const second = before({ task_id: "auth" }, "c2")
    assert.equal(await isThrough(second), false)
    input.client.session.get = refused
    await shown("c1", { status: "error", error: "No." })
    assert.equal((await second).task_id, undefined)
  })

  it("A call waits for a call that came in the millisecond in which its session was created", async () => {
    const { before, create, begin, end } = await calling()
    const { now } = Date
    const time = now()
    Date.now = () => time
    try {
      await before({ task_id: "auth" }, "c1")
      await create("ses_a", { time: { created: time, updated: time } })
      const second = before({ task_id: "ses_a" }, "c2")
      assert.equal(await isThrough(second), false)
      await begin("c1", "ses_a")
      await end("c1", "ses_a")
      assert.equal((await second).task_id, "ses_a")
    } finally {
      Date.now = now
    }
  })
})

describe("A call that resumes a session", () => {
  it("The call resumes the session though OpenCode answers no question about it", async () => {
    const { before, create, end, input } = await calling()
    const { session } = input.client
    const { get } = session
    await create("ses_a")
    session.get = async (/** @type {any} */ given) => (given.path.id === "ses_a" ? refused() : get(given))
    session.status = refused
    const call = before({ task_id: "mend-it" }, "c1")
    assert.equal(await isThrough(call), true)
    assert.equal((await call).task_id, "ses_a")
    assert.match((await end("c1", "ses_a")).output, /^done\ntask_id: mend-it \(resumed: /)
  })

  it("A call that has waited resumes the session though OpenCode answers no question about it", async () => {
    const { before, begin, end, input } = await calling()
    const { session } = input.client
    const { get } = session
    await before({ task_id: "auth" }, "c1")
    await begin("c1", "ses_a")
    const second = before({ task_id: "auth" }, "c2")
    assert.equal(await isThrough(second), false)
    let asked = 0
    session.get = async (/** @type {any} */ given) => (given.path.id === "ses_a" ? (asked++, refused()) : get(given))
    await end("c1", "ses_a")
    assert.equal(await isThrough(second), true)
    assert.deepEqual([(await second).task_id, asked], ["ses_a", 1])
  })
})

describe("A call that waits for a session that is cancelled", () => {
  const KEPT = "(its session is kept: give this task_id to go on with it)"
  /** A call that runs, and the tool that cancels. @param {any} [change] */
  async function running(change) {
    const world = await calling(change)
    await world.before({ task_id: "auth" }, "c1")
    await world.begin("c1", "ses_a")
    const cancel = async (task_id = "auth") => (await world.hooks.tool.delegate_cancel.execute({ task_id }, { sessionID: "ses_root" })).output
    return { ...world, cancel }
  }
  const cancelled = { message: `Task cancelled\ntask_id: auth ${KEPT}` }

  it("Each call is cancelled as its session is, none runs after that, and the name can be resumed", async () => {
    const { before, cancel, done, emit, shown } = await running()
    const waiting = ["c2", "c3"].map((callID) => before({ task_id: "auth" }, callID))
    for (const call of waiting) assert.equal(await isThrough(call), false)
    assert.equal(await cancel(), `Cancelled 3 prompts.\ntask_id: auth ${KEPT}`)
    for (const call of waiting) await assert.rejects(call, cancelled)
    assert.deepEqual(done.filter(([what]) => what === "abort"), [["abort", "ses_a"]])
    await shown("c1", { status: "error", error: "Aborted", metadata: { sessionId: "ses_a" } })
    await emit("session.status", { sessionID: "ses_a", status: { type: "idle" } })
    const again = before({ task_id: "auth" }, "c4")
    assert.equal(await isThrough(again), true)
    assert.equal((await again).task_id, "ses_a")
  })

  it("A call is cancelled with a session above the one that it waits for", async () => {
    const { before, cancel, create } = await running()
    await create("ses_b", { parentID: "ses_a" })
    await before({ task_id: "ses_b" }, "c2")
    const waiting = before({ task_id: "ses_b" }, "c3")
    assert.equal(await isThrough(waiting), false)
    await cancel()
    await assert.rejects(waiting, /^Error: Task cancelled/)
  })

  it("A call that waits for another session goes on", async () => {
    const { before, begin, cancel, end } = await running()
    await before({ task_id: "map" }, "c2")
    await begin("c2", "ses_map")
    const other = before({ task_id: "map" }, "c3")
    assert.equal(await isThrough(other), false)
    assert.match(await cancel(), /^The session's turn was cancelled\./)
    await end("c2", "ses_map")
    assert.equal(await isThrough(other), true)
    assert.equal((await other).task_id, "ses_map")
  })

  it("A call that looks whether its session exists is cancelled too", async () => {
    const { cancel, before, end, input } = await running()
    const waiting = before({ task_id: "auth" }, "c2")
    assert.equal(await isThrough(waiting), false)
    const { session } = input.client
    const { get } = session
    /** @type {(value?: unknown) => void} */
    let answer = () => {}
    const gate = new Promise((resolve) => (answer = resolve))
    session.get = async (/** @type {any} */ given) => (await gate, get(given))
    await end("c1", "ses_a")
    assert.equal(await isThrough(waiting), false)
    await cancel()
    answer()
    await assert.rejects(waiting, cancelled)
  })

  it("A call that waits no more is part of its session's turn", async () => {
    const { before, cancel, emit, end } = await running()
    const second = before({ task_id: "auth" }, "c2")
    assert.equal(await isThrough(second), false)
    await end("c1", "ses_a")
    assert.equal((await second).task_id, "ses_a")
    await later()
    await emit("session.status", { sessionID: "ses_a", status: { type: "busy" } })
    assert.match(await cancel(), /^The session's turn was cancelled\./)
    assert.match((await end("c2", "ses_a")).output, /\ntask_id: auth \(resumed: /)
  })

  for (const [which, stopped] of /** @type {const} */ ([["that session", "ses_a"], ["another one", "ses_map"]])) {
    it(`A call that looks for a session which is deleted is ${stopped === "ses_a" ? "cancelled" : "left alone"} when a person stops ${which}`, async () => {
      const { before, emit, end, create, input, sessions } = await running(forgetful)
      await create("ses_map", { title: "Map (@fixer subagent)" })
      const waiting = before({ task_id: "auth" }, "c2")
      assert.equal(await isThrough(waiting), false)
      const { session } = input.client
      const { get } = session
      /** @type {(value?: unknown) => void} */
      let answer = () => {}
      const gate = new Promise((resolve) => (answer = resolve))
      let looks = 0
      session.get = async (/** @type {any} */ given) => (looks++ === 0 && (await gate), get(given))
      await end("c1", "ses_a")
      const info = sessions.ses_a
      delete sessions.ses_a
      await emit("session.deleted", { info })
      assert.equal(await isThrough(waiting), false)
      await emit("tui.command.execute", { command: stopCommand(stopped) })
      answer()
      if (stopped === "ses_a") await assert.rejects(waiting, { message: `Task cancelled\ntask_id: ses_a ${KEPT}` })
      else assert.equal((await waiting).task_id, undefined)
    })
  }

  it("A cancelled call asks for its session no more", async () => {
    const { before, cancel, create, emit, input } = await running()
    await create("ses_b")
    await emit("session.status", { sessionID: "ses_b", status: { type: "busy" } })
    let looks = 0
    input.client.session.status = async () => (looks++, { data: { ses_b: { type: "busy" } } })
    const waiting = before({ task_id: "ses_b" }, "c2")
    assert.equal(await isThrough(waiting), false)
    assert.ok(looks > 0)
    await cancel("ses_b")
    await assert.rejects(waiting, /^Error: Task cancelled/)
    const seen = looks
    await later(2 * LOOK)
    assert.equal(looks, seen)
  })

  it("A user's own call goes on: OpenCode would repeat one that throws", async () => {
    const { cancel, end, subtask } = await running()
    const own = subtask({ task_id: "auth" }, "prt_own")
    assert.equal(await isThrough(own), false)
    await cancel()
    await end("c1", "ses_a")
    assert.equal(await isThrough(own), true)
    assert.equal((await own).task_id, "ses_a")
  })
})

describe("A call whose session goes while it waits", () => {
  /** A call that runs, and one that waits for its session, which OpenCode loses. @param {any} world */
  async function losing({ before, begin, sessions }) {
    await before({ task_id: "auth" }, "c1")
    await begin("c1", "ses_a")
    const second = before({ task_id: "auth" }, "c2")
    assert.equal(await isThrough(second), false)
    delete sessions.ses_a
    return { second }
  }

  it("The call runs undecided if the engine cannot decide it again", async () => {
    const world = await calling(forgetful)
    const { second } = await losing(world)
    const { session } = world.input.client
    const { get } = session
    session.get = async (/** @type {any} */ given) => {
      if (given.path.id === "ses_a") session.children = refused
      return get(given)
    }
    await world.end("c1", "ses_a")
    assert.equal(await isThrough(second), true)
    await second
    assert.match((await world.end("c2", "ses_b")).output, /^done\nopencode-delegate did not apply its rules/)
  })

  it("A later call waits for the session that the call spawns instead", async () => {
    const world = await calling(forgetful)
    const { before, begin, end } = world
    const { second } = await losing(world)
    await end("c1", "ses_a")
    assert.equal((await second).task_id, undefined)
    await begin("c2", "ses_b")
    const third = before({ task_id: "auth" }, "c3")
    // The engine knows the session as idle, so only the call that runs holds the third one back.
    await world.emit("session.status", { sessionID: "ses_b", status: { type: "idle" } })
    assert.equal(await isThrough(third), false)
    await end("c2", "ses_b")
    assert.equal((await third).task_id, "ses_b")
  })

  it("A third call joins the session that the second call spawns instead, without a look", () => withoutLooks(async () => {
    const world = await calling(forgetful)
    const { before, begin, end } = world
    const { second } = await losing(world)
    const third = before({ task_id: "auth" }, "c3")
    assert.equal(await isThrough(third), false)
    await end("c1", "ses_a")
    assert.equal(await isThrough(second), true)
    assert.equal(await isThrough(third), false)
    await begin("c2", "ses_b")
    await end("c2", "ses_b")
    assert.equal(await isThrough(third), true)
    assert.equal((await third).task_id, "ses_b")
  }))
})
