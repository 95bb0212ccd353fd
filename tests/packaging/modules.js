// node tests/packaging/modules.js [--write]: where the bytes of the wasm go, by module of src and by crate. It needs what
// `npm run build` leaves in target/. --write puts the table into docs/benchmarks.md.

import assert from "node:assert/strict"
import { execFileSync } from "node:child_process"
import { mkdtempSync, readFileSync, rmSync } from "node:fs"
import { homedir, tmpdir } from "node:os"
import { delimiter, join } from "node:path"
import { publish } from "../pages.js"
import { root } from "./project.js"

/** The kinds of sections. */
const CUSTOM = 0
const CODE = 10
const DATA = 11

/** The share below which modules and crates stand in one row. */
const SMALL = 0.01

/**
 * Reads the sections of a wasm module. Source of the form: the WebAssembly core specification 2.0, "Binary Format".
 * @param {Uint8Array} bytes
 */
function sections(bytes) {
  const found = /** @type {{ kind: number, from: number, size: number }[]} */ ([])
  for (const at = reader(bytes, 8); at.place < bytes.length; ) {
    const kind = at.byte()
    const size = at.number()
    found.push({ kind, from: at.place, size })
    at.place += size
  }
  return found
}

/** Reads bytes, from a place on. @param {Uint8Array} bytes @param {number} place */
function reader(bytes, place) {
  const at = {
    place,
    byte: () => bytes[at.place++],
    number() {
      let [number, factor, byte] = [0, 1, 0]
      do {
        byte = at.byte()
        number += (byte & 127) * factor
        factor *= 128
      } while (byte & 128)
      return number
    },
    text() {
      const size = at.number()
      return new TextDecoder().decode(bytes.subarray(at.place, (at.place += size)))
    },
  }
  return at
}

/** The size of each function with its name, which is `undefined` if it has none. @param {Uint8Array} bytes */
function functions(bytes) {
  const all = sections(bytes)
  const names = new Map()
  let imports = 0
  for (const { kind, from, size } of all) {
    const at = reader(bytes, from)
    if (kind === 2) imports = importedFunctions(at)
    if (kind !== CUSTOM || at.text() !== "name") continue
    while (at.place < from + size) {
      const [part, length] = [at.byte(), at.number()]
      const end = at.place + length
      // Part 1 holds the names of functions.
      if (part === 1) for (let left = at.number(); left > 0; left--) names.set(at.number(), at.text())
      at.place = end
    }
  }
  const code = all.find(({ kind }) => kind === CODE)
  assert(code, "The wasm has no code.")
  const at = reader(bytes, code.from)
  return Array.from({ length: at.number() }, (_, index) => {
    const before = at.place
    const length = at.number()
    at.place += length
    return { name: /** @type {string | undefined} */ (names.get(imports + index)), size: at.place - before }
  })
}

/** How many functions a module imports: they are numbered first. @param {ReturnType<typeof reader>} at */
function importedFunctions(at) {
  let count = 0
  for (let left = at.number(); left > 0; left--) {
    at.text()
    at.text()
    assert.equal(at.byte(), 0, "The glue gives the wasm functions alone.")
    at.number()
    count++
  }
  return count
}

/** The module of src or the crate of a function: the first of src that its name has, or else the first crate. @param {string} [name] */
function owner(name = "") {
  const own = /\bopencode_delegate(?:\[\w+\])?::(\w+)/.exec(name)
  if (own) return `module ${own[1]}`
  const path = /(\w+)(?:\[\w+\])?::/.exec(name)
  if (!path) return "the exported functions"
  // A method of a type that is built in has no crate.
  return /^<(str|char|bool|\[|[iuf]\d)/.test(name) && !/ as /.test(name) ? "crate core" : `crate ${path[1]}`
}

/** Builds the wasm of pkg/ again, with the names of its functions. */
function named() {
  const out = mkdtempSync(join(tmpdir(), "opencode-delegate-modules-"))
  const cargo = process.env.CARGO_HOME ?? join(homedir(), ".cargo")
  const env = { ...process.env, PATH: [join(root, "node_modules", ".bin"), join(cargo, "bin"), process.env.PATH].join(delimiter) }
  try {
    const built = join(root, "target/wasm32-unknown-unknown/release/opencode_delegate.wasm")
    execFileSync("wasm-bindgen", ["--keep-debug", "--target", "web", "--out-dir", out, built], { env, stdio: "inherit" })
    const passes = /^wasm-opt = (\[.*\])$/m.exec(readFileSync(join(root, "Cargo.toml"), "utf8"))
    assert(passes, "Cargo.toml names the passes of wasm-opt.")
    const options = JSON.parse(passes[1]).filter((/** @type {string} */ pass) => pass !== "--strip-debug")
    const wasm = join(out, "named.wasm")
    execFileSync("wasm-opt", [join(out, "opencode_delegate_bg.wasm"), "-g", ...options, "-o", wasm], { env, stdio: "inherit" })
    return readFileSync(wasm)
  } finally {
    rmSync(out, { recursive: true, force: true })
  }
}

/** @param {Uint8Array} bytes @param {number} kind */
const size = (bytes, kind) => sections(bytes).find((section) => section.kind === kind)?.size ?? 0

/** The rows of the table, the largest first. @param {Uint8Array} bytes */
function rows(bytes) {
  const owners = /** @type {Record<string, { size: number, count: number }>} */ ({})
  for (const { name, size } of functions(bytes)) {
    const of = (owners[owner(name)] ??= { size: 0, count: 0 })
    of.size += size
    of.count++
  }
  const data = size(bytes, DATA)
  const all = [...Object.entries(owners).map(([name, of]) => ({ name, ...of })), { name: "data: texts and tables", size: data, count: 0 }]
  const total = all.reduce((sum, { size }) => sum + size, 0)
  const [large, small] = [all.filter(({ size }) => size >= SMALL * total), all.filter(({ size }) => size < SMALL * total)]
  const rest = small.reduce((sum, { size, count }) => ({ size: sum.size + size, count: sum.count + count }), { size: 0, count: 0 })
  large.sort((one, other) => other.size - one.size)
  return [...large, { name: "others, each less than 1 %", ...rest }].map((row) => ({ ...row, share: row.size / total }))
}

const bytes = named()
const committed = readFileSync(join(root, "pkg/opencode_delegate_bg.wasm"))
assert.equal(size(bytes, CODE), size(committed, CODE), "target/ is of another build than pkg/. Run `npm run build` first.")
const lines = rows(bytes).map(({ name, size, count, share }) => `| ${name} | ${(size / 1024).toFixed(0)} KB | ${(100 * share).toFixed(0)} % | ${count || ""} |`)
const text = ["| in the wasm | raw | share | functions |", "|---|---|---|---|", ...lines, ""].join("\n")
console.log(text)
if (process.argv.includes("--write")) publish("docs/benchmarks.md", "modules", text)
