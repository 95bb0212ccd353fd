// The face of compose: other plugins, composed with this one.

export { compose } from "./compose.js"
export { composeSetup } from "./setup.js"
export { SLIM, SLIM_CALLS, TESTED, boardNicknames, importForOpenCode2, loadSlim } from "./slim.js"
