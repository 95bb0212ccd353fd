// The face of compose: other plugins, composed with this one.

export { compose } from "./compose.js"
export { SLIM, TESTED, boardNicknames, loadSlim } from "./slim.js"
