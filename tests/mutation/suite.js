// The tests that must notice mutants of the shim, the shortest first.

/** @typedef {Partial<import("../sim_plugin/plan.js").Weather>} Weather */

/** Tests that run in one process, over and over. Those with long waits come last. */
export const FILES = [
  "texts", "messages", "settings", "terminal_commands", "namings", "one_shot", "run_line", "requests", "undo", "sdk_client", "sdk_requests", "recent_set", "event_hook", "events", "joining_results", "host_executor_results", "partial_answers",
  "attempt_tools", "prompt_runner_aborts", "prompt_runner_lookups", "user_message", "unasked_events", "prompt_runner", "prompt_ends", "prompt_waits", "turn_end",
  "narrow_permissions", "other_processes", "touched_files", "ended_reverts", "interrupted_results", "values", "names_in_reads", "summarise",
  "host_executor_models", "engine_sync", "steering", "sync_loading", "sync_looking", "sync_changes", "host_queue", "host_executor_budget", "delegate_call_ends", "host_executor_plugins", "plugin_hooks", "beside_plugins", "host_executor_limits",
  "turns", "trap", "description", "compose", "composed_setup", "described_tools", "nicknames", "result_delivery", "plugin_tools", "critical_path", "timers",
  "plugin", "host_executor", "host_calls", "running_part", "host_executor_waits", "delegate_calls", "delegate_executor", "delegate_tools", "host_executor_queue",
  "plugin_pauses", "plugin_prompts", "plugin_reports", "plugin_known_ends", "plugin_queue", "plugin_background_ends", "plugin_refusals", "plugin_children", "plugin_attempts", "plugin_resuming",
  "plugin_executor", "plugin_forgotten", "plugin_endings", "plugin_call_ends", "plugin_aborts", "restart", "attempt", "plugin_calls", "trap_waits",
].map((name) => `tests/shim/${name}.test.js`)

/** The most worlds for a mutant: a mutant that survives so many worlds survives more. */
export const TRIES = 6

/** @type {Weather} */
const any = {}
/** @type {Weather} */
const fair = { processes: 1, copies: 1, events: { lost: 0, doubled: 0, late: 0, lag: 0 }, calls: { refused: 0, lost: 0, slow: 0 }, kills: true }
/** @type {Weather} */
const delegate = { ...fair, executor: "delegate" }
/** @type {Weather} */
const host = { ...fair, executor: "host" }
/** @type {Weather} */
const failing = { ...delegate, model: { fails: 0.3, hangs: 0.1 } }

/**
 * Worlds of the simulation, each by its weather, its seed and its number of steps. Of 340 worlds, these reach twice every mutant
 * that any world reaches. The worlds that reach the most in their time come first.
 * @type {[Weather, number, number][]}
 */
export const WORLDS = [
  [any, 20, 12], [delegate, 27, 16], [any, 24, 12], [any, 28, 12], [failing, 22, 30], [any, 43, 12], [any, 45, 24],
  [any, 23, 12], [any, 55, 40], [any, 57, 40], [host, 20, 30], [any, 48, 24], [any, 28, 24], [any, 23, 40], [any, 55, 24],
  [delegate, 7, 30], [any, 46, 12], [failing, 24, 16], [any, 23, 24], [any, 16, 12], [any, 24, 24], [any, 46, 24],
  [any, 30, 40], [failing, 24, 30], [any, 16, 24], [failing, 13, 16], [any, 9, 24], [delegate, 13, 16], [host, 5, 16],
  [any, 15, 12], [host, 6, 16], [host, 5, 30], [any, 12, 24], [delegate, 12, 30],
]
