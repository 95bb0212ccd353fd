//! The hash map of the engine, and the room that it keeps.

use std::collections::{HashMap, HashSet};
use std::hash::Hash;

/// Seeded alike everywhere: the engine draws no randomness. No result depends on its order.
pub(crate) type Map<K, V> = HashMap<K, V, foldhash::fast::FixedState>;
pub(crate) type Set<K> = HashSet<K, foldhash::fast::FixedState>;

/// The room of what has become small is given back, but for as much again as is in use.
pub(crate) trait Room {
    fn used_and_taken(&self) -> (usize, usize);
    fn shrink_to(&mut self, room: usize);

    /// Gives back what is hardly used. What is removed one by one is moved about once.
    fn fit(&mut self) {
        let (used, taken) = self.used_and_taken();
        if taken > 64 && taken / 4 > used {
            self.shrink_to(2 * used);
        }
    }
}

impl<K: Eq + Hash, V> Room for Map<K, V> {
    fn used_and_taken(&self) -> (usize, usize) {
        (self.len(), self.capacity())
    }

    fn shrink_to(&mut self, room: usize) {
        HashMap::shrink_to(self, room);
    }
}

impl<T> Room for Vec<T> {
    fn used_and_taken(&self) -> (usize, usize) {
        (self.len(), self.capacity())
    }

    fn shrink_to(&mut self, room: usize) {
        Vec::shrink_to(self, room);
    }
}
