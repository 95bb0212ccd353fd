// `npm run bench:followups -- FOLDER`: how well the engine finds the session that a request follows up, for each repository of a
// folder of episodes and for all. An episode is a line of a .jsonl file: `{ id, now, sessions, request, expect }`. `sessions` have
// `description`, `prompt`, `files` and `last_used`; `expect` is the index of the session that is followed up, or null for new work.
//
// The engine is the package's own: each episode's sessions are reported to it as a host reports them. The weights are fixed, so
// nothing is fitted here, and no repository is left out.

import { readFileSync, readdirSync } from "node:fs"
import { join } from "node:path"
import { Engine } from "../../js/engine.js"

/**
 * @typedef {{ description: string, prompt: string }} Asked
 * @typedef {Asked & { files: string[], last_used: number }} Resident
 * @typedef {{ id: string, now: number, sessions: Resident[], request: Asked, expect: number | null }} Episode
 * @typedef {{ ranked: { index: number, confidence: number }[], resumed: (number | undefined)[], expect: number | null }} Outcome
 */

const THRESHOLDS = [0.5, 0.6, 0.7, 0.8, 0.9, 0.95]
const BINS = [0, 0.2, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 1.001]
const [ROOT, AGENT] = ["ses_root", "worker"]
const idOf = (/** @type {number} */ index) => `ses_${index}`
const indexOf = (/** @type {string} */ id) => Number(id.slice(4))

/** An engine that knows the sessions of an episode. @param {Episode} episode @param {number | false} auto_resume */
function engineOf({ sessions }, auto_resume) {
  // The episodes last for months: a session's age decides nothing here.
  const engine = new Engine({ auto_resume, resume_ttl_ms: Number.MAX_SAFE_INTEGER })
  sessions.forEach(({ description, prompt, files, last_used }, index) => {
    engine.apply({ type: "session.created", now: last_used, session: { id: idOf(index), parentID: ROOT, agent: AGENT, description, prompt } })
    engine.apply({ type: "session.touched", now: last_used, sessionID: idOf(index), files: USES_FILES ? files : [] })
  })
  return engine
}

/** @param {Episode} episode @returns {Outcome} */
function play(episode) {
  const { now, request: { description, prompt }, expect } = episode
  const request = { sessionID: ROOT, agent: AGENT, description, prompt }
  const ranked = engineOf(episode, false).rank(request).map(({ sessionID, confidence }) => ({ index: indexOf(sessionID), confidence }))
  const resumed = THRESHOLDS.map((threshold) => {
    const { decision } = engineOf(episode, threshold).decide({ ...request, now, callID: "call" })
    return decision.action === "resume" ? indexOf(decision.sessionID) : undefined
  })
  return { ranked, resumed, expect }
}

const share = (/** @type {number} */ part, /** @type {number} */ all) => (all ? (part / all).toFixed(3) : "-")

/** @param {string} name @param {Outcome[]} outcomes */
function print(name, outcomes) {
  const labelled = outcomes.filter(({ expect }) => expect !== null)
  const within = (/** @type {number} */ most) => labelled.filter(({ ranked, expect }) => ranked.slice(0, most).some(({ index }) => index === expect)).length
  console.log(`\n## ${name}: ${outcomes.length} episodes, ${labelled.length} with a label\n`)
  console.log(`top-1 ${share(within(1), labelled.length)}, top-2 ${share(within(2), labelled.length)}\n`)
  console.log("| auto_resume | resumed | right | precision | recall |\n|---|---|---|---|---|")
  THRESHOLDS.forEach((threshold, at) => {
    const resumed = outcomes.filter((outcome) => outcome.resumed[at] !== undefined)
    const right = resumed.filter((outcome) => outcome.resumed[at] === outcome.expect).length
    console.log(`| ${threshold} | ${resumed.length} | ${right} | ${share(right, resumed.length)} | ${share(right, labelled.length)} |`)
  })
}

/** Prints how often the best candidate is right, beside its confidence. @param {Outcome[]} outcomes */
function calibrate(outcomes) {
  const best = outcomes.flatMap(({ ranked: [first], expect }) => (first ? [{ ...first, right: first.index === expect }] : []))
  console.log("\n## Calibration of the best candidate, all repositories\n\n| confidence | episodes | mean confidence | right |\n|---|---|---|---|")
  let off = 0
  BINS.slice(0, -1).forEach((from, at) => {
    const of = best.filter(({ confidence }) => confidence >= from && confidence < BINS[at + 1])
    if (!of.length) return
    const [mean, right] = [of.reduce((sum, { confidence }) => sum + confidence, 0) / of.length, of.filter(({ right }) => right).length / of.length]
    off += Math.abs(mean - right) * of.length / best.length
    console.log(`| ${from} to ${Math.min(1, BINS[at + 1])} | ${of.length} | ${mean.toFixed(3)} | ${right.toFixed(3)} |`)
  })
  console.log(`\nMean distance between confidence and share of right ones: ${off.toFixed(3)}`)
}

const [folder, ...flags] = process.argv.slice(2)
const USES_FILES = !flags.includes("--no-files")
const names = folder ? readdirSync(folder).filter((name) => name.endsWith(".jsonl")).sort() : []
if (!names.length) {
  console.error("usage: npm run bench:followups -- FOLDER [--no-files]\nFOLDER holds episodes, one a line, in files that end with .jsonl.")
  process.exit(1)
}
const all = names.flatMap((name) => {
  const lines = readFileSync(join(folder, name), "utf8").split("\n").filter(Boolean)
  const outcomes = lines.map((line) => play(JSON.parse(line)))
  print(name.replace(/\.jsonl$/, ""), outcomes)
  return outcomes
})
print("all", all)
calibrate(all)
