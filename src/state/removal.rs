//! Sessions that are gone, and those that nothing refers to any more.

use crate::collections::Room;
use crate::state::registry::Registry;
use crate::state::slots::SessionKey;
use std::sync::Arc;

impl Registry {
    /// Forgets a session and all below it, and remembers that they are gone.
    pub(crate) fn remove(&mut self, key: SessionKey) {
        let gone = self.below(key);
        let Some(entry) = self.get(key) else {
            return;
        };
        let (id, parent) = (entry.identity.id.clone(), entry.links.parent);
        let seq = entry.identity.seq;
        if gone.iter().any(|key| self.waits_for_name(*key)) {
            self.unnamed.retain(|unnamed| !gone.contains(unnamed));
        }
        self.reading.retain(|root| !gone.contains(root));
        for key in gone.into_iter().rev() {
            // Its calls end with it, and must not remove it a second time.
            self.confirm(key);
            let id = self.id(key);
            self.refund_calls_of(&id);
            self.release_names(key);
            self.remove_aliases(key);
            self.remove_use(key);
            self.deleted.add(id.clone());
            self.remove_entry(key, &id);
        }
        if let Some(parent) = parent {
            if let Some(above) = self.get_mut(parent) {
                // Its turn may go on for long, with ever other children.
                above.activity.waits.remove(&id);
                let children = &mut above.links.children;
                if let Ok(index) = children.binary_search(&(seq, key)) {
                    children.remove(index);
                }
                children.fit();
            }
            self.remove_unused(parent);
        }
    }

    /// Remembers that a session is gone which was never known.
    pub(crate) fn note_deleted(&mut self, id: Arc<str>) {
        self.deleted.add(id);
    }

    pub(crate) fn is_deleted(&self, id: &str) -> bool {
        self.deleted.has(id)
    }

    /// Removes a session that is only referred to, once nothing refers to it.
    pub(crate) fn remove_unused(&mut self, key: SessionKey) {
        let Some(entry) = self.get(key) else {
            return;
        };
        let scope = entry.scope.as_ref();
        let names = scope.is_some_and(|scope| !scope.names.own.is_empty());
        if !entry.identity.confirmed
            && entry.links.parent.is_none()
            && entry.links.children.is_empty()
            && !names
            && !self.has_open_call(key)
        {
            let id = entry.identity.id.clone();
            self.remove_entry(key, &id);
        }
    }

    fn remove_entry(&mut self, key: SessionKey, id: &str) {
        if self.find(id) == Some(key) {
            self.ids.remove(id);
            self.ids.fit();
            if let Some(entry) = self.get_mut(key)
                && let Some(agent) = entry.links.agent.take()
            {
                let seq = entry.identity.seq;
                self.agents.remove(agent, seq);
            }
            self.sessions.remove(key);
        }
    }
}
