// README.md and the pages of docs agree with the code, and their examples run.

import assert from "node:assert/strict"
import { spawnSync } from "node:child_process"
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { posix } from "node:path"
import { describe, it } from "node:test"
import { fileURLToPath } from "node:url"
import { Engine, hostSettings } from "../../js/engine.js"
import { OMO } from "../../js/compose/omo.js"
import { ORCHESTRATOR } from "../../js/compose/orchestrator.js"
import { SLIM, TESTED } from "../../js/compose/slim.js"
import { ROWS, outcomes } from "../e2e/omo/table.js"
import { IDLE_UNDER_HOST, pickAgentFields } from "../../js/core/index.js"
import { verdict } from "../../js/core/texts/index.js"
import { PAGES, marksOf, partOf, read } from "../pages.js"
import { MOST } from "../demo/cast/drawing.js"
import { PARTS, pages } from "../readme.js"

const project = (/** @type {string} */ path) => readFileSync(new URL(`../../${path}`, import.meta.url), "utf8")
const types = project("pkg/opencode_delegate_types.d.ts")

/** Each block of code: its page, its language and its text. @type {{ page: string, language: string, code: string }[]} */
const BLOCKS = PAGES.flatMap((page) => [...read(page).matchAll(/^```(.*)\n([^]*?)^```$/gm)].map(([, language = "", code = ""]) => ({ page, language, code })))
const blocks = (/** @type {string} */ wanted) => BLOCKS.filter(({ language }) => language === wanted)

/** A page without its blocks of code. @param {string} page */
const prose = (page) => read(page).replace(/^```[^]*?^```$/gm, "")

/** The rows below this heading that begin with a word of code, each with its cells. @param {string} page @param {string} heading */
function rows(page, heading) {
  const section = new RegExp(`^## ${heading}\n([^]*?)(?=^## |(?![^]))`, "m").exec(prose(page))?.[1] ?? ""
  return [...section.matchAll(/^\| (`[\w.]+` \|.*) \|$/gm)].map(([, row = ""]) => row.split(" | "))
}

/** The first word of each of these rows. @param {string} page @param {string} heading */
const named = (page, heading) => rows(page, heading).map(([name = ""]) => name.replaceAll("`", ""))

/** The fields of an interface in the published types. @param {string} name */
function fields(name) {
  const body = new RegExp(`export interface ${name} {([^]*?)\n}`).exec(types)?.[1] ?? ""
  return [...body.matchAll(/^ {4}(\w+)\??:/gm)].map(([, field = ""]) => field)
}

/** The compiler and its strictest options, for a module of a plugin's author. */
const TSC = fileURLToPath(new URL("../../node_modules/.bin/tsc", import.meta.url))
const STRICT = ["--ignoreConfig", "--noEmit", "--strict", "--noUncheckedIndexedAccess", "--exactOptionalPropertyTypes", "--target", "es2022", "--lib", "es2022,dom", "--module", "nodenext", "--skipLibCheck"]

/** The parts that other programs write, by page. These programs do not run here. */
const MEASURED = /** @type {Record<string, Record<string, string>>} */ ({
  "docs/benchmarks.md": { bench: "tests/bench/bench.js", "bench-host": "tests/bench/bench.js", "critical-path": "tests/shim/critical_path.test.js", modules: "tests/packaging/modules.js", sizes: "tests/packaging/sizes.js" },
  "docs/evidence.md": { evidence: "tests/evidence.js" },
})

/** The file that runs each command, and how it is written there if that differs. @type {Record<string, [string, string?]>} */
const RUN = {
  "npm start": [".ci/run"],
  "npm test": [".ci/run"],
  [`npm install --prefix ~/.config/opencode opencode-delegate ${SLIM}@${TESTED}`]: ["tests/packaging/slim.test.js", "npm install --prefix"],
  [`npm install --prefix ~/.config/opencode opencode-delegate ${OMO.plugin}@${OMO.tested}`]: ["tests/e2e/omo/world.js", "The folder of an installation of both"],
  "opencode plugin opencode-delegate -g": ["tests/packaging/install.test.js", '["plugin", name, "-g"]'],
  "npx opencode-delegate doctor": ["tests/packaging/doctor.test.js", 'run("doctor", ...flags)'],
  "npm run playground": [".ci/run"],
  "npm run build": [".ci/run", "node js/build.js --check"],
  "npm run check": [".ci/run", "npm run --silent check"],
  "npm run bench": [".ci/run", "npm run --silent bench -- --instructions"],
  "npm run bench:followups -- FOLDER": ["tests/shim/bench_followups.test.js", '"bench:followups"'],
  "npm run evidence -- --short": [".ci/run", "node tests/evidence.js --short"],
  "node tests/readme.js": ["tests/shim/readme.test.js", 'from "../readme.js"'],
  "node tests/run.js names": [".ci/run", "node tests/run.js"],
  "node tests/sim_plugin/run.js --seed 1 --worlds 20": ["tests/run.js", "tests/sim_plugin"],
  "node --test tests/playground/playground.test.js": [".ci/run"],
}

