// The face of the terminal half: what OpenCode 1 and OpenCode 2 call in their terminals.

export { setup, tui } from "./start.js"
