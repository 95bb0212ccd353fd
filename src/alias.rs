//! Aliases: names that another plugin gave a session, and told its caller of.
//!
//! An alias belongs to the parent of the session. Who had a name first keeps it while it lives, so
//! that what a caller was told goes on standing for the same session.

use crate::id::{edits, letters, normalize_slug};
use crate::registry::{At, Holder, NEAR_HANDLES, Registry};
use crate::session::Millis;
use std::sync::Arc;

/// How many aliases a session may have; what comes after them is not kept.
pub const ALIASES: usize = 64;

impl Registry {
    /// Lets the parent of a session call it by another name too, since a time. Whether that is news.
    pub(crate) fn give_alias(&mut self, at: At, name: &str, since: Millis) -> bool {
        let Some(name) = normalize_slug(name).filter(|name| !name.starts_with("ses_")) else {
            return false;
        };
        let node = self.node(at);
        let known = node.aliases.get(&*name).copied();
        let room = node.parent.is_some() && (known.is_some() || node.aliases.len() < ALIASES);
        if !room
            || node.slug.as_deref() == Some(&*name)
            || known.is_some_and(|known| known <= since)
        {
            return false;
        }
        let name: Arc<str> = (&*name).into();
        self.node_mut(at).aliases.insert(name.clone(), since);
        let root = self.root(at);
        let scope = self.node_mut(root).scope.get_or_insert_default();
        let held = scope.aliases.entry(name.clone()).or_default();
        held.retain(|holder| *holder != at);
        held.push(at);
        self.sort_alias(root, &name);
        true
    }

    /// Puts those that have an alias in the order in which they came to it.
    fn sort_alias(&mut self, root: At, name: &str) {
        let scope = self.node_mut(root).scope.as_mut();
        let Some(mut held) = scope.and_then(|scope| scope.aliases.remove(name)) else {
            return;
        };
        held.sort_by_key(|at| (self.node(*at).aliases.get(name), self.node(*at).seq));
        let scope = self.node_mut(root).scope.get_or_insert_default();
        scope.aliases.insert(name.into(), held);
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
        for name in std::mem::take(&mut self.node_mut(at).aliases).into_keys() {
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
        for (name, mut held) in moved.into_iter().flatten() {
            let scope = self.node_mut(to).scope.get_or_insert_default();
            let all = scope.aliases.entry(name.clone()).or_default();
            all.append(&mut held);
            self.sort_alias(to, &name);
        }
    }

    /// The name of a session under the root that is within two edits of a new one and within half
    /// its length: a handle, or an alias that the caller was told of.
    pub(crate) fn near_name(&self, root: At, caller: At, name: &str) -> Option<(Arc<str>, At)> {
        let set = letters(name);
        let near = |known: &Arc<str>, known_letters| {
            let edits = edits(name, set, known, known_letters)?;
            (2 * edits <= name.chars().count()).then(|| (edits, known.clone()))
        };
        let known = self.recent(root, None).take(NEAR_HANDLES);
        known
            .flat_map(|at| {
                let node = self.node(at);
                let handle = node.slug.iter().map(|slug| near(slug, node.slug_letters));
                let told = node
                    .aliases
                    .keys()
                    .filter(move |_| node.parent == Some(caller));
                let aliases = told.map(|alias| near(alias, letters(alias)));
                let names: Vec<_> = handle.chain(aliases).flatten().collect();
                names
                    .into_iter()
                    .map(move |(edits, name)| (edits, name, at))
            })
            .min_by_key(|(edits, _, _)| *edits)
            .map(|(_, name, at)| (name, at))
    }
}
