// Repeats the calls that tests/wasm_parity/main.rs recorded, through the JavaScript API. Every output must be the same, byte for byte.
// `node tests/wasm_parity/read.js FILE`, and the same under Bun.

import { createHash } from "node:crypto"
import { readFileSync } from "node:fs"
import { Engine } from "../../js/engine.js"

/** The text of a parsed value, which is the same as the text of its source. @param {unknown} value */
const text = (value) => JSON.stringify(value)

const digest = createHash("sha256")
let [worlds, requests, differ] = [0, 0, 0]
for (const line of readFileSync(process.argv[2], "utf8").trim().split("\n")) {
  const { world, said } = JSON.parse(line)
  const engine = new Engine(world.config)
  for (const [index, step] of world.steps.entries()) {
    const output = text(step.decide ? engine.decide(step.decide) : engine.apply(step.apply))
    if (step.decide) requests++
    if (output !== text(JSON.parse(said[index]))) {
      differ++
      console.error(`world ${worlds}, step ${index}: ${text(step)}\n  natively ${said[index]}\n  here     ${output}`)
    }
    digest.update(`${said[index]}\n`)
  }
  // The snapshot holds the text of every decision, so it is compared unchanged.
  const snapshot = engine.snapshot()
  if (snapshot !== said.at(-1)) {
    differ++
    console.error(`world ${worlds}: the snapshot differs`)
  }
  digest.update(`${snapshot}\n`)
  worlds++
}
console.log(`wasm_parity: ${worlds} worlds, ${requests} requests, digest ${digest.digest("hex")}, ${differ} differ`)
process.exitCode = differ ? 1 : 0
