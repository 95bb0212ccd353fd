// The face of the terminal half: what OpenCode calls in its terminal.

export { tui } from "./start.js"
