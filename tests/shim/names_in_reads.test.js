// The names of sessions that are read while others of their conversation are still unknown. Runs under Node and Bun.

import assert from "node:assert/strict"
import { describe, it } from "node:test"
import { later, trap } from "./opencode.js"
import { child, recorded, world } from "./syncing.js"

/** The parent of a session that is read late. */
const above = child({ title: "Lead (@fixer subagent)", metadata: recorded({ slug: "lead", description: "Lead" }) })
/** A session whose record has the name that its description makes. */
const named = (fields = {}) => child({ parentID: "ses_above", metadata: recorded({ v: 2, slug: "mend-it", budget: 0, used: 0, ...fields }) })
const unnamed = (fields = {}) => child({ metadata: {}, ...fields })

/** A conversation with an unnamed session, and below another one the session that has the name; and how to hold the read between the two. */
function between() {
  const parts = world({ ses_a: unnamed(), ses_above: above, ses_c: named() })
  const { children } = parts.host
  /** @type {(() => void) | undefined} */
  let release
  const hold = () => {
    const held = new Promise((resolve) => (release = () => resolve(undefined)))
    parts.host.children = async (id) => {
      if (id === "ses_above") await held
      return children(id)
    }
  }
  const go = async () => {
    release?.()
    parts.host.children = children
    await parts.sync.load("ses_root")
    await later()
  }
  return { ...parts, hold, go }
}

/** @param {ReturnType<typeof world>} parts */
const leadsTo = async ({ sync }) => (await sync.resolve({ sessionID: "ses_root", task_id: "mend-it" }))?.id

const kept = (fields = {}) => ({
  type: /** @type {const} */ ("prompt.kept"), now: 1_000, callerID: "ses_root", agent: "fixer", background: true,
  parts: [{ type: /** @type {const} */ ("text"), text: "Go." }], permission: [], seed: "abcdefghijklmn", ...fields,
})

describe("A session without a name", () => {
  for (const [what, tell] of /** @type {[string, (sync: import("../../js/core/engine_sync.js").EngineSync) => void][]} */ ([
    ["a prompt is kept for it", (sync) => void sync.apply(kept({ sessionID: "ses_a" }))],
    ["another plugin names it", (sync) => void sync.apply({ type: "session.alias", now: 1_000, sessionID: "ses_a", alias: "helper-1" })],
  ])) {
    it(`A session takes no name from one that is read later, if ${what} during the read`, async () => {
      const parts = between()
      const { sync, hold, go, sessions } = parts
      hold()
      const loaded = sync.load("ses_root")
      await later()
      assert.ok(sync.session("ses_a"))
      tell(sync)
      await go()
      await loaded
      assert.equal(await leadsTo(parts), "ses_c")
      assert.equal(sync.session("ses_c")?.slug, "mend-it")
      await sync.whenStored("ses_a")
      assert.equal(sessions.ses_a.metadata.delegate.slug, "mend-it-2")
    })
  }

  it("A session takes no name from one that is read later, if the read follows a trap", async () => {
    const parts = between()
    const { sync, hold, go, sessions } = parts
    await sync.load("ses_root")
    trap()
    hold()
    sync.apply({ type: "session.status", now: 1_000, sessionID: "ses_root", status: "busy" })
    await later()
    sync.apply(kept({ sessionID: "ses_a" }))
    await go()
    assert.equal(await leadsTo(parts), "ses_c")
    await sync.whenStored("ses_a")
    assert.equal(sessions.ses_a.metadata.delegate.slug, "mend-it-2")
  })

  it("A session takes no name from one that a failed read left out", async () => {
    const parts = between()
    const { sync, host } = parts
    const { children } = host
    host.children = async (id) => {
      if (id === "ses_above") throw new Error("No.")
      return children(id)
    }
    await assert.rejects(sync.load("ses_root"), /No\./)
    sync.apply(kept({ sessionID: "ses_a" }))
    host.children = children
    assert.equal(await leadsTo(parts), "ses_c")
    assert.equal(sync.session("ses_a")?.slug, "mend-it-2")
  })

  it("Two sessions keep their listed names after a trap", async () => {
    const { sync, add } = world({ ses_above: above, ses_c: named() })
    await sync.load("ses_root")
    for (const id of ["ses_a", "ses_b"]) sync.sessionCreated({ ...add(id, unnamed()), time: { created: Date.now(), updated: Date.now() } })
    const names = () => ["ses_a", "ses_b", "ses_c"].map((id) => sync.session(id)?.slug)
    assert.deepEqual(names(), ["mend-it-2", "mend-it-3", "mend-it"])
    trap()
    sync.session("ses_a")
    await sync.load("ses_root")
    assert.deepEqual(names(), ["mend-it-2", "mend-it-3", "mend-it"])
  })
})
