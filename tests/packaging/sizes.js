// node tests/packaging/sizes.js [--write]: compares the package's sizes with sizes.json. A growth of more than a twentieth
// fails, and is not written, until the topmost section of CHANGELOG.md gives the new size, such as "the wasm is now 240 KB gzip".
// --write puts the figures into sizes.json and docs/benchmarks.md.

import assert from "node:assert/strict"
import { buildSync } from "esbuild"
import { readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { brotliCompressSync, gzipSync } from "node:zlib"
import { partOf, publish, read } from "../pages.js"
import { root, tarball } from "./project.js"

/** @typedef {{ raw: number, gzip: number, brotli?: number }} Size in bytes */
/** @typedef {Record<string, Size>} Sizes */

const FILE = fileURLToPath(new URL("sizes.json", import.meta.url))
const PAGE = "docs/benchmarks.md"

/** The largest growth that needs no entry in the change log. */
const GROWTH = 0.05

/** How close the size in the change log must be. */
const CLOSE = 0.01

/** The name of each size in the change log, and on the page. */
const NAMES = /** @type {Record<string, string>} */ ({
  tarball: "the tarball (raw: unpacked)",
  wasm: "the wasm, a file beside `opencode-delegate/web`",
  engine: "`opencode-delegate/engine` in a bundle, minified, with the wasm in it",
})

/** @param {Uint8Array} bytes @returns {Size} */
const sized = (bytes) => ({ raw: bytes.length, gzip: gzipSync(bytes, { level: 9 }).length, brotli: brotliCompressSync(bytes).length })

/** @returns {Sizes} */
export function measure() {
  const { outputFiles } = buildSync({ entryPoints: [join(root, "js/engine.js")], bundle: true, minify: true, format: "esm", platform: "node", write: false, logLevel: "error" })
  return {
    tarball: { raw: tarball.unpackedSize, gzip: tarball.size },
    wasm: sized(readFileSync(join(root, "pkg/opencode_delegate_bg.wasm"))),
    engine: sized(outputFiles[0].contents),
  }
}

/** @param {number} bytes */
const kb = (bytes) => Math.round(bytes / 1024)

/**
 * Every growth that the change log does not state, each with its remedy.
 * @param {Sizes} was @param {Sizes} is @param {string} changelog
 */
export function grown(was, is, changelog) {
  const newest = changelog.split(/^## /m)[1] ?? ""
  return Object.entries(is).flatMap(([name, { gzip }]) => {
    const before = was[name]?.gzip
    if (!before || gzip <= before * (1 + GROWTH)) return []
    const stated = [...newest.matchAll(new RegExp(`\\b${name}\\b[^.]*?\\b(\\d+) KB gzip`, "g"))].at(-1)
    if (stated && Math.abs(Number(stated[1]) - gzip / 1024) <= (gzip / 1024) * CLOSE) return []
    const more = ((gzip / before - 1) * 100).toFixed(1)
    return [`${name}: ${kb(gzip)} KB gzip, ${more} % larger than the ${kb(before)} KB of sizes.json. Make it smaller, or say in the topmost section of CHANGELOG.md why "the ${name} is now ${kb(gzip)} KB gzip", and run \`node tests/packaging/sizes.js --write\`.`]
  })
}

/** @param {Sizes} sizes */
function table(sizes) {
  const rows = Object.entries(sizes).map(([name, { raw, gzip, brotli }]) => `| ${NAMES[name]} | ${kb(raw)} KB | ${kb(gzip)} KB | ${brotli ? `${kb(brotli)} KB` : ""} |`)
  return ["| | raw | gzip | brotli |", "|---|---|---|---|", ...rows, ""].join("\n")
}

/** @returns {Sizes} */
const recorded = () => JSON.parse(readFileSync(FILE, "utf8"))

/** Fails for an unstated growth, and for a page with other sizes. */
export function guard() {
  const [was, is] = [recorded(), measure()]
  const faults = grown(was, is, readFileSync(join(root, "CHANGELOG.md"), "utf8"))
  const known = Object.keys(is).join() === Object.keys(was).join()
  if (!known || partOf(read(PAGE), "sizes") !== table(was)) faults.push("docs/benchmarks.md does not say what sizes.json says: run `node tests/packaging/sizes.js --write`.")
  if (faults.length) assert.fail(faults.join("\n"))
  return Object.entries(is).map(([name, { gzip }]) => `the ${name} ${kb(gzip)} KB gzip`).join(", ")
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const is = measure()
  const faults = grown(recorded(), is, readFileSync(join(root, "CHANGELOG.md"), "utf8"))
  console.log(table(is))
  if (faults.length) {
    console.error(faults.join("\n"))
    process.exitCode = 1
  } else if (process.argv.includes("--write")) {
    writeFileSync(FILE, `${JSON.stringify(is, undefined, 2)}\n`)
    publish(PAGE, "sizes", table(is))
  }
}
