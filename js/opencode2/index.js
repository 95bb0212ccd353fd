// The face of OpenCode 2: the setup function of its plugins.

export { setup } from "./setup.js"
