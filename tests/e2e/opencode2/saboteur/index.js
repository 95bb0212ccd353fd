// The plugin that breaks things, for OpenCode 2, which loads a folder.

export { default } from "../../delegate/saboteur.js"
