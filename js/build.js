// Builds pkg/ from src: the wasm, its glue, the wasm as text for synchronous loading, and the types.
// `node js/build.js --check` builds elsewhere and fails unless every byte is that of pkg/.

import { execFileSync } from "node:child_process"
import { cpSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs"
import { homedir, tmpdir } from "node:os"
import { delimiter, join } from "node:path"
import { fileURLToPath } from "node:url"

const root = fileURLToPath(new URL("..", import.meta.url))
const pkg = join(root, "pkg")
const bin = join(root, "node_modules", ".bin")
const out = mkdtempSync(join(tmpdir(), "opencode-delegate-pkg-"))
process.on("exit", () => rmSync(out, { recursive: true, force: true }))

// Without this the wasm would hold paths of this machine, and each build would differ.
const cargo = process.env.CARGO_HOME ?? join(homedir(), ".cargo")
execFileSync("cargo", ["fetch", "--locked"], { cwd: root, stdio: "inherit" })
const registries = join(cargo, "registry", "src")
const remap = [...readdirSync(registries).map((name) => [join(registries, name), "crates"]), [root, ""]]

const wasmPack = ["build", "--target", "web", "--release", "--mode", "no-install", "--no-pack", "--out-dir", out]
execFileSync("wasm-pack", [...wasmPack, "--", "--locked"], {
  cwd: root,
  stdio: "inherit",
  env: {
    ...process.env,
    PATH: [bin, join(cargo, "bin"), process.env.PATH].join(delimiter),
    // The wasm is a tenth smaller than at "s". What a decision takes more is lost in the milliseconds of a delegation.
    CARGO_PROFILE_RELEASE_OPT_LEVEL: "z",
    // SHA-256 without unrolled rounds: an id needs a single block.
    CARGO_ENCODED_RUSTFLAGS: ['--cfg=sha2_backend_soft="compact"', ...remap.map(([from, to]) => `--remap-path-prefix=${from}=${to}`)].join("\x1f"),
  },
})
// This file would keep everything out of the package.
rmSync(join(out, ".gitignore"), { force: true })

const wasm = readFileSync(join(out, "opencode_delegate_bg.wasm"))
writeFileSync(join(out, "opencode_delegate_inline.js"), `export default "${wasm.toString("base64")}"\n`)
writeFileSync(join(out, "opencode_delegate_inline.d.ts"), "declare const base64: string\nexport default base64\n")
// The types for consumers: the data without the glue, which needs types of a browser and of later TypeScript.
const glue = readFileSync(join(out, "opencode_delegate.d.ts"), "utf8")
writeFileSync(join(out, "opencode_delegate_types.d.ts"), glue.slice(0, glue.lastIndexOf("/**", glue.indexOf("export class "))))

// OpenCode 1.14 follows the imports of types, and fails to load a package without the file.
writeFileSync(join(out, "opencode_delegate_types.js"), "export {}\n")

if (!process.argv.includes("--check")) replace()

// The types of the entries, from their JSDoc, lie one folder deeper than their imports from pkg/.
const types = join(out, "types")
const tsc = ["--declaration", "--emitDeclarationOnly", "--noEmit", "false", "--outDir", types]
execFileSync(join(bin, "tsc"), ["-p", join(root, "js"), ...tsc], { stdio: "inherit" })
// Only the entries and the API have types for consumers.
const INNER = ["build.d.ts", "core", "opencode1", "opencode2", "compose/compose.d.ts", "compose/described_tools.d.ts", "compose/forwarded.d.ts", "compose/index.d.ts", "compose/load.d.ts", "compose/nicknames.d.ts", "compose/omo.d.ts", "compose/orchestrator.d.ts", "compose/setup.d.ts", "compose/slim.d.ts", "tui", "doctor", "doctor.d.ts", "load_engine.d.ts", "playground", "api/call.d.ts", "api/engine_options.d.ts", "api/json.d.ts"]
for (const inner of INNER) rmSync(join(types, inner), { recursive: true, force: true })
for (const file of files(types)) {
  writeFileSync(join(types, file), readFileSync(join(types, file), "utf8").replaceAll(/"((?:\.\.\/)+)pkg\//g, '"$1'))
}

if (process.argv.includes("--check")) check()
else replace()

function replace() {
  rmSync(pkg, { recursive: true, force: true })
  cpSync(out, pkg, { recursive: true })
}

function check() {
  const names = [...new Set([...files(out), ...files(pkg)])].sort()
  const differ = names.filter((name) => {
    const [built, committed] = [out, pkg].map((folder) => (files(folder).includes(name) ? readFileSync(join(folder, name)) : Buffer.from("none")))
    return !built.equals(committed)
  })
  if (differ.length) {
    console.error(`pkg/ is not what src builds: ${differ.join(", ")}. Run \`npm run build\` and commit pkg/.`)
    process.exit(1)
  }
  console.log(`pkg/ is what src builds: ${names.length} files, every byte`)
}

/** @param {string} folder */
function files(folder) {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true })
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath ?? entry.path, entry.name).slice(folder.length + 1))
}
