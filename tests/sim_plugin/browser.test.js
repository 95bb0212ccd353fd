// The model of OpenCode runs in a browser: its bundle needs only the language and the browser's own functions.

import assert from "node:assert/strict"
import { execFileSync } from "node:child_process"
import { mkdtempSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { after, it } from "node:test"
import { fileURLToPath } from "node:url"
import { createContext, runInContext } from "node:vm"

const root = fileURLToPath(new URL("../..", import.meta.url))
const model = join(root, "js", "playground", "opencode")
const folder = mkdtempSync(join(tmpdir(), "opencode-delegate-browser-"))
after(() => rmSync(folder, { recursive: true, force: true }))

it("The model of OpenCode imports only its own modules", () => {
  const files = new Set(["host.js"])
  for (const file of files) {
    const source = readFileSync(join(model, file), "utf8").replaceAll(/\/\*[^]*?\*\/|^\s*\/\/.*$/gm, "")
    for (const [, module = ""] of source.matchAll(/(?:\bfrom|\bimport)\s*\(?\s*["']([^"']+)["']/g)) {
      assert.match(module, /^\.\/[\w-]+\.js$/, file)
      files.add(module.slice(2))
    }
  }
  assert.ok(files.size > 5, [...files].join(", "))
})

it("The plugin delegates without process, Buffer and require", async () => {
  const bundle = join(folder, "page.js")
  const bun = join(root, "node_modules", ".bin", "bun")
  execFileSync(bun, ["build", "tests/sim_plugin/browser.js", "--target", "browser", "--format", "iife", "--outfile", bundle], { cwd: root, stdio: "pipe" })
  const page = createContext({ AbortController })
  runInContext(readFileSync(bundle, "utf8"), page)
  const { answer, heard } = await page.delegate(() => new Promise((resolve) => setImmediate(resolve)))
  assert.match(answer, /^<task id="ses_\w+" state="completed">\n<task_result>\nThe child's answer\./)
  assert.equal(heard[0], "session.created")
  assert.ok(heard.includes("task A root"), heard.join(", "))
})
