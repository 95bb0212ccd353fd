// The losses of oh-my-openagent alone, and its results with the engine. Each row names the test that shows both.

/** @type {{ asked: string, alone: string, withUs: string, file: string, test: string }[]} */
export const ROWS = [
  { asked: "an id with a wrong letter", alone: "hangs", withUs: "its session, with a notice", file: "names.test.js", test: "An id with a wrong letter resumes its session, and the result says so" },
  { asked: "an id that stands for nothing", alone: "hangs", withUs: "refused, with the sessions that there are", file: "names.test.js", test: "An unknown id is refused with the list of sessions, and starts none" },
  { asked: "a name, by `subagent_type` or by `category`", alone: "hangs", withUs: "names a session, and resumes it by that name", file: "names.test.js", test: "A name starts a session and resumes it, by ${which}" },
  { asked: "a name, and nothing else but the prompt", alone: "hangs", withUs: "its session, as its own agent", file: "names.test.js", test: "A name alone resumes its session" },
  { asked: "`bg_…` as `task_id`", alone: "hangs", withUs: "the session of that task", file: "names.test.js", test: "omo's id of a background task resumes the task's session" },
  { asked: "an id of another conversation", alone: "**resumed**", withUs: "refused", file: "names.test.js", test: "Another conversation's id is refused" },
  { asked: "an id of another agent's session", alone: "resumed as the first agent, in silence", withUs: "refused", file: "names.test.js", test: "Another agent's id is refused" },
  { asked: "a name as `session_id` of `call_omo_agent`", alone: "an error", withUs: "its session", file: "names.test.js", test: "A name as session_id resumes its session" },
  { asked: "the same prompt again within 15 s", alone: "hangs", withUs: "answered again", file: "again.test.js", test: "The same prompt is answered as often as it is asked" },
  { asked: "a foreground session, in the background", alone: "an error", withUs: "runs, and its result is delivered once", file: "again.test.js", test: "A session of the foreground goes on in the background, and its result is delivered once" },
  { asked: "a name or `ses_…`, to `background_output`", alone: "not found", withUs: "the result", file: "again.test.js", test: "A result is read by omo's id, by the session's id and by its name" },
  { asked: "`bg_…`, to `background_output`, after `kill -9`", alone: "not found", withUs: "the result", file: "lasting.js", test: "background_output reads a result by omo's id, by the session's id and by its name" },
  { asked: "a background task that ran at `kill -9`", alone: "nobody hears of it", withUs: "reported as lost, once; its name resumes it", file: "lasting.js", test: "a background task that ran is reported lost, once, and resumes" },
  { asked: "`kill -9` as a child is created", alone: "its prompt is gone", withUs: "its name resumes it, with that prompt, its agent and that agent's tools", file: "lasting.js", test: "a child that was just created gets its kept prompt, its agent and that agent's tools" },
  { asked: "a category that denies a tool, whose first model fails", alone: "the next attempt has the tool", withUs: "the tool stays denied", file: "failing.test.js", test: "A denied tool stays denied in the attempt with another model, and in each later call" },
  { asked: "a background task that a provider refuses", alone: "\"running\" for ever", withUs: "reported as failed", file: "failing.test.js", test: "A background task that a provider refuses is reported as failed, once" },
  { asked: "a subagent with a `task_budget` of 1", alone: "makes any number of calls", withUs: "makes one", file: "again.test.js", test: "A subagent with a budget of one call makes one" },
]
