//! What the host keeps of a session.

use crate::error::Wrong;
use crate::json::Field;
use crate::names::own_name;
use crate::protocol::prompt::Prompt;
use crate::protocol::task::{Task, tasks};
use crate::time::Millis;
use serde::Serialize;
use std::sync::Arc;

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
