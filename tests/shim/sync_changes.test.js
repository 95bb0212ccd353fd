// What the engine takes in of a conversation that changes after its load, and what it leaves. Runs under Node and Bun.

import assert from "node:assert/strict"
import { describe, it } from "node:test"
import { HostRefusal } from "../../js/core/host.js"
import { trap } from "./opencode.js"
import { child, recorded, world } from "./syncing.js"

/** @typedef {ReturnType<typeof world>} World */

const TASK = { id: "bg_12345678", prompt_no: 1, state: "running", since: 900, delivered: false }

/** The number of tokens of a session, in OpenCode's form. */
const tokens = (/** @type {number} */ input) => ({ input, output: 0, reasoning: 0, cache: { read: 0, write: 0 } })

/** A name that is not found, so that its conversation is looked through. @param {World} world */
const lookFor = ({ sync }, task_id = "theirs") => sync.resolve({ sessionID: "ses_root", task_id })

/** The ids of the sessions that a test takes in. @param {World} world @param {() => Promise<unknown>} test */
async function takenIn({ sync }, test) {
  const { apply } = sync
  const taken = /** @type {string[]} */ ([])
  sync.apply = (event) => (event.type === "session.created" && taken.push(event.session.id), apply.call(sync, event))
  await test()
  sync.apply = apply
  return taken
}

/** Runs a test with a clock of its own. @param {(clock: { time: number }) => Promise<void>} test */
async function withClock(test) {
  const { now } = Date
  const clock = { time: now() }
  Date.now = () => clock.time
  try {
    await test(clock)
  } finally {
    Date.now = now
  }
}

describe("The tokens of a session", () => {
  /** How OpenCode shows the use of a session. @type {[string, (it: World) => unknown][]} */
  const SHOWN = [
    ["an update of the session", ({ sync, sessions }) => sync.sessionUpdated(sessions.ses_a)],
    ["an event of its creation that comes again", ({ sync, sessions }) => sync.sessionCreated({ ...sessions.ses_a, time: { created: 1, updated: Date.now() + 1 } })],
    ["a read of the session alone", ({ sync, sessions }) => sync.noteSpent(sessions.ses_a)],
    ["a later read", (it) => { it.add("ses_b", child()); return lookFor(it) }],
  ]
  for (const [what, show] of SHOWN) {
    it(`The list has the tokens that ${what} shows`, async () => {
      const it = world({ ses_a: child() })
      await it.sync.load("ses_root")
      it.sessions.ses_a.tokens = tokens(7_000)
      assert.doesNotMatch(it.sync.list("ses_root", {}), /7000 tokens/)
      await show(it)
      assert.match(it.sync.list("ses_root", {}), /\| mend \|.*\| 7000 tokens \|/)
    })
  }

  it("A session that is not known has none", async () => {
    const { sync, add } = world()
    await sync.load("ses_root")
    sync.sessionUpdated(add("ses_theirs", { parentID: "ses_other", tokens: tokens(7_000) }))
    assert.equal(sync.session("ses_theirs"), undefined)
  })
})

