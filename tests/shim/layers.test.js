// The layers of js/: an import leads down, to the face of a folder, and never in a circle. Runs under Node and Bun.

import assert from "node:assert/strict"
import { readFileSync, readdirSync } from "node:fs"
import { dirname, join, normalize, sep } from "node:path"
import { describe, it } from "node:test"
import { fileURLToPath } from "node:url"

/**
 * The layers, the lowest first. Each names a file or a folder of js/, and the layers and packages that it imports. A file belongs
 * to the deepest folder that is listed. Another layer sees of a folder only its index.js.
 * @type {[string, string[]][]}
 */
const LAYERS = [
  ["api", ["pkg"]],
  ["api.js", ["api"]],
  ["load_engine.js", ["node:", "pkg"]],
  ["engine.js", ["pkg", "api.js"]],
  ["web.js", ["pkg", "api.js"]],
  ["core/texts", ["api.js"]],
  ["core", ["node:", "api.js", "core/texts"]],
  ["opencode1/sdk", ["@opencode-ai/plugin", "api.js", "core"]],
  ["opencode1/sync", ["api.js", "core", "opencode1/sdk"]],
  ["opencode1/execute", ["node:", "@opencode-ai/plugin", "api.js", "core", "core/texts", "opencode1/sdk", "opencode1/sync"]],
  ["opencode1/hooks", ["@opencode-ai/plugin", "api.js", "core", "core/texts", "opencode1/sdk", "opencode1/sync", "opencode1/execute"]],
  ["opencode1", ["@opencode-ai/plugin", "api.js", "load_engine.js", "core", "core/texts", "opencode1/sdk", "opencode1/sync", "opencode1/execute", "opencode1/hooks"]],
  ["opencode2/sdk", ["api.js", "core"]],
  ["opencode2/subagent", ["api.js", "core", "core/texts", "opencode2/sdk"]],
  ["opencode2", ["api.js", "load_engine.js", "core", "core/texts", "opencode2/sdk", "opencode2/subagent"]],
  ["compose/description.js", ["api.js"]],
  ["compose", ["node:", "@opencode-ai/plugin", "api.js", "core", "opencode1", "opencode2", "compose/description.js"]],
  ["plugin.js", ["@opencode-ai/plugin", "opencode1", "opencode2"]],
  ["compose.js", ["@opencode-ai/plugin", "api.js", "compose/description.js", "compose"]],
  ["slim.js", ["@opencode-ai/plugin", "core", "opencode2", "compose"]],
  ["omo.js", ["@opencode-ai/plugin", "compose"]],
  ["orchestrator.js", ["@opencode-ai/plugin", "compose"]],
  ["tui/elements.js", ["@opentui/solid", "solid-js"]],
  ["tui/opencode1", ["@opencode-ai/plugin/tui", "core"]],
  ["tui/opencode2", ["@opencode-ai/plugin/tui", "@opentui/solid", "solid-js", "core", "tui/elements.js", "tui/opencode1"]],
  ["tui", ["@opencode-ai/plugin/tui", "@opentui/solid", "solid-js", "api.js", "engine.js", "core", "tui/elements.js", "tui/opencode1", "tui/opencode2"]],
  ["tui.js", ["@opencode-ai/plugin/tui", "tui"]],
  ["doctor", ["node:", "jsonc-parser", "yaml", "engine.js", "core", "opencode1/sync", "compose"]],
  ["doctor.js", ["doctor"]],
  ["playground/opencode", []],
  ["playground/stories", ["api.js", "web.js", "opencode1", "playground/opencode"]],
  ["playground/page", ["api.js", "web.js", "core/texts", "playground/stories"]],
  ["playground/build.js", ["node:", "esbuild"]],
  ["build.js", ["node:"]],
]

const NAMES = LAYERS.map(([name]) => name)

/** Comments that begin a line: sentences in them are no imports. */
const LINE_COMMENT = /^\s*\/\/.*$/gm
const BLOCK_COMMENT = /\/\*[^]*?\*\//g
const STATEMENT = /(?:^|[\n;])\s*(?:import|export)\b\s*(?:[\w$*{},\s]*?\bfrom\s*)?["']([^"']+)["']/g
const CALL = /\bimport\(\s*["']([^"']+)["']\s*\)/g

/** The modules that a source imports when it runs, and those that its types name. @param {string} source */
function importsOf(source) {
  const text = source.replace(LINE_COMMENT, "")
  const code = text.replace(BLOCK_COMMENT, "")
  const modules = (/** @type {string} */ within, /** @type {RegExp} */ pattern) => [...within.matchAll(pattern)].map(([, name]) => name)
  return { run: [...modules(code, STATEMENT), ...modules(code, CALL)], types: modules(text, CALL) }
}

/** The layer of a file, by its path in js/. @param {string} path */
function layerOf(path) {
  const holds = NAMES.filter((name) => path === name || path.startsWith(`${name}/`))
  return holds.sort((one, other) => other.length - one.length)[0]
}

/** The file that an import names, or undefined for a package. @param {string} path @param {string} name */
const target = (path, name) => (name.startsWith(".") ? normalize(join(dirname(path), name)).split(sep).join("/") : undefined)

/**
 * Every breach of the layers.
 * @param {Map<string, string>} files the sources, by path in js/
 * @param {[string, string[]][]} [layers]
 * @returns {string[]}
 */
