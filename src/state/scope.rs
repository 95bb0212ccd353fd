//! A caller's scope: the sessions that it may resume, and for a root the names under it.

use crate::collections::Sorted;
use crate::state::agents::AgentNumber;
use crate::state::name_table::RootNames;
use crate::state::slots::SessionKey;
use crate::time::Millis;
use std::cmp::Reverse;
use std::collections::BTreeSet;

/// The last use of a session; the latest sorts first, of two at the same time the younger session.
pub(super) type Use = (Reverse<Millis>, Reverse<u32>, SessionKey);

/// The sessions that a caller may resume, and for a root the names under it.
#[derive(Debug, Default)]
pub(super) struct Scope {
    pub(super) names: RootNames,
    /// By agent, and under `None` all: the most recently used first.
    pub(super) recent: Sorted<Option<AgentNumber>, BTreeSet<Use>>,
    /// The digest of the root's id; empty until a name needs it.
    pub(super) digest: String,
}
