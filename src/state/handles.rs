//! Names: the session that a name or an id stands for, and the names that are free.

use crate::collections::Room;
use crate::names::{derived_id, is_derived_under, letters, name, own_name, root_digest};
use crate::protocol::Record;
use crate::state::name_table::{Free, Holder, RootNames};
use crate::state::registry::Registry;
use crate::state::slots::SessionKey;
use crate::time::Millis;
use std::sync::Arc;

impl Registry {
    pub(crate) fn slug(&self, key: SessionKey) -> Option<&Arc<str>> {
        self.get(key)?.names.slug()
    }

    /// The host's id of a session and its name, unless a caller knows another session by that name.
    pub(crate) fn id_and_slug(
        &self,
        key: SessionKey,
        caller: SessionKey,
    ) -> (Arc<str>, Option<Arc<str>>) {
        let root = self.root(caller);
        let same = self.root(key) == root;
        let own = |slug: &&Arc<str>| match same {
            // A new session may take the name of an undone one.
            true => !self.is_undone(key),
            false => self.find_name(root, caller, slug) == Some(Holder::Session(key)),
        };
        (self.id(key), self.slug(key).filter(own).cloned())
    }

    /// The holder of an id, the host's or a derived one.
    pub(crate) fn find_id(&self, id: &str) -> Option<Holder> {
        self.find(id)
            .map(Holder::Session)
            .or_else(|| self.derived.get(id).copied())
    }

    /// The holder of a name under a root.
    pub(super) fn find_slug(&self, root: SessionKey, slug: &str) -> Option<Holder> {
        let scope = self.get(root)?.scope.as_ref()?;
        scope.names.own.get(slug).copied()
    }

    /// Whether a session has a name, now or before, or has another because that one is taken for good.
    pub(crate) fn is_called(&self, key: SessionKey, slug: &str) -> bool {
        match self.find_slug(self.root(key), slug) {
            Some(Holder::Session(holder)) if holder != key => {
                self.slug(key).is_some() && !self.may_yield(holder)
            }
            holder => holder.is_some_and(|holder| holder == Holder::Session(key)),
        }
    }

    /// How many names a session has: of two engines, the one that knows fewer learns from the other.
    pub(crate) fn known_names(&self, key: SessionKey) -> (usize, usize, bool) {
        self.get(key).map_or((0, 0, false), |entry| {
            let names = &entry.names;
            let other = names.former.len() + names.elsewhere.len();
            (other, names.aliases.len(), names.own.is_some())
        })
    }

    /// Gives a session a name, or the nearest free one, and the id derived from it. A derived id that it is known to
    /// have stays, if that is free. A name that it had before still resolves.
    pub(crate) fn give_name(&mut self, key: SessionKey, slug: &str, known: Option<&str>) {
        let root = self.root(key);
        let Some(entry) = self.get_mut(key) else {
            return;
        };
        let before = entry.names.own.take();
        entry.names.former.extend(before);
        let slug = match self.names_under(root) {
            Some(names) => names.next(slug, Free::OfNames, &[]),
            None => return,
        };
        let known = known.filter(|id| {
            id.strip_suffix(&*slug)
                .is_some_and(|head| head.ends_with('_'))
        });
        let derived = match known.filter(|id| self.is_free(id, Some(key))) {
            Some(id) => id.into(),
            None => self.free_derived(root, &slug, Some(key)),
        };
        self.hold(root, &slug, &derived, Holder::Session(key));
        self.keep_name(key, &slug);
        if let Some(entry) = self.get_mut(key) {
            entry.names.letters = letters(&slug);
            entry.names.own = Some((slug, derived));
        }
    }

    /// Gives a session the name that a person chose, or the nearest free one. Its other names still resolve.
    pub(crate) fn rename(&mut self, key: SessionKey, chosen: &str, now: Millis) {
        let child = self.parent(key).is_some() && !self.is_undone(key);
        let Some(slug) = own_name(chosen).filter(|_| child) else {
            return;
        };
        if self.slug(key).is_some_and(|own| **own == *slug) {
            return;
        }
        let entry = self.get_mut(key);
        let former = entry.and_then(|entry| {
            let former = &mut entry.names.former;
            former.extract_if(.., |(name, _)| **name == *slug).next()
        });
        match former {
            Some(former) => {
                if let Some(entry) = self.get_mut(key) {
                    entry.names.letters = letters(&former.0);
                    let own = entry.names.own.replace(former);
                    entry.names.former.extend(own);
                }
            }
            None => {
                self.take_over(key, &slug, None);
                self.give_name(key, &slug, None);
            }
        }
        self.note_renamed(key, Some(now));
        self.note_new_name(key);
        self.mark(key);
        self.name_unnamed();
    }

