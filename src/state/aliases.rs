//! Aliases: names that another plugin gave a session, and told its caller of.
//!
//! An alias belongs to the parent of the session. Who had a name first keeps it while it lives, so
//! that what a caller was told goes on standing for the same session.

use crate::names;
use crate::names::{edits, letters};
use crate::state::registry::{Holder, NEAR_HANDLES, Registry};
use crate::state::slots::At;
use crate::time::Millis;
use std::sync::Arc;

/// How many aliases a session may have; what comes after them is not kept.
pub const ALIASES: usize = 64;

/// The aliases of a session, and since when it has each.
pub(crate) type Aliases = Vec<(Arc<str>, Millis)>;

impl Registry {
    /// Takes in that the parent of a session was told of it by another name. Whether that is news.
    pub(crate) fn told_alias(&mut self, at: At, name: &str, now: Millis) -> bool {
        let Some(name) = names::name(name) else {
            return false;
        };
        if self.node(at).aliases.iter().any(|alias| *alias.0 == *name) {
            return false;
        }
        // Whoever has it already had it first, whatever the clock says.
        let scope = self.node(self.root(at)).scope.as_ref();
        let held = scope.and_then(|scope| scope.names.aliases.get(&*name));
        let last = held.and_then(|held| held.last());
        let last = last.map(|(last, ..)| last.saturating_add(1));
        self.give_alias(at, &name, last.map_or(now, |last| last.max(now)))
    }

    /// Lets the parent of a session call it by another name too, since a time. Whether that is news.
    pub(crate) fn give_alias(&mut self, at: At, name: &str, since: Millis) -> bool {
        let Some(name) = names::name(name) else {
            return false;
        };
        let node = self.node_mut(at);
        if node.parent.is_none() || node.slug.as_deref() == Some(&*name) {
            return false;
        }
        let full = node.aliases.len() >= ALIASES;
        let known = node.aliases.iter_mut().find(|known| *known.0 == *name);
        let (name, before) = match known {
            Some((_, known)) if *known <= since => return false,
            Some((name, known)) => (name.clone(), Some(std::mem::replace(known, since))),
            None if full => return false,
            None => {
                let name: Arc<str> = (&*name).into();
                node.aliases.push((name.clone(), since));
                (name, None)
            }
        };
        let seq = node.seq;
        let root = self.root(at);
        if let Some(Holder::Session(holder)) = self.find_slug(root, &name) {
            if self.is_untold(holder) {
                self.yield_name(holder);
            } else if holder != at {
                // Who was told of it is not to lose it to the alias, where what may wait is lost.
                self.mark(holder);
            }
        }
        let names = self.names_under(root);
        names.add_alias(&name, (since, seq, at));
        if let Some(before) = before {
            names.drop_alias(&name, (before, seq, at));
        }
        self.name_unnamed();
        true
    }

    /// Takes in an alias that a session is known to have.
    pub(crate) fn load_alias(&mut self, at: At, name: &Arc<str>, since: Millis) {
        let node = self.node_mut(at);
        node.aliases.push((name.clone(), since));
        let seq = node.seq;
        let root = self.root(at);
        self.names_under(root).add_alias(name, (since, seq, at));
    }

    /// The sessions that a caller was told of under an alias, the first that had it before all others.
    pub(crate) fn namesakes(
        &self,
        root: At,
        caller: At,
        name: &str,
    ) -> impl Iterator<Item = At> + use<'_> {
        let scope = self.node(root).scope.as_ref();
        let held = scope.and_then(|scope| scope.names.aliases.get(name));
        held.into_iter()
            .flatten()
            .map(|(.., at)| *at)
            .filter(move |at| self.node(*at).parent == Some(caller))
    }

    /// The session that a name stands for to a caller: as its handle, or else as an alias.
    pub(crate) fn find_name(&self, root: At, caller: At, name: &str) -> Option<Holder> {
        let alias = || self.namesakes(root, caller, name).next();
        self.find_slug(root, name)
            .or_else(|| alias().map(Holder::Session))
    }

    /// Whether a name is somebody's alias under a root.
    pub(crate) fn is_alias(&self, root: At, name: &str) -> bool {
        let scope = self.node(root).scope.as_ref();
        scope.is_some_and(|scope| scope.names.aliases.contains_key(name))
    }

    /// Lets go of the aliases of a session that is gone: who comes next has them.
    pub(crate) fn drop_aliases(&mut self, at: At) {
        let root = self.root(at);
        let node = self.node_mut(at);
        let (seq, aliases) = (node.seq, std::mem::take(&mut node.aliases));
        if let Some(scope) = &mut self.node_mut(root).scope {
            for (name, since) in aliases {
                scope.names.drop_alias(&name, (since, seq, at));
            }
        }
    }

    /// The name of a session under the root that is within two edits of a new one and within half
    /// its length: a handle, or an alias that the caller was told of.
    pub(crate) fn near_name(&self, root: At, caller: At, name: &str) -> Option<(Arc<str>, At)> {
        let set = letters(name);
        let mut nearest: Option<(usize, Arc<str>, At)> = None;
        let mut try_name = |known: &Arc<str>, known_letters, at| {
            let Some(edits) = edits(name, set, known, known_letters) else {
                return;
            };
            let closer = nearest.as_ref().is_none_or(|(least, ..)| edits < *least);
            if closer && 2 * edits <= name.chars().count() {
                nearest = Some((edits, known.clone(), at));
            }
        };
        for at in self.recent(root, None).take(NEAR_HANDLES) {
            let node = self.node(at);
            if let Some(slug) = &node.slug {
                try_name(slug, node.slug_letters, at);
            }
            if node.parent == Some(caller) {
                for (alias, _) in &node.aliases {
                    try_name(alias, letters(alias), at);
                }
            }
        }
        nearest.map(|(_, name, at)| (name, at))
    }
}
