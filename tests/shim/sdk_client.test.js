// The client of OpenCode, and the work that goes through it: reports, summaries, and calls that the engine could not decide. Runs
// under Node and Bun.

import assert from "node:assert/strict"
import { once } from "node:events"
import { describe, it } from "node:test"
import { Worker } from "node:worker_threads"
import { evaluatePermission, inheritedPermission } from "../../js/engine.js"
import { reporter } from "../../js/core/reporter.js"
import { bindClient } from "../../js/opencode1/sdk/client.js"
import { ifFound } from "../../js/core/index.js"
import { summarise } from "../../js/opencode1/execute/summarise.js"
import { runUndecided } from "../../js/opencode1/execute/undecided_call.js"
import { isAlive, registerInstance, unregisterInstance } from "../../js/core/instances.js"
import { abortable } from "../../js/core/waiting.js"

const later = () => new Promise((resolve) => setTimeout(resolve))

/** OpenCode's client. It notes each call, and gives these answers. @param {Record<string, (given: any) => unknown>} answers */
function client(answers) {
  const calls = /** @type {[string, any][]} */ ([])
  const group = (/** @type {string} */ of) => new Proxy({}, { get: (_, name) => async (/** @type {any} */ given) => (calls.push([`${of}.${String(name)}`, given]), answers[`${of}.${String(name)}`]?.(given) ?? { data: true }) })
  return { calls, client: /** @type {any} */ ({ session: group("session"), app: group("app"), config: group("config"), tui: group("tui"), _client: group("raw") }) }
}

describe("An answer of OpenCode", () => {
  const host = (/** @type {any} */ answer) => bindClient(client({ "session.get": () => answer }).client)

  it("The client returns the data of an answer", async () => assert.deepEqual(await host({ data: { id: "a" } }).session("a"), { id: "a" }))
  it("The client returns an empty text as an answer", async () => assert.equal(await host({ data: "" }).session("a"), ""))
  it("The client throws OpenCode's refusal", () => assert.rejects(host({ error: { name: "BadRequest" } }).session("a"), { message: 'OpenCode refused a call: {"name":"BadRequest"}' }))
  it("The client throws if the answer is empty", () => assert.rejects(host({}).session("a"), { name: "HostRefusal", message: "OpenCode refused a call: no answer" }))

  it("ifFound returns undefined for a missing session, and throws every other error", async () => {
    assert.equal(await ifFound(host({ error: { name: "NotFoundError" } }).session("a")), undefined)
    assert.deepEqual(await ifFound(host({ data: { id: "a" } }).session("a")), { id: "a" })
    await assert.rejects(ifFound(host({ error: { name: "BadRequest" } }).session("a")), /refused/)
    await assert.rejects(ifFound(Promise.reject(Object.assign(new Error("theirs"), { name: "NotFoundError" }))), /theirs/)
  })
})

describe("A request to OpenCode", () => {
  const part = { id: "prt_1", messageID: "msg_1", sessionID: "ses_1", type: "text" }

  /** @type {[string, (host: import("../../js/opencode1/sdk/client.js").Host) => Promise<unknown>, [string, any]][]} */
  const CASES = [
    ["The client reads a message by its path", (host) => host.message("ses_1", "msg_1"), ["session.message", { path: { id: "ses_1", messageID: "msg_1" } }]],
    ["The client removes a message by its path", (host) => host.removeMessage("ses_1", "msg_1"), ["raw.delete", { url: "/session/{id}/message/{messageID}", path: { id: "ses_1", messageID: "msg_1" } }]],
    ["The client stores a part as JSON", (host) => host.setPart(part), ["raw.patch", {
      url: "/session/{id}/message/{messageID}/part/{partID}", path: { id: "ses_1", messageID: "msg_1", partID: "prt_1" }, body: part, headers: { "Content-Type": "application/json" },
    }]],
  ]
  for (const [what, ask, expected] of CASES) {
    it(what, async () => {
      const { client: given, calls } = client({})
      await ask(bindClient(given))
      assert.deepEqual(calls, [expected])
    })
  }

  it("A read times out after 10 s, a write after 60 s, and a prompt never", async () => {
    const real = globalThis.setTimeout
    const limits = /** @type {number[]} */ ([])
    globalThis.setTimeout = /** @type {any} */ ((/** @type {() => void} */ work, /** @type {number} */ ms) => (limits.push(ms), real(work, 1)))
    try {
      const never = () => new Promise(() => {})
      const host = bindClient(client({ "session.get": never, "session.create": never, "session.prompt": never }).client)
      await assert.rejects(host.session("ses_1"), { message: "OpenCode did not answer within 10000 ms" })
      await assert.rejects(host.create(/** @type {any} */ ({})), { message: "OpenCode did not answer within 60000 ms" })
      const before = limits.length
      host.prompt("ses_1", /** @type {any} */ ({}))
      assert.equal(limits.length, before)
      assert.ok(before >= 2)
    } finally {
      globalThis.setTimeout = real
    }
  })

  it("An answer clears the timeout", async () => {
    const real = globalThis.clearTimeout
    let cleared = 0
    globalThis.clearTimeout = /** @type {any} */ ((/** @type {any} */ timer) => (cleared++, real(timer)))
    try {
      await bindClient(client({}).client).session("ses_1")
      assert.equal(cleared, 1)
    } finally {
      globalThis.clearTimeout = real
    }
  })
})

