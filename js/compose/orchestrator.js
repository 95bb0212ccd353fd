// opencode-orchestrator: it delegates by a tool of its own, and forgets its tasks with its process.

/** @satisfies {import("./description.js").Description} */
export const ORCHESTRATOR = {
  plugin: "opencode-orchestrator",
  tested: "1.7.22",
  tools: {
    delegate_task: {
      session: "resume",
      agent: "agent",
      background: "background",
      child: { text: "^Session: `(ses_\\w+)`" },
      task: { text: "Task: `(\\w+)`" },
      refusals: [String.raw`^\[ERROR\] (Invalid arguments|Delegation (aborted|blocked)|Failed|Resume failed)`],
      forgotten: String.raw`^\[ERROR\] Resume failed: Task not found for session`,
    },
  },
  readers: { get_task_result: { id: "taskId", unknown: String.raw`^\[ERROR\] Task not found` } },
  cancellers: { cancel_task: { id: "taskId", unknown: String.raw`^\[ERROR\] Not found` } },
  title: "^Parallel: ([^]*)$",
  nesting: "plugin",
}
