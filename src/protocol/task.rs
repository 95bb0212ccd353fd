//! Background tasks.

use crate::shape::shape;
use crate::time::Millis;
use crate::words::words;

words! {
    /// The state of a background task.
    pub enum TaskState {
        /// It waits or runs.
        Running = "running",
        /// It was answered.
        Completed = "completed",
        /// It failed.
        Error = "error",
        /// A user or an agent cancelled it.
        Cancelled = "cancelled",
        /// The process that ran it is gone.
        Lost = "lost",
    }
}

shape! {
    /// A background task of a session, as the host stores it.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub strict struct Task {
        /// `bg_` and 8 hexadecimal digits of the SHA-256 of the session's derived id, or of that and `+` as often as an
        /// undone session has the id: the same for every task of a session.
        id: String => must,
        /// The prompt's number in its session, from 1 up.
        prompt_no: u32 => must,
        /// The caller's session, into which the result is delivered.
        caller_id "callerID": String => must,
        /// Its state.
        state: TaskState => must,
        /// When it began, in milliseconds since the epoch.
        since: Millis => must,
        /// The user message of its prompt, once it was sent.
        message_id "messageID": Option<String> => maybe,
        /// Why it failed.
        message: Option<String> => maybe,
        /// Sentences for the caller.
        notices: Vec<String> => empty,
        /// The messages that were chosen to deliver the result, or the notice of it; one of them may have delivered it.
        delivered_by "deliveredBy": Vec<String> => empty,
        /// Whether the result was delivered.
        delivered: bool => must,
        /// The caller had answered its own caller before it got the result. A session above is to get a notice, which
        /// stands for so many tasks; absent, none is due.
        unread: u32 => empty,
        /// Another process that runs it, or is to deliver its result. The tasks of a record that name none are those of the
        /// record's `process`.
        process: Option<String> => maybe,
    }
}

/// The largest number of a prompt.
pub(crate) const LAST_PROMPT_NO: u32 = i32::MAX as u32;

impl Task {
    /// Whether it is over, and its result or the notice of it is to be delivered.
    pub(crate) fn is_due(&self) -> bool {
        self.state != TaskState::Running && (!self.delivered || self.unread > 0)
    }

    /// Whether it runs, or its result or the notice of it is to be delivered.
    pub(crate) fn is_open(&self) -> bool {
        !self.delivered || self.unread > 0
    }

    /// Whether another task is this one, perhaps with another number, or before its message was sent.
    pub(crate) fn is_same(&self, other: &Task) -> bool {
        self.caller_id == other.caller_id
            && match (&self.message_id, &other.message_id) {
                (Some(ours), Some(theirs)) => ours == theirs,
                _ => self.since == other.since,
            }
    }

    /// Whether its prompt has a number that this engine gives.
    pub(super) fn is_numbered(&self) -> bool {
        (1..=LAST_PROMPT_NO).contains(&self.prompt_no)
    }
}
