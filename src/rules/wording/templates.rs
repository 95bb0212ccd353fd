//! The sentences, with holes for names, texts and numbers.
//!
//! | hole | filled with |
//! |---|---|
//! | `{key}` | the field's text, cut so that it stays within quotes |
//! | `{~key}` | the field's text, cut to a title |
//! | `{:key}` | the field's text as one sentence, for the message of an error |
//! | `{!key}` | the field's text as it is: an answer |
//! | `{?key}` | the field's text as a sentence on a line of its own, if it is there and not empty |
//! | `{+key}` | each text of the list, if there is one, as a sentence on a line of its own |
//! | `{,key}` | the names of the listed sessions, with commas between |
//! | `{*key}` | each listed session on a line of its own: its name, agent and description |
//! | `{@key}` | what a run did with each listed session |
//! | `{#keys}` | the field's number and its noun, as in `1 key` and `2 keys` |
//!
//! Of sessions the [`LISTED`](crate::rules::limits::LISTED) most recently used are listed, of candidates
//! [`CANDIDATES`](crate::rules::limits::CANDIDATES), of a run's sessions the first [`RUN`](crate::rules::limits::RUN).

macro_rules! kept {
    () => {
        "task_id: {task_id} (its session is kept: give this task_id to go on with it)"
    };
}

/// The error of OpenCode 1.18.33's task tool (`packages/opencode/src/tool/task.ts`) for a subagent that failed.
macro_rules! failure {
    ($message:expr) => {
        concat!("Subagent failed (task_id: {sessionID}): ", $message)
    };
}

/// The result of OpenCode 1.18.33's task tool (`packages/opencode/src/tool/task.ts`).
macro_rules! block {
    ($state:literal, $tag:literal, $summary:expr, $text:expr) => {
        concat!(
            "<task id=\"{sessionID}\" state=\"",
            $state,
            "\">\n",
            $summary,
            "<",
            $tag,
            ">\n",
            $text,
            "\n</",
            $tag,
            ">\n</task>"
        )
    };
}

macro_rules! result {
    ($state:literal, $text:expr) => {
        block!($state, "task_result", "", $text)
    };
}

macro_rules! background {
    ($state:literal, $tag:literal, $done:literal, $text:expr) => {
        block!(
            $state,
            $tag,
            concat!("<summary>Background task {taskID} ", $done, "</summary>\n"),
            $text
        )
    };
}
