//! The sessions that messages name, and the names of undone calls.

use crate::names::is_task_id;
use crate::protocol::{Place, Record};
use crate::rules::limits::NAMED;
use crate::state::history::{History, is_within, precedes};
use crate::state::name_table::Holder;
use crate::state::registry::Registry;
use crate::state::slots::SessionKey;
use std::sync::Arc;

impl Registry {
    fn history(&self, key: SessionKey) -> Option<&History> {
        self.get(key)?.history.as_deref()
    }

    fn history_mut(&mut self, key: SessionKey) -> Option<&mut History> {
        Some(self.get_mut(key)?.history.get_or_insert_default())
    }

    /// Whether the call that spawned a session is reverted or removed.
    #[inline]
    pub(crate) fn is_undone(&self, key: SessionKey) -> bool {
        self.undos && self.was_undone(key)
    }

    #[inline(never)]
    fn was_undone(&self, key: SessionKey) -> bool {
        let Some(history) = self.history(key) else {
            return false;
        };
        let above = self.parent(key).and_then(|parent| self.history(parent));
        let reverted = above.zip(history.spawned.as_ref());
        history.undone || reverted.is_some_and(|(above, at)| above.reverts(at))
    }

    /// Takes in that a call in the messages of a session names another session.
    pub(crate) fn note_named(&mut self, caller: &str, named: &str, at: Place) {
        let (Some(caller), Some(key)) = (self.find(caller), self.find(named)) else {
            return;
        };
        if self.parent(key) == Some(caller) {
            return self.note_spawned(key, caller, at);
        }
        if self.parent(key).is_none() || self.root(key) == self.root(caller) {
            return;
        }
        let id = self.id(key);
        if let Some(history) = self.history_mut(caller) {
            // A revert that leaves the first place leaves the session in reach.
            let mut named = history.named.iter_mut();
            if let Some((_, first)) = named.find(|(known, _)| *known == id) {
                let place = std::mem::take(first);
                *first = place.min(at);
                return;
            }
            if history.named.len() >= NAMED {
                history.named.remove(0);
            }
            history.named.push((id, at));
        }
        self.yield_names_to(caller, key);
    }

    /// Takes made-up names from the sessions of a caller's root if its messages give them to another session.
    fn yield_names_to(&mut self, caller: SessionKey, key: SessionKey) {
        let root = self.root(caller);
        for name in self.names_in_message(key) {
            if let Some(Holder::Session(holder)) = self.find_slug(root, &name)
                && self.may_yield(holder)
            {
                self.yield_name(holder);
            }
        }
        self.name_unnamed();
    }

    /// The child that a call of a session spawned.
    pub(crate) fn spawned_by(
        &self,
        caller: SessionKey,
        (message, part): (&str, &str),
    ) -> Option<SessionKey> {
        let mut children = self.children(caller).into_iter();
        children.find(|child| {
            let history = self.history(*child);
            history.is_some_and(|it| it.is_spawned_by(message, part))
        })
    }

    /// Takes in that a call resumes a child: neither that call nor a later one spawned it.
    pub(crate) fn note_resumed(&mut self, child: SessionKey, caller: SessionKey, message: &str) {
        if self.parent(child) == Some(caller)
            && self.history(child).is_none_or(History::knows_no_call)
            && let Some(history) = self.history_mut(child)
        {
            history.last = Some((message.into(), Arc::default()));
        }
    }

    /// Takes in the call that created a child, before the host shows it. A later call may have prompted the child before
    /// this one is committed.
    pub(super) fn note_created(&mut self, child: SessionKey, caller: SessionKey, at: Place) {
        let news = self.history(child).is_none_or(|history| {
            history.spawned.is_none() && history.last.as_ref().is_none_or(|last| at < *last)
        });
        if self.parent(child) == Some(caller)
            && news
            && let Some(history) = self.history_mut(child)
        {
            history.spawned = Some(at);
        }
    }

