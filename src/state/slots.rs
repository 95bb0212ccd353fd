//! Where the sessions stand: a place is taken by one at a time, and what it took is given back.

use crate::collections::Room;
use crate::names::letters;
use crate::state::registry::Node;
use std::collections::BTreeSet;

/// Where a session stands in the registry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct At(u32);

impl Default for At {
    fn default() -> Self {
        At(u32::MAX)
    }
}

#[derive(Debug, Default)]
pub(crate) struct Places {
    nodes: Vec<Option<Box<Node>>>,
    /// The letters of each one's id, side by side: a wrong id is held against those of all siblings.
    letters: Vec<u64>,
    /// Those of `nodes` that are empty. The last is not: behind the sessions nothing is kept.
    free: BTreeSet<u32>,
    /// What a place that holds no session reads as.
    nobody: Box<Node>,
}

impl Places {
    pub(crate) fn get(&self, at: At) -> &Node {
        let node = self.nodes.get(at.0 as usize);
        node.and_then(Option::as_deref).unwrap_or(&self.nobody)
    }

    pub(crate) fn get_mut(&mut self, at: At) -> &mut Node {
        let node = self.nodes.get_mut(at.0 as usize);
        node.and_then(Option::as_deref_mut)
            .unwrap_or(&mut self.nobody)
    }

    /// The letters of a session's id, for [`crate::id::edits`].
    pub(crate) fn letters(&self, at: At) -> u64 {
        self.letters.get(at.0 as usize).copied().unwrap_or_default()
    }

    /// Gives a session the first place that is free.
    pub(crate) fn put(&mut self, node: Node) -> At {
        let free = self.free.pop_first();
        let at = free.unwrap_or_else(|| {
            self.nodes.push(None);
            self.letters.push(0);
            u32::try_from(self.nodes.len() - 1).unwrap_or(u32::MAX)
        });
        if let Some(set) = self.letters.get_mut(at as usize) {
            *set = letters(&node.id);
        }
        if let Some(place) = self.nodes.get_mut(at as usize) {
            *place = Some(Box::new(node));
        }
        At(at)
    }

    pub(crate) fn empty(&mut self, at: At) {
        let place = self.nodes.get_mut(at.0 as usize);
        if place.and_then(Option::take).is_some() {
            self.free.insert(at.0);
        }
        while self.nodes.pop_if(|node| node.is_none()).is_some() {
            self.free.pop_last();
        }
        self.letters.truncate(self.nodes.len());
        self.nodes.fit();
        self.letters.fit();
    }
}