describe("A report to the user", () => {
  const shown = (/** @type {"report" | "warn" | "alarm"} */ how) => {
    const { client: given, calls } = client({ "app.log": () => { throw new Error("refused") } })
    const lines = /** @type {string[]} */ ([])
    const { error } = console
    console.error = (line) => lines.push(line)
    try {
      const { screenDrawn, ...say } = reporter(bindClient(given))
      say[how]("No.")
      assert.equal(calls.length, 1)
      screenDrawn()
      screenDrawn()
    } finally {
      console.error = error
    }
    return [lines, calls.map(([name, { body }]) => [name, body.level ?? body.variant, body.message])]
  }

  it("A report goes to the log alone", () => assert.deepEqual(shown("report"), [[], [["app.log", "warn", "No."]]]))
  it("A warning goes to the screen once it is drawn", () => assert.deepEqual(shown("warn"), [[], [["app.log", "warn", "No."], ["tui.showToast", "warning", "No."]]]))
  it("An alarm goes to standard error, and to the screen once it is drawn", () => assert.deepEqual(shown("alarm"), [["opencode-delegate: No."], [["app.log", "error", "No."], ["tui.showToast", "error", "No."]]]))
})

it("An alarm in a worker leaves standard error to the terminal interface", async () => {
  const module = JSON.stringify(new URL("../../js/core/reporter.js", import.meta.url).href)
  const work = `
    const { parentPort } = require("node:worker_threads")
    const lines = []
    console.error = (line) => lines.push(line)
    import(${module}).then(({ reporter }) => {
      reporter({ log: async () => {}, toast: async () => {} }).alarm("No.")
      parentPort.postMessage(lines)
    })`
  const worker = new Worker(work, { eval: true })
  try {
    const [lines] = await once(worker, "message")
    assert.deepEqual(lines, [])
  } finally {
    await worker.terminate()
  }
})

describe("Messages on the screen", () => {
  it("Messages of one moment are shown together, as an error if one is", async () => {
    const { client: given, calls } = client({})
    const { warn, alarm, screenDrawn } = reporter(bindClient(given))
    const { error } = console
    console.error = () => {}
    screenDrawn()
    warn("One.")
    alarm("Two.")
    console.error = error
    await null
    warn("Three.")
    await null
    const toasts = calls.filter(([name]) => name === "tui.showToast").map(([, { body }]) => [body.variant, body.message])
    assert.deepEqual(toasts, [["error", "One.\n\nTwo."], ["warning", "Three."]])
  })
})

