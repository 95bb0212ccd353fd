//! Aliases: names that another plugin gave a session, and told its caller of.
//!
//! An alias belongs to the parent of the session. Who had a name first keeps it while it lives, so
//! that what a caller was told goes on standing for the same session.

use crate::id::{self, edits, letters};
use crate::registry::{At, Holder, NEAR_HANDLES, Registry};
use crate::session::Millis;
use std::sync::Arc;

/// How many aliases a session may have; what comes after them is not kept.
pub const ALIASES: usize = 64;

/// The aliases of a session, and since when it has each.
pub(crate) type Aliases = Vec<(Arc<str>, Millis)>;

impl Registry {
    /// Takes in that the parent of a session was told of it by another name. Whether that is news.
    pub(crate) fn told_alias(&mut self, at: At, name: &str, now: Millis) -> bool {
        let Some(name) = id::name(name) else {
            return false;
        };
        if self.node(at).aliases.iter().any(|alias| *alias.0 == *name) {
            return false;
        }
        // Whoever has it already had it first, whatever the clock says.
        let scope = self.node(self.root(at)).scope.as_ref();
        let held = scope.and_then(|scope| scope.aliases.get(&*name));
        let last = held.into_iter().flatten();
        let last = last
            .map(|other| self.came_to(*other, &name).0.saturating_add(1))
            .max();
        self.give_alias(at, &name, last.map_or(now, |last| last.max(now)))
    }

    /// Lets the parent of a session call it by another name too, since a time. Whether that is news.
    pub(crate) fn give_alias(&mut self, at: At, name: &str, since: Millis) -> bool {
        let Some(name) = id::name(name) else {
            return false;
        };
        let node = self.node_mut(at);
        if node.parent.is_none() || node.slug.as_deref() == Some(&*name) {
            return false;
        }
        let full = node.aliases.len() >= ALIASES;
        let known = node.aliases.iter_mut().find(|known| *known.0 == *name);
        let name = match known {
            Some((_, known)) if *known <= since => return false,
            Some((name, known)) => {
                *known = since;
                name.clone()
            }
            None if full => return false,
            None => {
                let name: Arc<str> = (&*name).into();
                node.aliases.push((name.clone(), since));
                name
            }
        };
        let root = self.root(at);
        if let Some(Holder::Session(holder)) = self.find_slug(root, &name)
            && self.is_untold(holder)
        {
            self.yield_name(holder);
        }
        self.hold_alias(root, &name, at);
        self.name_unnamed();
        true
    }

    /// Puts a session among those that have an alias, after those that came to it before.
    fn hold_alias(&mut self, root: At, name: &Arc<str>, at: At) {
        let scope = self.node_mut(root).scope.get_or_insert_default();
        let mut held = scope.aliases.remove(name).unwrap_or_default();
        held.retain(|other| *other != at);
        let came = self.came_to(at, name);
        let place = held
            .iter()
            .position(|other| self.came_to(*other, name) > came);
        held.insert(place.unwrap_or(held.len()), at);
        let scope = self.node_mut(root).scope.get_or_insert_default();
        scope.aliases.insert(name.clone(), held);
    }

    /// When a session came to an alias; of two at the same time the older session came first.
    fn came_to(&self, at: At, name: &str) -> (Millis, u32) {
        let node = self.node(at);
        let since = node.aliases.iter().find(|alias| *alias.0 == *name);
        (since.map_or(0, |alias| alias.1), node.seq)
    }

    /// The sessions that a caller was told of under an alias, the first that had it before all others.
    pub(crate) fn namesakes(
        &self,
        root: At,
        caller: At,
        name: &str,
    ) -> impl Iterator<Item = At> + use<'_> {
        let scope = self.node(root).scope.as_ref();
        let held = scope.and_then(|scope| scope.aliases.get(name));
        held.into_iter()
            .flatten()
            .copied()
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
        scope.is_some_and(|scope| scope.aliases.contains_key(name))
    }

    /// Lets go of the aliases of a session that is gone: who comes next has them.
    pub(crate) fn drop_aliases(&mut self, at: At) {
        let root = self.root(at);
        for (name, _) in std::mem::take(&mut self.node_mut(at).aliases) {
            let Some(scope) = &mut self.node_mut(root).scope else {
                return;
            };
            if let Some(held) = scope.aliases.get_mut(&name) {
                held.retain(|holder| *holder != at);
                if held.is_empty() {
                    scope.aliases.remove(&name);
                }
            }
        }
    }

    /// Takes the aliases under a session along to its new root.
    pub(crate) fn move_aliases(&mut self, from: At, to: At) {
        let scope = self.node_mut(from).scope.as_mut();
        let moved = scope.map(|scope| std::mem::take(&mut scope.aliases));
        for (name, held) in moved.into_iter().flatten() {
            for at in held {
                self.hold_alias(to, &name, at);
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
