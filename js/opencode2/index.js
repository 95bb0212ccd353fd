// The face of OpenCode 2: the setup function of its plugins, and the calls for composed plugins.

/**
 * @typedef {import("./sdk/index.js").Context} Context
 * @typedef {import("./subagent/index.js").OtherPlugin} OtherPlugin
 */

export { attach, isOpenCode2, projectOf, setup } from "./instance.js"
export { SUBAGENT, bindContext } from "./sdk/index.js"