/** The file that runs the blocks of each other language. @type {Record<string, (block: { page: string, code: string }) => [string, string]>} */
const RUN_ELSEWHERE = {
  text: ({ page }) => [page === "README.md" ? "tests/e2e/delegate/transcript.test.js" : "tests/e2e/run.test.js", `read("${page}")`],
  rust: ({ page }) => ["src/lib.rs", `include_str!("../${page}")`],
}

describe("A page", () => {
  for (const [page, text] of pages) {
    it(`${page} has the parts that the code renders`, () => assert.equal(read(page), text, "run: node tests/readme.js --write"))
  }

  it("Every mark belongs to a part that a program writes, and stands once", () => {
    for (const page of PAGES) {
      const written = PARTS.filter((part) => part.page === page).map(({ mark }) => mark)
      assert.deepEqual(marksOf(read(page)).sort(), [...written, ...Object.keys(MEASURED[page] ?? {})].sort(), page)
      for (const mark of marksOf(read(page))) assert.ok(partOf(read(page), mark).trim(), `${page}: ${mark} is empty`)
    }
    for (const [page, marks] of Object.entries(MEASURED)) {
      for (const [mark, file] of Object.entries(marks)) assert.ok(project(file).includes(page) && project(file).includes(mark), `${file} writes ${mark}`)
    }
  })

  it("The JavaScript of the pages runs, and prints the promised lines", async () => {
    assert.ok(blocks("js").length > 0)
    for (const [index, { code }] of blocks("js").entries()) {
      const file = new URL(`readme-${process.pid}-${index}.mjs`, import.meta.url)
      const printed = /** @type {string[]} */ ([])
      const { log } = console
      writeFileSync(file, code)
      try {
        console.log = (...words) => void printed.push(words.join(" "))
        await import(file.href)
      } finally {
        console.log = log
        rmSync(file)
      }
      const promised = [...code.matchAll(/console\.log\(.*\) \/\/ (.*)/g)].map(([, line]) => line)
      assert.ok(promised.length > 0)
      assert.deepEqual(printed, promised)
    }
  })

  it("Another file runs each command of the pages", () => {
    const commands = blocks("sh").flatMap(({ code }) => code.trim().split("\n").map((line) => line.replace(/ *#.*/, "")))
    assert.deepEqual([...new Set(commands)].sort(), Object.keys(RUN).sort())
    for (const [command, [file, how]] of Object.entries(RUN)) assert.ok(project(file).includes(how ?? command), `${file} runs ${command}`)
  })

  it("Every block of code runs", () => {
    for (const block of BLOCKS) {
      if (["js", "sh", "json"].includes(block.language)) continue
      const [file, how] = RUN_ELSEWHERE[block.language]?.(block) ?? assert.fail(`${block.page} has a block of "${block.language}"`)
      assert.ok(project(file).includes(how), `${file} runs the ${block.language} of ${block.page}`)
    }
  })

  it("Every configuration is valid", () => {
    assert.ok(blocks("json").length > 0)
    for (const { code } of blocks("json")) {
      const { agent = {}, plugin } = JSON.parse(code)
      const [, file] = /^\.\/node_modules\/opencode-delegate\/(.*)/.exec(plugin[0]) ?? []
      if (file) assert.ok(existsSync(new URL(`../../${file}`, import.meta.url)), `there is ${file}`)
      else assert.deepEqual(plugin, ["opencode-delegate"])
      const agents = Object.entries(agent).map(([name, { mode, ...fields }]) => [name, { mode, ...pickAgentFields(fields) }])
      new Engine({ agents: Object.fromEntries(agents) })
      hostSettings({ agent })
    }
  })

  it("Every link leads to a file, and to one of its headings", () => {
    const headings = new Map(PAGES.map((page) => [page, [...prose(page).matchAll(/^#+ (.*)$/gm)].map(([, heading = ""]) => heading.toLowerCase().replace(/[^\w\- ]/g, "").replaceAll(" ", "-"))]))
    for (const [page, anchors] of headings) assert.equal(new Set(anchors).size, anchors.length, `two headings of ${page} have one anchor`)
    let internal = 0
    for (const page of PAGES) {
      for (const [, to = ""] of prose(page).matchAll(/\]\(([^)]+)\)/g)) {
        if (/^https:/.test(to)) continue
        internal++
        const [path = "", anchor] = to.split("#")
        const target = path ? posix.join(posix.dirname(page), path) : page
        assert.ok(existsSync(new URL(`../../${target}`, import.meta.url)), `${page} links to ${to}`)
        if (anchor !== undefined) assert.ok(headings.get(target)?.includes(anchor), `${page} links to ${to}`)
      }
    }
    assert.ok(internal > 0)
  })

  it("README's picture is light, and shows names, a resumed session and the tree", () => {
    const picture = project("docs/delegations.svg")
    assert.ok(Buffer.byteLength(picture) <= MOST)
    for (const text of ["explore-auth", "resumed 1×", "Delegations", "◐"]) assert.ok(picture.includes(text), text)
    assert.doesNotMatch(picture, /\/tmp\/|\/home\//)
  })

  it("Every named file and test exists", () => {
    let named = 0
    for (const page of PAGES) {
      const code = [...blocks("sh").filter((block) => block.page === page).map((block) => block.code), ...[...prose(page).matchAll(/`([^`\n]+)`/g)].map(([, text = ""]) => text)]
      for (const [path] of code.join("\n").matchAll(/(?<![\w./-])(?:tests|js|src|docs)\/[\w./-]*\w/g)) {
        named++
        assert.ok(existsSync(new URL(`../../${path}`, import.meta.url)), `${page} names ${path}`)
      }
      for (const [, test = ""] of code.join("\n").matchAll(/cargo test --test (\w+)/g)) {
        named++
        const declared = project("Cargo.toml").includes(`name = "${test}"`)
        assert.ok(declared || [`${test}.rs`, `${test}/main.rs`].some((file) => existsSync(new URL(`../../tests/${file}`, import.meta.url))), `${page} names ${test}`)
      }
    }
    assert.ok(named > 0)
  })

  it("README links to every page", () => {
    for (const page of PAGES.slice(1)) assert.ok(read("README.md").includes(`](${page})`), page)
  })

  it("The pages name the tested versions of slim and of OpenCode", () => {
    const { devDependencies } = JSON.parse(project("package.json"))
    assert.equal(devDependencies[SLIM], TESTED)
    assert.ok(read("docs/slim.md").includes(`${SLIM}@${TESTED}`))
    assert.ok(read("docs/slim.md").includes(`another version than ${TESTED}`))
    assert.ok(read("README.md").includes(`stock OpenCode ${devDependencies["opencode-ai"]}`))
  })
})

describe("The page about oh-my-openagent", () => {
  it("The last run in the real OpenCode has recorded the outcomes of each row", () => {
    assert.deepEqual(outcomes(), ROWS.map(({ asked, alone, withUs }) => [asked, alone, withUs]))
  })

  it("The page names the tested versions", () => {
    const { devDependencies } = JSON.parse(project("tests/e2e/omo/package.json"))
    for (const { plugin, tested } of [OMO, ORCHESTRATOR]) {
      assert.equal(devDependencies[plugin], tested)
      assert.ok(read("docs/omo.md").includes(`${plugin}@${tested}`), plugin)
    }
    assert.ok(read("docs/omo.md").includes(`another version than ${OMO.tested}`))
  })
})

describe("The evidence", () => {
  it("Each situation has a test of its name in the real OpenCode", () => {
    const situations = [...read("docs/evidence.md").matchAll(/ \| `(\S+\.test\.js)`: (.+) \|$/gm)]
    assert.ok(situations.length > 20)
    for (const [row, file, name = ""] of situations) assert.ok(project(`tests/e2e/${file}`).replaceAll('\\"', '"').includes(name), row)
  })
})

describe("README", () => {
  it("README shows the result line as a model reads it", () => {
    const engine = new Engine({ agents: { explorer: {} } })
    engine.apply({ type: "session.created", now: 0, session: { id: "ses_child", parentID: "ses_root", agent: "explorer", slug: "explore-auth" } })
    const request = { now: 0, callID: "c", sessionID: "ses_root", agent: "explorer", description: "Explore auth", prompt: "Look.", task_id: "explore-auth" }
    const { decision } = engine.decide(request)
    assert.ok(decision.action === "resume")
    assert.ok(read("README.md").includes(`\`${verdict(decision, "explore-auth", undefined)}\``))
  })

  it("README's option rows are the reference's", () => {
    const known = rows("docs/reference.md", "Options").map((row) => row.join(" | "))
    const common = rows("README.md", "Options").map((row) => row.join(" | ").replaceAll("docs/reference.md#", "#"))
    assert.equal(common.length, 5)
    assert.deepEqual(common.filter((row) => !known.includes(row)), [])
  })
})

describe("The reference", () => {
  it("The reference has every option, with a valid default", () => {
    assert.deepEqual(named("docs/reference.md", "Options").sort(), [...fields("Config").filter((field) => field !== "agents"), "executor"].sort())
    for (const [name = "", , standard = ""] of rows("docs/reference.md", "Options")) {
      const option = name.replaceAll("`", "")
      if (option !== "executor" && standard !== "none") new Engine({ [option]: JSON.parse(standard.replaceAll("`", "")) })
    }
  })

  it("The reference has every field of an agent", () => {
    const known = fields("AgentConfig").filter((field) => field !== "mode").map((field) => (field === "permission" ? "permission.task" : field))
    assert.deepEqual(named("docs/reference.md", "Agent fields").sort(), known.sort())
  })

  it("The reference names the options and fields that do nothing with OpenCode's own tool", () => {
    const sentence = /^With executor `"host"`, the log names ([^]*?) at start/m.exec(read("docs/reference.md"))?.[1] ?? ""
    assert.deepEqual([...sentence.matchAll(/`(\w+)`/g)].map(([, name]) => name), IDLE_UNDER_HOST)
  })

  it("The reference has every error code, once", () => {
    const codes = [...(/export type Code =([^]*?);\n\n/.exec(types)?.[1] ?? "").matchAll(/"(\w+)"/g)].map(([, code = ""]) => code)
    assert.ok(codes.length > 0)
    assert.deepEqual(named("docs/reference.md", "Errors by code").sort(), codes.sort())
  })
})

describe("The engine's page", () => {
  const variants = [...types.matchAll(/\btype: "([\w.]+)"/g)].map(([, type = ""]) => type)

  it("The engine's page has every event", () => assert.deepEqual(named("docs/engine.md", "Events").sort(), variants.filter((type) => type.includes(".")).sort()))

  it("The examples of the engine's page compile in strict TypeScript", () => {
    // A folder of the package: there its own name leads to the published types.
    const folder = new URL(`readme-types-${process.pid}/`, import.meta.url)
    const examples = blocks("js").filter(({ page }) => page === "docs/engine.md")
    const compiled = examples.map(({ code }, index) => ({ code, file: fileURLToPath(new URL(`${index}.ts`, folder)) }))
    // JavaScript cannot say which types the hooks of a plugin of one's own take.
    const [whole, hooks] = [false, true].map((composes) => compiled.filter(({ code }) => code.includes("opencode-delegate/compose") === composes))
    mkdirSync(folder)
    try {
      for (const { code, file } of compiled) writeFileSync(file, code)
      for (const [some, options] of /** @type {[typeof compiled, string[]][]} */ ([[whole, []], [hooks, ["--noImplicitAny", "false"]]])) {
        const { status, stdout } = spawnSync(TSC, [...STRICT, ...options, ...some.map(({ file }) => file)], { encoding: "utf8", cwd: folder })
        assert.equal(status, 0, stdout)
      }
    } finally {
      rmSync(folder, { recursive: true })
    }
  })

  it("The engine's page has every effect", () => assert.deepEqual(named("docs/engine.md", "Effects").sort(), variants.filter((type) => !type.includes(".")).sort()))
})

describe("The crate's page", () => {
  it("The crate's page describes each folder of src", () => {
    const crate = project("src/lib.rs")
    const rooms = [...crate.matchAll(/(?<!#\[cfg\(test\)\]\n)^(?:pub )?mod (\w+);/gm)].map(([, room]) => (room === "engine" ? "Engine" : room))
    const described = /# Layers[^]*?# Example/.exec(crate)?.[0] ?? ""
    assert.deepEqual(rooms.filter((room) => !described.includes(`\`${room}\``)), [])
  })
})
