//! Results, errors and titles of calls.

use super::{count, listing, some_text, text};
use crate::error::Wrong;
use crate::json::Field;
use crate::names::normalize_slug;

/// The lines below a result: the session's name, what was done and why.
pub(super) fn verdict<'f>(given: &'f Field<'f>) -> Result<String, Wrong> {
    let decision = given.must("decision")?;
    let action = decision.must("action")?;
    let (done, reason) = (done(&action)?, text(&decision, "reason")?);
    let mut lines = [
        "task_id: ",
        text(given, "task_id")?,
        " (",
        done,
        ": ",
        reason,
        ")",
    ]
    .concat();
    for more in [
        some_text(&decision, "notice")?,
        some_text(given, "trouble")?,
    ] {
        if let Some(more) = more.filter(|more| !more.is_empty()) {
            lines = [&lines, "\n", more].concat();
        }
    }
    if action.text()? == "spawn"
        && let Some(candidates) = decision.maybe("candidates")?
        && candidates.list()?.next().is_some()
    {
        let others = listing("\nCould have been resumed instead:", candidates)?;
        lines.push_str(&others);
    }
    Ok(lines)
}

/// An action, in the past tense.
fn done(action: &Field<'_>) -> Result<&'static str, Wrong> {
    action.one_of(&[
        ("resume", "resumed"),
        ("compact", "summarised and resumed"),
        ("join", "resumed"),
        ("spawn", "spawned"),
    ])
}

/// The line that names a session which can be corrected and continued.
pub(super) fn kept<'f>(given: &'f Field<'f>) -> Result<String, Wrong> {
    Ok(kept_line(text(given, "task_id")?))
}

fn kept_line(task_id: &str) -> String {
    [
        "task_id: ",
        task_id,
        " (its session is kept: give this task_id to go on with it)",
    ]
    .concat()
}

/// A result in the form of OpenCode's own task tool.
pub(super) fn output<'f>(given: &'f Field<'f>) -> Result<String, Wrong> {
    let summary = some_text(given, "summary")?.unwrap_or_default();
    let (id, state) = (text(given, "sessionID")?, text(given, "state")?);
    Ok(task_block(id, state, summary, text(given, "text")?))
}

/// The `<task>` block of OpenCode 1.18.33's task tool (`packages/opencode/src/tool/task.ts`): the summary may be empty,
/// which leaves its line out.
pub(super) fn task_block(session_id: &str, state: &str, summary: &str, text: &str) -> String {
    let summary = match summary {
        "" => String::new(),
        summary => ["<summary>", summary, "</summary>\n"].concat(),
    };
    let tag = match state {
        "error" => "task_error",
        _ => "task_result",
    };
    [
        "<task id=\"",
        session_id,
        "\" state=\"",
        state,
        "\">\n",
        &summary,
        "<",
        tag,
        ">\n",
        text,
        "\n</",
        tag,
        ">\n</task>",
    ]
    .concat()
}

/// The error of a failed call in the form of OpenCode's own task tool.
pub(super) fn failure<'f>(given: &'f Field<'f>) -> Result<String, Wrong> {
    Ok(failure_line(
        text(given, "sessionID")?,
        text(given, "message")?,
    ))
}

/// The error of OpenCode 1.18.33's task tool (`packages/opencode/src/tool/task.ts`) for a subagent that failed.
fn failure_line(session_id: &str, message: &str) -> String {
    ["Subagent failed (task_id: ", session_id, "): ", message].concat()
}

/// The error of OpenCode 1.18.33's task tool (`packages/opencode/src/tool/task.ts`) for a call that was cancelled.
const CANCELLED: &str = "Task cancelled";

/// The error of a call that waited for its prompt and got no answer.
pub(super) fn failed<'f>(given: &'f Field<'f>) -> Result<String, Wrong> {
    let state = text(given, "state")?;
    if state == "deleted" {
        return Ok([
            CANCELLED,
            ": its session was deleted. Call again to start a new one.",
        ]
        .concat());
    }
    let answer = given.maybe("answer")?;
    let error = match (&answer, state) {
        (Some(answer), "idle") => some_text(answer, "error")?,
        _ => None,
    };
    let first = if state == "cancelled" {
        CANCELLED.to_owned()
    } else {
        let message = some_text(given, "message")?;
        let message = error.or(message).unwrap_or("It gave no answer.");
        failure_line(text(given, "sessionID")?, message)
    };
    let mut lines = [&first, "\n", &kept_line(text(given, "task_id")?)].concat();
    notices(given, &mut lines)?;
    Ok(lines)
}

