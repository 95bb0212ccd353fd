//! The texts with several forms, chosen by their fields.

use crate::error::Wrong;
use crate::json::{Field, Read};
use crate::names::normalize_slug;
use crate::protocol::Status;
use crate::rules::wording::fields::{has, some_text, text};

/// Templates, one after the other.
pub(super) type Pieces = [&'static str; 3];

pub(super) fn verdict<'f>(given: &'f Field<'f>) -> Result<Pieces, Wrong> {
    let action = given.must("action")?;
    let head = action.one_of(&[
        ("resume", "task_id: {task_id} (resumed: {reason})"),
        (
            "compact",
            "task_id: {task_id} (summarised and resumed: {reason})",
        ),
        ("join", "task_id: {task_id} (resumed: {reason})"),
        ("spawn", "task_id: {task_id} (spawned: {reason})"),
    ])?;
    Ok([head, "{?notice}{+troubles}", ""])
}

pub(super) fn output<'f>(given: &'f Field<'f>) -> Result<Pieces, Wrong> {
    let block = match text(given, "state")? {
        "error" => block!("error", "task_error", "", "{!text}"),
        _ => result!("{state}", "{!text}"),
    };
    Ok([block, "", ""])
}

pub(super) fn failed<'f>(given: &'f Field<'f>) -> Result<Pieces, Wrong> {
    let state = text(given, "state")?;
    let first = match state {
        "deleted" => {
            let deleted = "Task cancelled: its session was deleted. Call again to start a new one.";
            return Ok([deleted, "", ""]);
        }
        // The error of OpenCode 1.18.33's task tool for a call that was cancelled.
        "cancelled" => "Task cancelled",
        "idle" if some_text(given, "error")?.is_some() => failure!("{!error}"),
        _ if some_text(given, "message")?.is_some() => failure!("{:message}"),
        _ => failure!("It gave no answer."),
    };
    Ok([first, concat!("\n", kept!()), "{+notices}"])
}

/// Whether a prompt that has ended gave an answer.
pub(super) fn answered(given: &Field<'_>) -> Result<bool, Wrong> {
    let ended = text(given, "state")? == "idle";
    Ok(ended && some_text(given, "text")?.is_some() && some_text(given, "error")?.is_none())
}

pub(super) fn started<'f>(given: &'f Field<'f>) -> Result<Pieces, Wrong> {
    macro_rules! started {
        ($done:literal) => {
            background!(
                "running",
                "task_result",
                $done,
                "The result will come in a message of its own. Do not wait or ask for it: go on with other work, or end your turn."
            )
        };
    }
    let block = match given.must("prompts")?.whole()? {
        0 => started!("started"),
        _ => started!("waits behind {#prompts}"),
    };
    Ok([block, "", ""])
}

pub(super) fn ended<'f>(given: &'f Field<'f>) -> Result<Pieces, Wrong> {
    macro_rules! error {
        ($done:literal, $text:literal) => {
            background!("error", "task_error", $done, $text)
        };
    }
    let (lost, gone) = (given.must("lost")?.flag()?, given.must("gone")?.flag()?);
    let some = |key| Ok::<_, Wrong>(some_text(given, key)?.is_some());
    let state = text(given, "state")?;
    let completed = !lost && answered(given)?;
    let block = match state {
        _ if gone && lost => error!(
            "was lost",
            "Its session was deleted before it gave an answer. Call again to start a new one."
        ),
        _ if lost => error!("was lost", "Its process ended before it gave an answer."),
        _ if completed => background!("completed", "task_result", "is completed", "{!text}"),
        "cancelled" => error!(
            "was cancelled",
            "It was cancelled before it gave an answer."
        ),
        "idle" if some("error")? => error!("failed", "{!error}"),
        "idle" => error!("has ended", "Its session holds no answer."),
        _ if some("message")? => error!("failed", "{:message}"),
        _ => error!("failed", "It failed."),
    };
    let name = match completed {
        _ if gone => "",
        true => "\ntask_id: {task_id}",
        false => concat!("\n", kept!()),
    };
    Ok([block, name, "{+notices}{?used}"])
}

