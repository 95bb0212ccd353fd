//! The names under a root: the holder of each, and the next that is free.

use crate::collections::Map;
use crate::collections::Room;
use crate::names::SLUG_CHARS;
use crate::state::slots::SessionKey;
use crate::time::Millis;
use std::sync::Arc;

/// The holder of a name or of a derived id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Holder {
    Session(SessionKey),
    /// The open call that is to create the session.
    Ticket(u32),
}

/// Since when a session has an alias; of two at the same time the older session came first.
pub(super) type Came = (Millis, u32, SessionKey);

/// The names that a free one must differ from.
#[derive(Clone, Copy)]
pub(super) enum Free {
    OfNames,
    /// Of aliases too.
    OfAll,
}

/// The least number that a name may have which is free.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Least {
    of_names: u32,
    of_all: u32,
}

impl Least {
    fn of(&mut self, of: Free) -> &mut u32 {
        match of {
            Free::OfNames => &mut self.of_names,
            Free::OfAll => &mut self.of_all,
        }
    }
}

/// Names and aliases.
#[derive(Debug, Default)]
pub(super) struct RootNames {
    pub(super) own: Map<Arc<str>, Holder>,
    /// The sessions with an alias, each behind those that had it before.
    pub(super) aliases: Map<Arc<str>, Vec<Came>>,
    /// By all that stands before a name's number, and how many digits the number has: every lower number is taken.
    /// Ten thousand calls for one name try none of them again.
    least: Map<Arc<str>, Least>,
}

impl RootNames {
    pub(super) fn remove_name(&mut self, name: &str) {
        if self.own.remove(name).is_some() {
            self.own.fit();
            self.freed(name, &[Free::OfNames, Free::OfAll]);
        }
    }

    /// Adds a session to those that have an alias, behind those that had it before.
    pub(super) fn add_alias(&mut self, name: &Arc<str>, came: Came) {
        let held = self.aliases.entry(name.clone()).or_default();
        if let Err(index) = held.binary_search(&came) {
            held.insert(index, came);
        }
    }

    pub(super) fn remove_alias(&mut self, name: &str, came: Came) {
        let Some(held) = self.aliases.get_mut(name) else {
            return;
        };
        if let Ok(index) = held.binary_search(&came) {
            held.remove(index);
        }
        if held.is_empty() {
            self.aliases.remove(name);
            self.aliases.fit();
            self.freed(name, &[Free::OfAll]);
        }
    }

    /// The first free one of the slug itself and the slug with `-2`, `-3`, ..., cut so that it stays a slug. It is none of
    /// `but`.
    pub(super) fn next(&mut self, slug: &str, of: Free, but: &[Arc<str>]) -> Arc<str> {
        let other = |name: &str| but.iter().all(|taken| **taken != *name);
        if self.is_free(slug, of) && other(slug) {
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
            while number < end && !(self.is_free(&name, of) && other(&name)) {
                number += 1;
                name = named(&head, number);
            }
            // The messages that name others may be undone.
            if number > first && but.is_empty() {
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
        !self.own.contains_key(name) && !alias()
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
        of_names: first,
        of_all: first,
    }
}

fn named(head: &str, number: u32) -> String {
    [head, &number.to_string()].concat()
}

fn key(head: &str, digits: usize) -> Arc<str> {
    [head, &digits.to_string()].concat().into()
}

/// The numbers of so many digits: the first, and the one after the last.
fn range(digits: usize) -> (u32, u32) {
    let power = |digits| 10_u32.saturating_pow(u32::try_from(digits).unwrap_or(u32::MAX));
    (power(digits - 1).max(2), power(digits))
}
