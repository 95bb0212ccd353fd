//! The tokens and the money that sessions used, each with the sessions below it.

use crate::protocol::Spent;
use crate::state::registry::Registry;
use crate::state::slots::SessionKey;

impl Registry {
    /// Takes in all that a session itself used so far. The host's figure only rises, so a lower one is late.
    pub(crate) fn note_spent(&mut self, key: SessionKey, spent: Spent) {
        let Some(entry) = self.get_mut(key) else {
            return;
        };
        let rise = spent.since(entry.spending.own);
        entry.spending.own = entry.spending.own.and(rise);
        self.add_spent_above(key, rise);
    }

    /// All that a session and the sessions below it used so far. A deleted session's use stays with those above it.
    pub(crate) fn spent(&self, key: SessionKey) -> Spent {
        let spending = self.get(key).map(|entry| &entry.spending);
        spending.map_or(Spent::default(), |it| it.own.and(it.below))
    }

    /// Adds the use of a session to each session above it.
    pub(super) fn add_spent_above(&mut self, key: SessionKey, spent: Spent) {
        let mut above = self.parent(key).filter(|_| spent.some().is_some());
        while let Some(parent) = above {
            if let Some(entry) = self.get_mut(parent) {
                entry.spending.below = entry.spending.below.and(spent);
            }
            above = self.parent(parent);
        }
    }
}