    /// Takes in a call that spawned a child, or that brings an undone child back.
    fn note_spawned(&mut self, child: SessionKey, caller: SessionKey, at: Place) {
        let undone = self.is_undone(child);
        // While it was undone, its name stood for a session that the messages name.
        let slug = self.slug(child).filter(|_| undone);
        let taken = slug
            .filter(|slug| self.find_named(caller, slug).is_some())
            .cloned();
        let reverted = self.history(caller).is_some_and(|own| own.reverts(&at));
        let Some(history) = self.history_mut(child) else {
            return;
        };
        let last = history.last.as_ref().or(history.spawned.as_ref());
        let later = last.is_none_or(|last| at > *last && !is_within(&at, last));
        let news = match &history.spawned {
            None => last.is_none_or(|last| at < *last),
            Some(_) if undone => later && !reverted,
            Some(spawned) => precedes(&at, spawned),
        };
        // Until the call that spawned it is known, each before the first that did not may be that one.
        if later && history.spawned.is_some() {
            history.last = Some(at.clone());
        }
        if news {
            // No read doubts a record that names a later call: the messages are not read for an earlier one.
            let known = history.spawned.as_ref().filter(|_| !undone);
            let earlier = known.is_some_and(|known| !is_within(&at, known));
            history.replace_spawned(at);
            history.undone = false;
            // A mere observer stores nothing. A record that is the first with its name must not be lost.
            if self.has_asked(child) {
                let has_name = self.get(child).is_some_and(|entry| entry.record.has_name);
                match has_name && !earlier {
                    true => self.mark_later(child),
                    false => self.mark(child),
                }
            }
            if let Some(name) = taken {
                self.lose_name(child, &name);
            }
            if undone {
                self.name_again(child);
            }
        }
    }

    /// Takes in from which place on the messages of a session are reverted, or that none is.
    pub(crate) fn note_reverted(&mut self, session: &str, from: Option<Place>) {
        let Some(key) = self.find(session) else {
            return;
        };
        if from.is_none() && self.history(key).is_none() {
            return;
        }
        self.undos |= from.is_some();
        if let Some(history) = self.history_mut(key) {
            history.reverted = from;
        }
        // A child whose name was taken meanwhile gets another.
        for child in self.children(key) {
            self.name_again(child);
        }
    }

    /// Takes in an earlier call that spawned a child, which another instance knows.
    pub(crate) fn learn_spawned(&mut self, child: SessionKey, record: &Record) {
        if let Some(at) = &record.spawned
            && let Some(entry) = self.get_mut(child)
            && let Some(history) = &mut entry.history
            && history
                .spawned
                .as_ref()
                .is_some_and(|known| precedes(at, known))
        {
            history.replace_spawned(at.clone());
        }
    }

    /// Names a child that lost its name while it was undone.
    fn name_again(&mut self, child: SessionKey) {
        if self.slug(child).is_none() && !self.is_undone(child) && !self.waits_for_name(child) {
            self.name_or_wait(child);
        }
    }

    /// Takes in that places in the messages of a session were removed.
    pub(crate) fn note_removed(&mut self, session: &str, gone: &dyn Fn(&Place) -> bool) {
        let Some(key) = self.find(session) else {
            return;
        };
        if let Some(entry) = self.get_mut(key)
            && let Some(history) = &mut entry.history
        {
            history.named.retain(|(_, at)| !gone(at));
        }
        for child in self.children(key) {
            if let Some(entry) = self.get_mut(child)
                && let Some(history) = &mut entry.history
                && history.spawned.as_ref().is_some_and(gone)
                && !std::mem::replace(&mut history.undone, true)
            {
                // Only a call that is not known yet brings the child back.
                let last = history.last.take();
                history.spawned = last.max(history.spawned.take());
                self.undos = true;
                self.mark(child);
            }
        }
    }

    fn children(&self, key: SessionKey) -> Vec<SessionKey> {
        let children = self.get(key).map(|entry| &entry.links.children);
        children
            .into_iter()
            .flatten()
            .map(|child| child.1)
            .collect()
    }

    /// Whether the messages of a caller name a session of another root.
    pub(crate) fn names_session(&self, caller: SessionKey, key: SessionKey) -> bool {
        let history = self.history(caller);
        history.is_some_and(|history| history.named().any(|id| **id == *self.id_text(key)))
    }

    /// The sessions of other roots that the messages of a caller name, the last named first.
    fn named(&self, caller: SessionKey) -> impl Iterator<Item = SessionKey> {
        let history = self.history(caller).into_iter();
        let ids = history.flat_map(History::named);
        ids.filter_map(|id| self.find(id))
    }

    /// The session of another root with a name that the messages of a caller give: as its own, or else as an alias.
    pub(super) fn find_named(&self, caller: SessionKey, name: &str) -> Option<SessionKey> {
        let is_own = |key: &SessionKey| self.own_names(*key).any(|own| **own == *name);
        let had = |key: &SessionKey| self.freed_names(*key).iter().any(|had| **had == *name);
        let alias = |key: SessionKey| {
            let entry = self.get(key)?;
            let mut aliases = entry.names.aliases.iter();
            let (_, since) = aliases.find(|(alias, _)| **alias == *name)?;
            Some((*since, entry.identity.seq, key))
        };
        let first = || self.named(caller).filter_map(alias).min();
        let own = self.named(caller).find(is_own);
        // The session that has the name now comes before one that lost it.
        own.or_else(|| self.named(caller).find(had))
            .or_else(|| first().map(|(.., key)| key))
    }

