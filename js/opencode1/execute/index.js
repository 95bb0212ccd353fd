// The face of execute: the two executors and their shared parts.

/**
 * @typedef {import("./delegate_executor.js").Context} Context
 * @typedef {import("./host_executor.js").OtherPlugins} OtherPlugins
 * @typedef {import("./plugin_executor.js").Tool} PluginTool
 * @typedef {import("./plugin_executor.js").PluginTasks} PluginTasks
 */

export { DelegateExecutor } from "./delegate_executor.js"
export { delegateTools, smallTools } from "./delegate_tools.js"
export { ErrorPatches } from "./error_patches.js"
export { HostExecutor } from "./host_executor.js"
export { PluginExecutor } from "./plugin_executor.js"
export { PluginPauses } from "./plugin_pauses.js"
export { PluginPrompts } from "./plugin_prompts.js"
export { PromptRunner } from "./prompt_runner.js"
export { ResultDelivery } from "./result_delivery.js"
