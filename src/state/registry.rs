//! The state of an engine: its sessions by key and id. The other files of this folder add the operations.

use crate::collections::Map;
use crate::names::letters;
use crate::state::agents::Agents;
use crate::state::deleted::Deleted;
use crate::state::entry::{Identity, SessionEntry};
use crate::state::name_table::Holder;
use crate::state::prompt_queue::PromptQueue;
use crate::state::replay::Calls;
use crate::state::slots::{SessionKey, Slots};
use crate::state::tickets::Tickets;
use std::sync::Arc;

/// The state of an engine.
#[derive(Debug, Default)]
pub(crate) struct Registry {
    pub(super) sessions: Slots<SessionEntry>,
    pub(super) ids: Map<Arc<str>, SessionKey>,
    pub(super) derived: Map<Arc<str>, Holder>,
    pub(super) agents: Agents,
    pub(super) next_seq: u32,
    pub(super) deleted: Deleted,
    pub(super) tickets: Tickets,
    pub(super) calls: Calls,
    /// The sessions of which the record is outdated.
    pub(super) outdated: Vec<SessionKey>,
    /// Children that the host reported without a name.
    pub(super) unnamed: Vec<SessionKey>,
    /// Sessions that have just yielded their name, and get another at once.
    pub(super) yielded: Vec<SessionKey>,
    /// The roots that the host is reading: no name is made up under them.
    pub(super) reading: Vec<SessionKey>,
    pub(super) queue: PromptQueue,
    /// Whether callers may resume their own children alone.
    pub(crate) children_only: bool,
    /// Whether any call was ever undone: without one, no session needs a look.
    pub(super) undos: bool,
}

impl Registry {
    #[inline]
    pub(super) fn get(&self, key: SessionKey) -> Option<&SessionEntry> {
        self.sessions.get(key)
    }

    // Small at its many callers: the few hot ones get one entry for all that they do.
    #[inline(never)]
    pub(super) fn get_mut(&mut self, key: SessionKey) -> Option<&mut SessionEntry> {
        self.sessions.get_mut(key)
    }

    /// The session of an id of the host.
    pub(crate) fn find(&self, id: &str) -> Option<SessionKey> {
        self.ids.get(id).copied()
    }

    /// The key of a session. An unknown one is added, as one that is only referred to.
    pub(crate) fn find_or_add(&mut self, id: &str) -> SessionKey {
        if let Some(key) = self.find(id) {
            return key;
        }
        let id: Arc<str> = id.into();
        let mut entry = SessionEntry {
            identity: Identity {
                id: id.clone(),
                seq: self.next_seq,
                ..Identity::default()
            },
            ..SessionEntry::default()
        };
        // An open call may still be about to prompt a deleted session, whose id a new one has taken.
        entry.activity.awaited = self.prompting(&id);
        self.next_seq = self.next_seq.wrapping_add(1);
        let key = self.sessions.put(entry, letters(&id));
        self.ids.insert(id, key);
        key
    }

    /// The host's id of a session; empty for a stale key.
    pub(crate) fn id(&self, key: SessionKey) -> Arc<str> {
        let entry = self.get(key);
        entry.map_or_else(Arc::default, |entry| entry.identity.id.clone())
    }

    /// The host's id of a session, to look at.
    pub(crate) fn id_text(&self, key: SessionKey) -> &str {
        self.get(key).map_or("", |entry| &entry.identity.id)
    }

    /// The letters of a session's id, for [`crate::names::edits`].
    pub(crate) fn id_letters(&self, key: SessionKey) -> u64 {
        self.sessions.letters(key)
    }

    /// Notes that the host has confirmed a session. Whether that is the first time.
    pub(crate) fn confirm(&mut self, key: SessionKey) -> bool {
        self.get_mut(key)
            .is_some_and(|entry| !std::mem::replace(&mut entry.identity.confirmed, true))
    }

    pub(crate) fn is_confirmed(&self, key: SessionKey) -> bool {
        self.get(key).is_some_and(|entry| entry.identity.confirmed)
    }

    /// Sets the description of a session that has none.
    pub(crate) fn describe(&mut self, key: SessionKey, description: &str) {
        if let Some(entry) = self.get_mut(key)
            && entry.identity.description.is_empty()
        {
            entry.identity.description = description.into();
            entry.profile.take();
        }
    }

    pub(crate) fn agent(&self, key: SessionKey) -> Option<&Arc<str>> {
        self.agents.name(self.get(key)?.links.agent?)
    }

    /// An agent's name, shared if a session has it.
    pub(super) fn agent_name(&self, agent: &str) -> Arc<str> {
        let known = self.agents.find(agent);
        let known = known.and_then(|number| self.agents.name(number));
        known.cloned().unwrap_or_else(|| agent.into())
    }

    pub(crate) fn has_agent(&self, key: SessionKey) -> bool {
        self.get(key)
            .is_some_and(|entry| entry.links.agent.is_some())
    }
}