describe("A read", () => {
  it("A session that was updated in the moment of a read is taken in by the next one", () => withClock(async ({ time }) => {
    for (const updated of [time, time + 60_000]) {
      const it = world({ ses_a: child({ time: { created: 1, updated } }) })
      await it.sync.load("ses_root")
      it.sessions.ses_a.agent = "mapper"
      it.add("ses_new", child())
      assert.deepEqual(await takenIn(it, () => lookFor(it)), ["ses_a", "ses_new"])
    }
  }))

  it("After a clock is set back, a session that looks as it did is taken in again", () => withClock(async (clock) => {
    const it = world({ ses_a: child() })
    await it.sync.load("ses_root")
    it.sessions.ses_a.agent = "mapper"
    it.add("ses_new", child())
    clock.time -= 60_000
    assert.deepEqual(await takenIn(it, () => lookFor(it)), ["ses_a", "ses_new"])
  }))

  it("A record that is stored has the next read take in its session alone", async () => {
    const it = world({ ses_a: child(), ses_b: child({ metadata: {}, title: "Map it (@fixer subagent)" }) })
    await it.sync.decide({ now: 1_000, callID: "c1", sessionID: "ses_root", agent: "fixer", description: "Mend it", prompt: "Go." })
    assert.equal(await it.sync.whenStored("ses_b"), true)
    it.add("ses_new", child())
    assert.deepEqual(await takenIn(it, () => lookFor(it)), ["ses_b", "ses_new"])
  })

  it("A session that loses its time costs no other session its name", async () => {
    const it = world({ ses_a: child() })
    await it.sync.load("ses_root")
    delete it.sessions.ses_a.time
    it.add("ses_b", child({ metadata: recorded({ slug: "theirs" }) }))
    assert.equal((await lookFor(it))?.id, "ses_b")
  })

  it("A read shows that its sessions existed when it began", () => withClock(async (clock) => {
    const { sync, host } = world({ ses_a: child() })
    const { children } = host
    host.children = async (id) => (clock.time += 11_000, children(id))
    await sync.load("ses_root")
    assert.equal(sync.wasJustSeen("ses_a"), false)
  }))

  it("A read shows that sessions which have not changed exist", () => withClock(async (clock) => {
    const it = world({ ses_a: child() })
    await it.sync.load("ses_root")
    clock.time += 11_000
    assert.equal(it.sync.wasJustSeen("ses_a"), false)
    it.add("ses_new", child())
    await lookFor(it)
    assert.equal(it.sync.wasJustSeen("ses_a"), true)
  }))

  it("An engine that has trapped has seen no session", async () => {
    const { sync } = world({ ses_a: child() })
    await sync.load("ses_root")
    assert.equal(sync.wasJustSeen("ses_a"), true)
    trap()
    assert.equal(sync.wasJustSeen("ses_a"), false)
  })
})

describe("A look for a name", () => {
  /** The ids that are asked for children. @param {World} world @param {(id: string, ids: string[]) => string[]} [more] */
  function listingIDs({ host, sessions }, more = (_, ids) => ids) {
    const asked = /** @type {string[]} */ ([])
    const below = (/** @type {string} */ id) => Object.values(sessions).filter(({ parentID }) => parentID === id).map(({ id }) => id)
    Object.assign(host, { childIDs: async (/** @type {string} */ id) => (asked.push(id), more(id, below(id))) })
    return asked
  }

  it("A session without children to come is not asked for ids", async () => {
    const it = world({ ses_a: child({ metadata: {}, permission: [{ permission: "task", pattern: "*", action: "deny" }] }), ses_b: child() })
    const asked = listingIDs(it)
    await it.sync.load("ses_root")
    await lookFor(it)
    assert.deepEqual(asked, ["ses_root", "ses_b"])
  })

  it("A session that was updated during the last read is asked for ids", async () => {
    const it = world({ ses_a: child({ time: { created: 1, updated: Date.now() + 60_000 } }) })
    const asked = listingIDs(it)
    await it.sync.load("ses_root")
    await lookFor(it)
    assert.deepEqual(asked, ["ses_root", "ses_a"])
  })

  it("Lists of ids that name sessions above them are each asked for once", async () => {
    const it = world({ ses_a: child() })
    const asked = listingIDs(it, (id, ids) => (id === "ses_root" ? ids : [...ids, "ses_root", "ses_a"]))
    await it.sync.load("ses_root")
    assert.equal(await lookFor(it), undefined)
    assert.deepEqual(asked, ["ses_root", "ses_a"])
  })

  it("A child that cannot be read is news", async () => {
    const it = world({ ses_a: child() })
    await it.sync.load("ses_root")
    const { host, asked } = it
    const refused = new HostRefusal("Broken row.", { missing: false })
    const { session } = host
    host.children = async () => Promise.reject(refused)
    host.session = async (id) => (id === "ses_broken" ? Promise.reject(refused) : session(id))
    Object.assign(host, { callChildren: async () => ["ses_a", "ses_broken"] })
    asked.length = 0
    assert.equal(await lookFor(it), undefined)
    assert.ok(asked.includes("ses_root"))
  })

  it("A new session that a look finds is not asked for by its id", async () => {
    const it = world()
    await it.sync.load("ses_root")
    it.add("ses_b", child())
    it.asked.length = 0
    assert.equal((await lookFor(it, "ses_b"))?.id, "ses_b")
    assert.ok(!it.asked.includes("ses_b"))
  })

  it("A session of another conversation stays out of this one", async () => {
    const it = world({ ses_other: {}, ses_theirs: child({ parentID: "ses_other" }) })
    await lookFor(it, "ses_theirs")
    assert.equal(it.sync.session("ses_theirs"), undefined)
  })

  it("A name is looked for though another one is known", async () => {
    const it = world({ ses_a: child() })
    await it.sync.load("ses_root")
    it.add("ses_b", child({ metadata: recorded({ slug: "theirs" }) }))
    const found = await it.sync.resolveAll(["mend", "theirs", "nobody"].map((task_id) => ({ sessionID: "ses_root", task_id })))
    assert.deepEqual(found.map((session) => session?.id), ["ses_a", "ses_b", undefined])
  })

  it("A message that spawned no session is looked for without a name", async () => {
    const { sync } = world({ ses_a: child() })
    assert.deepEqual(await sync.resolveAll([{ sessionID: "ses_root", messageID: "msg_none", partID: "prt_none" }]), [undefined])
  })

  it("Known ids take no place of an id that is looked for", async () => {
    const known = Array.from({ length: 10 }, (_, at) => `ses_${at}`)
    const it = world(Object.fromEntries(known.map((id) => [id, child()])))
    await it.sync.load("ses_root")
    // No list of children names it.
    it.add("ses_b", child())
    const { children } = it.host
    it.host.children = async (id) => (await children(id)).filter(({ id }) => id !== "ses_b")
    const found = await it.sync.resolveAll([...known, "ses_b"].map((task_id) => ({ sessionID: "ses_root", task_id })))
    assert.equal(found.at(-1)?.id, "ses_b")
  })

  it("Of very many ids ten are looked for", async () => {
    const { sync, asked } = world()
    await sync.load("ses_root")
    asked.length = 0
    await sync.resolveAll(Array.from({ length: 30 }, (_, at) => ({ sessionID: "ses_root", task_id: `ses_none${at}` })))
    assert.equal(asked.filter((what) => what.startsWith("ses_none")).length, 10)
  })
})

