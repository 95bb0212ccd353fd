//! What the messages of a session name: the sessions that its calls spawned or prompted, and the calls that were undone.
//!
//! A fork copies messages, so a fork's messages name sessions of another root. An undone call frees the name that it gave.

use crate::error::Wrong;
use crate::json::{Field, Read};
use crate::protocol::Place;
use crate::rules::limits::FREED;
use serde::Serialize;
use std::sync::Arc;

/// The history of a session.
#[derive(Debug, Default, PartialEq, Serialize)]
pub(super) struct History {
    /// The call of its parent that spawned it. Its part is empty until the host shows the call.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) spawned: Option<Place>,
    /// The last call of its parent that is known to have prompted it, if that is another.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) last: Option<Place>,
    /// Whether the call that spawned it was removed.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub(super) undone: bool,
    /// The first place of its own messages that is reverted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) reverted: Option<Place>,
    /// The sessions of other roots that its own messages name, and the first place of each, the last named last.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) named: Vec<(Arc<str>, Place)>,
    /// The names that it lost to others while it was undone. The messages of a fork may still give them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) freed: Vec<Arc<str>>,
}

impl Read for History {
    fn of(saved: Field<'_>) -> Result<History, Wrong> {
        Ok(History {
            spawned: Read::given(&saved, "spawned")?,
            last: Read::given(&saved, "last")?,
            undone: Read::given(&saved, "undone")?.unwrap_or_default(),
            reverted: Read::given(&saved, "reverted")?,
            named: Read::given(&saved, "named")?.unwrap_or_default(),
            freed: Read::given(&saved, "freed")?.unwrap_or_default(),
        })
    }
}

impl History {
    /// Whether no call of its parent is known.
    pub(super) fn knows_no_call(&self) -> bool {
        self.spawned.is_none() && self.last.is_none()
    }

    /// Whether a call spawned it. An empty part is of no call.
    pub(super) fn is_spawned_by(&self, message: &str, part: &str) -> bool {
        let spawned = self.spawned.as_ref();
        !part.is_empty() && spawned.is_some_and(|at| (&*at.0, &*at.1) == (message, part))
    }

    /// Takes in an earlier call that spawned it, or the part of the known one.
    pub(super) fn replace_spawned(&mut self, at: Place) {
        let before = self.spawned.replace(at).filter(|it| !it.1.is_empty());
        self.last = self.last.take().or(before);
    }

    /// Notes that it lost a name to another session.
    pub(super) fn lose(&mut self, name: Arc<str>) {
        self.freed.retain(|freed| *freed != name);
        let over = (self.freed.len() + 1).saturating_sub(FREED);
        self.freed.drain(..over);
        self.freed.push(name);
    }

    /// Whether it undoes any call.
    pub(super) fn undoes(&self) -> bool {
        self.undone || self.reverted.is_some()
    }

    /// Whether a place of its own messages is reverted. The ids of messages and of parts rise.
    pub(super) fn reverts(&self, at: &Place) -> bool {
        self.reverted.as_ref().is_some_and(|from| at >= from)
    }

    /// The sessions of other roots that its messages name, the last named first.
    pub(super) fn named(&self) -> impl Iterator<Item = &Arc<str>> {
        let standing = self.named.iter().rev().filter(|(_, at)| !self.reverts(at));
        standing.map(|(id, _)| id)
    }
}

/// Whether a place is in a message of which the other place has no part.
pub(super) fn is_within(at: &Place, message: &Place) -> bool {
    message.1.is_empty() && at.0 == message.0
}

/// Whether a call stands before another, or is the part of it that was not known.
pub(super) fn precedes(at: &Place, other: &Place) -> bool {
    !at.1.is_empty() && (at < other || is_within(at, other)) || at.0 < other.0
}
