//! Handles: which session a slug or an id stands for, and which names are free.

use crate::id::{derived_id, handle, letters, root_digest};
use crate::registry::{At, Holder, Registry};
use std::sync::Arc;

impl Registry {
    /// Who has an id, the host's or a derived one.
    pub(crate) fn find_id(&self, id: &str) -> Option<Holder> {
        self.find(id)
            .map(Holder::Session)
            .or_else(|| self.derived.get(id).copied())
    }

    /// Who has a handle under a root.
    pub(crate) fn find_slug(&self, root: At, slug: &str) -> Option<Holder> {
        self.node(root).scope.as_ref()?.names.get(slug).copied()
    }

    /// Gives a session a handle, or the nearest free one, and the id derived from it. A handle that
    /// it had before goes on resolving.
    pub(crate) fn give_name(&mut self, at: At, slug: &str) {
        let node = self.node_mut(at);
        if let (Some(slug), Some(derived)) = (node.slug.take(), node.derived.take()) {
            node.former.push((slug, derived));
        }
        let root = self.root(at);
        let slug = self.free_slug(root, slug);
        let derived = self.free_derived(root, &slug);
        self.hold(root, &slug, &derived, Holder::Session(at));
        let node = self.node_mut(at);
        node.slug_letters = letters(&slug);
        node.slug = Some(slug);
        node.derived = Some(derived);
    }

    /// Gives a session the handle that its description makes, where it has none.
    pub(crate) fn make_name(&mut self, at: At) {
        if self.node(at).slug.is_none() {
            let slug = handle(&self.node(at).description);
            self.give_name(at, &slug);
        }
    }

    /// Gives a new child the handle that its description makes: now, or once no open call of its
    /// parent can be about to give it another.
    pub(crate) fn name_later(&mut self, child: At, parent: At) {
        self.node_mut(parent).unnamed.push(child);
        self.name_children(parent);
    }

    /// Names the children that waited for it, unless a call is still open that may.
    pub(crate) fn name_children(&mut self, parent: At) {
        if self.node(parent).unnamed.is_empty() || self.spawns(&self.node(parent).id) {
            return;
        }
        for child in std::mem::take(&mut self.node_mut(parent).unnamed) {
            if self.node(child).parent == Some(parent) {
                self.make_name(child);
            }
        }
    }

    pub(crate) fn release_name(&mut self, at: At) {
        let root = self.root(at);
        let node = self.node_mut(at);
        let own = node.slug.take().zip(node.derived.take());
        for (slug, derived) in std::mem::take(&mut node.former).into_iter().chain(own) {
            self.let_go(root, &slug, &derived);
        }
    }

    /// Keeps a handle and its derived id for a session, or for a ticket whose session is to come.
    pub(crate) fn hold(&mut self, root: At, slug: &Arc<str>, derived: &Arc<str>, holder: Holder) {
        self.node_mut(root)
            .scope
            .get_or_insert_default()
            .names
            .insert(slug.clone(), holder);
        self.derived.insert(derived.clone(), holder);
    }

    pub(crate) fn let_go(&mut self, root: At, slug: &str, derived: &str) {
        if let Some(scope) = &mut self.node_mut(root).scope {
            scope.names.remove(slug);
        }
        self.derived.remove(derived);
    }

    /// A handle that is free under a root: the one given, or that with `-2`, `-3`, ...
    pub(crate) fn free_slug(&self, root: At, slug: &str) -> Arc<str> {
        if self.find_slug(root, slug).is_none() {
            return slug.into();
        }
        let mut number = 2u32;
        loop {
            let next = format!("{slug}-{number}");
            if self.find_slug(root, &next).is_none() {
                return next.into();
            }
            number += 1;
        }
    }

    /// The derived id of a handle that is free: with four digits of the root's digest, or as many
    /// more as keep it apart from other roots' ids.
    pub(crate) fn free_derived(&mut self, root: At, slug: &str) -> Arc<str> {
        let id = self.node(root).id.clone();
        let scope = self.node_mut(root).scope.get_or_insert_default();
        if scope.digest.is_empty() {
            scope.digest = root_digest(&id);
        }
        let digest = self
            .node(root)
            .scope
            .as_ref()
            .map_or("", |scope| &scope.digest);
        let ids = (1..=16).map(|group| derived_id(digest, 4 * group, slug));
        let free = ids.into_iter().find(|id| self.find_id(id).is_none());
        free.unwrap_or_else(|| derived_id(digest, 64, slug)).into()
    }
}
