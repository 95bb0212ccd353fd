// The seeds of the fuzzer, in tests/fuzz/corpus: the shared cases of tests/cases as configurations, requests, histories and snapshots.

import { createHash } from "node:crypto"
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs"
import { Engine } from "../../js/engine.js"

const folder = new URL("../cases/", import.meta.url)
const cases = readdirSync(folder).filter((name) => name.endsWith(".json")).flatMap((name) => JSON.parse(readFileSync(new URL(name, folder), "utf8")))
const REQUEST = { callerAgent: "build", agent: "explorer", description: "Explore auth", prompt: "Look.", sessionID: "ses_root" }
const ASKED = { callerID: "ses_root", agent: "explorer", parts: [{ type: "text", text: "Look." }], permission: [], seed: "abcdefghijklmn" }
let written = 0

/** @param {string} target @param {string} text */
function seed(target, text) {
  const corpus = new URL(`./corpus/${target}/`, import.meta.url)
  mkdirSync(corpus, { recursive: true })
  writeFileSync(new URL(createHash("sha1").update(text).digest("hex"), corpus), text)
  written++
}

for (const { config = {}, error, steps = [] } of cases) {
  seed("config", JSON.stringify(config))
  if (error) continue
  const engine = new Engine(config)
  const tickets = new Map()
  const lines = [JSON.stringify(config)]
  for (const [index, step] of steps.entries()) {
    const now = step.now ?? 1000 + index
    const ticket = tickets.get(step.commit ?? step.refund ?? step.ask?.ticket)
    const event = step.apply ? { now, ...step.apply }
      : step.ask ? { type: "prompt.kept", now, ...ASKED, ...step.ask, ticket }
      : step.commit ? { type: "ticket.commit", now, ticket, sessionID: step.sessionID }
      : step.refund ? { type: "ticket.refund", now, ticket }
      : undefined
    const request = step.decide && { now, callID: `call_${index}`, ...REQUEST, ...step.decide }
    if (!event && !request) continue
    lines.push(JSON.stringify(event ?? request))
    if (request) seed("request", JSON.stringify(request))
    try {
      const decided = event ? engine.apply(event) : engine.decide(request)
      if (step.as) tickets.set(step.as, /** @type {any} */ (decided).decision.ticket)
    } catch {
      // A case of a refusal.
    }
  }
  if (lines.length > 1) seed("events", lines.join("\n"))
  seed("snapshot", engine.snapshot())
}
console.log(`${written} seeds`)