describe("A summary", () => {
  const before = [{ info: { id: "m1", role: "user", summary: true }, parts: [{ type: "compaction" }] }, { info: { id: "m2", role: "assistant", summary: true, error: { name: "Old" } }, parts: [] }]
  const asked = { info: { id: "m3", role: "user" }, parts: [{ type: "text" }, { type: "compaction" }] }
  const made = (/** @type {any} */ error) => ({ info: { id: "m4", role: "assistant", summary: true, error }, parts: [] })
  const other = { info: { id: "m5", role: "assistant", error: { name: "Other" } }, parts: [{ type: "text" }] }

  /** OpenCode's answers, the messages after the summary, the reason of a failure, and the removed messages. @type {[string, Record<string, (given: any) => unknown>, any[], RegExp | undefined, string[]][]} */
  const CASES = [
    ["The session's own model makes the summary", {}, [asked, made(undefined)], undefined, []],
    ["A summary stands if another message fails beside it", {}, [asked, made(undefined), other], undefined, []],
    ["A failed summary is removed, and the reason is returned", {}, [asked, made({ name: "APIError", data: { message: "429" } }), other], /resumed as it is: 429$/, ["m3", "m4"]],
    ["A summary that fails without a message is removed, and its error's name is returned", {}, [asked, made({ name: "APIError" })], /resumed as it is: APIError$/, ["m3", "m4"]],
    ["A refused summary is removed", { "session.summarize": () => ({ error: { name: "BadRequest" } }) }, [asked], /resumed as it is: {"name":"BadRequest"}$/, ["m3"]],
    ["A session without a model gets no summary", { "session.get": () => ({ data: {} }) }, [], /resumed as it is: its model is not known$/, []],
    ["A failed summary that cannot be removed is still reported", { "session.summarize": () => ({ error: {} }), "raw.delete": () => ({ error: {} }) }, [asked], /resumed as it is/, ["m3"]],
  ]
  for (const [what, answers, after, trouble, removed] of CASES) {
    it(what, async () => {
      let messages = before
      const { client: given, calls } = client({
        "session.get": () => ({ data: { model: { id: "one", providerID: "p" } } }),
        "session.messages": () => ({ data: messages }),
        ...answers,
        "session.summarize": (given) => ((messages = [...before, ...after]), answers["session.summarize"]?.(given)),
      })
      const reason = await summarise(bindClient(given), "ses_1")
      if (trouble) assert.match(String(reason), trouble)
      else assert.equal(reason, undefined)
      assert.deepEqual(calls.filter(([name]) => name === "raw.delete").map(([, { path }]) => path), removed.map((messageID) => ({ id: "ses_1", messageID })))
      const [summarised] = calls.filter(([name]) => name === "session.summarize")
      if (summarised) assert.deepEqual(summarised[1], { path: { id: "ses_1" }, body: { providerID: "p", modelID: "one" } })
    })
  }
})

describe("A call that the engine could not decide", () => {
  const request = { now: 0, callID: "c1", sessionID: "ses_root", agent: "fixer", description: "Mend it", prompt: "Go." }
  const message = { parts: [{ type: "text" }], model: { providerID: "p", modelID: "one" } }
  const rule = /** @type {any} */ ({ permission: "edit", pattern: "*", action: "deny" })
  const inherited = {
    session: [], caller: [rule], agent: [{ permission: "task", pattern: "*", action: /** @type {const} */ ("allow") }], child_permissions: /** @type {const} */ ("caller"),
  }
  const answer = { data: { info: { role: "assistant", finish: "stop" }, parts: [{ type: "text", text: "Done." }] } }
  const UNJUDGED = "opencode-delegate did not apply its rules to this call: No engine."
  /** @type {Record<string, object>} */
  const sessions = {
    ses_root: {}, ses_child: { parentID: "ses_root", permission: inheritedPermission(inherited) }, ses_deep: { parentID: "ses_child" }, ses_free: { parentID: "ses_root" },
    ses_other: {}, ses_theirs: { parentID: "ses_other" }, ses_lost: { parentID: "ses_gone" },
  }

  /** @param {{ task_id?: string, answers?: Record<string, (given: any) => unknown>, abort?: AbortController, child_permissions?: any }} [given] */
  const run = ({ task_id, answers, abort = new AbortController(), child_permissions = inherited.child_permissions } = {}) => {
    const { client: given, calls } = client({
      "session.create": () => ({ data: { id: "ses_new" } }),
      "session.prompt": () => answer,
      "session.get": ({ path: { id } }) => (sessions[id] ? { data: { id, ...sessions[id] } } : { error: { name: "NotFoundError" } }),
      ...answers,
    })
    const made = () => calls.filter(([name]) => name !== "session.get")
    return { made, done: runUndecided(bindClient(given), { ...request, task_id }, message, { ...inherited, child_permissions }, abort.signal, "No engine.", () => {}) }
  }

  it("The call runs as OpenCode would run it, and its result says so", async () => {
    const { done, made } = run()
    assert.deepEqual(await done, {
      title: "Mend it",
      output: `<task id="ses_new" state="completed">\n<task_result>\nDone.\n</task_result>\n</task>\n${UNJUDGED}`,
      metadata: { parentSessionId: "ses_root", sessionId: "ses_new" },
    })
    const [[, { body: { permission, ...child } }], ...more] = made()
    assert.deepEqual(child, { parentID: "ses_root", title: "Mend it (@fixer subagent)", agent: "fixer", metadata: {} })
    assert.deepEqual(permission.filter((/** @type {any} */ { action }) => action === "deny")[0], rule)
    assert.deepEqual(more, [["session.prompt", { path: { id: "ses_new" }, body: { ...message, agent: "fixer" } }]])
  })

  /** A task_id, and the session in which the call continues. @type {[string, string][]} */
  const NAMED = [["ses_child", "ses_child"], ["ses_deep", "ses_deep"], ["ses_none", "ses_new"], ["ses_theirs", "ses_new"], ["ses_other", "ses_new"], ["ses_lost", "ses_new"], ["auth", "ses_new"], ["a ses_child", "ses_new"]]
  for (const [task_id, session] of NAMED) {
    it(`The task_id ${task_id} continues in ${session}`, async () => {
      const { metadata, output } = await run({ task_id }).done
      assert.equal(metadata.sessionId, session)
      assert.equal(output.includes(`opencode-delegate could not look up "${task_id}"`), session === "ses_new")
    })
  }

  it("A resumed session keeps no permission that its caller lacks under child_permissions \"caller\"", async () => {
    const permitted = async (/** @type {string} */ task_id) => {
      const { done, made } = run({ task_id })
      await done
      return made().filter(([name]) => name === "session.update")
    }
    assert.deepEqual(await permitted("ses_child"), [])
    const [[, { path, body }]] = await permitted("ses_free")
    assert.deepEqual(path, { id: "ses_free" })
    assert.equal(evaluatePermission(body.permission, "edit", "a.txt"), "deny")
  })

  it("A resumed session keeps its permissions under child_permissions \"host\"", async () => {
    const { done, made } = run({ task_id: "ses_free", child_permissions: "host" })
    await done
    assert.deepEqual(made().filter(([name]) => name === "session.update"), [])
  })

  /** @type {[string, any, RegExp][]} */
  const CASES = [
    ["OpenCode refuses", { error: { name: "BadRequest" } }, /^Subagent failed \(task_id: ses_new\): {"name":"BadRequest"}\nopencode-delegate did not apply its rules/],
    ["the model fails", { data: { info: { role: "assistant", error: { name: "APIError", data: { message: "429" } } }, parts: [] } }, /^Subagent failed \(task_id: ses_new\): 429\nopencode-delegate did not apply its rules/],
    ["a tool fails", { data: { info: { role: "assistant", finish: "stop" }, parts: [{ type: "tool", state: { status: "error", error: "No file." } }] } }, /^Subagent failed \(task_id: ses_new\): No file\.\nopencode-delegate did not apply its rules/],
  ]
  for (const [what, prompted, expected] of CASES) {
    it(`The call fails if ${what}`, () => assert.rejects(run({ answers: { "session.prompt": () => prompted } }).done, ({ message }) => expected.test(message)))
  }

  it("An abort ends the child while the call runs, and not afterwards", async () => {
    const abort = new AbortController()
    /** @type {(answer: any) => void} */
    let end = () => {}
    const { done, made } = run({ abort, answers: { "session.prompt": () => new Promise((resolve) => (end = resolve)) } })
    await later()
    abort.abort()
    assert.deepEqual(made().at(-1), ["session.abort", { path: { id: "ses_new" } }])
    end(answer)
    await done
    const over = new AbortController()
    const { done: ended, made: all } = run({ abort: over })
    await ended
    over.abort()
    assert.equal(all().at(-1)?.[0], "session.prompt")
  })
})

