//! One session, in groups: each group is saved as it is, and read back by its own reader.

use crate::collections::{Sorted, is_default};
use crate::error::Wrong;
use crate::json::{Field, Read};
use crate::names::letters;
use crate::protocol::{Model, Names, Spent, Status};
use crate::relevance::Profile;
use crate::rules::allowance::Allowance;
use crate::state::agents::AgentNumber;
use crate::state::extra::Extra;
use crate::state::history::History;
use crate::state::prompts::SessionPrompts;
use crate::state::scope::Scope;
use crate::state::slots::SessionKey;
use crate::state::work::Work;
use crate::time::Millis;
use serde::{Serialize, Serializer};
use std::sync::{Arc, OnceLock};

/// The aliases of a session, and since when it has each.
pub(super) type Aliases = Vec<(Arc<str>, Millis)>;

/// One session.
#[derive(Debug, Default)]
pub(super) struct SessionEntry {
    pub(super) identity: Identity,
    pub(super) links: Links,
    pub(super) names: SessionNames,
    pub(super) activity: Activity,
    pub(super) context: ContextUse,
    pub(super) spending: Spending,
    pub(super) record: RecordSync,
    /// The calls in messages that spawned it, and those that name other sessions.
    pub(super) history: Option<Box<History>>,
    /// The calls that it may make; none for a root.
    pub(super) allowance: Option<Allowance>,
    /// The prompts that it was asked and is to be asked.
    pub(super) prompts: Option<Box<SessionPrompts>>,
    /// The sessions that it may resume as a caller, and the names under it as a root.
    pub(super) scope: Option<Box<Scope>>,
    /// The limits of its prompt, its questions for permission, the context that its resumes kept and its last abort, if it has
    /// any.
    pub(super) extra: Option<Box<Extra>>,
    /// What it was asked, and the files that it touched.
    pub(super) work: Option<Box<Work>>,
    /// The terms of that, once a request was compared with it. Not saved.
    pub(super) profile: OnceLock<Box<Profile>>,
}

/// Which session it is.
#[derive(Debug, Default, Serialize)]
pub(super) struct Identity {
    pub(super) id: Arc<str>,
    /// Its number: an older session has a lower one.
    pub(super) seq: u32,
    /// Whether the host has confirmed that it exists; else it is only known by being referred to.
    #[serde(skip_serializing_if = "is_default")]
    pub(super) confirmed: bool,
    pub(super) description: Arc<str>,
}

/// Its position in the tree, and its agent. Saved as ids and names.
#[derive(Debug, Default)]
pub(super) struct Links {
    pub(super) parent: Option<SessionKey>,
    /// By number, so in the order in which they became known.
    pub(super) children: Vec<(u32, SessionKey)>,
    /// How far below its root.
    pub(super) depth: u32,
    pub(super) agent: Option<AgentNumber>,
}

/// The names that it is called by.
#[derive(Debug, Default, PartialEq, Serialize)]
pub(super) struct SessionNames {
    /// Its name, with the id derived from it.
    #[serde(skip_serializing_if = "is_default")]
    pub(super) own: Option<(Arc<str>, Arc<str>)>,
    /// The letters of its name, for [`crate::names::edits`].
    #[serde(skip)]
    pub(super) letters: u64,
    /// Whether it has no name yet, because an open call may be about to name it.
    #[serde(skip)]
    pub(super) awaits_name: bool,
    /// Names that it had before another instance gave it its own: they still resolve.
    #[serde(skip_serializing_if = "is_default")]
    pub(super) former: Names,
    /// Names that another process gave it and that stand for another session here. Only its record holds them.
    #[serde(skip_serializing_if = "is_default")]
    pub(super) elsewhere: Names,
    /// Names that another plugin gave it.
    #[serde(skip_serializing_if = "is_default")]
    pub(super) aliases: Aliases,
    /// When a person last named it, if one did.
    #[serde(skip_serializing_if = "is_default")]
    pub(super) renamed: Option<Millis>,
}