describe("A session whose parent is asked for", () => {
  /** OpenCode's answers, and whether the session counts as a root. @type {[string, any[], boolean][]} */
  const ANSWERS = [
    ["A child is found at the third question", [undefined, undefined, { parentID: "ses_b" }], false],
    ["A host that answers no question says nothing against a root", [undefined, undefined, undefined, { parentID: "ses_b" }], true],
  ]
  for (const [what, answers, root] of ANSWERS) {
    it(what, async () => {
      const { sync, host } = world()
      host.session = async () => answers.shift() ?? Promise.reject(new Error("storage"))
      assert.equal(await sync.isRoot("ses_x"), root)
    })
  }
})

describe("A deleted child", () => {
  it("A child that is deleted while OpenCode does not answer costs another conversation nothing", async () => {
    const theirs = child({ parentID: "ses_other", metadata: recorded({ v: 2, process: "an ended one", tasks: [{ ...TASK, callerID: "ses_other" }] }) })
    const { sync, sessions, effects, host } = world({ ses_other: {}, ses_a: theirs })
    const { session } = host
    const { ses_a } = sessions
    delete sessions.ses_a
    host.session = async () => Promise.reject(new Error("storage"))
    await sync.sessionDeleted(ses_a)
    host.session = session
    const delivered = () => effects.filter(({ type }) => type === "deliver").map(({ to }) => to.callerID)
    await sync.load("ses_root")
    assert.deepEqual(delivered(), [])
    await sync.load("ses_other")
    assert.deepEqual(delivered(), ["ses_other"])
  })
})

describe("A record that cannot be stored", () => {
  it("Nobody reads of a record whose session is deleted during its write", async () => {
    const { sync, host, said } = world({ ses_a: child({ metadata: {} }) })
    let refuse = () => {}
    host.setMetadata = () => new Promise((_, reject) => (refuse = () => reject(new Error("refused"))))
    await sync.decide({ now: 1_000, callID: "c1", sessionID: "ses_root", agent: "fixer", description: "Mend it", prompt: "Go." })
    const stored = sync.whenStored("ses_a")
    sync.apply({ type: "session.deleted", now: 2_000, sessionID: "ses_a" })
    refuse()
    assert.equal(await stored, true)
    assert.deepEqual(said, [])
  })
})

it("The fault of a configuration is known, and a configuration without one has none", async () => {
  assert.equal(await world().sync.fault(), undefined)
  const faulty = world()
  faulty.configure(async () => /** @type {any} */ ({ nonsense: true }))
  assert.match(String(await faulty.sync.fault()), /nonsense/)
})
