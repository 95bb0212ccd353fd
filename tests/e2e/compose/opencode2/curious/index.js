// The curious plugin alone, in a folder: OpenCode 2 takes nothing else for a plugin.

export { default } from "../../curious.js"
