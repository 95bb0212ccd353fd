// The entry of this folder in opencode.json's `plugin`: OpenCode 2 takes folders alone.

export { default } from "../js/slim.js"
