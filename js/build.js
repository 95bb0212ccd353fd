// Builds pkg/ from src: the wasm, its glue, the wasm as text for synchronous loading, and the types.

import { execFileSync } from "node:child_process"
import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs"
import { homedir } from "node:os"
import { delimiter, join } from "node:path"
import { fileURLToPath } from "node:url"

const root = fileURLToPath(new URL("..", import.meta.url))
const pkg = process.argv[2] ?? join(root, "pkg")

// Paths of this machine would otherwise stand in the wasm and make each build another.
const cargo = process.env.CARGO_HOME ?? join(homedir(), ".cargo")
const registries = join(cargo, "registry", "src")
execFileSync("cargo", ["fetch", "--locked"], { cwd: root, stdio: "inherit" })
const remap = [...readdirSync(registries).map((name) => [join(registries, name), "crates"]), [root, ""]]

rmSync(pkg, { recursive: true, force: true })
mkdirSync(pkg, { recursive: true })
const build = ["build", "--target", "web", "--release", "--mode", "no-install", "--no-pack", "--out-dir", pkg]
execFileSync("wasm-pack", [...build, "--", "--locked"], {
  cwd: root,
  stdio: "inherit",
  env: {
    ...process.env,
    PATH: [join(root, "node_modules", ".bin"), join(cargo, "bin"), process.env.PATH].join(delimiter),
    CARGO_ENCODED_RUSTFLAGS: remap.map(([from, to]) => `--remap-path-prefix=${from}=${to}`).join("\x1f"),
  },
})
rmSync(join(pkg, ".gitignore"), { force: true })

const wasm = readFileSync(join(pkg, "opencode_delegate_bg.wasm"))
writeFileSync(join(pkg, "opencode_delegate_inline.js"), `export default "${wasm.toString("base64")}"\n`)
