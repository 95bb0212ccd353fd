// The terminal half as it is installed from npm: both halves from one package, with none of this repository's packages near.

import assert from "node:assert/strict"
import { execFileSync } from "node:child_process"
import { mkdirSync, mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { describe, it } from "node:test"
import { fileURLToPath, pathToFileURL } from "node:url"
import { MISSING, open, script, task } from "./world.js"

const root = fileURLToPath(new URL("../..", import.meta.url))

describe("The installed package", { skip: MISSING }, () => {
  it("Both halves of the installed package work, named by its folder", async (t) => {
    const home = mkdtempSync(join(tmpdir(), "delegate-installed-"))
    t.after(() => rmSync(home, { recursive: true, force: true }))
    const installed = join(home, "node_modules", "opencode-delegate")
    mkdirSync(installed, { recursive: true })
    const [{ filename }] = JSON.parse(execFileSync("npm", ["pack", "--json", "--ignore-scripts", "--pack-destination", home], { cwd: root, encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }))
    execFileSync("tar", ["-xzf", join(home, filename), "--strip-components", "1", "-C", installed])
    const url = pathToFileURL(installed).href
    const { look, list, keys, see, faults, typePrompt } = await open(t, { plugin: [url], tui: [url] })
    await typePrompt(script(task("explorer", "Explore auth", [{ say: "Read." }], "explore-auth"), { say: "The turn is over." }))
    await look("installed-160", /▼ Delegations[^]*✓ explore-auth/)
    await list()
    await keys("C-e")
    await see("R5, spawn")
    assert.deepEqual(faults(), [])
  })
})
