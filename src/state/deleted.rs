//! Deleted sessions, so that a late event brings none of them back.

use crate::collections::Set;
use crate::rules::limits::DELETED;
use std::collections::VecDeque;
use std::sync::Arc;

/// The ids of the sessions that were deleted last.
#[derive(Debug, Default)]
pub(super) struct Deleted {
    ids: Set<Arc<str>>,
    /// The oldest first.
    order: VecDeque<Arc<str>>,
}

impl Deleted {
    pub(super) fn add(&mut self, id: Arc<str>) {
        if self.ids.insert(id.clone()) {
            self.order.push_back(id);
        }
        if self.order.len() > DELETED
            && let Some(oldest) = self.order.pop_front()
        {
            self.ids.remove(&oldest);
        }
    }

    pub(super) fn has(&self, id: &str) -> bool {
        self.ids.contains(id)
    }

    pub(super) fn remove(&mut self, id: &str) {
        if self.ids.remove(id) {
            self.order.retain(|gone| **gone != *id);
        }
    }

    /// The oldest first.
    pub(super) fn list(&self) -> impl Iterator<Item = &str> {
        self.order.iter().map(|id| &**id)
    }
}
