// This package's terminal half, as the folder of a plugin has it.

export { default } from "../../../../js/tui.js"
