//! The names that the engine makes up: of descriptions, for sessions that no call has named.

use crate::names::handle;
use crate::state::name_table::Holder;
use crate::state::registry::Registry;
use crate::state::slots::SessionKey;
use std::sync::Arc;

impl Registry {
    /// Takes a made-up name from a session. It gets another once the name has its new holder.
    pub(super) fn yield_name(&mut self, key: SessionKey) {
        if self.drop_name(key) {
            self.yielded.push(key);
        }
    }

    /// Whether a session may yield its name: no record holds it, and no reader can have it.
    pub(crate) fn may_yield(&self, key: SessionKey) -> bool {
        self.get(key)
            .is_some_and(|entry| !entry.record.has_name && !entry.record.outdated)
    }

    /// Names a session that has no name: with the last that it lost while it was undone if nobody has that, or else with
    /// one that is made of its description. While its root is being read, it gets none.
    pub(super) fn make_name(&mut self, key: SessionKey) {
        if self.is_undone(key) {
            return;
        }
        let Some(entry) = self.get(key).filter(|entry| entry.names.own.is_none()) else {
            return;
        };
        let asked = entry.record.was_asked();
        let plain = handle(&entry.identity.description);
        let root = self.root(key);
        if self.is_reading(root) {
            return;
        }
        let slug = match self.lost_name(key) {
            Some(lost) => lost,
            None => self.free_slug(root, &plain),
        };
        if *slug != *plain {
            self.hold_made_name(root, &plain);
        }
        self.give_name(key, &slug, None);
        if asked {
            // Its record was stored before it had this name: a reader may have the name meanwhile.
            self.protect_name(key);
        }
    }

    /// The last name that a session lost while it was undone, of those that are free again.
    fn lost_name(&mut self, key: SessionKey) -> Option<Arc<str>> {
        let root = self.root(key);
        let lost = self.freed_names(key).to_vec();
        let mut lost = lost.into_iter().rev();
        lost.find(|name| self.free_slug(root, name) == *name)
    }

    /// Has the record of the session with a made-up name stored at once: a restart would give the name to the first of
    /// several sessions with one description that it reads.
    fn hold_made_name(&mut self, root: SessionKey, name: &str) {
        if let Some(Holder::Session(holder)) = self.find_slug(root, name)
            && self.has_unstored_name(holder)
        {
            self.mark(holder);
        }
    }

    /// Names a child that was reported without a name, unless an open call may be about to name it.
    pub(crate) fn name_or_wait(&mut self, child: SessionKey) {
        let parent = self.parent(child);
        if parent.is_some_and(|parent| self.creates(parent)) {
            self.await_name(child);
        } else {
            self.make_name(child);
        }
    }

    /// Has a child wait for the open call that may name it.
    pub(super) fn await_name(&mut self, child: SessionKey) {
        if let Some(entry) = self.get_mut(child) {
            entry.names.awaits_name = true;
            self.unnamed.push(child);
        }
    }

    /// Whether a child without a name waits for an open call that may name it.
    pub(crate) fn waits_for_name(&self, child: SessionKey) -> bool {
        self.get(child).is_some_and(|entry| entry.names.awaits_name)
    }

    /// Names the children that had to wait and need not any more.
    pub(crate) fn name_unnamed(&mut self) {
        // A child that had a name is no child of an open call. The older session has the first choice.
        let yielded = std::mem::take(&mut self.yielded);
        for key in self.oldest_first(yielded) {
            self.make_name(key);
        }
        for child in std::mem::take(&mut self.unnamed) {
            if let Some(entry) = self.get_mut(child) {
                entry.names.awaits_name = false;
            }
            self.name_or_wait(child);
        }
    }

    /// Notes that the host begins to report a root and everything below it. A session that is not reported yet may have
    /// a name in its record that the description of another one makes.
    pub(crate) fn begin_read(&mut self, root: SessionKey) {
        if self.is_confirmed(root) && self.parent(root).is_none() && !self.is_reading(root) {
            self.reading.push(root);
        }
    }

    /// Notes that the host has reported a root and everything below it, and names the sessions that have no name yet.
    pub(crate) fn end_read(&mut self, root: SessionKey) {
        if !self.is_reading(root) {
            return;
        }
        self.reading.retain(|reading| *reading != root);
        let mut below = self.below(root);
        below.retain(|key| *key != root && self.slug(*key).is_none() && !self.waits_for_name(*key));
        for key in self.oldest_first(below) {
            self.name_or_wait(key);
        }
    }

    fn is_reading(&self, root: SessionKey) -> bool {
        self.reading.contains(&root)
    }
}
