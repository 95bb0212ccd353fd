// The published package, before it is loaded: the tarball's list, its sizes, its package.json and its types.

import assert from "node:assert/strict"
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { compare } from "./contents.js"
import { editor } from "./editor.js"
import { bin, devDependencies, own, project, root, run, tarball } from "./project.js"
import { grown, guard } from "./sizes.js"

/** The options of both module resolutions. */
const STRICT = ["--ignoreConfig", "--noEmit", "--strict", "--noUncheckedIndexedAccess", "--exactOptionalPropertyTypes", "--skipLibCheck", "false", "--target", "es2022"]
const RESOLUTIONS = { NodeNext: ["--module", "nodenext", "--moduleResolution", "nodenext"], Bundler: ["--module", "esnext", "--moduleResolution", "bundler"] }

/** The consumers of types, and their other packages. @type {[string, string, string[], string[]][]} */
const CONSUMERS = [
  ["the engine, with nothing else installed", "alone.ts", [], ["--lib", "es2022"]],
  ["the engine for browsers, with nothing else installed", "page.ts", [], ["--lib", "es2022,dom"]],
  ["the plugins, with @opencode-ai/plugin", "plugins.ts", ["@opencode-ai/plugin", "@types/node"], ["--lib", "es2022,dom", "--types", "node"]],
]

/** A change log, the sizes before and after, and the guard's complaint. @type {[string, string, number, number, RegExp?][]} */
const GROWTHS = [
  ["as large", "", 1000, 1000],
  ["smaller", "", 1000, 900],
  ["a twentieth larger", "", 1000, 1050],
  ["more than that, and the change log is silent", "", 1000, 1051, /^wasm: 1051 KB gzip, 5\.1 % larger than the 1000 KB/],
  ["the change log gives the size", "- The wasm is now 1 % off:\n  1490 KB gzip, for the prompts.", 1000, 1500],
  ["the change log gives another size", "- The wasm is now 1480 KB gzip.", 1000, 1500, /50\.0 %/],
  ["the change log gave that size first, and then another", "- The wasm is now 1500 KB gzip.\n- The wasm is now 900 KB gzip.", 1000, 1500, /50\.0 %/],
  ["an earlier section gives the size", "- None.\n\n## 0.1.0\n\n- The wasm is now 1500 KB gzip.", 1000, 1500, /50\.0 %/],
  ["the change log gives the size of another part", "- The tarball is now 1500 KB gzip.", 1000, 1500, /50\.0 %/],
  ["there was no size before", "", 0, 10],
]

/** @type {[string, () => Promise<string | void>][]} */
export const published = [
  ["The tarball has the files that its exports reach, and no other", async () => compare()],
  ["The tarball has the sizes in docs/benchmarks.md", async () => guard()],
  ["Growth fails unless the change log gives the new size", async () => {
    for (const [name, log, before, after, fault] of GROWTHS) {
      /** @type {import("./sizes.js").Sizes} */
      const was = before ? { wasm: { raw: 0, gzip: before * 1024 } } : {}
      const faults = grown(was, { wasm: { raw: 0, gzip: after * 1024 } }, `# Changelog\n\n## 0.2.0\n\n${log}\n`)
      if (fault) assert.match(faults.join(), fault, name)
      else assert.deepEqual(faults, [], name)
    }
    return `${GROWTHS.length} cases`
  }],
  ["publint", async () => {
    const folder = join(await project("modules"), "node_modules", "opencode-delegate")
    const said = await run(own("publint"), ["run", folder, "--strict", "--pack", "false"], folder)
    assert.match(said, /All good!/)
  }],
  ["An editor with the JSON Schema", editor],
  // esm-only leaves out `require` in a resolution older than Node 20.19, and the resolution before exports.
  ["Are the types wrong", async () => {
    const said = await run(own("attw"), [tarball.path, "--profile", "esm-only", "--exclude-entrypoints", "opencode_delegate_bg.wasm", "schema/options.json", "schema/opencode.json", "--format", "json"], root)
    const { analysis } = JSON.parse(said)
    assert.deepEqual(Object.keys(analysis.entrypoints).sort(), Object.keys(JSON.parse(readFileSync(join(root, "package.json"), "utf8")).exports).filter((name) => !/\.(wasm|json)$/.test(name)).sort())
  }],
  ...CONSUMERS.map(([name, file, others, options]) => /** @type {[string, () => Promise<string | void>]} */ ([
    `TypeScript, ${name}`,
    async () => {
      const folder = await project("types", others.map((other) => `${other}@${devDependencies[other]}`))
      for (const resolution of Object.values(RESOLUTIONS)) await run(bin("tsc"), [...STRICT, ...resolution, ...options, file], folder)
      return Object.keys(RESOLUTIONS).join(", ")
    },
  ])),
]
