// OpenCode's own command installs the package from a registry, alone and beside slim.

import assert from "node:assert/strict"
import { execFile } from "node:child_process"
import { existsSync, readFileSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs"
import { delimiter, join } from "node:path"
import { after, before, describe, it } from "node:test"
import { promisify } from "node:util"
import { startModel } from "../host/model.js"
import { binary, startHost } from "../host/opencode.js"
import { makeHome, runToEnd } from "../host/process.js"
import { projectFile, talk, task } from "../e2e/fixture.js"
import { needed, ours, slim, startRegistry } from "./registry.js"

/** Runs a program while the registry answers. */
const run = promisify(execFile)

const [OURS, SLIM] = ["opencode-delegate", "oh-my-opencode-slim"]
const QUIET = Object.fromEntries(["AUTOUPDATE", "MODELS_FETCH", "LSP_DOWNLOAD", "DEFAULT_PLUGINS"].map((name) => [`OPENCODE_DISABLE_${name}`, "1"]))
const SLIM_CONFIG = { autoUpdate: false, disabled_mcps: ["context7", "gh_grep"], companion: { enabled: false } }

/** @type {Awaited<ReturnType<typeof startRegistry>>} */
let registry
before(async () => void (registry = await startRegistry([ours(), slim(), ...needed()])))
after(() => registry.close())

/** A fresh home in which OpenCode has installed these packages, in this order. @param {string[]} packages @param {Record<string, string>} [more] */
async function install(packages, more = { npm_config_registry: registry.url }) {
  const { home, directory, env } = makeHome()
  const where = { cwd: directory, env: { ...env, ...QUIET, ...more } }
  let said = ""
  for (const name of packages) said += await runToEnd(binary(), ["plugin", name, "-g"], where, "")
  const folder = join(env.XDG_CONFIG_HOME, "opencode")
  /** The entries of a file, whose end may be json or jsonc. @param {string} name */
  const entries = (name) => readdirSync(folder).filter((file) => [`${name}.json`, `${name}.jsonc`].includes(file)).map((file) => JSON.parse(readFileSync(join(folder, file), "utf8")).plugin)
  return { home, folder, env: where.env, said, entries, cache: join(env.XDG_CACHE_HOME, "opencode", "packages") }
}

/** Starts OpenCode in a home. @param {import("node:test").TestContext} t @param {string} home */
async function start(t, home) {
  const model = await startModel()
  const host = await startHost({ model, home, env: { npm_config_registry: registry.url }, files: { ".opencode/oh-my-opencode-slim.json": SLIM_CONFIG } })
  t.after(async () => {
    await host.stop()
    await model.close()
  })
  return { host, root: await host.session(), ...talk(host) }
}

describe("opencode plugin opencode-delegate -g", () => {
  it("One command installs both halves, and the next start names sessions", async (t) => {
    const { home, entries, cache, said } = await install([OURS])
    assert.match(said, /Detected server \+ tui targets/)
    assert.deepEqual(entries("opencode"), [[OURS]])
    assert.deepEqual(entries("tui"), [[OURS]])
    const modules = join(cache, `${OURS}@latest`, "node_modules")
    const { exports } = JSON.parse(readFileSync(join(modules, OURS, "package.json"), "utf8"))
    for (const half of ["./server", "./tui"]) assert.ok(existsSync(join(modules, OURS, exports[half].default ?? exports[half])), half)
    assert.ok(existsSync(join(modules, "jsonc-parser", "package.json")))
    assert.ok(!existsSync(join(modules, SLIM)), "an optional peer is not installed")
    const { host, root, say } = await start(t, home)
    assert.match(await say(root, task("general", "Explore auth", "Look.", "auth")), /task_id: auth \(spawned: /)
    assert.match(await say(root, task("general", "Go on", "More.", "auth")), /task_id: auth \(resumed: /)
    assert.doesNotMatch(host.log(), /opencode-delegate: /)
  })

  it("The registry of ~/.npmrc is the one that is asked", async () => {
    const { home, directory, env } = makeHome()
    writeFileSync(join(env.HOME ?? "", ".npmrc"), `registry=${registry.url}\n`)
    assert.ok(home)
    const said = await runToEnd(binary(), ["plugin", OURS, "-g"], { cwd: directory, env: { ...env, ...QUIET } }, "")
    assert.match(said, /Installed opencode-delegate/)
  })
})

describe("A newer version in the registry", () => {
  it("OpenCode keeps the installed version until a version is named", async (t) => {
    const newer = await startRegistry([ours("9.9.9"), ...needed()])
    t.after(newer.close)
    const { home, env, entries, cache } = await install([OURS])
    const versionIn = (/** @type {string} */ folder) => JSON.parse(readFileSync(join(cache, folder, "node_modules", OURS, "package.json"), "utf8")).version
    const again = (/** @type {string} */ name) => runToEnd(binary(), ["plugin", name, "-g", "-f"], { cwd: home, env: { ...env, npm_config_registry: newer.url } }, "")
    const was = versionIn(`${OURS}@latest`)
    await again(OURS)
    assert.equal(versionIn(`${OURS}@latest`), was)
    await again(`${OURS}@9.9.9`)
    assert.equal(versionIn(`${OURS}@9.9.9`), "9.9.9")
    for (const name of ["opencode", "tui"]) assert.deepEqual(entries(name), [[`${OURS}@9.9.9`]])
  })
})

describe("Slim and this package, each installed by OpenCode", () => {
  for (const order of [[OURS, SLIM], [SLIM, OURS]]) {
    it(`Both keep their entries in both files, and names are lost: ${order.join(", ")}`, async (t) => {
      const { home, entries } = await install(order)
      assert.deepEqual(entries("opencode"), [order])
      assert.deepEqual(entries("tui"), [order])
      const { root, say } = await start(t, home)
      assert.match(await say(root, task("explorer", "Explore auth", "Look.", "auth")), /task_id: explore-auth \(spawned: /)
    })
  }

  it("The doctor puts one entry in the place of both, and names resume", async (t) => {
    const { home, folder, entries, env } = await install([OURS, SLIM])
    await run("npm", ["install", "--prefix", folder, "--no-audit", "--no-fund", OURS, SLIM], { env, timeout: 100_000 })
    // The composed entry loads slim with the packages that it needs, which the registry here does not have.
    rmSync(join(folder, "node_modules", SLIM), { recursive: true })
    symlinkSync(projectFile(`node_modules/${SLIM}`), join(folder, "node_modules", SLIM))
    const doctor = join(folder, "node_modules", ".bin", OURS)
    const { stdout } = await run(doctor, ["doctor", "--fix"], { cwd: home, env: { ...env, PATH: `${join(binary(), "..")}${delimiter}${env.PATH}` } })
    assert.match(stdout, /"opencode-delegate" -> "\.\/node_modules\/opencode-delegate\/slim"[^]*Nothing is at fault\./)
    assert.deepEqual(entries("opencode"), [[`./node_modules/${OURS}/slim`]])
    assert.deepEqual(entries("tui"), [[OURS, SLIM]])
    const { root, say } = await start(t, home)
    assert.match(await say(root, task("explorer", "Explore auth", "Look.", "auth")), /task_id: auth \(spawned: /)
    // Slim lets a session be resumed once the orchestrator has seen its end.
    await say(root)
    assert.match(await say(root, task("explorer", "Go on", "More.", "auth")), /task_id: auth \(resumed: /)
  })
})
