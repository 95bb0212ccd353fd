// The model of OpenCode is fit for a browser: bundled, it needs nothing but the language and what every browser has.

import assert from "node:assert/strict"
import { execFileSync } from "node:child_process"
import { mkdtempSync, readFileSync, readdirSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { after, it } from "node:test"
import { fileURLToPath } from "node:url"
import { createContext, runInContext } from "node:vm"

const root = fileURLToPath(new URL("../..", import.meta.url))
const playground = join(root, "js", "playground")
const folder = mkdtempSync(join(tmpdir(), "opencode-delegate-browser-"))
after(() => rmSync(folder, { recursive: true, force: true }))

it("imports nothing but its own modules", () => {
  const files = readdirSync(playground)
  const imported = files.flatMap((file) => {
    const source = readFileSync(join(playground, file), "utf8").replaceAll(/\/\*[^]*?\*\/|^\s*\/\/.*$/gm, "")
    return [...source.matchAll(/(?:\bfrom|\bimport)\s*\(?\s*["']([^"']+)["']/g)].map(([, module]) => `${file} ${module}`)
  })
  assert.ok(imported.length > files.length, `${imported.length} imports`)
  assert.deepEqual(imported.filter((line) => !/ \.\/[\w-]+\.js$/.test(line)), [])
})

it("delegates where there is neither process nor Buffer nor require", async () => {
  const bundle = join(folder, "page.js")
  const bun = join(root, "node_modules", ".bin", "bun")
  execFileSync(bun, ["build", "tests/simulation/browser.js", "--target", "browser", "--format", "iife", "--outfile", bundle], { cwd: root, stdio: "pipe" })
  const page = createContext({ AbortController })
  runInContext(readFileSync(bundle, "utf8"), page)
  const { answer, heard } = await page.delegate(() => new Promise((resolve) => setImmediate(resolve)))
  assert.match(answer, /^<task id="ses_\w+" state="completed">\n<task_result>\nThe child's answer\./)
  assert.equal(heard[0], "session.created")
  assert.ok(heard.includes("task A root"), heard.join(", "))
})
