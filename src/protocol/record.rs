//! The record of a session in its host.

use crate::error::Wrong;
use crate::json::{Field, Read};
use crate::json_value::JsonValue;
use crate::names::own_name;
use crate::protocol::prompt::{Model, Prompt};
use crate::protocol::request::Author;
use crate::protocol::task::Task;
use crate::shape::shape;
use crate::time::Millis;
use std::borrow::Cow;
use std::sync::Arc;

/// Names, each with the id derived from it.
pub type Names = Vec<(Arc<str>, Arc<str>)>;

/// A place in the messages of a session: the id of a message and of a part. The host's ids rise.
pub type Place = (Arc<str>, Arc<str>);

/// The version of [`Record`] that this engine writes. It reads version 1 too.
pub const RECORD_VERSION: u32 = 2;

/// The fields of a task that version 1 spells otherwise: each with its spelling of today.
const RENAMED: [(&str, &str); 3] = [
    ("turn", "prompt_no"),
    ("toldBy", "deliveredBy"),
    ("told", "delivered"),
];

shape! {
    /// The record of a session in its host, as `metadata.delegate`.
    ///
    /// A value of another shape, or a record of another version, is another program's. The engine neither uses nor
    /// replaces it.
    #[derive(Clone, Debug, Default, PartialEq)]
    pub strict struct Record as SessionRecord {
        /// The version of its shape.
        v: u32 => must,
        /// Its name.
        slug: Option<String> => flat(slug),
        /// The id derived from its name.
        id: Option<String> => given,
        /// Its agent.
        agent: Option<String> => given,
        /// Its task in a few words.
        description: String => empty,
        /// The budget that held when it was spawned, in calls.
        budget: u32 => must,
        /// The calls of it that are spent.
        used: u32 => must,
        /// How often a call resumed it; absent if none did.
        resumed: u32 => empty,
        /// The context that it held at these calls, in tokens, added up; absent if that is nothing.
        saved: u64 => empty,
        /// The names that it had before, each with the id derived from it.
        former: Names => empty,
        /// The names that another plugin gave it, and since when its caller has known each, in milliseconds since the epoch.
        aliases: Vec<(Arc<str>, Millis)> => empty,
        /// The context in use, in tokens.
        tokens: u64 => zero,
        /// The model's window, in tokens.
        window: u64 => zero,
        /// The model that a call chose for it; absent if none did.
        model: Option<Model> => given,
        /// When it was last used, in milliseconds since the epoch. The host counts each write of the record as an
        /// update.
        last_used "lastUsed": Option<Millis> => given,
        /// When a person last gave it a name, in milliseconds since the epoch; absent if none did. The write of a name
        /// is no use of the session.
        renamed: Option<Millis> => given,
        /// Its first prompt, until that is in the session.
        prompt: Option<Prompt> => given,
        /// The user message that its first prompt makes.
        message_id "messageID": Option<String> => given,
        /// Its background tasks: those of which something is to be delivered, and the last.
        tasks: Vec<Task> => empty,
        /// The message and the part of its parent's call that spawned it. The part is empty until the host shows it.
        spawned: Option<Place> => given,
        /// Whether that call was removed.
        undone: Option<bool> => given,
        /// The names that it lost to others while that call was undone. The messages of a fork may still give them.
        freed: Vec<Arc<str>> => empty,
        /// Who made the call that spawned it; absent if a model did.
        by: Option<Author> => given,
        /// The last files that it read or changed, relative to the project: at most 64, of 4 096 bytes together.
        files: Vec<Arc<str>> => empty,
        /// How many hints named it to a caller; absent if none did.
        hinted: u32 => empty,
        /// After how many of them that caller named it next.
        hint_followed: u32 => empty,
        /// The process that runs its prompt.
        process: Option<String> => given,
        /// The process that stored the record, if another one runs its prompt. That one may know more of its prompts.
        writer: Option<String> => given,
    }
}

/// Reads a name; an unusable one is ignored.
fn slug(field: Option<Field<'_>>) -> Result<Option<String>, Wrong> {
    let slug = field.map(String::of).transpose()?;
    Ok(slug.filter(|slug| own_name(slug).is_some()))
}

impl Record {
    /// Reads a record, or gives `None` if it is another program's.
    pub(crate) fn of(record: Field<'_>) -> Option<Record> {
        let today = match record.given("v").ok()??.whole().ok()? {
            1 => &of_today(record.json())?,
            _ => record.json(),
        };
        let ours = <Record as Read>::of(Field::alone(today)).ok();
        ours.filter(|record| record.v == RECORD_VERSION)
            .filter(|record| record.tasks.iter().all(Task::is_numbered))
    }
}

/// A record of version 1 in the spelling of today; one that has that already is another program's.
fn of_today<'a>(record: &'a JsonValue<'a>) -> Option<JsonValue<'a>> {
    let fields = record.as_object()?.iter().map(|(key, value)| {
        let today = match (&**key, value) {
            ("v", _) => JsonValue::Number(RECORD_VERSION.into()),
            ("tasks", JsonValue::List(tasks)) => {
                JsonValue::List(tasks.iter().map(task_of_today).collect::<Option<_>>()?)
            }
            _ => value.clone(),
        };
        Some((key.clone(), today))
    });
    Some(JsonValue::Object(fields.collect::<Option<_>>()?))
}

/// A task of version 1 in the spelling of today, unless it has that already.
fn task_of_today<'a>(task: &JsonValue<'a>) -> Option<JsonValue<'a>> {
    let fields = task.as_object()?.iter().map(|(key, value)| {
        let renamed = RENAMED.iter().find(|(before, _)| before == key);
        let today = renamed.map_or(key.clone(), |(_, today)| Cow::Borrowed(*today));
        let is_today = RENAMED.iter().any(|(_, today)| today == key);
        (!is_today).then(|| (today, value.clone()))
    });
    Some(JsonValue::Object(fields.collect::<Option<_>>()?))
}
