//! The names under a root: who has which, and the next that is free.

use crate::collections::Map;
use crate::collections::Room;
use crate::names::SLUG_CHARS;
use crate::state::registry::Holder;
use crate::state::slots::At;
use crate::time::Millis;
use std::sync::Arc;

/// Since when a session has an alias; of two at the same time the older session came first.
pub(crate) type Came = (Millis, u32, At);

/// Whether a name is looked for that is nobody's alias either.
#[derive(Clone, Copy)]
pub(crate) enum Free {
    OfHandles,
    OfAll,
}

/// The least number that a name may have which is free.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Least {
    of_handles: u32,
    of_all: u32,
}

impl Least {
    fn of(&mut self, of: Free) -> &mut u32 {
        match of {
            Free::OfHandles => &mut self.of_handles,
            Free::OfAll => &mut self.of_all,
        }
    }
}

/// Handles and aliases, by name.
#[derive(Debug, Default)]
pub(crate) struct RootNames {
    pub(crate) handles: Map<Arc<str>, Holder>,
    /// Who has an alias: first who had it first.
    pub(crate) aliases: Map<Arc<str>, Vec<Came>>,
    /// By all that stands before a name's number, and how many digits that has: every number below
    /// is taken. Who asks for the same name ten thousand times goes through none of them again.
    least: Map<Box<str>, Least>,
}

impl RootNames {
    pub(crate) fn drop_handle(&mut self, name: &str) {
        if self.handles.remove(name).is_some() {
            self.handles.fit();
            self.freed(name, &[Free::OfHandles, Free::OfAll]);
        }
    }

    /// Puts a session among those that have an alias, after those that came to it before.
    pub(crate) fn add_alias(&mut self, name: &Arc<str>, came: Came) {
        let held = self.aliases.entry(name.clone()).or_default();
        if let Err(place) = held.binary_search(&came) {
            held.insert(place, came);
        }
    }

    pub(crate) fn drop_alias(&mut self, name: &str, came: Came) {
        let Some(held) = self.aliases.get_mut(name) else {
            return;
        };
        if let Ok(place) = held.binary_search(&came) {
            held.remove(place);
        }
        if held.is_empty() {
            self.aliases.remove(name);
            self.aliases.fit();
            self.freed(name, &[Free::OfAll]);
        }
    }

    /// The slug itself, or that with `-2`, `-3`, ..., cut so that it stays a slug, whichever is free.
    pub(crate) fn next(&mut self, slug: &str, of: Free) -> Arc<str> {
        if self.is_free(slug, of) {
            return slug.into();
        }
        let mut digits = 1;
        loop {
            let head: String = slug.chars().take(SLUG_CHARS - 1 - digits).collect();
            let head = head + "-";
            let key = key(&head, digits);
            let (first, end) = range(digits);
            let mut least = self.least.get(&*key).copied().unwrap_or(from(first));
            let mut number = *least.of(of);
            let mut name = named(&head, number);
            while number < end && !self.is_free(&name, of) {
                number += 1;
                name = named(&head, number);
            }
            if number > first {
                *least.of(of) = number;
                self.least.insert(key, least);
            }
            if number < end {
                return name.into();
            }
            digits += 1;
        }
    }

    fn is_free(&self, name: &str, of: Free) -> bool {
        let alias = || matches!(of, Free::OfAll) && self.aliases.contains_key(name);
        !self.handles.contains_key(name) && !alias()
    }

    /// Takes back that the number of a name is taken.
    fn freed(&mut self, name: &str, of: &[Free]) {
        let head = name.trim_end_matches(|c: char| c.is_ascii_digit());
        let digits = name.len() - head.len();
        let number = name.get(head.len()..);
        let number = number.and_then(|number| number.parse::<u32>().ok());
        let (Some(number), true) = (number, head.ends_with('-') && !self.least.is_empty()) else {
            return;
        };
        let key = key(head, digits);
        let (first, _) = range(digits);
        if let Some(least) = self.least.get_mut(&*key) {
            for of in of {
                let least = least.of(*of);
                *least = number.min(*least).max(first);
            }
            if *least == from(first) {
                self.least.remove(&*key);
                self.least.fit();
            }
        }
    }
}

fn from(first: u32) -> Least {
    Least {
        of_handles: first,
        of_all: first,
    }
}

fn named(head: &str, number: u32) -> String {
    [head, &number.to_string()].concat()
}

fn key(head: &str, digits: usize) -> Box<str> {
    [head, &digits.to_string()].concat().into()
}

/// The numbers of so many digits: the first, and the one after the last.
fn range(digits: usize) -> (u32, u32) {
    let power = |digits| 10_u32.saturating_pow(u32::try_from(digits).unwrap_or(u32::MAX));
    (power(digits - 1).max(2), power(digits))
}
