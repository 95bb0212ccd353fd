//! The failure of an attempt, as the prompt table sees it.

use crate::one_line;
use crate::protocol::Failure;
use crate::rules::prompt_table::News;

/// Whether an error of OpenCode says that the session was aborted: its message then ends with `MessageAbortedError`
/// (OpenCode 1.18.33, `session/message-v2.ts`).
pub(crate) fn is_abort(name: &str) -> bool {
    name == "MessageAbortedError"
}

/// Gives the event of the prompt table that a failure stands for.
///
/// Two errors of OpenCode mean more than that the attempt failed: an abort, and one whose message begins with `Agent not
/// found`, which a prompt for an unknown agent publishes (OpenCode 1.18.33, `session/prompt.ts`).
pub(crate) fn news(failure: &Failure) -> News {
    match failure {
        Failure::Host { name, .. } if is_abort(name) => News::Cancelled,
        Failure::Host { message, .. } if holds(message, "Agent not found") => News::NoAgent,
        Failure::Host {
            retryable: Some(true),
            ..
        } => News::Broken,
        Failure::Host { .. } | Failure::Prepare { .. } => News::Refused,
        Failure::Stalled { .. } | Failure::Connection { .. } | Failure::Empty => News::Broken,
        Failure::Retrying { .. } => News::Retrying,
        Failure::Lost => News::Lost,
    }
}

/// Whether a text holds another. The search of the standard library, for long texts, has ten times the code.
fn holds(text: &str, part: &str) -> bool {
    let part = part.as_bytes();
    text.as_bytes()
        .windows(part.len())
        .any(|piece| piece == part)
}

/// Gives the sentence about a failure that callers read. It stands in the record of a task: so it is one line, and bounded.
pub(crate) fn sentence(failure: &Failure) -> String {
    match failure {
        Failure::Host { message, .. }
        | Failure::Retrying { message }
        | Failure::Connection { message }
        | Failure::Prepare { message } => one_line::message(message).into_owned(),
        Failure::Stalled { after_ms } => {
            let seconds = after_ms.saturating_add(500) / 1_000;
            format!("It gave no sign of life for {seconds} seconds.")
        }
        Failure::Lost => "The process that ran it is gone.".to_owned(),
        Failure::Empty => "It gave an empty answer.".to_owned(),
    }
}