/// Its activity.
#[derive(Debug, Default, PartialEq, Serialize)]
pub(super) struct Activity {
    #[serde(skip_serializing_if = "is_default")]
    pub(super) status: Status,
    #[serde(skip_serializing_if = "is_default")]
    pub(super) status_at: Millis,
    pub(super) last_used: Millis,
    /// The turns that have ended. A call is known by its turn, for models that count calls from one in each.
    #[serde(skip_serializing_if = "is_default")]
    pub(super) turn: u32,
    /// Whether this engine's own prompt or call is part of its present turn, or of the last. A mere observer of a
    /// turn stores nothing about it.
    #[serde(skip_serializing_if = "is_default")]
    pub(super) involved: bool,
    /// Open calls that will prompt it. Counted from the open calls, not saved.
    #[serde(skip)]
    pub(super) awaited: u32,
    /// The delegations to it that have begun since it has a budget. A call belongs to the one in which it was decided.
    #[serde(skip_serializing_if = "is_default")]
    pub(super) delegation: u32,
    /// When the last of them began.
    #[serde(skip_serializing_if = "is_default")]
    pub(super) delegated_at: Millis,
    /// Whether a caller or a person waits for the answer of its present turn.
    #[serde(skip_serializing_if = "is_default")]
    pub(super) answers: bool,
    /// The session whose call began the last delegation that a call began, if this engine knows it.
    #[serde(skip_serializing_if = "is_default")]
    pub(super) delegated_by: Option<Arc<str>>,
    /// The delegation before that, while the prompt that began the present one is not known to be in the session.
    #[serde(skip_serializing_if = "is_default")]
    pub(super) replaced: Option<Box<Replaced>>,
    /// The sessions that calls of its present delegation were decided to join, by either id, and have not asked yet.
    #[serde(skip_serializing_if = "is_default")]
    pub(super) joins: Vec<Arc<str>>,
    /// When it was last stopped, by itself or with a session above it. Until it is prompted, no result wakes it.
    #[serde(skip_serializing_if = "is_default")]
    pub(super) stopped_at: Millis,
    /// When it was last prompted, for the end of a stop.
    #[serde(skip_serializing_if = "is_default")]
    pub(super) released_at: Millis,
    /// Whether the host is about to wake it with a result, though it was stopped.
    #[serde(skip_serializing_if = "is_default")]
    pub(super) woken: bool,
    /// The sessions whose answers its present turn waits for.
    #[serde(skip_serializing_if = "is_default")]
    #[serde(serialize_with = "keys")]
    pub(super) waits: Sorted<Arc<str>, ()>,
    /// The calls of a lost engine that were charged to its present delegation: the child, and when.
    #[serde(skip_serializing_if = "is_default")]
    pub(super) recovered: Vec<(Arc<str>, Millis)>,
}

/// A delegation to it that goes on if the prompt which replaced it is never in the session.
#[derive(Debug, PartialEq, Serialize)]
pub(super) struct Replaced {
    /// That prompt.
    pub(super) prompt_no: u32,
    pub(super) delegation: u32,
    pub(super) delegated_at: Millis,
    pub(super) delegated_by: Option<Arc<str>>,
    pub(super) joins: Vec<Arc<str>>,
    pub(super) recovered: Vec<(Arc<str>, Millis)>,
    pub(super) allowance: Allowance,
}

/// The use of its context.
#[derive(Debug, Default, PartialEq, Serialize)]
pub(super) struct ContextUse {
    #[serde(skip_serializing_if = "is_default")]
    pub(super) tokens: u64,
    /// The model's window; 0 if it is not known.
    #[serde(skip_serializing_if = "is_default")]
    pub(super) window: u64,
    /// When the host reported both; 0 if it has not.
    #[serde(skip_serializing_if = "is_default")]
    pub(super) at: Millis,
    /// The model that a call chose for it, if one did.
    #[serde(skip_serializing_if = "is_default")]
    pub(super) model: Option<Box<Model>>,
}

/// The tokens and the money that it used.
#[derive(Debug, Default, PartialEq, Serialize)]
pub(super) struct Spending {
    /// By itself, as its host counts it.
    #[serde(skip_serializing_if = "is_default")]
    pub(super) own: Spent,
    /// By the sessions below it, deleted ones among them.
    #[serde(skip_serializing_if = "is_default")]
    pub(super) below: Spent,
}

/// How far the host's record of it agrees with this engine.
#[derive(Debug, Default, PartialEq, Serialize)]
pub(super) struct RecordSync {
    /// The record in the host is not one of this version: nothing is stored over it.
    #[serde(skip_serializing_if = "is_default")]
    pub(super) unreadable: bool,
    /// The record lacks something, and the host was not asked yet to store it.
    #[serde(skip_serializing_if = "is_default")]
    pub(super) outdated: bool,
    /// The missing data could not be learned again.
    #[serde(skip_serializing_if = "is_default")]
    pub(super) pressing: bool,
    /// A record with its present name stands in the host, or the host was asked to store one.
    #[serde(skip_serializing_if = "is_default")]
    pub(super) has_name: bool,
    /// The state of the last record that this engine asked for.
    #[serde(skip_serializing_if = "is_default")]
    pub(super) stored: Stored,
    /// How often it was stored again because another process had stored less, since it last changed here.
    #[serde(skip_serializing_if = "is_default")]
    pub(super) mends: u8,
}

/// The state of the last record that an engine asked the host to store.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Stored {
    /// It has asked for none.
    #[default]
    Never,
    /// The host was asked. A host that never answers leaves it at that.
    Asked,
    /// The host was asked to store it later, and no record before had the name.
    Later,
    /// The host has it.
    Yes,
    /// The host could not store it.
    Failed,
}

impl SessionNames {
    pub(super) fn slug(&self) -> Option<&Arc<str>> {
        self.own.as_ref().map(|(slug, _)| slug)
    }