    /// Notes when a person named a session. Of two times the later holds.
    pub(crate) fn note_renamed(&mut self, key: SessionKey, at: Option<Millis>) {
        if let Some(entry) = self.get_mut(key) {
            entry.names.renamed = entry.names.renamed.max(at);
        }
    }

    /// Gives a session the name of another child of its parent, which gets a made-up one.
    pub(crate) fn hand_over_names(&mut self, from: SessionKey, to: SessionKey) {
        let siblings = from != to && self.parent(from) == self.parent(to);
        let standing = siblings && self.parent(to).is_some() && !self.is_undone(from);
        let Some((slug, derived)) = self
            .get(from)
            .filter(|_| standing)
            .and_then(|entry| entry.names.own.clone())
        else {
            return;
        };
        self.drop_name(from);
        self.give_name(to, &slug, Some(&derived));
        self.yielded.push(from);
        for key in [from, to] {
            self.note_new_name(key);
            self.mark(key);
        }
        self.name_unnamed();
    }

    /// Lets a session be called by a name that it had before, if that is free or only made up.
    pub(crate) fn give_former(&mut self, key: SessionKey, slug: &Arc<str>, known: &Arc<str>) {
        let Some(slug) = name(slug).filter(|_| self.parent(key).is_some()) else {
            return;
        };
        let root = self.root(key);
        if let Some(Holder::Session(holder)) = self.find_slug(root, &slug)
            && holder != key
            && self.may_yield(holder)
        {
            self.yield_name(holder);
        }
        let slug: Arc<str> = (&*slug).into();
        if let Some(holder) = self.find_slug(root, &slug) {
            if holder != Holder::Session(key) {
                self.claim(key, &slug, known);
            }
            return;
        }
        let derived = match self.is_free(known, Some(key)) {
            true => known.clone(),
            false => self.free_derived(root, &slug, Some(key)),
        };
        self.hold(root, &slug, &derived, Holder::Session(key));
        if let Some(entry) = self.get_mut(key) {
            entry.names.former.push((slug, derived));
        }
        self.name_unnamed();
    }

    /// Finds the call that a session was created for, if the host reports the session before the call's commit. Its record
    /// has the message of that call's prompt. The name alone may be one that another process gave a session of its own.
    pub(crate) fn match_call(&mut self, key: SessionKey, record: &Record) {
        let id = self.id(key);
        let parent = self.parent(key).map(|parent| self.id(parent));
        let (Some(parent), Some(message)) = (parent, record.message_id.as_deref()) else {
            return;
        };
        let unborn = self.queue.unborn.iter();
        let asked = unborn.filter(|(_, it)| it.prompt.message_id.as_deref() == Some(message));
        let asked = asked.map(|(ticket, _)| *ticket);
        self.tickets.set_child(asked, &parent, &id);
    }

    /// Notes that the name of a record stands for another session. A record that another program copied from under another
    /// root gives no name here.
    pub(crate) fn note_dispute(&mut self, key: SessionKey, record: &Record) {
        let Some(slug) = record.slug.as_deref().and_then(own_name) else {
            return;
        };
        let holder = self.find_slug(self.root(key), &slug);
        if holder != Some(Holder::Session(key)) && self.is_of_root(key, record) {
            self.claim(key, &slug, record.id.as_deref().unwrap_or(&slug));
        }
    }

    /// Whether the derived id in a record is one under the root of its session.
    pub(crate) fn is_of_root(&self, key: SessionKey, record: &Record) -> bool {
        let root = self.id(self.root(key));
        let derived = record.id.as_deref();
        derived.is_none_or(|id| is_derived_under(&root, id))
    }

    /// Keeps a name that another process gave a session and that stands for another one here.
    fn claim(&mut self, key: SessionKey, slug: &str, derived: &str) {
        let Some(entry) = self.get_mut(key) else {
            return;
        };
        let elsewhere = &mut entry.names.elsewhere;
        if elsewhere.iter().all(|(known, _)| **known != *slug) {
            elsewhere.push((slug.into(), derived.into()));
        }
    }

    /// Lets a session be called by the id of a task of it, if that is free.
    pub(crate) fn name_task(&mut self, key: SessionKey, name: &str) {
        let root = self.root(key);
        if self.find_slug(root, name).is_none() {
            let name: Arc<str> = name.into();
            self.hold(root, &name, &name, Holder::Session(key));
            if let Some(entry) = self.get_mut(key) {
                entry.names.former.push((name.clone(), name));
            }
        }
    }

