// The published JSON Schema in the language service of an editor: what it marks, explains and completes.

import assert from "node:assert/strict"
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { pathToFileURL } from "node:url"
import { unbundled } from "./project.js"

/** The service behind JSON files in VS Code, among the packages of this folder alone: its types are not there for the others. */
const SERVICE = "vscode-json-languageservice"

/** A few lines of the kind that OpenCode's own schema has: nothing here asks the network. */
const OPENCODES = {
  type: "object",
  additionalProperties: false,
  properties: {
    $schema: { type: "string" },
    model: { type: "string" },
    plugin: { type: "array", items: { anyOf: [{ type: "string" }, { type: "array" }] } },
    agent: { type: "object", additionalProperties: { type: "object", additionalProperties: {}, properties: { mode: { enum: ["primary", "subagent"] } } } },
  },
}

/** The marks of an editor in a text. */
export async function editor() {
  const { default: service } = await import(SERVICE)
  const schema = pathToFileURL(join(unbundled(), "opencode-delegate", "schema", "opencode.json")).href
  const languages = service.getLanguageService({
    schemaRequestService: async (/** @type {string} */ address) => (address === "https://opencode.ai/config.json" ? JSON.stringify(OPENCODES) : readFileSync(new URL(address), "utf8")),
    workspaceContext: { resolveRelativePath: (/** @type {string} */ path, /** @type {string} */ base) => new URL(path, base).href },
  })
  const given = {
    $schema: schema,
    model: 1,
    plugin: ["acme", ["opencode-delegate", { max_depth: "3", same_agent: "resume", nope: 1 }], ["acme", { nope: 1 }]],
    agent: { lead: { mode: "sub", task_budget: -1, own: 2 } },
  }
  const text = JSON.stringify(given)
  const document = service.TextDocument.create("file:///opencode.json", "json", 1, text)
  const json = languages.parseJSONDocument(document)
  const at = (/** @type {string} */ word) => document.positionAt(text.indexOf(word) + 1)
  const marks = await languages.doValidation(document, json, { schemaValidation: "error" })
  assert.deepEqual(marks.map((/** @type {any} */ { range }) => document.getText(range)).sort(), ['"3"', '"nope"', '"sub"', "-1", "1"], "OpenCode's own fields and ours are checked, another plugin's options are not")
  const said = await Promise.all(["same_agent", "task_budget"].map(async (word) => JSON.stringify((await languages.doHover(document, at(word), json))?.contents)))
  assert.match(said[0] ?? "", /whose caller has a session of that agent.*Resume the most recent one/)
  assert.match(said[1] ?? "", /The calls that a subagent session of this agent may make/)
  const offered = await languages.doComplete(document, at('"max_depth"'), json)
  for (const name of ["executor", "stall_ms", "auto_resume"]) assert.ok(offered?.items.some((/** @type {any} */ { label }) => label === name), name)
  return `${marks.length} marks, ${offered?.items.length} names offered`
}
