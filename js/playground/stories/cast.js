// The models of a story. The mark of a prompt decides the answer.

import { nodeOf } from "./stories.js"

/**
 * @typedef {import("../opencode/index.js").Asked} Asked
 * @typedef {import("../opencode/index.js").Outcome} Outcome
 * @typedef {import("./stories.js").Story} Story
 */

/** The mark of a prompt: the prompt's place in the story. @param {string} mark */
export const marked = (mark) => `[${mark}]`

/** A text without its mark. @param {string} text */
export const unmarked = (text) => text.replace(/ ?\[\d+(\.\d+)*\]/g, "")

const MARK = /\[(\d+(?:\.\d+)*)\]/g
const READ_MS = 1_500

/** @param {Asked["messages"][number]} message */
const asks = ({ info, parts }) => (info.role === "user" ? parts.map(({ text = "", synthetic }) => (synthetic ? "" : text)).join("\n") : "")

/** The place of a conversation in the story, its finished steps, and whether a background result came last. @param {Asked["messages"]} messages */
export function placeOf(messages) {
  const texts = messages.map((message) => [...asks(message).matchAll(MARK)].at(-1)?.[1])
  const from = texts.findLastIndex(Boolean)
  const done = messages.slice(from + 1).filter(({ info, parts }) => info.role === "assistant" && info.finish === "tool-calls" && parts.some(({ type }) => type === "tool")).length
  return { mark: texts[from], done, notified: from < messages.findLastIndex(({ info, parts }) => info.role === "user" && parts.length > 0) }
}

/**
 * @param {Story} story
 * @param {Asked} asked
 * @returns {Outcome}
 */
export function act(story, { kind, messages, tools }) {
  if (kind === "summary") return { ms: 2_000, say: "The conversation so far, in short." }
  const { mark, done, notified } = placeOf(messages)
  const node = mark === undefined ? undefined : nodeOf(story, mark)
  if (!node || notified) return { ms: READ_MS, say: "Thank you." }
  const steps = node.does ?? []
  const step = tools.includes("task") ? steps[done] : undefined
  if (!step) return { ms: "ms" in node && node.ms ? node.ms : READ_MS, say: node.says ?? "It is done.", usage: "tokens" in node ? node.tokens : undefined }
  const flat = steps.flat()
  return {
    ms: READ_MS,
    calls: [step].flat().map((call) => {
      const { agent: subagent_type, description, task_id, background } = call
      return { tool: "task", args: { description, prompt: `${description}. ${marked(`${mark}.${flat.indexOf(call)}`)}`, subagent_type, ...(task_id ? { task_id } : {}), ...(background ? { background } : {}) } }
    }),
  }
}
