// The programs that the doctor finds, and what it says where OpenCode 2 is alone. Runs under Node and Bun.

import assert from "node:assert/strict"
import { chmodSync, mkdtempSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { describe, it } from "node:test"
import { findings } from "../../js/doctor/findings.js"
import { isTwoAlone, programs, versionSaid } from "../../js/doctor/programs.js"
import { readFile } from "../../js/doctor/read_file.js"
import { repair } from "../../js/doctor/repair.js"
import { survey } from "../../js/doctor/survey.js"
import { BOTH, codes, folder, machine, published } from "./doctor_machine.js"

/** A machine with a program of this name that prints this. @param {Record<string, string>} said by the program's name @param {Record<string, string | object>} [files] */
function withPrograms(said, files = BOTH) {
  const PATH = mkdtempSync(join(folder, "path-"))
  for (const [name, words] of Object.entries(said)) {
    writeFileSync(join(PATH, name), `#!/bin/sh\necho "${words}"\n`)
    chmodSync(join(PATH, name), 0o755)
  }
  return machine(files, { PATH })
}

describe("A version", () => {
  /** @type {[string, string | undefined][]} */
  const CASES = [
    ["1.18.33\n", "1.18.33"], ["v1.2.3", "1.2.3"], ["shuvcode v2.0.14-shuv.1\n", "2.0.14-shuv.1"], ["opencode 2.0.14", "2.0.14"], ["a note\n1.2.3\n", "1.2.3"],
    ["local", undefined], ["", undefined], ["This needs glibc 2.28.1", undefined], ["opencode 1.2", undefined],
  ]
  for (const [said, version] of CASES) it(`${JSON.stringify(said)} gives ${version ?? "no version"}`, () => assert.equal(versionSaid(said), version))
})

describe("A machine", () => {
  /** @type {[string, Record<string, string>, boolean][]} */
  const CASES = [
    ["opencode 2 by the name opencode is OpenCode 2 alone", { opencode: "2.0.14" }, true], ["A fork's opencode is OpenCode 2 alone", { opencode: "shuvcode v2.0.14-shuv.1" }, true],
    ["opencode2 is OpenCode 2 alone", { opencode2: "2.0.14" }, true], ["Both are not OpenCode 2 alone", { opencode: "1.18.33", opencode2: "2.0.14" }, false], ["None is not OpenCode 2 alone", {}, false],
    ["An unknown version is not OpenCode 2 alone", { opencode: "local" }, false],
  ]
  for (const [what, said, isAlone] of CASES) it(what, async () => assert.equal(isTwoAlone(await programs(withPrograms(said))), isAlone))
})

describe("OpenCode 2 alone", () => {
  const files = { "opencode.json": { plugin: [["opencode-delegate", { executor: "host", max_parallel: 2 }]], agents: { lead: { task_budget: 1 } } } }

  it("No terminal half is proposed or written, and no effect in OpenCode 1 is named", async () => {
    const on = withPrograms({ opencode: "2.0.14" }, files)
    assert.deepEqual(findings(survey(on, readFile), { ...published, isTwoAlone: true }), [])
    assert.deepEqual(repair(on, await programs(on)), [])
  })

  it("A missing package is no reason to run a command of OpenCode 1", () => {
    const next = [true, false].map((isTwoAlone) => findings(survey(machine({}), readFile), { ...published, isTwoAlone })[0]?.next)
    assert.deepEqual(next, ['Add "opencode-delegate" to the list "plugin" of opencode.json.', "Run: opencode plugin opencode-delegate -g"])
  })

  it("Beside OpenCode 1, both are", async () => {
    const on = withPrograms({ opencode: "1.18.33", opencode2: "2.0.14" }, files)
    assert.deepEqual(codes(on), ["no_terminal_half", "no_effect", "misplaced"])
    assert.deepEqual(repair(on, await programs(on)).map(({ file }) => file), [join(on.config, "tui.json")])
  })
})
