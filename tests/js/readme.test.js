// README says what the code says, and its examples run.

import assert from "node:assert/strict"
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { describe, it } from "node:test"
import { Engine, hostSettings } from "../../js/engine.js"
import { SLIM, TESTED } from "../../js/host/slim.js"
import { readme } from "../readme.js"

const text = readFileSync(new URL("../../README.md", import.meta.url), "utf8")
const blocks = (/** @type {string} */ language) => [...text.matchAll(new RegExp(`\`\`\`${language}\\n([^]*?)\`\`\``, "g"))].map(([, code]) => code)

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

  it("names the version of slim that is tested", () => {
    const { devDependencies } = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8"))
    assert.equal(devDependencies[SLIM], TESTED)
    assert.ok(text.includes(`${SLIM}@${TESTED}`))
    assert.ok(text.includes(`another version than ${TESTED}`))
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