    /// The names and aliases of the sessions of other roots that the messages of a caller name. A redo brings back those
    /// in reverted messages.
    pub(super) fn names_in_messages(&self, caller: SessionKey) -> Vec<Arc<str>> {
        let named = self.history(caller).map_or(&[][..], |it| &it.named);
        let keys = named.iter().filter_map(|(id, _)| self.find(id));
        keys.flat_map(|key| self.names_in_message(key)).collect()
    }

    /// The names and aliases by which a message may name a session of another root.
    fn names_in_message(&self, key: SessionKey) -> Vec<Arc<str>> {
        let mut all: Vec<_> = self.own_names(key).cloned().collect();
        all.extend(self.freed_names(key).iter().cloned());
        if let Some(entry) = self.get(key) {
            all.extend(entry.names.aliases.iter().map(|(alias, _)| alias.clone()));
        }
        all
    }

    /// The names that a session has, and those that it had before and still has.
    fn own_names(&self, key: SessionKey) -> impl Iterator<Item = &Arc<str>> {
        let entry = self.get(key);
        entry.into_iter().flat_map(|entry| {
            let names = &entry.names;
            names.former.iter().chain(&names.own).map(|(slug, _)| slug)
        })
    }

    /// The names that a session lost while it was undone.
    pub(super) fn freed_names(&self, key: SessionKey) -> &[Arc<str>] {
        self.history(key).map_or(&[], |history| &history.freed)
    }

    /// Whether messages of a session are reverted, so that its user may bring them back.
    pub(super) fn has_reverted(&self, key: SessionKey) -> bool {
        let history = self.history(key);
        history.is_some_and(|own| own.reverted.is_some())
    }

    /// Whether a message of a session is reverted. A turn may go on in such messages.
    pub(crate) fn is_reverted(&self, key: SessionKey, message: &str) -> bool {
        let at = (message.into(), Arc::default());
        self.history(key).is_some_and(|own| own.reverts(&at))
    }

    /// The undone session that still has a name. The id of a task stays its own, like its id.
    pub(crate) fn undone_holder(&self, root: SessionKey, name: &str) -> Option<SessionKey> {
        match self.find_slug(root, name)? {
            Holder::Session(key) if self.is_undone(key) && !is_task_id(name) => Some(key),
            _ => None,
        }
    }

    /// Frees a name that an undone session still has. The session keeps its id.
    pub(crate) fn free_undone(&mut self, root: SessionKey, name: &str) {
        if let Some(key) = self.undone_holder(root, name) {
            self.lose_name(key, name);
        }
    }

    /// Frees a name that an undone session still has, for a new session. The undone session keeps a name that the new one
    /// could not have: an alias, or one that the root's messages give.
    pub(crate) fn free_for_new(&mut self, root: SessionKey, name: &str) {
        if self.undone_holder(root, name).is_some()
            && !self.is_alias(root, name)
            && self.names_in_messages(root).iter().all(|it| **it != *name)
        {
            self.free_undone(root, name);
        }
    }

    fn lose_name(&mut self, key: SessionKey, name: &str) {
        let root = self.root(key);
        let Some(entry) = self.get_mut(key) else {
            return;
        };
        let of = |(slug, _): &mut (Arc<str>, Arc<str>)| **slug == *name;
        let own = entry.names.own.take_if(of);
        let former = entry.names.former.extract_if(.., of).next();
        if own.is_some() {
            (entry.names.letters, entry.record.has_name) = (0, false);
        }
        if let Some((slug, derived)) = own.or(former) {
            self.release(root, &slug, &derived);
            self.mark(key);
            if let Some(history) = self.history_mut(key) {
                history.lose(slug);
            }
        }
    }

    /// Notes that a session has a name again.
    pub(super) fn keep_name(&mut self, key: SessionKey, name: &str) {
        if let Some(entry) = self.get_mut(key)
            && let Some(history) = &mut entry.history
        {
            history.freed.retain(|freed| **freed != *name);
        }
    }

    /// Frees the names of an undone session that another engine gave away.
    pub(crate) fn learn_freed(&mut self, key: SessionKey, record: &Record) {
        let root = self.root(key);
        for name in &record.freed {
            if self.undone_holder(root, name) == Some(key) {
                self.lose_name(key, name);
            }
        }
    }

    /// Removes the names from a record that its session lost to others: the event may be older than the loss.
    pub(crate) fn remove_freed(&self, key: SessionKey, record: &mut Record) {
        let known = self.freed_names(key);
        if known.is_empty() && record.freed.is_empty() {
            return;
        }
        let freed = [known, &record.freed].concat();
        let is_freed = |name: &str| freed.iter().any(|freed| **freed == *name);
        record.slug = record.slug.take().filter(|slug| !is_freed(slug));
        record.former.retain(|(slug, _)| !is_freed(slug));
    }
}