    pub(super) fn derived(&self) -> Option<&Arc<str>> {
        self.own.as_ref().map(|(_, derived)| derived)
    }

    /// Every name that it has with the id derived from it, the present one last. Aliases have none.
    pub(super) fn all(&self) -> Names {
        self.former.iter().chain(&self.own).cloned().collect()
    }
}

impl Read for SessionNames {
    fn of(saved: Field<'_>) -> Result<SessionNames, Wrong> {
        let own: Option<(Arc<str>, Arc<str>)> = Read::given(&saved, "own")?;
        Ok(SessionNames {
            awaits_name: false,
            letters: own.as_ref().map_or(0, |(slug, _)| letters(slug)),
            own,
            former: given(&saved, "former")?,
            elsewhere: given(&saved, "elsewhere")?,
            aliases: given(&saved, "aliases")?,
            renamed: Read::given(&saved, "renamed")?,
        })
    }
}

impl Read for Identity {
    fn of(saved: Field<'_>) -> Result<Identity, Wrong> {
        Ok(Identity {
            id: Read::must(&saved, "id")?,
            seq: Read::must(&saved, "seq")?,
            confirmed: given(&saved, "confirmed")?,
            description: Read::must(&saved, "description")?,
        })
    }
}

impl Read for Activity {
    fn of(saved: Field<'_>) -> Result<Activity, Wrong> {
        let mut waits = Sorted::default();
        for id in given::<Vec<_>>(&saved, "waits")? {
            waits.insert(id, ());
        }
        Ok(Activity {
            status: given(&saved, "status")?,
            status_at: given(&saved, "status_at")?,
            last_used: Read::must(&saved, "last_used")?,
            turn: given(&saved, "turn")?,
            delegation: given(&saved, "delegation")?,
            delegated_at: given(&saved, "delegated_at")?,
            answers: given(&saved, "answers")?,
            delegated_by: Read::given(&saved, "delegated_by")?,
            replaced: Replaced::given(&saved, "replaced")?.map(Box::new),
            involved: given(&saved, "involved")?,
            stopped_at: given(&saved, "stopped_at")?,
            released_at: given(&saved, "released_at")?,
            woken: given(&saved, "woken")?,
            awaited: 0,
            joins: given(&saved, "joins")?,
            waits,
            recovered: given(&saved, "recovered")?,
        })
    }
}

impl Read for Replaced {
    fn of(saved: Field<'_>) -> Result<Replaced, Wrong> {
        Ok(Replaced {
            prompt_no: Read::must(&saved, "prompt_no")?,
            delegation: Read::must(&saved, "delegation")?,
            delegated_at: Read::must(&saved, "delegated_at")?,
            delegated_by: Read::maybe(&saved, "delegated_by")?,
            joins: Read::must(&saved, "joins")?,
            recovered: Read::must(&saved, "recovered")?,
            allowance: Read::must(&saved, "allowance")?,
        })
    }
}

impl ContextUse {
    /// Whether it is over a share of the window. Without a known window it is not.
    pub(super) fn is_over(&self, limit: f64) -> bool {
        self.window > 0 && self.tokens as f64 > limit * self.window as f64
    }
}

impl Read for ContextUse {
    fn of(saved: Field<'_>) -> Result<ContextUse, Wrong> {
        Ok(ContextUse {
            tokens: given(&saved, "tokens")?,
            window: given(&saved, "window")?,
            at: given(&saved, "at")?,
            model: Read::given(&saved, "model")?.map(Box::new),
        })
    }
}

impl Read for Spending {
    fn of(saved: Field<'_>) -> Result<Spending, Wrong> {
        Ok(Spending {
            own: given(&saved, "own")?,
            below: given(&saved, "below")?,
        })
    }
}

impl Read for RecordSync {
    fn of(saved: Field<'_>) -> Result<RecordSync, Wrong> {
        Ok(RecordSync {
            unreadable: given(&saved, "unreadable")?,
            outdated: given(&saved, "outdated")?,
            pressing: given(&saved, "pressing")?,
            has_name: given(&saved, "has_name")?,
            stored: given(&saved, "stored")?,
            mends: given::<u32>(&saved, "mends")?.min(u8::MAX.into()) as u8,
        })
    }
}

impl Read for Stored {
    fn of(saved: Field<'_>) -> Result<Stored, Wrong> {
        saved.one_of(&[
            ("never", Stored::Never),
            ("asked", Stored::Asked),
            ("later", Stored::Later),
            ("yes", Stored::Yes),
            ("failed", Stored::Failed),
        ])
    }
}

/// Writes a set as a list.
fn keys<S: Serializer>(set: &Sorted<Arc<str>, ()>, to: S) -> Result<S::Ok, S::Error> {
    to.collect_seq(set.iter().map(|(key, ())| key))
}

/// Reads a field that a snapshot leaves out if it is that of a new session.
fn given<T: Read + Default>(saved: &Field<'_>, key: &str) -> Result<T, Wrong> {
    T::given(saved, key).map(Option::unwrap_or_default)
}
