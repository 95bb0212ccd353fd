// The engine for browsers, with the wasm as a file. It decides like the engine with the inlined wasm.

import assert from "node:assert/strict"
import { readFileSync } from "node:fs"
import { describe, it } from "node:test"
import * as engine from "../../js/engine.js"
import * as web from "../../js/web.js"

const bytes = readFileSync(new URL("../../pkg/opencode_delegate_bg.wasm", import.meta.url))
const request = { now: 0, callID: "c", sessionID: "ses_root", agent: "explorer", description: "Explore auth", prompt: "Look." }

describe("The engine for browsers", () => {
  it("The browser entry has the exports of the engine, and init", () => {
    assert.deepEqual(Object.keys(web).sort(), [...Object.keys(engine), "init"].sort())
  })

  it("init loads the wasm once, and the engine then decides alike", async () => {
    const first = web.init(bytes)
    assert.equal(web.init(), first)
    await first
    assert.deepEqual(new web.Engine().decide(request), new engine.Engine().decide(request))
  })

  it("explain reserves nothing", () => {
    const one = new web.Engine({ agents: { explorer: {} } })
    const before = one.snapshot()
    const looks = one.explain({ ...request, agent: "explorr" })
    assert.deepEqual(looks.at(-1), { rule: "G2", holds: true, facts: [["agent", "unknown"]] })
    assert.equal(one.snapshot(), before)
    assert.throws(() => one.explain(/** @type {any} */ ({ now: 0 })), /callID/)
  })
})
