// The demonstration: the real OpenCode with this plugin, and a model that plays scripts. The model holds no state, so that a
// session recalls only its own history. With EXECUTOR=opencode2 it runs in OpenCode 2.

import assert from "node:assert/strict"
import { randomInt } from "node:crypto"
import { readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { pathToFileURL } from "node:url"
import { claim, failure, heading, line, say, table } from "./print.js"
import { readOpenCode1, readOpenCode2 } from "./host_events.js"
import { Watch } from "./watch.js"
import { MISSING, OPENCODE2, boot, task } from "../e2e/fixture.js"
import { script } from "../host/model.js"

const subagent = (/** @type {string} */ description, fields = {}) => ({ mode: "subagent", description, ...fields })
const partner = (/** @type {number} */ task_budget) => subagent("Works and delegates", { task_budget, callable_by_subagents: true })

const AGENTS = {
  architect: subagent("Specifies"),
  engineer: subagent("Implements"),
  validator: subagent("Validates"),
  scout: subagent("Looks around", { model: "scripted/m", fallback_models: ["scripted/n"] }),
  explorer: subagent("Reads"),
  "principal-partner": partner(10),
  "assistant-sonnet": partner(3),
  "assistant-flash": partner(2),
}

const SECOND_MODEL = { name: "Scripted, the second", tool_call: true, limit: { context: 200_000, output: 8_192 } }

/** A word that no script, prompt or earlier run can know. */
const word = () => Array.from({ length: 4 }, () => "bdfgklmnprst"[randomInt(12)] + "aeiou"[randomInt(5)]).join("")
const LIMIT = String(randomInt(100_000, 1_000_000))
const COUNTER = word()
const [FIRST, SECOND, AUDITED] = [word(), word(), word()]

const FILES = {
  "brief.md": `At most this many requests a day: ${LIMIT}\n`,
  "src/counter.mjs": `export function ${COUNTER}(key) {\n  return key.length\n}\n`,
  "secret.txt": `The word is ${FIRST}.\n`,
  "ledger.txt": `The word is ${AUDITED}.\n`,
}
const RECALL = [{ say: "It was {{recall /The word is (\\w+)/}}." }]
const EXHAUSTED = "Task budget exhausted (2/2 calls). Return control to caller to continue."

/** A call that reads a file. @param {string} path */
const read = (path) => ({ tool: "read", args: file(path) })
/** A file as a tool's parameter. @param {string} path */
const file = (path) => ({ [OPENCODE2 ? "path" : "filePath"]: path })

if (MISSING) {
  failure(new Error(MISSING))
  process.exit(1)
}
const began = Date.now()
const watch = new Watch(line, (OPENCODE2 ? readOpenCode2 : readOpenCode1)())
const ends = /** @type {(() => Promise<void>)[]} */ ([])

try {
  const world = await boot({ after: (/** @type {() => Promise<void>} */ end) => void ends.push(end) }, { own: true, agent: AGENTS, files: FILES, config: { provider: { scripted: { models: { n: SECOND_MODEL } } } } })
  await watch.follow(world.host)
  say(`${OPENCODE2 ? "OpenCode 2" : "OpenCode"} is up with the plugin, after ${seconds()}.`)
  const orchestrator = await workflow(world)
  await memory(world)
  await budgets(world)
  await crashes(world, orchestrator)
  await failures(world)
  await summary()
} catch (error) {
  failure(error)
  process.exitCode = 1
} finally {
  watch.leave()
  for (const end of ends) await end()
}

/** @typedef {Awaited<ReturnType<typeof boot>>} World */

/** The architect and the engineer are each resumed by name. The orchestrator only passes on their answers. @param {World} world */
async function workflow({ host, used }) {
  heading("1. Specify, clarify, implement, validate")
  const at = (/** @type {string} */ path) => join(host.directory, path)
  const module = `import { {{recall /export function (\\w+)/}} as count } from "./counter.mjs"

export const limit = {{recall /architect says: (\\d+)/}}
export const allowed = (key) => count(key) <= limit
`
  const root = await host.session()
  const [specify, implement, clarify, complete, validate] = await delegations(host, root, 5, [
    task("architect", "Specify", [
      { call: read(at("brief.md")) },
      // A text beside a call stays in the session's own history: the caller reads only the last answer.
      { say: "DECIDED: {{recall /a day: (\\d+)/}}", call: read(at("src/counter.mjs")) },
      { say: "SPEC: allowed(key) holds up to the limit." },
    ], "spec"),
    task("engineer", "Implement part 1", `{{recall /SPEC: (.+)/}}${script({ call: read(at("src/counter.mjs")) }, { say: "QUESTION: what is the limit?" })}`, "impl"),
    task("architect", "Clarify", `{{recall /QUESTION: (.+)/}}${script({ say: "ANSWER: {{recall /DECIDED: (\\d+)/}}" })}`, "spec"),
    task("engineer", "Implement part 2", `The architect says: {{recall /ANSWER: (\\d+)/}}.${script(
      { call: { tool: "write", args: { ...file(at("src/limiter.mjs")), content: module } } },
      { say: "WROTE src/limiter.mjs" },
    )}`, "impl"),
    task("validator", "Validate", [
      { call: read(at("src/limiter.mjs")) },
      { say: "VALID: limit {{recall /limit = (\\d+)/}}, counted by {{recall /import . (\\w+)/}}" },
    ]),
  ])

  await claim("the architect was resumed by name, and answered from its first turn", async () => {
    outcomes([specify, implement, clarify], ["spawned", "spawned", "resumed"])
    assert.equal(clarify.childID, specify.childID)
    assert.match(clarify.result, new RegExp(`ANSWER: ${LIMIT}\n`))
    unknown(LIMIT, [specify.result, implement.result, clarify.prompt])
    assert.equal((await used(clarify.childID)).length, 2, "it read nothing again")
  })
  await claim(`the engineer was resumed by name, and used ${COUNTER}(), which it read in its first turn`, async () => {
    outcomes([complete], ["resumed"])
    assert.equal(complete.childID, implement.childID)
    unknown(COUNTER, [specify, implement, clarify].flatMap(({ prompt, result }) => [prompt, result]).concat(complete.prompt))
    assert.deepEqual(await used(complete.childID), ["read", "write"])
    const { limit, allowed } = await import(pathToFileURL(at("src/limiter.mjs")).href)
    assert.deepEqual([limit, allowed("a"), allowed("a".repeat(limit + 1))], [Number(LIMIT), true, false])
  })
  await claim(`the validator read the file: limit ${LIMIT}, counted by ${COUNTER}; it is on disk, and runs`, () => {
    outcomes([validate], ["spawned"])
    assert.ok(validate.result.includes(`VALID: limit ${LIMIT}, counted by ${COUNTER}`), validate.result)
  })
  return { root, architect: specify.childID }
}

/** The words are in the file and then in the session's history, and never in a prompt. @param {World} world */
async function memory({ host, used }) {
  heading("2. A blinded test of memory")
  const path = join(host.directory, "secret.txt")
  const root = await host.session()
  const [first] = await delegations(host, root, 1, [
    task("explorer", "Read the secret", [{ call: read(path) }, { say: "I have read it." }], "secret"),
  ])
  await claim("the explorer read the file, and did not say the word", async () => {
    outcomes([first], ["spawned"])
    assert.deepEqual(await used(first.childID), ["read"])
    unknown(FIRST, [first.prompt, first.result])
  })
  writeFileSync(path, `The word is ${SECOND}.\n`)
  const [again, control] = await delegations(host, root, 2, [task("explorer", "Recall", RECALL, "secret"), task("explorer", "Control", RECALL)])
  await claim(`resumed, it recalled "${FIRST}", though the file now says "${SECOND}"`, () => {
    outcomes([again], ["resumed"])
    assert.equal(again.childID, first.childID)
    assert.ok(again.result.includes(`It was ${FIRST}.`), again.result)
    unknown(FIRST, [again.prompt])
    assert.equal(readFileSync(path, "utf8"), `The word is ${SECOND}.\n`)
  })
  await claim("a fresh session, asked the same, recalled (nothing)", () => {
    outcomes([control], ["spawned"])
    assert.notEqual(control.childID, first.childID)
    assert.ok(control.result.includes("It was (nothing)."), control.result)
  })

  heading("3. A mistyped id")
  const id = first.childID ?? ""
  const place = randomInt("ses_".length, id.length)
  const wrong = id.slice(0, place) + (id[place] === "0" ? "1" : "0") + id.slice(place + 1)
  const [found] = await delegations(host, root, 1, [task("explorer", "Recall", RECALL, wrong)])
  await claim(`${wrong} was asked for, ${id} was found and recalled "${FIRST}"`, async () => {
    outcomes([found], ["resumed"])
    assert.equal(found.childID, id)
    assert.equal(found.rule, "R6")
    assert.ok(found.notice.includes(wrong) && found.notice.includes(id), found.notice)
    assert.ok(found.result.includes(`It was ${FIRST}.`), found.result)
    assert.equal((await host.children(root)).length, 2, "no session was started in its place")
  })
}

/** @param {World} world */
async function budgets({ host, record }) {
  heading("4. Budgets: principal-partner 10, assistant-sonnet 3, assistant-flash 2")
  const parts = [1, 2, 3].map((n) => task("assistant-sonnet", `Part ${n}`, [{ say: `part ${n} is done` }]))
  const root = await host.session()
  const calls = await delegations(host, root, 5, [
    task("principal-partner", "Lead", [task("assistant-flash", "Work", [...parts, { say: "I read: {{results}}" }]), { say: "{{results}}" }]),
  ])
  const [one, two, three, flash, lead] = calls
  await claim(`assistant-flash was stopped: "${EXHAUSTED}"`, async () => {
    outcomes(calls, ["spawned", "spawned", "denied", "spawned", "spawned"])
    assert.deepEqual(calls.map(({ caller }) => caller), [...Array(3).fill("assistant-flash"), "principal-partner", "build"])
    assert.equal(three.reason, EXHAUSTED)
    assert.ok(flash.result.includes(EXHAUSTED), "its model read the denial")
    const made = (await host.children(flash.childID ?? "")).map(({ id }) => id)
    assert.deepEqual(made.sort(), [one.childID, two.childID].sort())
  })
  await claim("its caller's budget is its own: principal-partner may have 10", async () => {
    assert.equal((await record(lead.childID ?? "")).budget, 10)
  })
}

/** @param {World} world @param {{ root: string, architect?: string }} orchestrator */
async function crashes({ host, record }, { root: before, architect }) {
  heading("5. kill -9, and a restart")
  await crash(host)
  const [again] = await delegations(host, before, 1, [task("architect", "Once more", [{ say: "ANSWER: {{recall /DECIDED: (\\d+)/}}" }], "spec")])
  await claim('killed while nothing ran: "spec" is the same session, with its memory', () => {
    outcomes([again], ["resumed"])
    assert.equal(again.childID, architect)
    assert.match(again.result, new RegExp(`ANSWER: ${LIMIT}\n`))
  })

  const root = await host.session()
  const from = watch.ended.length
  const work = [
    { call: read(join(host.directory, "ledger.txt")) },
    task("assistant-sonnet", "Count"),
    { hang: 60_000 },
  ]
  const asked = host.prompt(root, script(task("assistant-flash", "Audit", script(...work), "audit"))).catch(() => {})
  await watch.until("the first call of assistant-flash", () => watch.ended.length > from && Boolean(watch.running("assistant-flash")?.childID))
  const flash = watch.running("assistant-flash")?.childID ?? ""
  await record(flash, (kept) => kept?.used === 1)
  await crash(host)
  await asked
  await claim("killed while assistant-flash ran: its count, 1 of 2, is stored in its session", async () => {
    const { budget, used, slug } = await record(flash)
    assert.deepEqual({ budget, used, slug }, { budget: 2, used: 1, slug: "audit" })
  })
  const rest = [task("assistant-sonnet", "Count on"), task("assistant-sonnet", "Count further"), ...RECALL]
  const [second, third, resumed] = await delegations(host, root, 3, [task("assistant-flash", "Audit on", rest, "audit")])
  await claim(`"audit" is the same session, and recalled "${AUDITED}", which it read before`, () => {
    outcomes([resumed], ["resumed"])
    assert.equal(resumed.childID, flash)
    assert.ok(resumed.result.includes(`It was ${AUDITED}.`), resumed.result)
    unknown(AUDITED, [resumed.prompt])
  })
  await claim("its caller has prompted it again, so its budget is full: two calls of two", () => outcomes([second, third], ["spawned", "spawned"]))
}

/** @param {World} world */
async function failures({ host, model, told }) {
  heading("6. A model that refuses, and a task in the background")
  const root = await host.session()
  const text = "Look around the house."
  const [found] = await delegations(host, root, 1, [task("scout", "Look around", `${text}${script({ fail: { status: 401 } }, { say: "I looked." })}`, "look")])
  await claim("scripted/m refused with 401; scripted/n answered, and the prompt stands once", () => {
    outcomes([found], ["spawned"])
    assert.match(found.notice, /scripted\/n took over/)
    const asked = model.requests.filter(({ kind, sessionID }) => kind === "chat" && sessionID === found.childID)
    assert.deepEqual(asked.map(({ body }) => [body.model, JSON.stringify(body.messages).split(text).length - 1]), [["m", 1], ["n", 1]])
  })

  const later = task("scout", "Count the rooms", [{ hang: 300 }, { say: `There are ${LIMIT} rooms.` }], "rooms")
  const delivered = async () => (await told(root)).filter((text) => text.includes(`There are ${LIMIT} rooms.`))
  const [started] = await delegations(host, root, 1, [{ task: { ...later.task, background: true } }])
  await claim("a task in the background returned at once, and its result came once, in a message of its own", async () => {
    outcomes([started], ["spawned"])
    unknown(LIMIT, [started.result])
    for (const deadline = Date.now() + 120_000; !(await delivered()).length && Date.now() < deadline; ) await new Promise((next) => setTimeout(next, 50))
    assert.equal((await delivered()).length, 1)
  })

  const slow = task("scout", "Wait", [{ call: read(join(host.directory, "ledger.txt")) }, { hang: 60_000 }], "slow")
  const [lost] = await delegations(host, root, 1, [{ task: { ...slow.task, background: true } }])
  await watch.until("its first answer", () => watch.context.has(lost.childID ?? ""))
  await crash(host)
  const [resumed] = await delegations(host, root, 1, [task("scout", "Go on", RECALL, "slow")])
  await claim("killed while another ran: it was reported lost to its caller, which resumed it by name", async () => {
    outcomes([lost, resumed], ["spawned", "resumed"])
    assert.equal(resumed.childID, lost.childID)
    assert.ok(resumed.result.includes(`It was ${AUDITED}.`), resumed.result)
    assert.equal((await told(root)).filter((text) => /Background task bg_\w+ was lost/.test(text)).length, 1)
    assert.equal((await delivered()).length, 1, "no result is delivered twice")
  })
}

async function summary() {
  heading("Summary")
  const count = (/** @type {string} */ outcome) => watch.ended.filter((call) => call.outcome === outcome).length
  const resumed = watch.ended.filter(({ outcome }) => outcome === "resumed")
  assert.ok(resumed.every(({ carried }) => carried > 0), "each session that was resumed had a context")
  const carried = resumed.reduce((sum, call) => sum + call.carried, 0)
  table([
    ["delegations", watch.ended.length],
    ["resumed", count("resumed")],
    ["spawned", count("spawned")],
    ["denied", count("denied")],
    ["cut off", count("cut off")],
    ["wall time", seconds()],
  ])
  say(`
  Resuming kept ${carried} tokens of context in ${resumed.length} delegations. New sessions would have started without them.
  (The scripted model counts four characters as a token, its scripts included. A resumed session still sends its context.)`)
}

/**
 * Has a session make calls of the task tool, one after the other.
 * @param {import("../host/opencode.js").Host} host
 * @param {string} sessionID
 * @param {number} count the number of delegations, with those of its children
 * @param {object[]} steps
 * @returns {Promise<import("./watch.js").Delegation[]>} in order of their ends
 */
async function delegations(host, sessionID, count, steps) {
  const from = watch.ended.length
  await host.prompt(sessionID, script(...steps, { say: "Done." }))
  await watch.until(`${count} delegations`, () => watch.ended.length >= from + count)
  const calls = watch.ended.slice(from)
  assert.equal(calls.length, count, "no more delegations than these")
  return calls
}

/** @param {import("../host/opencode.js").Host} host */
async function crash(host) {
  const start = Date.now()
  await host.kill()
  watch.leave()
  await host.restart()
  await watch.follow(host)
  say(`  kill -9; up again after ${seconds(start)}`)
}

/** @param {import("./watch.js").Delegation[]} calls @param {string[]} expected */
function outcomes(calls, expected) {
  assert.deepEqual(calls.map(({ outcome }) => outcome), expected, calls.map(({ result }) => result).join("\n"))
}

/** Asserts that none of these texts gave a word away. @param {string} word @param {string[]} texts */
function unknown(word, texts) {
  for (const text of texts) assert.ok(!text.includes(word), `"${word}" was given away: ${text}`)
}

function seconds(since = began) {
  return `${((Date.now() - since) / 1000).toFixed(1)} s`
}