function breaches(files, layers = LAYERS) {
  const found = layers.flatMap(([name, allowed], place) => allowed.flatMap((below) => {
    const at = layers.findIndex(([other]) => other === below)
    return at >= place ? [`the table lets ${name} import ${below}, which is not below it`] : []
  }))
  const allowed = new Map(layers)
  /** @type {Map<string, string[]>} */
  const graph = new Map()
  for (const [path, source] of files) {
    const layer = layerOf(path)
    if (!layer) {
      found.push(`${path} is in no layer`)
      continue
    }
    const { run, types } = importsOf(source)
    graph.set(path, run.flatMap((name) => target(path, name) ?? []))
    for (const name of new Set([...run, ...types])) {
      const file = target(path, name)
      const outside = file?.startsWith("../") ? file.split("/")[1] : file ? undefined : name.replace(/^node:.*/, "node:")
      if (outside !== undefined) {
        if (!allowed.get(layer)?.includes(outside)) found.push(`${path} imports ${name}, which ${layer} may not`)
        continue
      }
      const to = layerOf(/** @type {string} */ (file))
      if (!files.has(/** @type {string} */ (file))) found.push(`${path} imports ${name}, which is not there`)
      else if (to === layer) continue
      else if (!to || !allowed.get(layer)?.includes(to)) found.push(`${path} imports ${name}: ${layer} may not import ${to}`)
      else if (file !== to && file !== `${to}/index.js`) found.push(`${path} imports ${name} past the face of ${to}`)
    }
  }
  return [...found, ...circles(graph)]
}

/** The circles of files that import each other. @param {Map<string, string[]>} graph @returns {string[]} */
function circles(graph) {
  const done = new Set()
  const found = /** @type {string[]} */ ([])
  const visit = (/** @type {string} */ file, /** @type {string[]} */ way) => {
    const at = way.indexOf(file)
    if (at >= 0) return void found.push(`a circle: ${[...way.slice(at), file].join(" -> ")}`)
    if (done.has(file)) return
    for (const next of graph.get(file) ?? []) visit(next, [...way, file])
    done.add(file)
  }
  for (const file of graph.keys()) visit(file, [])
  return found
}

/** The sources of js/, by path. */
function sources() {
  const root = fileURLToPath(new URL("../../js/", import.meta.url))
  const names = readdirSync(root, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".js"))
  return new Map(names.map((name) => [name.split(sep).join("/"), readFileSync(join(root, name), "utf8")]))
}

describe("The layers of js/", () => {
  it("Every import leads down, to a face, and in no circle", () => assert.deepEqual(breaches(sources()), []))

  it("Every layer of the table holds a file", () => {
    const files = [...sources().keys()]
    assert.deepEqual(NAMES.filter((name) => !files.some((path) => layerOf(path) === name)), [])
  })
})

describe("A breach of the layers", () => {
  /** The name of the test, the sources that replace or add files, and the breach. @type {[string, Record<string, string>, string][]} */
  const CASES = [
    ["An import that leads up is a breach", { "core/host.js": 'import { bindClient } from "../opencode1/index.js"' }, 'core/host.js imports ../opencode1/index.js: core may not import opencode1'],
    ["An export that leads up is a breach", { "core/host.js": 'export { bindClient } from "../opencode1/index.js"' }, 'core/host.js imports ../opencode1/index.js: core may not import opencode1'],
    ["An import without names that leads up is a breach", { "api.js": 'import "./engine.js"' }, "api.js imports ./engine.js: api.js may not import engine.js"],
    ["A type that leads up is a breach", { "core/host.js": '/** @type {import("../opencode1/index.js").Delegation} */\nexport let one' }, "core/host.js imports ../opencode1/index.js: core may not import opencode1"],
    ["A late import that leads up is a breach", { "core/host.js": 'const late = () => import("../compose/index.js")' }, "core/host.js imports ../compose/index.js: core may not import compose"],
    ["An import past a face is a breach", { "opencode1/instance.js": 'import { Host } from "./sdk/client.js"' }, "opencode1/instance.js imports ./sdk/client.js past the face of opencode1/sdk"],
    ["A type past a face is a breach", { "slim.js": '/** @type {import("./core/host.js").Host} */\nlet one' }, "slim.js imports ./core/host.js past the face of core"],
    ["An import of a host's SDK into core is a breach", { "core/host.js": '/** @type {import("@opencode-ai/plugin").Hooks} */\nexport let one' }, "core/host.js imports @opencode-ai/plugin, which core may not"],
    ["An import of Node into the browser entry is a breach", { "web.js": 'import { join } from "node:path"' }, "web.js imports node:path, which web.js may not"],
    ["A file without a layer is a breach", { "utils/all.js": "" }, "utils/all.js is in no layer"],
    ["An import of a missing file is a breach", { "plugin.js": 'import { server } from "./opencode1/gone.js"' }, "plugin.js imports ./opencode1/gone.js, which is not there"],
    ["Two files that import each other are a breach", {
      "core/host.js": 'import { one } from "./other.js"', "core/other.js": 'import { two } from "./host.js"\nexport const one = 1',
    }, "a circle: core/host.js -> core/other.js -> core/host.js"],
    ["A file that imports itself over several lines is a breach", { "core/host.js": 'import {\n  one,\n} from "./host.js"' }, "a circle: core/host.js -> core/host.js"],
  ]
  for (const [name, changed, expected] of CASES) {
    it(name, () => {
      const found = breaches(new Map([...sources(), ...Object.entries(changed)]))
      assert.ok(found.includes(expected), found.join("\n"))
    })
  }

  it("A table that lets a layer import a higher one is a breach", () => {
    /** @type {[string, string[]][]} */
    const layers = [["api.js", ["core"]], ["core", ["api.js"]]]
    assert.deepEqual(breaches(new Map(), layers), ["the table lets api.js import core, which is not below it"])
  })

  it("An import in a comment is no import", () => {
    const source = '// Users write: import { Engine } from "../opencode1/index.js"\n/**\n * @example\n * import x from "../compose/index.js"\n */\nexport const one = 1\n'
    assert.deepEqual(importsOf(source), { run: [], types: [] })
  })
})
