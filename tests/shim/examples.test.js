// The examples of the API run, and each expression gives the value beside it.

import assert from "node:assert/strict"
import { readFileSync } from "node:fs"
import { it } from "node:test"
import * as engine from "../../js/engine.js"

const read = (/** @type {string} */ name) => readFileSync(new URL(`../../js/api/${name}`, import.meta.url), "utf8")
const api = [...read("index.js").matchAll(/from "\.\/(\w+\.js)"/g)].map(([, name]) => read(name)).join("\n")
const comments = [...api.matchAll(/\/\*\*[\s\S]*?\*\/\n(.*)/g)]
const examples = comments.flatMap(([comment, item]) => {
  const [, example] = comment.split("@example\n")
  return example ? [{ item: item.trim(), lines: lines(example) }] : []
})

/** @param {string} example */
function lines(example) {
  const [code] = example.split(/\n *\* @|\n *\*\//)
  return code.split("\n").map((line) => line.replace(/^ *\* ?/, ""))
}

for (const { item, lines } of examples) {
  it(`The example runs: ${item}`, () => {
    const body = lines.map((line) => {
      const [, expression, value] = /^(\S.*?) \/\/ (.*)$/.exec(line) ?? []
      return expression && value ? `same(${expression}, ${value})` : line
    })
    assert.ok(body.some((line) => line.startsWith("same(")), "it shows no value")
    const names = Object.keys(engine)
    new Function(...names, "same", body.join("\n"))(...Object.values(engine), assert.deepEqual)
  })
}

it("Each export and each method of the API has an example", () => {
  const items = comments.map(([, item]) => item.trim()).filter((item) => /^export (class|function)|^(static )?[a-z]+\(.*\) \{$/.test(item))
  const without = items.filter((item) => !/DelegateError|constructor/.test(item) && !examples.some((example) => example.item === item))
  assert.ok(items.length > 18, `${items.length}`)
  assert.deepEqual(without.filter((item) => /^export|^(static )?(restore|decide|apply|rank|resolve|explain|outline|session|nameFor|sessions|spelled|notices|snapshot)\(/.test(item)), [])
})
