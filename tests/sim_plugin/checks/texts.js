// I11: the texts that this package writes are bounded, and no description, name or record of another begins a line of them.

import { FORGED } from "../edits.js"

/** The most characters of a text, and of a list of sessions. */
const [MOST, LIST] = [6_000, 20_000]

/**
 * Checks a text that a model reads.
 * @param {import("./scene.js").Scene} scene
 * @param {string} tool the tool whose result it is
 * @param {string} text
 */
export function checkText(scene, tool, text) {
  // OpenCode's own tool quotes what it does not know.
  if (scene.weather.executor === "host" && /^(Unknown agent type|Invalid task_id)/.test(text)) return
  if (text.split(/[\n\r\u2028\u2029]/).some((line) => line.trimStart().startsWith(FORGED))) scene.fail("I11", `a text has a line of another: ${text}`)
  if (text.length > (tool === "delegate_list" ? LIST : MOST)) scene.fail("I11", `a text of ${tool} has ${text.length} characters: ${text.slice(0, 500)}`)
}
