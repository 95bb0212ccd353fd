//! Slots: each value has a key that no other value ever gets, though a slot is used again.

use crate::collections::Room;
use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// The key of a session. Once the session is removed, its key gives `None`, also after the slot is used again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct SessionKey {
    slot: u32,
    generation: u32,
}

/// Values by key.
#[derive(Debug)]
pub(super) struct Slots<T> {
    slots: Vec<Slot<T>>,
    /// The letters of each value's id, side by side: a mistyped id is compared with those of all siblings.
    letters: Vec<u64>,
    /// The empty ones of `slots`, the first on top, and behind them some that are gone. The last slot is never empty.
    free: BinaryHeap<Reverse<u32>>,
    /// The generation of the next value.
    next_generation: u32,
}

#[derive(Debug)]
struct Slot<T> {
    generation: u32,
    value: Option<Box<T>>,
}

impl<T> Default for Slots<T> {
    fn default() -> Self {
        Slots {
            slots: Vec::new(),
            letters: Vec::new(),
            free: BinaryHeap::new(),
            next_generation: 0,
        }
    }
}

impl<T> Slots<T> {
    #[inline]
    pub(super) fn get(&self, key: SessionKey) -> Option<&T> {
        let slot = self.slots.get(key.slot as usize)?;
        match &slot.value {
            Some(value) if slot.generation == key.generation => Some(value),
            _ => None,
        }
    }

    #[inline]
    pub(super) fn get_mut(&mut self, key: SessionKey) -> Option<&mut T> {
        let slot = self.slots.get_mut(key.slot as usize)?;
        match &mut slot.value {
            Some(value) if slot.generation == key.generation => Some(value),
            _ => None,
        }
    }

    /// The letters that were given with a value.
    #[inline]
    pub(super) fn letters(&self, key: SessionKey) -> u64 {
        self.letters
            .get(key.slot as usize)
            .copied()
            .unwrap_or_default()
    }

    /// Puts a value into the first empty slot.
    pub(super) fn put(&mut self, value: T, letters: u64) -> SessionKey {
        let first = self.free.pop().map(|Reverse(slot)| slot);
        let first = first.filter(|slot| (*slot as usize) < self.slots.len());
        let slot = first.unwrap_or_else(|| {
            // All others are gone too.
            self.free.clear();
            self.slots.push(Slot {
                generation: 0,
                value: None,
            });
            self.letters.push(0);
            u32::try_from(self.slots.len() - 1).unwrap_or(u32::MAX)
        });
        let generation = self.next_generation;
        self.next_generation = generation.wrapping_add(1);
        if let Some(known) = self.letters.get_mut(slot as usize) {
            *known = letters;
        }
        if let Some(empty) = self.slots.get_mut(slot as usize) {
            *empty = Slot {
                generation,
                value: Some(Box::new(value)),
            };
        }
        SessionKey { slot, generation }
    }

    /// Removes a value; a stale key removes nothing.
    pub(super) fn remove(&mut self, key: SessionKey) {
        let slot = self.slots.get_mut(key.slot as usize);
        let Some(slot) = slot.filter(|slot| slot.generation == key.generation) else {
            return;
        };
        if slot.value.take().is_some() {
            self.free.push(Reverse(key.slot));
        }
        while self.slots.pop_if(|slot| slot.value.is_none()).is_some() {}
        let left = self.slots.len();
        if self.free.len() > left {
            self.free.retain(|Reverse(slot)| (*slot as usize) < left);
            self.free.shrink_to_fit();
        }
        self.letters.truncate(self.slots.len());
        self.slots.fit();
        self.letters.fit();
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::indexing_slicing)]

    use super::Slots;

    #[test]
    fn a_stale_key_reads_and_writes_nothing() {
        let mut slots = Slots::default();
        let first = slots.put("one", 1);
        let last = slots.put("two", 2);
        slots.remove(first);
        assert!(slots.get(first).is_none() && slots.get_mut(first).is_none());
        let again = slots.put("three", 3);
        assert_ne!(first, again);
        assert!(slots.get(first).is_none() && slots.get_mut(first).is_none());
        assert_eq!(
            (slots.get(again), slots.letters(again)),
            (Some(&"three"), 3)
        );
        slots.remove(first);
        assert_eq!(
            (slots.get(again), slots.get(last)),
            (Some(&"three"), Some(&"two"))
        );
    }

    #[test]
    fn an_empty_slot_is_used_once() {
        for (gone, places) in [(&[4, 1, 5][..], [1, 4, 5]), (&[4, 1, 5, 3], [1, 3, 4])] {
            let mut slots = Slots::default();
            let keys: Vec<_> = (0..6).map(|value| slots.put(value, 0)).collect();
            gone.iter().for_each(|index| slots.remove(keys[*index]));
            let again = [6, 7, 8].map(|value| slots.put(value, 0));
            assert_eq!(again.map(|key| key.slot), places);
            assert_eq!(
                again.map(|key| slots.get(key).copied()),
                [6, 7, 8].map(Some)
            );
            assert_eq!(
                [0, 2].map(|index| slots.get(keys[index]).copied()),
                [Some(0), Some(2)]
            );
        }
    }

    #[test]
    fn a_key_stays_stale_after_the_slots_behind_it_are_gone() {
        let mut slots = Slots::default();
        let keys: Vec<_> = (0..3).map(|value| slots.put(value, 0)).collect();
        keys.iter().for_each(|key| slots.remove(*key));
        let next = slots.put(7, 0);
        assert!(keys.iter().all(|key| slots.get(*key).is_none()));
        assert_eq!(slots.get(next), Some(&7));
    }
}
