// A package registry on this machine, which has a few packages and asks no other registry.

import { execFileSync } from "node:child_process"
import { createHash } from "node:crypto"
import { once } from "node:events"
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { createServer } from "node:http"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"

const root = fileURLToPath(new URL("../..", import.meta.url))
const base = mkdtempSync(join(tmpdir(), "opencode-delegate-registry-"))
process.on("exit", () => rmSync(base, { recursive: true, force: true, maxRetries: 3 }))

/** Packs a folder as npm publishes it. @param {string} folder */
function pack(folder) {
  const report = execFileSync("npm", ["pack", "--json", "--ignore-scripts", "--pack-destination", base], { cwd: folder, encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] })
  return join(base, JSON.parse(report)[0].filename)
}

/** A copy of a package with a changed package.json, packed. @param {string} from a folder or a tarball @param {(manifest: any, folder: string) => void} change */
function changed(from, change) {
  const folder = join(mkdtempSync(join(base, "changed-")), "package")
  if (from.endsWith(".tgz")) execFileSync("tar", ["-xzf", from, "-C", join(folder, "..")])
  else cpSync(from, folder, { recursive: true, dereference: true, filter: (path) => !path.slice(from.length).includes("node_modules") })
  const file = join(folder, "package.json")
  const manifest = JSON.parse(readFileSync(file, "utf8"))
  change(manifest, folder)
  writeFileSync(file, JSON.stringify(manifest))
  const tarball = join(folder, "..", "changed.tgz")
  execFileSync("tar", ["-czf", tarball, "-C", join(folder, ".."), "package"])
  return tarball
}

/** The terminal half of a package that has none yet. */
const STAND_IN = 'export default { id: "opencode-delegate", tui: async () => {} }\n'

/** This package as it is published, with a terminal half. @param {string} [version] another version than its own */
export function ours(version) {
  return changed(pack(root), (manifest, folder) => {
    manifest.version = version ?? manifest.version
    if (manifest.exports["./tui"]) return
    manifest.exports["./tui"] = "./js/tui.js"
    writeFileSync(join(folder, "js/tui.js"), STAND_IN)
  })
}

/** Slim without the packages that it loads late: no test here needs them. */
export const slim = () => changed(join(root, "node_modules/oh-my-opencode-slim"), (manifest) => {
  for (const field of ["dependencies", "optionalDependencies", "peerDependencies", "devDependencies", "scripts"]) delete manifest[field]
})

/** The packages that this one needs. */
export const needed = () => Object.keys(JSON.parse(readFileSync(join(root, "package.json"), "utf8")).dependencies).map((name) => pack(join(root, "node_modules", name)))

/**
 * @param {string[]} tarballs
 * @returns {Promise<{ url: string, close(): Promise<void> }>}
 */
export async function startRegistry(tarballs) {
  const packages = new Map(tarballs.map((path) => {
    const bytes = readFileSync(path)
    const manifest = JSON.parse(execFileSync("tar", ["-xOzf", path, "package/package.json"], { encoding: "utf8" }))
    return [manifest.name, { manifest, bytes }]
  }))
  const server = createServer(({ url: path = "/" }, answer) => {
    const [name = "", file] = decodeURIComponent(path.slice(1)).split("/-/")
    const found = packages.get(name)
    if (!found) return void answer.writeHead(404, { "content-type": "application/json" }).end("{}")
    if (file) return void answer.end(found.bytes)
    const { manifest, bytes } = found
    const dist = { tarball: `${url}${name}/-/${name}-${manifest.version}.tgz`, integrity: `sha512-${createHash("sha512").update(bytes).digest("base64")}` }
    answer.setHeader("content-type", "application/json")
    answer.end(JSON.stringify({ name, "dist-tags": { latest: manifest.version }, versions: { [manifest.version]: { ...manifest, dist } } }))
  }).listen(0, "127.0.0.1")
  await once(server, "listening")
  const url = `http://127.0.0.1:${/** @type {import("node:net").AddressInfo} */ (server.address()).port}/`
  return {
    url,
    async close() {
      server.closeAllConnections()
      await once(server.close(), "close")
    },
  }
}
