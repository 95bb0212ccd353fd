//! What the host should do, of what happened.

use crate::protocol::permission::HostRule;
use crate::protocol::prompt::{Message, State};
use crate::protocol::record::Record;
use crate::time::Millis;
use serde::Serialize;
use std::sync::Arc;

/// What the host should do. Effects are to be carried out in the order in which they come: what is
/// stored before a prompt is sent must be stored by then.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
#[serde(tag = "type", rename_all = "lowercase")]
pub enum Effect {
    /// Keep the record as `metadata.delegate` of that session, in place of the one before.
    Store {
        /// Which session.
        #[serde(rename = "sessionID")]
        #[cfg_attr(target_arch = "wasm32", tsify(type = "string"))]
        session_id: Arc<str>,
        /// What to keep.
        #[cfg_attr(target_arch = "wasm32", tsify(type = "SessionRecord"))]
        record: Box<Record>,
        /// Whether it may wait until nobody waits for the host: lost, it would only leave a count
        /// too high or be found out again.
        #[serde(skip_serializing_if = "std::ops::Not::not")]
        #[cfg_attr(target_arch = "wasm32", tsify(optional))]
        later: bool,
    },
    /// Create a child, with its record in its metadata from the first moment, and commit the ticket.
    Create {
        /// The ticket of the decision.
        ticket: u32,
        /// The caller's session.
        #[serde(rename = "parentID")]
        #[cfg_attr(target_arch = "wasm32", tsify(type = "string"))]
        parent_id: Arc<str>,
        /// Its title, as OpenCode's own tool makes it.
        title: String,
        /// Its agent.
        agent: String,
        /// Its permission.
        permission: Vec<HostRule>,
        /// What to keep as `metadata.delegate`.
        #[cfg_attr(target_arch = "wasm32", tsify(type = "SessionRecord"))]
        record: Box<Record>,
    },
    /// A prompt was taken up: its end will be told.
    Wait {
        /// Whose prompt.
        #[serde(rename = "sessionID")]
        #[cfg_attr(target_arch = "wasm32", tsify(type = "string"))]
        session_id: Arc<str>,
        /// Which of its prompts.
        turn: u32,
        /// How many prompts of that session are before it.
        behind: usize,
        /// The id of the background task that it is.
        #[serde(rename = "taskID", skip_serializing_if = "Option::is_none")]
        task_id: Option<String>,
    },
    /// Send a prompt.
    Send {
        /// To which session.
        #[serde(rename = "sessionID")]
        #[cfg_attr(target_arch = "wasm32", tsify(type = "string"))]
        session_id: Arc<str>,
        /// Which of its prompts.
        turn: u32,
        /// Which attempt.
        attempt: u32,
        /// The request.
        message: Message,
        /// How long it may give no sign of life before it has failed, in milliseconds.
        stall: Millis,
    },
    /// Send a prompt once more, or go on from the session's history, after a while.
    Retry {
        /// To which session.
        #[serde(rename = "sessionID")]
        #[cfg_attr(target_arch = "wasm32", tsify(type = "string"))]
        session_id: Arc<str>,
        /// Which of its prompts.
        turn: u32,
        /// Which attempt.
        attempt: u32,
        /// The request; without parts it goes on from the history.
        message: Message,
        /// How long to wait before, in milliseconds.
        after: Millis,
        /// How long it may give no sign of life before it has failed, in milliseconds.
        stall: Millis,
    },
    /// End what a session runs.
    Abort {
        /// Which session.
        #[serde(rename = "sessionID")]
        #[cfg_attr(target_arch = "wasm32", tsify(type = "string"))]
        session_id: Arc<str>,
    },
    /// Let go of all that is kept of a prompt.
    Forget {
        /// Of which session.
        #[serde(rename = "sessionID")]
        #[cfg_attr(target_arch = "wasm32", tsify(type = "string"))]
        session_id: Arc<str>,
        /// Which of its prompts.
        turn: u32,
    },
    /// Tell the caller how a prompt ended.
    Deliver {
        /// Whose prompt.
        #[serde(rename = "sessionID")]
        #[cfg_attr(target_arch = "wasm32", tsify(type = "string"))]
        session_id: Arc<str>,
        /// Which of its prompts.
        turn: u32,
        /// How it ended.
        state: State,
        /// Why it failed.
        #[serde(skip_serializing_if = "Option::is_none")]
        message: Option<String>,
        /// What the caller should know.
        notices: Vec<String>,
        /// For a background task, how to tell its caller: exactly once.
        #[serde(skip_serializing_if = "Option::is_none")]
        to: Option<Telling>,
    },
    /// Find out what became of a prompt whose process is gone, and tell it: accepted when its message
    /// is in the session, answered when that was, lost otherwise.
    Check {
        /// Whose prompt.
        #[serde(rename = "sessionID")]
        #[cfg_attr(target_arch = "wasm32", tsify(type = "string"))]
        session_id: Arc<str>,
        /// Which of its prompts.
        turn: u32,
        /// Which attempt.
        attempt: u32,
        /// The user message to look for; none was sent where there is none.
        #[serde(rename = "messageID", skip_serializing_if = "Option::is_none")]
        message_id: Option<String>,
    },
}

/// How the result of a background task reaches its caller.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
pub struct Telling {
    /// The caller's session.
    #[serde(rename = "callerID")]
    pub caller_id: String,
    /// The task.
    #[serde(rename = "taskID")]
    pub task_id: String,
    /// The user message of its prompt, after which the answer stands.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub asked: Option<String>,
    /// Whether its process is gone, so that there is nothing to tell but that.
    pub lost: bool,
    /// The messages that were chosen to carry it before: where one of them is in the caller's session,
    /// the caller was told.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(target_arch = "wasm32", tsify(optional))]
    pub unless: Vec<String>,
    /// The message that carries it.
    #[serde(rename = "messageID")]
    pub message_id: String,
    /// The part of that message.
    #[serde(rename = "partID")]
    pub part_id: String,
    /// Whether that message is the user's next one, to which a part is added; else it is to be sent.
    pub joins: bool,
}
