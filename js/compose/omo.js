// oh-my-openagent: it delegates by tools of its own, and keeps nothing of its tasks over a restart.

/** The agent that runs each category. */
const JUNIOR = "Sisyphus-Junior"

/** Its ids of tasks, in results and in reports. */
const TASK_ID = String.raw`Task ID: (bg_\w+)`

/** @satisfies {import("./description.js").Description} */
export const OMO = {
  plugin: "oh-my-openagent",
  tested: "4.19.4",
  tools: {
    task: {
      session: "task_id",
      agent: "subagent_type",
      stand_ins: { category: JUNIOR },
      background: "run_in_background",
      child: { metadata: "sessionId", text: String.raw`^session_id: (ses_\w+)$` },
      task: { metadata: "backgroundTaskId", text: TASK_ID },
      tasks: "background",
      refusals: ["^Failed to send continuation prompt", "^Continue background task failed", "^Task failed to start", "^Send prompt (to agent )?failed", "^Launch background task failed"],
      forgotten: "Task not found for session",
      unready: String.raw`^Continue background task failed\s+\*\*Error\*\*: Task \w+ is currently running`,
    },
    call_omo_agent: {
      session: "session_id",
      agent: "subagent_type",
      background: "run_in_background",
      permission: "call_omo_agent",
      child: { metadata: "sessionId", text: String.raw`^(?:session_id|Session ID): (ses_\w+)` },
      task: { text: TASK_ID },
      tasks: "background",
      refusals: ["^Error: ", "^Failed to launch background agent task"],
      forgotten: "^Error: session_id is not supported in background mode",
    },
  },
  readers: {
    background_output: {
      id: "task_id",
      unknown: "^Task not found",
      // The prompt stands below the status, and may hold such a line too.
      over: String.raw`^# Task Status(?:\n(?!\| Status \|).*)*\n\| Status \| \*\*(?:error|cancelled|interrupt)\*\* \|`,
    },
  },
  cancellers: { background_cancel: { id: "taskId", all: "all", unknown: String.raw`^\[ERROR\] Task not found` } },
  title: String.raw`^([^]*) \(@([^()]*) subagent\)$`,
  nesting: "plugin",
  // With it, the plugin prompts a session that it has finished through a client of its own.
  withheld: ["serverUrl"],
  swallows_ms: 15_000,
  rests_ms: 2_100,
}
