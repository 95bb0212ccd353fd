// The terminal half, for OpenCode 2: it looks in a plugin's folder for a file of this name.

export { default } from "./js/tui.js"
