// The entry of a folder in opencode.json's `plugin`: OpenCode 2 reads no other file of a folder first.

export { default } from "./js/plugin.js"
