//! The hash map of the engine, and its capacity.

use serde::Serialize;
use std::borrow::Borrow;
use std::cmp::Ordering;
use std::collections::{HashMap, HashSet};
use std::hash::Hash;

/// Seeded alike everywhere: the engine draws no randomness. No result depends on its order.
pub(crate) type Map<K, V> = HashMap<K, V, foldhash::fast::FixedState>;
pub(crate) type Set<K> = HashSet<K, foldhash::fast::FixedState>;

/// A map or list that has shrunk frees its capacity, except as much again as is in use.
pub(crate) trait Room {
    fn used_and_taken(&self) -> (usize, usize);
    fn shrink_to(&mut self, room: usize);

    /// Frees capacity that is hardly used. A series of removals moves the entries about once.
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

/// Values by key, in order. For few: a tree has much more code.
#[derive(Debug, PartialEq, Serialize)]
#[serde(transparent)]
pub(crate) struct Sorted<K, V>(Vec<(K, V)>);

impl<K, V> Default for Sorted<K, V> {
    fn default() -> Self {
        Sorted(Vec::new())
    }
}

impl<K: Ord, V> Sorted<K, V> {
    fn find<Q: Ord + ?Sized>(&self, key: &Q) -> Result<usize, usize>
    where
        K: Borrow<Q>,
    {
        self.0
            .binary_search_by(|(known, _)| known.borrow().cmp(key))
    }

    /// Puts a value in; one that has the key already is replaced.
    pub(crate) fn insert(&mut self, key: K, value: V) {
        match self.find(&key) {
            Ok(index) => {
                if let Some(known) = self.0.get_mut(index) {
                    known.1 = value;
                }
            }
            Err(index) => self.0.insert(index, (key, value)),
        }
    }

    /// The value of a key; one that is missing is put in.
    pub(crate) fn or_default(&mut self, key: K) -> Option<&mut V>
    where
        V: Default,
    {
        let index = self.find(&key).unwrap_or_else(|index| {
            self.0.insert(index, (key, V::default()));
            index
        });
        Some(&mut self.0.get_mut(index)?.1)
    }

    pub(crate) fn remove<Q: Ord + ?Sized>(&mut self, key: &Q) -> Option<V>
    where
        K: Borrow<Q>,
    {
        let index = self.find(key).ok()?;
        Some(self.0.remove(index).1)
    }

    pub(crate) fn get(&self, key: &K) -> Option<&V> {
        Some(&self.0.get(self.find(key).ok()?)?.1)
    }

    pub(crate) fn get_mut(&mut self, key: &K) -> Option<&mut V> {
        let index = self.find(key).ok()?;
        Some(&mut self.0.get_mut(index)?.1)
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    /// The values, that of the last key first.
    pub(crate) fn last_first(&self) -> impl Iterator<Item = &V> {
        self.0.iter().rev().map(|(_, value)| value)
    }

    pub(crate) fn has<Q: Ord + ?Sized>(&self, key: &Q) -> bool
    where
        K: Borrow<Q>,
    {
        self.find(key).is_ok()
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (&K, &V)> {
        self.0.iter().map(|(key, value)| (key, value))
    }

    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }
}

/// Whether a value is that of a new session: a snapshot leaves those out.
pub(crate) fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

/// The indices below a number, in an order in which no two are equal. All lists share the code of the sort.
pub(crate) fn in_order(number: usize, order: &dyn Fn(usize, usize) -> Ordering) -> Vec<usize> {
    let mut indices: Vec<usize> = (0..number).collect();
    indices.sort_unstable_by(|one, other| order(*one, *other));
    indices
}

/// Sorts few values; equal ones keep their order. The sort of the standard library has twenty times the code.
pub(crate) fn sort_few<T>(list: &mut [T], is_behind: impl Fn(&T, &T) -> bool) {
    for end in 1..list.len() {
        for index in (1..=end).rev() {
            match list.get_mut(index - 1..=index) {
                Some([one, other]) if is_behind(one, other) => std::mem::swap(one, other),
                _ => break,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Map, Room, sort_few};

    /// The capacity of lists and maps, and the part in use, at their last fit.
    fn fitted(room: usize, used: usize) -> [usize; 2] {
        let mut list = Vec::with_capacity(room);
        list.extend(0..used);
        let mut map = Map::default();
        map.reserve(room);
        map.extend((0..used).map(|key| (key, ())));
        assert!(map.capacity() >= room && list.capacity() >= room);
        list.fit();
        map.fit();
        assert_eq!((list.len(), map.len()), (used, used));
        [list.capacity(), map.capacity()]
    }

    #[test]
    fn room_is_given_back_where_less_than_a_quarter_is_in_use() {
        for (room, used, least, most) in [
            (4096, 10, 20, 64),
            (4096, 0, 0, 0),
            (4096, 1000, 2000, 4000),
        ] {
            for capacity in fitted(room, used) {
                assert!(
                    (least..=most).contains(&capacity),
                    "{room} {used}: {capacity}"
                );
            }
        }
    }

    #[test]
    fn equal_values_keep_their_order_when_sorted() {
        let mut list = [(2, 'a'), (1, 'b'), (2, 'c'), (0, 'd'), (1, 'e')];
        sort_few(&mut list, |one, other| one.0 > other.0);
        assert_eq!(list, [(0, 'd'), (1, 'b'), (1, 'e'), (2, 'a'), (2, 'c')]);
    }

    #[test]
    fn room_is_kept_where_there_is_little_or_it_is_used() {
        for (room, used) in [(64, 0), (64, 1), (4096, 2000), (100, 25)] {
            assert_eq!(fitted(room, used)[0], room, "{used}");
        }
        assert_eq!(fitted(65, 0)[0], 0);
    }
}
