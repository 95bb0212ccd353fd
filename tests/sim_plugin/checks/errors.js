// The errors that a call may fail with. Any other error is a fault.

/** Denials, before a prompt is sent. */
const DENIALS = [
  /is neither a session id nor a usable name/, /^Unknown agent /, /may not delegate to/, /^Cannot resume session: not a child/, /^Delegation depth limit/,
  /^Caller has no task budget/, /is not callable by subagents/, /^Task budget exhausted/, /belongs to agent ".*", not to/, /^There is no session ".*" to resume/,
  /^The user (rejected|has specified)/, /^Model tried to call unavailable tool/,
]

/** Aborts of a call whose child may have been prompted. */
const BROKEN = [/^Tool execution aborted/, /^OpenCode reloaded this plugin during the call/]

const EXPECTED = [
  ...DENIALS, ...BROKEN, /^Subagent failed \(task_id: ses_\w+\): (scripted \d+|It gave no sign of life|It gave an empty answer|The session has nothing)/,
  /^Task cancelled/, /^The session of this task is gone/, /^The call ended before its session was created/,
  /^The calling session has ended its turn/, /^There is no subagent session/,
]

/** More errors of a call, if calls to OpenCode fail or sessions are deleted during their use. */
const TROUBLED = [
  /OpenCode did not answer within/, /OpenCode refused a call/, /fetch failed/, /that cannot be decided is denied/, /Session not found/, /Unexpected server error/,
  /OpenCode gave no answer/, /may not be nested any deeper/, /has nothing to answer/, /Not found/, /^Invalid task_id/, /^Unknown agent type/,
]

/** More errors of a call, if the engine traps: a prompt that it ran then ends with OpenCode's own error. */
const TRAPPED = [/^The engine was lost while this prompt waited for its session/, /^Aborted/]

/** More errors of a call, if prompts have limits: its child had no text when it reached one, or OpenCode's own tool ran it. */
const LIMITED = [/^It was ended at its limit/, /^Subagent failed \(task_id: ses_\w+\): It was ended at its limit/, /^(Subagent failed \(task_id: ses_\w+\): )?It gave no answer\.[^]*\nIts work is unfinished/]

const says = (/** @type {RegExp[]} */ known, /** @type {string} */ text) => known.some((one) => one.test(text))

/** Whether a call was denied. @param {string} text */
export const isDenial = (text) => says(DENIALS, text)

/** Whether a call was aborted, perhaps after it had prompted its child. @param {string} text */
export const isBroken = (text) => says(BROKEN, text)

/** Whether a call may fail with this. @param {string} text @param {{ shaken: boolean, traps: number, limited: boolean }} world whether it had any fault, its traps, and whether prompts have limits */
export function isExpected(text, { shaken, traps, limited }) {
  // A child whose last call has failed gives the error of that call.
  const why = text.replace(/^(Subagent failed \(task_id: ses_\w+\): (?!scripted|It gave|The session))+/, "")
  if (limited && says(LIMITED, why)) return true
  return says(EXPECTED, why) || (shaken && says(TROUBLED, why)) || (traps > 0 && says(TRAPPED, why))
}
