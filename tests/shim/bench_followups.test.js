// The measure of follow-ups, on a folder of two episodes of which the result is known. Runs under Node and Bun.

import assert from "node:assert/strict"
import { execFileSync } from "node:child_process"
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { it } from "node:test"
import { fileURLToPath } from "node:url"

const ROOT = fileURLToPath(new URL("../..", import.meta.url))

/** The output for episodes. @param {object[]} episodes */
function measure(episodes) {
  const { scripts } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8"))
  const [, file] = scripts["bench:followups"].split(" ")
  const folder = mkdtempSync(join(tmpdir(), "opencode-delegate-followups-"))
  try {
    writeFileSync(join(folder, "small.jsonl"), episodes.map((episode) => `${JSON.stringify(episode)}\n`).join(""))
    return execFileSync(process.execPath, [join(ROOT, file), folder], { encoding: "utf8" })
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

it("A folder of episodes is measured with the engine itself", () => {
  const sessions = [
    { description: "Explore token refresh", prompt: "", files: ["src/auth/token.rs"], last_used: 1_000 },
    { description: "Write docs", prompt: "", files: ["docs/index.md"], last_used: 2_000 },
  ]
  const episode = (/** @type {string} */ description, /** @type {number | null} */ expect) => ({ id: description, now: 3_000, sessions, request: { description, prompt: "" }, expect })
  const text = measure([episode("Fix token refresh in auth", 0), episode("More docs", 0), episode("Bake a cake", null)])
  assert.match(text, /## small: 3 episodes, 2 with a label\n\ntop-1 0\.500, top-2 1\.000\n/)
  // One call resumes what it should, one another session, and new work resumes none.
  assert.match(text, /\| 0\.5 \| 2 \| 1 \| 0\.500 \| 0\.500 \|/)
  assert.match(text, /## all: 3 episodes/)
  assert.match(text, /\| 0\.95 to 1 \| 2 \|/)
})
