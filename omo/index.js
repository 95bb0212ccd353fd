// The entry of this folder in opencode.json's `plugin`.

export { default } from "../js/omo.js"