    /// Lets a session have a name that is known to be its own, and its derived id. A call of its parent that is about
    /// to give the name yields. So does a session with that name made up and unread. Gives the derived id that such a
    /// call had announced.
    pub(crate) fn take_over(
        &mut self,
        key: SessionKey,
        slug: &str,
        known: Option<&str>,
    ) -> Option<Arc<str>> {
        let root = self.root(key);
        if self.undone_holder(root, slug) != Some(key) {
            self.free_undone(root, slug);
        }
        if let Some(Holder::Session(holder)) = known.and_then(|id| self.find_id(id))
            && holder != key
            && self.may_yield(holder)
        {
            self.yield_name(holder);
        }
        match self.find_slug(root, slug) {
            Some(Holder::Ticket(number)) => {
                let (caller, derived) = self.tickets.to_create(number)?;
                if self.find(caller) == self.parent(key) {
                    let derived = derived.clone();
                    self.release(root, slug, &derived);
                    return self.tickets.yield_name(number);
                }
            }
            Some(Holder::Session(holder)) if holder != key && self.may_yield(holder) => {
                self.yield_name(holder);
            }
            _ => {}
        }
        None
    }

    /// Takes a session's name away. Gives whether it had one.
    pub(crate) fn drop_name(&mut self, key: SessionKey) -> bool {
        let root = self.root(key);
        let Some(names) = self.get_mut(key).map(|entry| &mut entry.names) else {
            return false;
        };
        names.letters = 0;
        let own = names.own.take();
        if let Some((slug, derived)) = &own {
            self.release(root, slug, derived);
        }
        own.is_some()
    }

    /// Releases every name of a session.
    pub(super) fn release_names(&mut self, key: SessionKey) {
        let root = self.root(key);
        let Some(entry) = self.get_mut(key) else {
            return;
        };
        let own = entry.names.own.take();
        let former = std::mem::take(&mut entry.names.former);
        for (slug, derived) in former.into_iter().chain(own) {
            self.release(root, &slug, &derived);
        }
    }

    /// Holds a name and its derived id for a session, or for a ticket whose session is to come.
    pub(super) fn hold(
        &mut self,
        root: SessionKey,
        slug: &Arc<str>,
        derived: &Arc<str>,
        holder: Holder,
    ) {
        if let Some(names) = self.names_under(root) {
            names.own.insert(slug.clone(), holder);
            self.derived.insert(derived.clone(), holder);
        }
    }

    pub(super) fn release(&mut self, root: SessionKey, slug: &str, derived: &str) {
        if let Some(scope) = self.get_mut(root).and_then(|root| root.scope.as_mut()) {
            scope.names.remove_name(slug);
        }
        self.derived.remove(derived);
        self.derived.fit();
    }

    /// A name that is free under a root, and neither an alias there nor the name of a session that the root's messages
    /// name: the one given, or the next.
    pub(crate) fn free_slug(&mut self, root: SessionKey, slug: &str) -> Arc<str> {
        let named = self.names_in_messages(root);
        match self.names_under(root) {
            Some(names) => names.next(slug, Free::OfAll, &named),
            None => slug.into(),
        }
    }

    /// The names under a root.
    pub(super) fn names_under(&mut self, root: SessionKey) -> Option<&mut RootNames> {
        let root = self.get_mut(root)?;
        Some(&mut root.scope.get_or_insert_default().names)
    }

    /// The derived id of a name that is free, or the session's own. It has four digits of the root's digest, or as many
    /// as keep it apart from other roots' ids.
    pub(crate) fn free_derived(
        &mut self,
        root: SessionKey,
        slug: &str,
        own: Option<SessionKey>,
    ) -> Arc<str> {
        if let Some(entry) = self.get_mut(root) {
            let scope = entry.scope.get_or_insert_default();
            if scope.digest.is_empty() {
                scope.digest = root_digest(&entry.identity.id);
            }
        }
        let scope = self.get(root).and_then(|root| root.scope.as_ref());
        let digest = scope.map_or("", |scope| &scope.digest);
        let mut ids = (1..=16).map(|group| derived_id(digest, 4 * group, slug));
        let free = ids.find(|id| self.is_free(id, own));
        free.unwrap_or_else(|| derived_id(digest, 64, slug)).into()
    }

    /// Whether an id is held by no session, neither from the host nor as a derived one, but for one session.
    fn is_free(&self, id: &str, own: Option<SessionKey>) -> bool {
        let own = own.map(Holder::Session);
        let given = self.find(id).map(Holder::Session);
        let holders = [given, self.derived.get(id).copied()];
        holders
            .into_iter()
            .flatten()
            .all(|holder| Some(holder) == own)
    }
}