fn notices<'f>(given: &'f Field<'f>, lines: &mut String) -> Result<(), Wrong> {
    for notice in given.must("notices")?.list()? {
        lines.push_str(&["\n", notice.text()?].concat());
    }
    Ok(())
}

/// The result of a call that does not wait.
pub(super) fn started<'f>(given: &'f Field<'f>) -> Result<String, Wrong> {
    let behind = given.must("behind")?.whole()?;
    let summary = match behind {
        0 => " started".to_owned(),
        behind => [" waits behind ", &count(behind, "prompt")].concat(),
    };
    let summary = ["Background task ", text(given, "taskID")?, &summary].concat();
    let text_of = "The result will come in a message of its own. Do not wait or ask for it: go on with other work, or end your turn.";
    Ok(task_block(
        text(given, "sessionID")?,
        "running",
        &summary,
        text_of,
    ))
}

/// The message that delivers a background result to its caller.
pub(super) fn ended<'f>(given: &'f Field<'f>) -> Result<String, Wrong> {
    let flag = |key| given.must(key)?.flag();
    let (lost, gone) = (flag("lost")?, flag("gone")?);
    let answer = given.maybe("answer")?;
    let (answered, error) = match &answer {
        Some(answer) => (some_text(answer, "text")?, some_text(answer, "error")?),
        None => (None, None),
    };
    let message = some_text(given, "message")?;
    let (done, words) = match text(given, "state")? {
        _ if gone && lost => (
            "was lost",
            "Its session was deleted before it gave an answer. Call again to start a new one.",
        ),
        _ if lost => ("was lost", "Its process ended before it gave an answer."),
        "cancelled" => (
            "was cancelled",
            "It was cancelled before it gave an answer.",
        ),
        "idle" => match (error, answered) {
            (Some(error), _) => ("failed", error),
            (None, Some(text)) => ("is completed", text),
            (None, None) => ("has ended", "Its session no longer holds the answer."),
        },
        _ => ("failed", message.unwrap_or("It failed.")),
    };
    let completed = done == "is completed";
    let state = if completed { "completed" } else { "error" };
    let summary = ["Background task ", text(given, "taskID")?, " ", done].concat();
    let mut lines = task_block(text(given, "sessionID")?, state, &summary, words);
    let task_id = text(given, "task_id")?;
    if !gone && completed {
        lines.push_str(&["\ntask_id: ", task_id].concat());
    } else if !gone {
        lines.push_str(&["\n", &kept_line(task_id)].concat());
    }
    notices(given, &mut lines)?;
    Ok(lines)
}

/// The error of a denied call: the engine's message, and the sessions that the caller can resume instead.
pub(super) fn denial<'f>(given: &'f Field<'f>) -> Result<String, Wrong> {
    let message = text(given, "message")?;
    let candidates = given.must("candidates")?;
    if candidates.list()?.next().is_none() {
        return Ok(message.to_owned());
    }
    let others = listing("\nSessions that can be resumed:", candidates)?;
    Ok([message, &others].concat())
}

/// The title of a delegation.
pub(super) fn title<'f>(given: &'f Field<'f>) -> Result<String, Wrong> {
    let (description, task_id) = (text(given, "description")?, text(given, "task_id")?);
    let done = done(&given.must("action")?)?;
    // A name that is the description's own is not repeated.
    let own = normalize_slug(description).as_deref() == Some(task_id);
    let name = if own { ["", ""] } else { [task_id, " "] };
    Ok([description, " · ", &name.concat(), done].concat())
}

/// What a summary of a conversation must keep.
pub(super) fn summary_guide<'f>(given: &'f Field<'f>) -> Result<String, Wrong> {
    listing(
        "Subagent sessions of this conversation, to be resumed through the task tool. Keep this list in the summary, word for word:",
        given.must("sessions")?,
    )
}
