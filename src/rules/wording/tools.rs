//! What the tools `delegate_output`, `delegate_cancel` and `delegate_list` answer.

use super::results::{kept, task_block};
use super::tree::{diagram, table};
use super::{count, some_text, text};
use crate::error::Wrong;
use crate::json::Field;
use crate::protocol::Status;

/// The error of a tool that was given no session's name.
pub(super) fn no_session<'f>(given: &'f Field<'f>) -> Result<String, Wrong> {
    let names = given.must("names")?.texts()?;
    let there = match names.is_empty() {
        true => " There is none yet.".to_owned(),
        false => [" There are: ", &names.join(", "), "."].concat(),
    };
    let task_id = text(given, "task_id")?;
    Ok([
        "There is no subagent session \"",
        task_id,
        "\" within reach.",
        &there,
    ]
    .concat())
}

/// The last answer of a session, and its state.
pub(super) fn delegate_output<'f>(given: &'f Field<'f>) -> Result<String, Wrong> {
    let session = given.must("session")?;
    let (id, slug) = (text(&session, "id")?, some_text(&session, "slug")?);
    let idle = Status::of(session.must("status")?)? == Status::Idle;
    let busy = !idle || session.maybe("prompt")?.is_some();
    // A session that runs has not given the answer that is asked for.
    let end = |key| given.maybe(key).map(|end| end.filter(|_| !busy));
    let (answer, trouble) = (end("answer")?, end("trouble")?);
    let (answered, error) = match &answer {
        Some(answer) => (some_text(answer, "text")?, some_text(answer, "error")?),
        None => (None, None),
    };
    let failed = match &trouble {
        Some(trouble) => Some(text(trouble, "message")?),
        None => None,
    };
    let words = error.or(answered).or(failed).or(some_text(given, "words")?);
    let words = words.unwrap_or("The session has no text yet.");
    let state = match answered {
        _ if busy => "running",
        Some(_) => "completed",
        None => "error",
    };
    let block = task_block(id, state, "", words);
    let lost = match session.maybe("task")? {
        Some(task) => text(&task, "state")? == "lost",
        None => false,
    };
    let more = match (busy, lost) {
        (true, _) => "\nThe session is still running; this is its last text.",
        (false, true) => {
            "\nIts process ended during its last task; give this task_id to the task tool to go on."
        }
        _ => "",
    };
    Ok([&block, "\ntask_id: ", slug.unwrap_or(id), more].concat())
}

/// What was cancelled.
pub(super) fn delegate_cancel<'f>(given: &'f Field<'f>) -> Result<String, Wrong> {
    let idle = Status::of(given.must("status")?)? == Status::Idle;
    let done = match given.must("prompts")?.whole()? {
        0 if idle => "The session was idle, so nothing was cancelled.".to_owned(),
        0 => "The session's turn was cancelled.".to_owned(),
        prompts => ["Cancelled ", &count(prompts, "prompt"), "."].concat(),
    };
    Ok([&done, "\n", &kept(given)?].concat())
}

/// The title of a list of sessions: their number.
pub(super) fn delegate_list_title<'f>(given: &'f Field<'f>) -> Result<String, Wrong> {
    Ok(count(given.must("count")?.whole()?, "session"))
}

/// The sessions of a root, as a table or as a diagram.
pub(super) fn delegate_list<'f>(given: &'f Field<'f>) -> Result<String, Wrong> {
    let mermaid = match given.maybe("format")? {
        Some(format) => format.one_of(&[("table", false), ("mermaid", true)])?,
        None => false,
    };
    let sessions = given.must("sessions")?;
    match mermaid {
        true => diagram(&sessions),
        false => table(&sessions, given.must("now")?.amount()?),
    }
}
