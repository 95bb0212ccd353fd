//! Sessions that are gone, and those that nothing refers to any more.

use crate::collections::Room;
use crate::state::registry::{DELETED, Registry};
use crate::state::slots::At;
use std::sync::Arc;

impl Registry {
    /// Forgets a session and all below it, and remembers that they are gone.
    pub(crate) fn remove(&mut self, at: At) {
        let gone = self.below(at);
        let node = self.node(at);
        let (id, parent, seq) = (node.id.clone(), node.parent, node.seq);
        self.unnamed.retain(|unnamed| !gone.contains(unnamed));
        for at in gone.into_iter().rev() {
            // Its calls end with it, and must not let go of it a second time.
            self.node_mut(at).told = true;
            let id = self.node(at).id.clone();
            self.void_tickets_of(&id);
            self.release_name(at);
            self.drop_aliases(at);
            self.forget_use(at);
            self.bury(id.clone());
            self.free_place(at, &id);
        }
        if let Some(parent) = parent {
            // Its turn may go on for long, with ever other children.
            self.node_mut(parent).waits.remove(&id);
            let children = &mut self.node_mut(parent).children;
            if let Ok(place) = children.binary_search(&(seq, at)) {
                children.remove(place);
            }
            children.fit();
            self.drop_unused(parent);
        }
    }

    /// Remembers that a session is gone.
    pub(crate) fn bury(&mut self, id: Arc<str>) {
        if self.buried.insert(id.clone()) {
            self.burials.push_back(id);
        }
        if self.burials.len() > DELETED
            && let Some(oldest) = self.burials.pop_front()
        {
            self.buried.remove(&oldest);
        }
    }

    pub(crate) fn is_buried(&self, id: &str) -> bool {
        self.buried.contains(id)
    }

    /// Takes back that a session is gone: a host that takes ids may use one again.
    pub(crate) fn exhume(&mut self, id: &str) {
        if self.buried.remove(id) {
            self.burials.retain(|gone| **gone != *id);
        }
    }

    /// Lets go of a session that is only referred to, once nothing refers to it.
    pub(crate) fn drop_unused(&mut self, at: At) {
        let node = self.node(at);
        let names = node
            .scope
            .as_ref()
            .is_some_and(|scope| !scope.names.handles.is_empty());
        if !node.told
            && node.parent.is_none()
            && node.children.is_empty()
            && !names
            && !self.spawns(&node.id)
        {
            let id = node.id.clone();
            self.free_place(at, &id);
        }
    }

    fn free_place(&mut self, at: At, id: &str) {
        if self.find(id) == Some(at) {
            self.ids.remove(id);
            self.ids.fit();
            self.drop_agent(at);
            self.places.empty(at);
        }
    }
}
