//! Deleted sessions, so that a late event brings none of them back.

use crate::collections::Set;
use crate::rules::limits::DELETED;
use std::sync::Arc;

/// The ids of the sessions that were deleted last.
#[derive(Debug, Default)]
pub(super) struct Deleted {
    ids: Set<Arc<str>>,
    /// In order of deletion, from `next` round to the id before it.
    order: Vec<Arc<str>>,
    /// The place of the next id in a full list: the oldest one stands there.
    next: usize,
}

impl Deleted {
    pub(super) fn add(&mut self, id: Arc<str>) {
        if !self.ids.insert(id.clone()) {
            return;
        }
        if self.order.len() < DELETED {
            self.order.push(id);
        } else if let Some(oldest) = self.order.get_mut(self.next) {
            self.ids.remove(&std::mem::replace(oldest, id));
            self.next = (self.next + 1) % DELETED;
        }
    }

    pub(super) fn has(&self, id: &str) -> bool {
        self.ids.contains(id)
    }

    pub(super) fn remove(&mut self, id: &str) {
        if self.ids.remove(id) {
            // A list that is not full begins with its oldest id.
            self.order.rotate_left(self.next);
            self.next = 0;
            self.order.retain(|gone| **gone != *id);
        }
    }

    /// The oldest first.
    pub(super) fn list(&self) -> impl Iterator<Item = &str> {
        let (newer, older) = self.order.split_at_checked(self.next).unwrap_or_default();
        older.iter().chain(newer).map(|id| &**id)
    }
}

#[cfg(test)]
mod tests {
    use super::{DELETED, Deleted};

    #[test]
    fn the_ids_of_the_last_deletions_are_kept_in_their_order() {
        let mut deleted = Deleted::default();
        let id = |number: usize| format!("ses_{number}");
        let last = |from: usize, to: usize| (from..to).map(id).collect::<Vec<_>>();
        let list = |deleted: &Deleted| deleted.list().map(str::to_owned).collect::<Vec<_>>();
        (0..DELETED + 3).for_each(|number| deleted.add(id(number).into()));
        deleted.add(id(5).into());
        assert_eq!(list(&deleted), last(3, DELETED + 3));
        assert!(!deleted.has("ses_2") && deleted.has("ses_3"));
        deleted.remove("ses_3");
        assert_eq!(list(&deleted), last(4, DELETED + 3));
        (DELETED + 3..DELETED + 6).for_each(|number| deleted.add(id(number).into()));
        assert_eq!(list(&deleted), last(6, DELETED + 6));
    }
}
