// The commands of OpenCode that end with the turn of their root. Runs under Node and Bun.

import assert from "node:assert/strict"
import { describe, it } from "node:test"
import { isOneShot, isReadAtEnd } from "../../js/opencode1/one_shot.js"

describe("A command line", () => {
  /** @type {[string, boolean][]} */
  const LINES = [
    ["run Do it", true],
    ["run --continue", true],
    ["--print-logs --log-level DEBUG run Do it", true],
    ["github run", true],
    ["--pure github run", true],
    ["--log-level=ERROR run Do it", true],
    ["--print-logs=true --pure run Do it", true],
    ["-m scripted/m run Do it", true],
    ["--title Auth run Do it", true],
    ["run -- -i", true],
    ["run Do it -- --interactive", true],
    ["run --interactive=true", false],
    ["-- run", false],
    ["run --interactive", false],
    ["run -i", false],
    ["run fix-i", true],
    ["run the-interactive", true],
    ["run --interactively", true],
    ["run --interactive=truely", true],
    ["run --interactive=false", true],
    ["--no-color run Do it", true],
    ["--continue --title Auth run Do it", true],
    ["--title= run Do it", true],
    ["--title a- run Do it", true],
    ["--title", false],
    ["", false],
    ["serve --port 1", false],
    ["github install", false],
    ["--prompt run", false],
    ["--log-level run", false],
    ["web run", false],
  ]
  for (const [line, ends] of LINES) {
    it(`"opencode ${line}" ${ends ? "ends" : "does not end"} with its turn`, () => assert.equal(isOneShot(line.split(" ").filter(Boolean)), ends))
  }

  for (const [line, read] of /** @type {[string, boolean][]} */ ([
    ["run Do it", true],
    ["github run", true],
    ["run --format default Do it", true],
    ["run --format=default Do it", true],
    ["run --format json Do it", false],
    ["run --format=json Do it", false],
    ["run Read the json", true],
    ["run -- --format json", true],
    ["run --format json -- --format default", false],
    ["run json --format", true],
    ["run x--format json", true],
    ["--format json run Do it", false],
    ["run --interactive", false],
    ["serve", false],
  ])) {
    it(`A person ${read ? "reads" : "does not read"} the end of "opencode ${line}"`, () => assert.equal(isReadAtEnd(line.split(" ")), read))
  }

  it("The command line is that of the process", () => {
    const { argv } = process
    try {
      for (const [words, ends] of /** @type {[string[], boolean][]} */ ([[["run", "Do it"], true], [["serve"], false]])) {
        process.argv = ["opencode", "main.js", ...words]
        assert.equal(isOneShot(), ends)
        assert.equal(isReadAtEnd(), ends)
      }
    } finally {
      process.argv = argv
    }
  })

  it("A browser has no command line", () => {
    const { process } = globalThis
    try {
      for (const other of /** @type {any[]} */ ([undefined, {}])) {
        globalThis.process = other
        assert.equal(isOneShot(), false)
      }
    } finally {
      globalThis.process = process
    }
  })
})
