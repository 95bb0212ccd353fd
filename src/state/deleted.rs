//! Deleted sessions, so that a late event brings none of them back.

use crate::collections::Set;
use crate::rules::limits::DELETED;
use std::sync::Arc;

/// The ids of the sessions that were deleted last.
#[derive(Debug, Default)]
pub(super) struct Deleted {
    ids: Set<Arc<str>>,
    /// The oldest first.
    order: Vec<Arc<str>>,
}

impl Deleted {
    pub(super) fn add(&mut self, id: Arc<str>) {
        if self.ids.insert(id.clone()) {
            self.order.push(id);
        }
        if self.order.len() > DELETED {
            self.ids.remove(&self.order.remove(0));
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
