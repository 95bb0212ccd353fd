//! What is told of a session, and what is kept of it in the host.

use crate::bootstrap::State;
use crate::error::Wrong;
use crate::id::own_name;
use crate::prompt::Prompt;
use crate::read::Field;
use crate::turn::{Task, tasks};
use serde::Serialize;
use std::sync::Arc;

/// A time in milliseconds since the epoch.
#[cfg_attr(target_arch = "wasm32", tsify::declare)]
pub type Millis = u64;

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

/// Handles, each with the id derived from it.
pub type Names = Vec<(Arc<str>, Arc<str>)>;

/// Reads handles.
pub(crate) fn names(list: Field<'_>) -> Result<Names, Wrong> {
    list.list()?
        .map(|pair| {
            let (slug, derived) = pair.pair()?;
            Ok((slug.text()?.into(), derived.text()?.into()))
        })
        .collect()
}

/// The version of [`Record`] that this engine writes, and the only one that it reads.
pub const RECORD_VERSION: u32 = 1;

/// What the host keeps of a session for the engine, as `metadata.delegate`.
///
/// Whatever does not read as one, a record of another version included, is somebody else's: it is
/// neither used nor replaced.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
// TypeScript has a `Record` of its own, which the other types use.
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
#[cfg_attr(target_arch = "wasm32", tsify(rename = "SessionRecord"))]
pub struct Record {
    /// [`RECORD_VERSION`].
    pub v: u32,
    /// Its handle.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub slug: Option<String>,
    /// The id derived from its handle.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Its agent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub agent: Option<String>,
    /// What it was asked for.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub description: String,
    /// The budget that held when it was spawned.
    pub budget: u32,
    /// The calls of it that are spent.
    pub used: u32,
    /// The handles that it had before, each with the id derived from it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(target_arch = "wasm32", tsify(type = "[string, string][]"))]
    pub former: Names,
    /// The names that another plugin gave it, and since when its caller has known them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(target_arch = "wasm32", tsify(type = "[string, number][]"))]
    pub aliases: Vec<(Arc<str>, Millis)>,
    /// The context in use, in tokens.
    pub tokens: u64,
    /// The model's window, in tokens.
    pub window: u64,
    /// When it was last prompted or heard of: writing the record counts as an update in the host.
    #[serde(rename = "lastUsed", skip_serializing_if = "Option::is_none")]
    pub last_used: Option<Millis>,
    /// Its first prompt, until that is in the session.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub prompt: Option<Prompt>,
    /// The user message that its first prompt makes.
    #[serde(rename = "messageID", skip_serializing_if = "Option::is_none")]
    pub message_id: Option<String>,
    /// Its background tasks: those whose caller was not told yet, and the last.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tasks: Vec<Task>,
    /// Who runs its prompt.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub process: Option<String>,
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

impl Record {
    /// Reads a record, or gives `None` where it is somebody else's.
    pub(crate) fn of(record: Field<'_>) -> Option<Record> {
        let ours = || {
            record.only(&[
                "v",
                "slug",
                "id",
                "agent",
                "description",
                "budget",
                "used",
                "former",
                "aliases",
                "tokens",
                "window",
                "lastUsed",
                "prompt",
                "messageID",
                "tasks",
                "process",
            ])?;
            let text = |key| {
                record
                    .given(key)?
                    .map(|text| text.text().map(str::to_owned))
                    .transpose()
            };
            let whole = |key| record.given(key)?.map_or(Ok(0), |number| number.whole());
            Ok::<_, Wrong>(Record {
                v: record.must("v")?.count()?,
                slug: text("slug")?.filter(|slug| own_name(slug).is_some()),
                id: text("id")?,
                agent: text("agent")?,
                description: text("description")?.unwrap_or_default(),
                budget: record.must("budget")?.count()?,
                used: record.must("used")?.count()?,
                former: record
                    .given("former")?
                    .map(names)
                    .transpose()?
                    .unwrap_or_default(),
                aliases: record
                    .given("aliases")?
                    .map(|aliases| aliases.times())
                    .transpose()?
                    .unwrap_or_default(),
                tokens: whole("tokens")?,
                window: whole("window")?,
                last_used: record
                    .given("lastUsed")?
                    .map(|time| time.whole())
                    .transpose()?,
                prompt: record.given("prompt")?.map(Prompt::of).transpose()?,
                message_id: text("messageID")?,
                tasks: record
                    .given("tasks")?
                    .map(tasks)
                    .transpose()?
                    .unwrap_or_default(),
                process: text("process")?,
            })
        };
        ours().ok().filter(|record| record.v == RECORD_VERSION)
    }
}
