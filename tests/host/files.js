// The files of a host's project.

import { mkdirSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"

/**
 * @typedef {{
 *   model: { url: string }, plugin?: (string | [string, object])[], config?: Record<string, any>,
 *   files?: Record<string, string | object>, limit?: { context: number, output: number }
 * }} Project
 */

/** Writes the files of a project, whose only model is `model`. @param {string} directory @param {Project} project */
export function furnish(directory, { model, plugin = [], config = {}, files = {}, limit }) {
  for (const [path, content] of Object.entries(files)) write(join(directory, path), content)
  write(join(directory, "opencode.json"), merge(settings(model.url, plugin, limit), config))
}

/** @param {string} baseURL @param {Project["plugin"]} plugin @param {Project["limit"]} limit */
function settings(baseURL, plugin, limit = { context: 200_000, output: 8_192 }) {
  const models = { m: { name: "Scripted", tool_call: true, limit } }
  return {
    $schema: "https://opencode.ai/config.json",
    provider: { scripted: { npm: "@ai-sdk/openai-compatible", name: "Scripted", options: { baseURL, apiKey: "none" }, models } },
    model: "scripted/m",
    small_model: "scripted/m",
    plugin,
  }
}

/** @param {string} path @param {string | object} content */
export function write(path, content) {
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, typeof content === "string" ? content : JSON.stringify(content, null, 2))
}

/** @param {any} base @param {any} over @returns {any} */
function merge(base, over) {
  const plain = [base, over].every((value) => value && typeof value === "object" && !Array.isArray(value))
  if (!plain) return over ?? base
  return Object.fromEntries(Object.keys({ ...base, ...over }).map((key) => [key, merge(base[key], over[key])]))
}
