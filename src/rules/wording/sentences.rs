//! Sentences about calls that went wrong.

use super::{some_text, text};
use crate::error::Wrong;
use crate::json::Field;

/// The line below the result of a call that ran without a decision, and a second one if its `task_id` was not used.
pub(super) fn undecided<'f>(given: &'f Field<'f>) -> Result<String, Wrong> {
    let message = text(given, "message")?;
    let line = [
        "opencode-delegate did not apply its rules to this call: ",
        message,
    ]
    .concat();
    Ok(match some_text(given, "task_id")? {
        None => line,
        Some(task_id) => [
            &line,
            "\nopencode-delegate could not look up \"",
            task_id,
            "\", so a new session was started.",
        ]
        .concat(),
    })
}

/// The error of a subagent's call without a decision.
pub(super) fn undecided_subagent<'f>(given: &'f Field<'f>) -> Result<String, Wrong> {
    let message = text(given, "message")?;
    Ok([
        "A subagent's call that cannot be decided is denied: ",
        message,
    ]
    .concat())
}

/// The notice of a session that was resumed without the summary that the decision asked for.
pub(super) fn not_summarised<'f>(given: &'f Field<'f>) -> Result<String, Wrong> {
    let message = text(given, "message")?;
    Ok([
        "Its context could not be summarised, so it was resumed as it is: ",
        message,
    ]
    .concat())
}

/// The message of an attempt that was silent for too long.
pub(super) fn stalled<'f>(given: &'f Field<'f>) -> Result<String, Wrong> {
    let seconds = given.must("stall")?.amount()?.saturating_add(500) / 1000;
    Ok([
        "It gave no sign of life for ",
        &seconds.to_string(),
        " seconds.",
    ]
    .concat())
}

/// The message of a prompt whose process ended.
pub(super) fn lost<'f>(_: &'f Field<'f>) -> Result<String, Wrong> {
    Ok("The process that ran it is gone.".to_owned())
}

/// The message of an attempt that OpenCode ended without a reason.
pub(super) fn no_answer<'f>(_: &'f Field<'f>) -> Result<String, Wrong> {
    Ok("OpenCode gave no answer.".to_owned())
}

/// The error of a call that was open when OpenCode reloaded the plugin: another instance goes on.
pub(super) fn reloaded<'f>(_: &'f Field<'f>) -> Result<String, Wrong> {
    Ok("OpenCode reloaded this plugin during the call. Call again.".to_owned())
}

/// The error of a call whose session was deleted before the engine took its prompt.
pub(super) fn session_gone<'f>(_: &'f Field<'f>) -> Result<String, Wrong> {
    Ok(
        "The session of this task is gone. Call again without its task_id to start a new one."
            .to_owned(),
    )
}

/// The error of a call whose ticket was refunded before its child existed.
pub(super) fn call_ended<'f>(_: &'f Field<'f>) -> Result<String, Wrong> {
    Ok("The call ended before its session was created. Call again.".to_owned())
}

/// The error of a call whose caller ended its turn.
pub(super) fn caller_ended<'f>(_: &'f Field<'f>) -> Result<String, Wrong> {
    Ok("The calling session has ended its turn.".to_owned())
}
