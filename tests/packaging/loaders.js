// The programs that load the package. Each must give the same answers.

import assert from "node:assert/strict"
import { execFileSync } from "node:child_process"
import { cpSync, mkdirSync, readdirSync } from "node:fs"
import { join } from "node:path"
import { pathToFileURL } from "node:url"
import { AGENTS, boot, task } from "../e2e/fixture.js"
import { visit } from "./browser.js"
import { bin, devDependencies, leave, own, project, root, run, unbundled } from "./project.js"

const ANSWERS = "spawn ses_b1eb_explore-auth, resume ses_child, invalid_config nonsense"

const POLICY = "script-src 'self' 'wasm-unsafe-eval'"

/** The programs that run JavaScript, each with its arguments before a file's name. The oldest Nodes are those of `engines`. */
const node = [process.execPath]
const oldest = ["node-20", "node-22"].map((name) => [join(root, "tests/packaging/node_modules", name, "bin/node")])
const bun = [bin("bun")]
const deno = [own("deno"), "run", "--quiet", "--no-prompt", "--allow-read", "--allow-env", "--cached-only", "--node-modules-dir=manual"]

/** The programs whose binary npm may fail to fetch, if the platform or the registry has none. */
const FETCHED = [...oldest, deno]

/** The version of a program, or undefined if it is missing. @param {string[]} runner */
function version([command]) {
  try {
    return execFileSync(command, ["--version"], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }).match(/\d+\.\d+\.\d+/)?.[0]
  } catch {
    return undefined
  }
}

/**
 * A row for each program. It runs these files of a fixture, one after the other.
 * @param {string} what @param {[string, string[]][]} runners @param {string} fixture @param {string[]} files
 * @returns {[string, () => Promise<string | void>][]}
 */
const each = (what, runners, fixture, files) =>
  runners.map(([name, runner]) => [
    `${name} ${version(runner) ?? ""}, ${what}`,
    async () => {
      if (FETCHED.includes(runner) && !version(runner)) return "skipped: npm did not fetch its binary"
      const folder = await project(fixture)
      for (const file of files) assert.equal(await run(runner[0], [...runner.slice(1), file], folder), ANSWERS, file)
    },
  ])

/**
 * A row for a bundle for Node. Node and Bun run it.
 * @param {string} name @param {string} command @param {string[]} args @param {string} out
 * @returns {[string, () => Promise<string | void>]}
 */
const bundled = (name, command, args, out) => [
  name,
  async () => {
    const folder = await project("bundle")
    await run(command, [...args, `--outfile=bundle/${out}`], folder)
    const elsewhere = leave(folder, "bundle")
    assert.deepEqual(readdirSync(elsewhere), [out])
    for (const runner of [node, bun]) assert.equal(await run(runner[0], [out], elsewhere), ANSWERS, runner[0])
    return "in Node and Bun"
  },
]

/** The page without a bundler, built once. @type {string | undefined} */
let plain
const plainly = () => (plain ??= unbundled())

/** @type {[string, () => Promise<string | void>][]} */
export const loaders = [
  ...each("import", [["Node", node], ["Node", oldest[0]], ["Node", oldest[1]], ["Bun", bun], ["Deno", deno]], "modules", ["index.js", "web.js"]),
  ...each("require", [["Node", node], ["Node", oldest[0]], ["Node", oldest[1]], ["Bun", bun]], "require", ["index.cjs", "web.cjs"]),
  bundled("bun build for Node", bin("bun"), ["build", "index.js", "--target=node"], "out.mjs"),
  bundled("esbuild for Node, as a module", bin("esbuild"), ["index.js", "--bundle", "--platform=node", "--format=esm", "--log-level=error"], "out.mjs"),
  bundled("esbuild for Node, as CommonJS", bin("esbuild"), ["index.js", "--bundle", "--platform=node", "--format=cjs", "--log-level=error"], "out.cjs"),
  ["esbuild for browsers, in Chromium", async () => {
    const folder = await project("esbuild")
    await run(bin("esbuild"), ["main.js", "--bundle", "--format=esm", "--loader:.wasm=file", "--log-level=error", "--outdir=out"], folder)
    cpSync(join(folder, "index.html"), join(folder, "out/index.html"))
    assert.deepEqual(await visit(leave(folder, "out"), ["page"], POLICY), { page: ANSWERS })
  }],
  ["Vite for production, in Chromium, with a worker", async () => {
    const folder = await project("vite")
    await run(own("vite"), ["build", "--logLevel=error"], folder)
    assert.deepEqual(await visit(leave(folder, "dist"), ["page", "worker"], POLICY), { page: ANSWERS, worker: ANSWERS })
  }],
  ["No bundler, in Chromium, with a module worker", async () => {
    const said = await visit(plainly(), ["page", "worker"])
    assert.deepEqual(said, { inline: "ran", eval: "ran", page: ANSWERS, worker: ANSWERS })
  }],
  [`Chromium under ${POLICY}`, async () => {
    const said = await visit(plainly(), ["page", "worker"], POLICY)
    assert.deepEqual(said, { inline: "blocked", eval: "EvalError", page: ANSWERS, worker: ANSWERS })
    return "inline scripts and eval are refused"
  }],
  ["Chromium under script-src 'self', which forbids wasm", async () => {
    const said = await visit(plainly(), ["page", "worker"], "script-src 'self'")
    assert.deepEqual(said, { inline: "blocked", eval: "EvalError", page: "CompileError", worker: "CompileError" })
    return "refused, as it should be"
  }],
  [`OpenCode ${devDependencies["opencode-ai"]}, the plugin`, async () => {
    const installed = join(await project("modules"), "node_modules/opencode-delegate/js/plugin.js")
    const ends = /** @type {(() => Promise<void>)[]} */ ([])
    try {
      const { host, say } = await boot({ after: (/** @type {() => Promise<void>} */ end) => void ends.push(end) }, { plugin: [pathToFileURL(installed).href], agent: AGENTS })
      const results = await say(await host.session(), task("explorer", "Explore auth"), task("explorer", "Explore more", "Go on.", "explore auth"))
      assert.match(results, /explore-auth \(spawned[^]*explore-auth \(resumed/)
    } finally {
      for (const end of ends) await end()
    }
  }],
]
