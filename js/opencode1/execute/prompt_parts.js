// The parts of a prompt, as OpenCode's own task tool makes them of a text: files and agents after an @ become parts.

import { stat } from "node:fs/promises"
import { homedir } from "node:os"
import { join, resolve } from "node:path"
import { pathToFileURL } from "node:url"

/** A name after an @ at the beginning of a word and outside backquotes. A dot at its end belongs to the sentence. */
const NAMED = /(?:^|[^\w`])@([^\s`,]*[^\s`,.])/g

/**
 * @param {string} text
 * @param {string} worktree the folder of relative paths
 * @param {Set<string>} agents the names of the agents
 * @returns {Promise<{ type: string, [field: string]: unknown }[]>}
 */
export async function promptParts(text, worktree, agents) {
  const names = new Set([...text.matchAll(NAMED)].map(([, name]) => name))
  const named = await Promise.all(
    [...names].map(async (name) => {
      const path = name.startsWith("~/") ? join(homedir(), name.slice(2)) : resolve(worktree, name)
      const entry = await stat(path).catch(() => undefined)
      if (!entry) return agents.has(name) ? { type: "agent", name } : undefined
      const mime = entry.isDirectory() ? "application/x-directory" : "text/plain"
      return { type: "file", url: pathToFileURL(path).href, filename: name, mime }
    }),
  )
  return [{ type: "text", text }, ...named.filter((part) => part !== undefined)]
}
