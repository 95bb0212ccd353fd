// The packed tarball in an empty project: loaded, then bundled, moved, and loaded again, with the sources out of reach.

import assert from "node:assert/strict"
import { execFileSync } from "node:child_process"
import { mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"

const root = fileURLToPath(new URL("../..", import.meta.url))
const bun = join(root, "node_modules", ".bin", "bun")
const base = mkdtempSync(join(tmpdir(), "opencode-delegate-packaging-"))
process.on("exit", () => rmSync(base, { recursive: true, force: true }))
const project = join(base, "project")
const moved = join(base, "elsewhere")

/** @param {string} command @param {string[]} args @param {string} cwd */
const run = (command, args, cwd) => execFileSync(command, args, { cwd, encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] })

const [{ filename, files, size }] = JSON.parse(run("npm", ["pack", "--json", "--pack-destination", base], root))
const names = files.map((/** @type {{ path: string }} */ { path }) => path)
for (const needed of ["LICENSE", "README.md", "js/plugin.js", "js/slim.js", "js/compose.js", "js/engine.js", "js/web.js", "pkg/opencode_delegate_bg.wasm", "pkg/opencode_delegate_inline.js", "pkg/types/engine.d.ts", "pkg/types/web.d.ts"]) {
  assert.ok(names.includes(needed), `the tarball lacks ${needed}`)
}
for (const name of names) assert.match(name, /^(js\/(host\/)?[a-z]+\.js|pkg\/.*|CHANGELOG\.md|LICENSE|README\.md|package\.json)$/, "does not belong in the tarball")
assert.ok(!names.includes("js/build.js"), "the build does not belong in the tarball")

execFileSync("mkdir", [project])
writeFileSync(join(project, "package.json"), JSON.stringify({ name: "consumer", type: "module", private: true }))
run("npm", ["install", "--no-audit", "--no-fund", "--ignore-scripts", join(base, filename)], project)
writeFileSync(
  join(project, "index.js"),
  `import { Engine } from "opencode-delegate/engine"
import { withDelegation } from "opencode-delegate/compose"
import * as plugin from "opencode-delegate"
import * as slim from "opencode-delegate/slim"
for (const module of [plugin, slim]) {
  if (Object.keys(module).join() !== "default" || Object.keys(module.default).join() !== "id,server") throw new Error("not a plugin module")
}
if (withDelegation(plugin.default).id !== plugin.default.id) throw new Error("not composed")
const request = { now: 0, callID: "c", sessionID: "ses_root", agent: "explorer", description: "Explore auth", prompt: "Look." }
console.log(new Engine().decide(request).sessionID)
`,
)
const told = "ses_b1eb_explore-auth\n"
assert.equal(run(process.execPath, ["index.js"], project), told, "Node loads it")
assert.equal(run(bun, ["index.js"], project), told, "Bun loads it")
run(bun, ["build", "index.js", "--target=node", "--outfile=bundle/out.mjs"], project)
renameSync(join(project, "bundle"), moved)
rmSync(project, { recursive: true })
assert.deepEqual(readdirSync(moved), ["out.mjs"])
assert.equal(run(process.execPath, ["out.mjs"], moved), told, "Node loads the bundle")
assert.equal(run(bun, ["out.mjs"], moved), told, "Bun loads the bundle")
console.log(`The tarball (${names.length} files, ${(size / 1024).toFixed(0)} KB) installs, loads, and bundles: 5 passed, 0 failed`)
