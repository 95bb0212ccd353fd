// oh-my-opencode-slim: it delegates by OpenCode's own tool, and has names of its own for sessions.

import { nicknameReader } from "./nicknames.js"

export const SLIM = "oh-my-opencode-slim"

/** The version of the composition's tests. */
export const TESTED = "2.2.24"

/** @satisfies {import("./description.js").Description} */
export const SLIM_DESCRIPTION = {
  plugin: SLIM,
  tested: TESTED,
  nesting: "plugin",
  // A line of its job board: `- exp-1 / ses_... / explorer / completed, reconciled`.
  nicknames: { metadata: `${SLIM}.backgroundJobBoard`, line: String.raw`^- (\S+) \/ (ses_\w+) \/ ` },
  // Slim takes a session that it has forgotten for a new one, and refuses that if an ended one has done its work.
  refuses_new: "^A background task with the same objective already finished",
}

const refusesNew = new RegExp(SLIM_DESCRIPTION.refuses_new)

/** Slim's calls in OpenCode 2. @type {import("./setup.js").Known} */
export const SLIM_CALLS = { nicknames: nicknameReader(SLIM_DESCRIPTION.nicknames), refusesNew: (error) => refusesNew.test(/** @type {any} */ (error)?.message) }

/** Imports the module that OpenCode 2 loads: a path that no description names. @returns {Promise<any>} */
export const importForOpenCode2 = () => import(`${SLIM}/server`)
