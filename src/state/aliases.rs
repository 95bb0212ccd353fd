//! Aliases: names that another plugin gave a session, and under which the session's caller knows it.
//!
//! An alias belongs to the parent of the session. The session that had it first keeps it while it lives. So an alias
//! that a caller has read names the same session later.

use crate::names::{self, edits, letters};
use crate::rules::limits::{ALIASES, NEAR_HANDLES};
use crate::state::name_table::Holder;
use crate::state::registry::Registry;
use crate::state::slots::SessionKey;
use crate::time::Millis;
use std::sync::Arc;

impl Registry {
    /// Takes in that the parent of a session was given another name for it. Whether that is news.
    pub(crate) fn learn_alias(&mut self, key: SessionKey, name: &str, now: Millis) -> bool {
        let Some(name) = names::name(name) else {
            return false;
        };
        let known = self.get(key).is_none_or(|entry| {
            let mut aliases = entry.names.aliases.iter();
            aliases.any(|alias| *alias.0 == *name)
        });
        if known {
            return false;
        }
        // A session that has it already had it first, whatever the clock says.
        let scope = self
            .get(self.root(key))
            .and_then(|root| root.scope.as_ref());
        let held = scope.and_then(|scope| scope.names.aliases.get(&*name));
        let last = held.and_then(|held| held.last());
        let last = last.map(|(last, ..)| last.saturating_add(1));
        let since = last.map_or(now, |last| last.max(now));
        self.give_alias(key, &name, since, true)
    }

    /// Lets the parent of a session call it by another name too, since a time. Whether that is news.
    ///
    /// `given`: whether it is given now, and not read from a record.
    pub(crate) fn give_alias(
        &mut self,
        key: SessionKey,
        name: &str,
        since: Millis,
        given: bool,
    ) -> bool {
        let Some(name) = names::name(name) else {
            return false;
        };
        // A made-up name may go to another session. If it is given now, it stays: it has a reader.
        let made_up = self.may_yield(key);
        let named = self.slug(key).is_some_and(|slug| **slug == *name);
        if named && (given || !made_up) {
            return made_up;
        }
        let Some(entry) = self.get_mut(key) else {
            return false;
        };
        if entry.links.parent.is_none() {
            return false;
        }
        let aliases = &mut entry.names.aliases;
        let full = aliases.len() >= ALIASES;
        let known = aliases.iter_mut().find(|known| *known.0 == *name);
        let (name, before) = match known {
            Some((_, known)) if *known <= since => return false,
            Some((name, known)) => (name.clone(), Some(std::mem::replace(known, since))),
            None if full => return false,
            None => {
                let name: Arc<str> = (&*name).into();
                aliases.push((name.clone(), since));
                (name, None)
            }
        };
        let seq = entry.identity.seq;
        let root = self.root(key);
        // An alias in a record may be older than the undo. Whether the undone session lost its name, its own record says.
        if given && self.undone_holder(root, &name) != Some(key) {
            self.free_undone(root, &name);
        }
        if let Some(Holder::Session(holder)) = self.find_slug(root, &name) {
            if self.may_yield(holder) {
                self.yield_name(holder);
            } else if holder != key {
                // A reader has it as that session's name. A restart must not give it to the alias, so this cannot wait.
                self.mark(holder);
            }
        }
        if let Some(names) = self.names_under(root) {
            names.add_alias(&name, (since, seq, key));
            if let Some(before) = before {
                names.remove_alias(&name, (before, seq, key));
            }
        }
        self.name_unnamed();
        true
    }

    /// Puts an alias that a session has into the names under its root.
    pub(super) fn index_alias(&mut self, key: SessionKey, name: &Arc<str>, since: Millis) {
        let Some(seq) = self.get(key).map(|entry| entry.identity.seq) else {
            return;
        };
        let root = self.root(key);
        if let Some(names) = self.names_under(root) {
            names.add_alias(name, (since, seq, key));
        }
    }

    /// The sessions that a caller knows by an alias, the first that had it before all others.
    pub(crate) fn namesakes(
        &self,
        root: SessionKey,
        caller: SessionKey,
        name: &str,
    ) -> impl Iterator<Item = SessionKey> + use<'_> {
        let scope = self.get(root).and_then(|root| root.scope.as_ref());
        let held = scope.and_then(|scope| scope.names.aliases.get(name));
        held.into_iter()
            .flatten()
            .map(|(.., key)| *key)
            .filter(move |key| self.parent(*key) == Some(caller))
    }

    /// The holder of a name as a caller knows it: by its own name, or else by an alias, or as the caller's messages name it.
    /// An undone session has no name but the id of its tasks.
    pub(crate) fn find_name(
        &self,
        root: SessionKey,
        caller: SessionKey,
        name: &str,
    ) -> Option<Holder> {
        let alias = || {
            let mut all = self.namesakes(root, caller, name);
            all.find(|key| !self.is_undone(*key))
        };
        let own = self.find_slug(root, name);
        own.filter(|_| self.undone_holder(root, name).is_none())
            .or_else(|| alias().map(Holder::Session))
            .or_else(|| self.find_named(caller, name).map(Holder::Session))
    }

    /// Whether a name is an alias under a root.
    pub(super) fn is_alias(&self, root: SessionKey, name: &str) -> bool {
        let scope = self.get(root).and_then(|root| root.scope.as_ref());
        scope.is_some_and(|scope| scope.names.aliases.contains_key(name))
    }

    /// Removes the aliases of a session that is gone: the next session with each has it.
    pub(super) fn remove_aliases(&mut self, key: SessionKey) {
        let root = self.root(key);
        let Some(entry) = self.get_mut(key) else {
            return;
        };
        let aliases = std::mem::take(&mut entry.names.aliases);
        let seq = entry.identity.seq;
        if let Some(scope) = self.get_mut(root).and_then(|root| root.scope.as_mut()) {
            for (name, since) in aliases {
                scope.names.remove_alias(&name, (since, seq, key));
            }
        }
    }

    /// The name that is within two edits of a new name and within half its length, of a session that a root or a caller
    /// may resume. It is a session's own name, or an alias that the caller knows.
    pub(crate) fn near_name(
        &self,
        top: SessionKey,
        caller: SessionKey,
        name: &str,
    ) -> Option<(Arc<str>, SessionKey)> {
        let set = letters(name);
        let mut nearest: Option<(usize, Arc<str>, SessionKey)> = None;
        let mut try_name = |known: &Arc<str>, known_letters, key| {
            let Some(edits) = edits(name, set, known, known_letters) else {
                return;
            };
            let closer = nearest.as_ref().is_none_or(|(least, ..)| edits < *least);
            if closer && 2 * edits <= name.chars().count() {
                nearest = Some((edits, known.clone(), key));
            }
        };
        for key in self.recent(top, None).take(NEAR_HANDLES) {
            let Some(entry) = self.get(key) else {
                continue;
            };
            if let Some(slug) = entry.names.slug() {
                try_name(slug, entry.names.letters, key);
            }
            if entry.links.parent == Some(caller) {
                for (alias, _) in &entry.names.aliases {
                    try_name(alias, letters(alias), key);
                }
            }
        }
        nearest.map(|(_, name, key)| (name, key))
    }
}
