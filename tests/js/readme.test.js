// README says what the code says, and its examples run.

import assert from "node:assert/strict"
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { describe, it } from "node:test"
import { Engine, hostSettings } from "../../js/engine.js"
import { SLIM, TESTED } from "../../js/host/slim.js"
import { verdict } from "../../js/host/text.js"
import { readme } from "../readme.js"

const text = readFileSync(new URL("../../README.md", import.meta.url), "utf8")
const blocks = (/** @type {string} */ language) => [...text.matchAll(new RegExp(`\`\`\`${language}\\n([^]*?)\`\`\``, "g"))].map(([, code]) => code)

/** Where each command is run, and how it is written there where that is otherwise. @type {Record<string, [string, string?]>} */
const RUN = {
  "npm start": [".ci/run"],
  "npm test": [".ci/run"],
  [`npm install --prefix ~/.config/opencode opencode-delegate ${SLIM}@${TESTED}`]: ["tests/e2e/slim/install.test.js", "npm install --prefix"],
  "npm run playground": [".ci/run"],
  "npm run build": [".ci/run", "node js/build.js --check"],
  "npm run check": [".ci/run", "npm run --silent check"],
  "npm run bench": [".ci/run", "npm run --silent bench -- --instructions"],
  "npm run evidence -- --short": [".ci/run", "node tests/evidence.js --short"],
  "node tests/simulation/run.js --seed 1 --worlds 20": ["tests/run.js", "tests/simulation"],
  "node --test tests/playground/playground.test.js": [".ci/run"],
}

describe("README", () => {
  it("has the table and the denials as they are in the code", () => {
    assert.equal(text, readme, "run: node tests/readme.js --write")
  })

  it("has JavaScript that runs, and prints what it says", async () => {
    for (const [index, code] of blocks("js").entries()) {
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
      const told = [...code.matchAll(/console\.log\(.*\) \/\/ (.*)/g)].map(([, line]) => line)
      assert.ok(told.length > 0)
      assert.deepEqual(printed, told)
    }
  })

  it("shows a result as a model reads it", () => {
    const engine = new Engine({ agents: { explorer: {} } })
    engine.apply({ type: "session.created", now: 0, session: { id: "ses_child", parentID: "ses_root", agent: "explorer", slug: "explore-auth" } })
    const request = { now: 0, callID: "c", sessionID: "ses_root", agent: "explorer", description: "Explore auth", prompt: "Look.", task_id: "explore-auth" }
    const { decision } = engine.decide(request)
    assert.ok(decision.action === "resume")
    const [result = ""] = blocks("text")
    assert.equal(result.trim().split("\n").at(-1), verdict(decision, "explore-auth", undefined))
  })

  it("has commands that are run elsewhere, each where it is said", () => {
    const commands = blocks("sh").flatMap((code) => code.trim().split("\n").map((line) => line.replace(/ *#.*/, "")))
    assert.deepEqual([...new Set(commands)].sort(), Object.keys(RUN).sort())
    for (const [command, [file, how]] of Object.entries(RUN)) {
      assert.ok(readFileSync(new URL(`../../${file}`, import.meta.url), "utf8").includes(how ?? command), `${file} runs ${command}`)
    }
  })

  it("links to what is there", () => {
    const headings = [...text.matchAll(/^#+ (.*)$/gm)].map(([, heading]) => heading.toLowerCase().replace(/[^\w\- ]/g, "").replaceAll(" ", "-"))
    for (const [, to] of text.matchAll(/\]\(([^)]+)\)/g)) {
      if (to.startsWith("#")) assert.ok(headings.includes(to.slice(1)), to)
      else if (!/^https:/.test(to)) assert.ok(existsSync(new URL(`../../${to}`, import.meta.url)), to)
    }
  })

  it("names the version of slim that is tested", () => {
    const { devDependencies } = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8"))
    assert.equal(devDependencies[SLIM], TESTED)
    assert.ok(text.includes(`${SLIM}@${TESTED}`))
    assert.ok(text.includes(`another version than ${TESTED}`))
  })

  it("tells in the design what each room of src is for", () => {
    const crate = readFileSync(new URL("../../src/lib.rs", import.meta.url), "utf8")
    const rooms = [...crate.matchAll(/^(?:pub )?mod (\w+);/gm)].map(([, room]) => (room === "engine" ? "Engine" : room))
    const told = /# Layers[^]*?# Example/.exec(crate)?.[0] ?? ""
    assert.deepEqual(rooms.filter((room) => !told.includes(`\`${room}\``)), [])
  })

  it("has configurations that are valid", () => {
    for (const json of blocks("json")) {
      const { agent = {}, plugin } = JSON.parse(json)
      const [, file] = /^\.\/node_modules\/opencode-delegate\/(.*)/.exec(plugin[0]) ?? []
      if (file) assert.ok(existsSync(new URL(`../../${file}`, import.meta.url)), `there is ${file}`)
      else assert.deepEqual(plugin, ["opencode-delegate"])
      const agents = Object.entries(agent).map(([name, { mode, task_budget, callable_by_subagents }]) => [name, { mode, task_budget, callable_by_subagents }])
      new Engine({ agents: Object.fromEntries(agents) })
      hostSettings({ agent })
    }
  })
})