pub(super) fn ended_below<'f>(given: &'f Field<'f>) -> Result<Pieces, Wrong> {
    let end = match text(given, "state")? {
        _ if given.must("lost")?.flag()? => "lost",
        "idle" => "completed",
        "cancelled" => "cancelled",
        _ => "failed",
    };
    let others = given
        .maybe("others")?
        .map_or(Ok(0), |others| others.whole())?;
    macro_rules! unread {
        ($more:literal) => {
            concat!(
                ". \"{caller}\" got the result after the call to \"{caller}\" had ended. To use the result, give task_id \"{caller}\" to the task tool.",
                $more
            )
        };
    }
    let rest = match others {
        0 => unread!(""),
        _ => unread!("\nSo have {#others}."),
    };
    Ok([
        "Background task \"{description}\" (task_id \"{task_id}\") of \"{caller}\" has ended: ",
        end,
        rest,
    ])
}

pub(super) fn denial<'f>(given: &'f Field<'f>) -> Result<Pieces, Wrong> {
    let others = match has(given, "candidates")? {
        true => "\nSessions that can be resumed:{*candidates}",
        false => "",
    };
    Ok(["{:message}", others, ""])
}

pub(super) fn title<'f>(given: &'f Field<'f>) -> Result<Pieces, Wrong> {
    // A name that is the description's own is not repeated.
    let own =
        normalize_slug(text(given, "description")?).as_deref() == Some(text(given, "task_id")?);
    let done = given.must("action")?.one_of(&[
        ("resume", "resumed"),
        ("compact", "summarised and resumed"),
        ("join", "resumed"),
        ("spawn", "spawned"),
    ])?;
    Ok([
        "{~description} · ",
        if own { "" } else { "{task_id} " },
        done,
    ])
}

pub(super) fn no_session<'f>(given: &'f Field<'f>) -> Result<Pieces, Wrong> {
    let there = match has(given, "sessions")? {
        true => " There are: {,sessions}.",
        false => " There is none yet.",
    };
    Ok([
        "There is no subagent session \"{task_id}\" within reach.",
        there,
        "",
    ])
}

/// Whether a session has no turn running and no prompt.
fn is_idle(given: &Field<'_>) -> Result<bool, Wrong> {
    Ok(Status::of(given.must("status")?)? == Status::Idle && given.maybe("prompt")?.is_none())
}

pub(super) fn delegate_output<'f>(given: &'f Field<'f>) -> Result<Pieces, Wrong> {
    let some = |key| Ok::<_, Wrong>(some_text(given, key)?.is_some());
    let words = some("words")?;
    let task = given.maybe("task")?;
    let task = task.as_ref().map(|task| text(task, "state")).transpose()?;
    let lost = match task {
        Some("lost") => {
            "\nIts process ended during its last task; give this task_id to the task tool to go on."
        }
        _ => "",
    };
    // A session that runs has not given the answer that the caller asks for.
    Ok(if !is_idle(given)? {
        let more = "\nThe session is still running; this is its last text.";
        let block = match words {
            true => result!("running", "{!words}"),
            false => result!("running", "The session has no text yet."),
        };
        [block, "\ntask_id: {task_id}", more]
    } else {
        let block = if some("error")? {
            block!("error", "task_error", "", "{!error}")
        } else if some("text")? {
            result!("completed", "{!text}")
        } else if some("message")? {
            block!("error", "task_error", "", "{:message}")
        } else if words {
            block!("error", "task_error", "", "{!words}")
        } else {
            block!("error", "task_error", "", "The session has no text yet.")
        };
        [block, "\ntask_id: {task_id}", lost]
    })
}

pub(super) fn delegate_cancel<'f>(given: &'f Field<'f>) -> Result<Pieces, Wrong> {
    let idle = Status::of(given.must("status")?)? == Status::Idle;
    let done = match given.must("prompts")?.whole()? {
        0 if idle => "The session was idle, so nothing was cancelled.",
        0 => "The session's turn was cancelled.",
        _ => "Cancelled {#prompts}.",
    };
    Ok([done, concat!("\n", kept!()), ""])
}

pub(super) fn run<'f>(given: &'f Field<'f>) -> Result<Pieces, Wrong> {
    let line = match has(given, "sessions")? {
        true => "opencode-delegate: {@sessions}",
        false => "",
    };
    Ok([line, "", ""])
}
