//! What is told of a session, and what is kept of it in the host.

use crate::error::Wrong;
use crate::json::Field;
use crate::protocol::prompt::State;
use crate::protocol::task::Task;
use crate::time::Millis;
use serde::Serialize;
use std::sync::Arc;

/// What a session is doing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
pub enum Status {
    /// A turn is running.
    Busy,
    /// A turn is running, and the host retries the model.
    Retry,
    /// No turn is running: control is with its caller.
    #[default]
    Idle,
}

/// A session as the engine knows it.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
pub struct Session {
    /// The host's id.
    #[cfg_attr(target_arch = "wasm32", tsify(type = "string"))]
    pub id: Arc<str>,
    /// The session that it is a child of; none for a root.
    #[serde(rename = "parentID", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(target_arch = "wasm32", tsify(type = "string"))]
    pub parent_id: Option<Arc<str>>,
    /// The topmost session above it; a root is its own.
    #[serde(rename = "rootID")]
    #[cfg_attr(target_arch = "wasm32", tsify(type = "string"))]
    pub root_id: Arc<str>,
    /// How far below its root: 0 for a root.
    pub depth: u32,
    /// The agent that it was spawned for.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(target_arch = "wasm32", tsify(type = "string"))]
    pub agent: Option<Arc<str>>,
    /// What it was asked for, in a few words.
    #[cfg_attr(target_arch = "wasm32", tsify(type = "string"))]
    pub description: Arc<str>,
    /// Its handle.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(target_arch = "wasm32", tsify(type = "string"))]
    pub slug: Option<Arc<str>>,
    /// The id derived from its handle.
    #[serde(rename = "derivedID", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(target_arch = "wasm32", tsify(type = "string"))]
    pub derived_id: Option<Arc<str>>,
    /// What it is doing.
    pub status: Status,
    /// When it was last prompted or heard of.
    #[serde(rename = "lastUsed")]
    pub last_used: Millis,
    /// The context in use, in tokens.
    pub tokens: u64,
    /// The model's window, in tokens; 0 where it is not known.
    pub window: u64,
    /// The calls that it may make before it returns control; none for a root.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub budget: Option<u32>,
    /// The calls of that budget that are spent.
    pub used: u32,
    /// How far the prompt has come that it runs or is to run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub prompt: Option<State>,
    /// How many prompts wait behind that one.
    #[serde(skip_serializing_if = "is_none")]
    pub waiting: usize,
    /// Its last background task.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub task: Option<Task>,
}

fn is_none(count: &usize) -> bool {
    *count == 0
}

/// A session that a request could have resumed.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
pub struct Candidate {
    /// The host's id.
    #[serde(rename = "sessionID")]
    #[cfg_attr(target_arch = "wasm32", tsify(type = "string"))]
    pub session_id: Arc<str>,
    /// Its handle.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(target_arch = "wasm32", tsify(type = "string"))]
    pub slug: Option<Arc<str>>,
    /// Its agent.
    #[cfg_attr(target_arch = "wasm32", tsify(type = "string"))]
    pub agent: Arc<str>,
    /// What it was asked for.
    #[cfg_attr(target_arch = "wasm32", tsify(type = "string"))]
    pub description: Arc<str>,
    /// How likely the request follows it up, 0 to 1; 0 while nothing but its recency speaks for it.
    pub confidence: f64,
    /// When it was last prompted or heard of.
    #[serde(rename = "lastUsed")]
    pub last_used: Millis,
}

impl Status {
    pub(crate) fn of(word: Field<'_>) -> Result<Status, Wrong> {
        word.one_of(&[
            ("busy", Status::Busy),
            ("retry", Status::Retry),
            ("idle", Status::Idle),
        ])
    }
}

impl Candidate {
    pub(crate) fn of(candidate: Field<'_>) -> Result<Candidate, Wrong> {
        Ok(Candidate {
            session_id: candidate.must("sessionID")?.text()?.into(),
            slug: candidate
                .given("slug")?
                .map(|slug| slug.text().map(Arc::from))
                .transpose()?,
            agent: candidate.must("agent")?.text()?.into(),
            description: candidate.must("description")?.text()?.into(),
            confidence: candidate.must("confidence")?.share("")?,
            last_used: candidate.must("lastUsed")?.whole()?,
        })
    }
}
