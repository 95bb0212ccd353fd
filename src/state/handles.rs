//! Handles: which session a slug or an id stands for, and which names are free.

use crate::collections::Room;
use crate::names::handle;
use crate::names::letters;
use crate::names::{derived_id, root_digest};
use crate::names::{name, own_name};
use crate::protocol::Record;
use crate::state::name_table::{Free, RootNames};
use crate::state::registry::{Holder, Registry};
use crate::state::slots::At;
use crate::state::tickets::{Goal, Ticket};
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
        self.node(root)
            .scope
            .as_ref()?
            .names
            .handles
            .get(slug)
            .copied()
    }

    /// Whether a session has a handle, now or before, or has another because that is somebody else's.
    pub(crate) fn is_called(&self, at: At, slug: &str) -> bool {
        match self.find_slug(self.root(at), slug) {
            Some(Holder::Session(holder)) if holder != at => {
                self.node(at).slug.is_some() && !self.is_untold(holder)
            }
            holder => holder.is_some_and(|holder| holder == Holder::Session(at)),
        }
    }

    /// How many names a session has: of two engines that hear of each other who knows fewer learns more.
    pub(crate) fn known_names(&self, at: At) -> (usize, usize, bool) {
        let node = self.node(at);
        let other = node.former.len() + node.elsewhere.len();
        (other, node.aliases.len(), node.slug.is_some())
    }

    /// Gives a session a handle, or the nearest free one, and the id derived from it: the one that
    /// it is known to have, if that is free. A handle that it had before goes on resolving.
    pub(crate) fn give_name(&mut self, at: At, slug: &str, known: Option<&str>) {
        let node = self.node_mut(at);
        if let (Some(slug), Some(derived)) = (node.slug.take(), node.derived.take()) {
            node.former.push((slug, derived));
        }
        let root = self.root(at);
        let slug = self.names_under(root).next(slug, Free::OfHandles);
        let known = known.filter(|id| {
            id.strip_suffix(&*slug)
                .is_some_and(|head| head.ends_with('_'))
        });
        let derived = match known.filter(|id| self.is_free(id, Some(at))) {
            Some(id) => id.into(),
            None => self.free_derived(root, &slug, Some(at)),
        };
        self.hold(root, &slug, &derived, Holder::Session(at));
        let node = self.node_mut(at);
        node.slug_letters = letters(&slug);
        node.slug = Some(slug);
        node.derived = Some(derived);
    }

    /// Lets a session be called by a handle that it had before, where that is free or only made up.
    pub(crate) fn give_former(&mut self, at: At, slug: &Arc<str>, known: &Arc<str>) {
        let Some(slug) = name(slug).filter(|_| self.node(at).parent.is_some()) else {
            return;
        };
        let root = self.root(at);
        if let Some(Holder::Session(holder)) = self.find_slug(root, &slug)
            && holder != at
            && self.is_untold(holder)
        {
            self.yield_name(holder);
        }
        let slug: Arc<str> = (&*slug).into();
        if let Some(holder) = self.find_slug(root, &slug) {
            if holder != Holder::Session(at) {
                self.claim(at, &slug, known);
            }
            return;
        }
        let derived = match self.is_free(known, Some(at)) {
            true => known.clone(),
            false => self.free_derived(root, &slug, Some(at)),
        };
        self.hold(root, &slug, &derived, Holder::Session(at));
        self.node_mut(at).former.push((slug, derived));
        self.name_unnamed();
    }

    /// Finds the call that a session was created for, of which the host tells before its commit.
    pub(crate) fn created_for(&mut self, at: At, record: &Record) {
        let id = self.node(at).id.clone();
        let parent = self
            .node(at)
            .parent
            .map(|parent| self.node(parent).id.clone());
        let unborn = self.desk.unborn.keys();
        let tickets = unborn.filter_map(|number| Some((number, self.tickets.open.get(number)?)));
        let mut tickets = tickets.filter(|(_, ticket)| ticket.child.is_none());
        let of = |ticket: &Ticket| match &ticket.goal {
            Goal::Spawn { derived, .. } => {
                record.id.as_deref() == Some(&**derived) && parent.as_ref() == Some(&ticket.caller)
            }
            Goal::Prompt { .. } => false,
        };
        let number = tickets
            .find(|(_, ticket)| of(ticket))
            .map(|(number, _)| *number);
        if let Some(ticket) = number.and_then(|number| self.tickets.open.get_mut(&number)) {
            ticket.child = Some(id);
        }
    }

    /// Notes where the handle of a record stands for another session.
    pub(crate) fn disputed(&mut self, at: At, record: &Record) {
        let Some(slug) = record.slug.as_deref().and_then(own_name) else {
            return;
        };
        if self.find_slug(self.root(at), &slug) != Some(Holder::Session(at)) {
            self.claim(at, &slug, record.id.as_deref().unwrap_or(&slug));
        }
    }

    /// Keeps that another process gave a session a handle which stands for another here.
    pub(crate) fn claim(&mut self, at: At, slug: &str, derived: &str) {
        let elsewhere = &mut self.node_mut(at).elsewhere;
        if elsewhere.iter().all(|(known, _)| **known != *slug) {
            elsewhere.push((slug.into(), derived.into()));
        }
    }

    /// Lets a session be called by the id of a task of it, where that is free.
    pub(crate) fn name_task(&mut self, at: At, name: &str) {
        let root = self.root(at);
        if self.find_slug(root, name).is_none() {
            let name: Arc<str> = name.into();
            self.hold(root, &name, &name, Holder::Session(at));
            self.node_mut(at).former.push((name.clone(), name));
        }
    }

    /// Lets a session have a handle that is known to be its own, and its derived id: a call of its
    /// parent that is about to give it yields, and so does a session that only made it up and of
    /// which nobody was told. Gives the derived id that such a call had told of.
    pub(crate) fn take_over(
        &mut self,
        at: At,
        slug: &str,
        known: Option<&str>,
    ) -> Option<Arc<str>> {
        if let Some(Holder::Session(holder)) = known.and_then(|id| self.find_id(id))
            && holder != at
            && self.is_untold(holder)
        {
            self.yield_name(holder);
        }
        let root = self.root(at);
        match self.find_slug(root, slug) {
            Some(Holder::Ticket(number)) => {
                let ticket = self.tickets.open.get(&number)?;
                let Goal::Spawn { derived, .. } = &ticket.goal else {
                    return None;
                };
                if self.find(&ticket.caller) == self.node(at).parent {
                    let derived = derived.clone();
                    self.let_go(root, slug, &derived);
                    if let Some(ticket) = self.tickets.open.get_mut(&number) {
                        ticket.given = true;
                    }
                    return Some(derived);
                }
            }
            Some(Holder::Session(holder)) if holder != at && self.is_untold(holder) => {
                self.yield_name(holder);
            }
            _ => {}
        }
        None
    }

    /// Lets go of a handle that was only made up: another is made once that has its new holder.
    pub(crate) fn yield_name(&mut self, at: At) {
        let root = self.root(at);
        let node = self.node_mut(at);
        if let Some((slug, derived)) = node.slug.take().zip(node.derived.take()) {
            self.let_go(root, &slug, &derived);
            self.yielded.push(at);
        }
    }

    /// Whether nobody can have been told of a session's handle.
    pub(crate) fn is_untold(&self, at: At) -> bool {
        let node = self.node(at);
        !node.kept && !node.dirty
    }

    /// Gives a session the handle that its description makes, where it has none.
    pub(crate) fn make_name(&mut self, at: At) {
        if self.node(at).slug.is_none() {
            let slug = handle(&self.node(at).description);
            let slug = self.free_slug(self.root(at), &slug);
            self.give_name(at, &slug, None);
            if self.node(at).wrote {
                // Its record was stored before it had this one: it may have been told of meanwhile.
                self.tell(at);
            }
        }
    }

    /// Names a child that was met without a handle, unless an open call may be about to name it.
    pub(crate) fn name_or_wait(&mut self, child: At) {
        let parent = self.node(child).parent;
        if parent.is_some_and(|parent| self.spawns(&self.node(parent).id)) {
            self.unnamed.push(child);
        } else {
            self.make_name(child);
        }
    }

    /// Names those that had to wait and need not any more.
    pub(crate) fn name_unnamed(&mut self) {
        // Who had a name is no child of a call that is open. The older session has the first choice.
        let yielded = std::mem::take(&mut self.yielded);
        for at in self.oldest_first(yielded) {
            self.make_name(at);
        }
        for child in std::mem::take(&mut self.unnamed) {
            self.name_or_wait(child);
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
        self.names_under(root).handles.insert(slug.clone(), holder);
        self.derived.insert(derived.clone(), holder);
    }

    pub(crate) fn let_go(&mut self, root: At, slug: &str, derived: &str) {
        if let Some(scope) = &mut self.node_mut(root).scope {
            scope.names.drop_handle(slug);
        }
        self.derived.remove(derived);
        self.derived.fit();
    }

    /// A handle that is free under a root, and nobody's alias: the one given, or the next.
    pub(crate) fn free_slug(&mut self, root: At, slug: &str) -> Arc<str> {
        self.names_under(root).next(slug, Free::OfAll)
    }

    /// The names under a root.
    pub(crate) fn names_under(&mut self, root: At) -> &mut RootNames {
        &mut self.node_mut(root).scope.get_or_insert_default().names
    }

    /// The derived id of a handle that is free, or the session's own: with four digits of the root's
    /// digest, or as many more as keep it apart from other roots' ids.
    pub(crate) fn free_derived(&mut self, root: At, slug: &str, own: Option<At>) -> Arc<str> {
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
        let mut ids = (1..=16).map(|group| derived_id(digest, 4 * group, slug));
        let free = ids.find(|id| self.is_free(id, own));
        free.unwrap_or_else(|| derived_id(digest, 64, slug)).into()
    }

    /// Whether nobody has an id, neither from the host nor as a derived one, but for one session.
    fn is_free(&self, id: &str, own: Option<At>) -> bool {
        let own = own.map(Holder::Session);
        let given = self.find(id).map(Holder::Session);
        let holders = [given, self.derived.get(id).copied()];
        holders
            .into_iter()
            .flatten()
            .all(|holder| Some(holder) == own)
    }
}