describe("An instance of the plugin", () => {
  it("An instance is alive until it is unregistered, and its neighbour stays alive", () => {
    const [one, two] = [registerInstance(), registerInstance()]
    assert.notEqual(one, two)
    unregisterInstance(one)
    assert.deepEqual([isAlive(one), isAlive(two)], [false, true])
    unregisterInstance(two)
  })

  it("An instance of another user's process is alive", () => {
    const { kill } = process
    try {
      for (const [code, alive] of /** @type {[string, boolean][]} */ ([["EPERM", true], ["ESRCH", false]])) {
        process.kill = () => { throw Object.assign(new Error(code), { code }) }
        assert.equal(isAlive(`${process.ppid}:12345678`), alive)
      }
    } finally {
      process.kill = kill
    }
  })

  it("An instance of another process is alive while the process is", () => {
    assert.equal(isAlive(`${process.ppid}:12345678`), true)
    // Greater than any process has.
    assert.equal(isAlive(`${2 ** 30}:12345678`), false)
  })
})

describe("A wait with an abort signal", () => {
  const never = new Promise(() => {})
  const given = () => new AbortController()

  it("An abort rejects the wait with its reason", async () => {
    const abort = given()
    const waiting = abortable(never, abort.signal)
    abort.abort(new Error("Enough."))
    await assert.rejects(waiting, /Enough/)
  })

  it("An earlier abort rejects the wait", () => assert.rejects(abortable(Promise.resolve(1), AbortSignal.abort(new Error("Enough."))), /Enough/))
  it("The wait resolves as its promise does", async () => assert.equal(await abortable(Promise.resolve(1), given().signal), 1))
  it("The wait rejects as its promise does", () => assert.rejects(abortable(Promise.reject(new Error("No.")), given().signal), /No/))
  it("Without a signal the wait is the promise itself", () => assert.equal(abortable(never), never))
})
