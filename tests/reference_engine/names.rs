//! What sessions are called, and when.

use crate::model::{Goal, Known, Model, Open, Who};
use crate::text::{described_name, usable_name};

impl Model {
    /// Gives a session a handle that is free, and the id that belongs to it: the one that is known
    /// already, if that is free too.
    pub fn christen(&mut self, id: &str, base: &str, known: Option<String>) {
        let root = self.root(id);
        let slug = self.free_slug(&root, base, true);
        let known = known.filter(|derived| slug == base && self.is_free(derived, Some(id)));
        let derived = known.unwrap_or_else(|| self.free_derived(&root, &slug, Some(id)));
        let session = self.get_mut(id).unwrap();
        if let (Some(slug), Some(derived)) = (session.slug.take(), session.derived.take()) {
            session.former.push((slug, derived));
        }
        (session.slug, session.derived) = (Some(slug), Some(derived));
    }

    /// Gives a session a handle of which nobody has heard yet.
    pub fn make_up(&mut self, id: &str) {
        let name = described_name(&self.get(id).unwrap().description);
        let slug = self.free_slug(&self.root(id), &name, false);
        self.christen(id, &slug, None);
        let session = self.find_or_add(id);
        if session.engine_stored {
            // What is kept of it has no handle.
            session.promise_name();
        }
    }

    /// A child without a handle gets one as soon as no open call can have one for it.
    pub fn name_children(&mut self, caller: &str) {
        let spawns = |open: &Open| open.caller == caller && matches!(open.goal, Goal::Spawn { .. });
        if self.open.iter().any(spawns) {
            return;
        }
        let nameless = |s: &&Known| s.parent.as_deref() == Some(caller) && s.slug.is_none();
        let nameless: Vec<Known> = self.sessions.iter().filter(nameless).cloned().collect();
        for child in nameless {
            self.make_up(&child.id);
        }
    }

    /// Gives a session the handle that it is known to have, and the id where that is known too. What
    /// only a call was about to give, or what was made up and nobody knows of, yields.
    pub fn rename(&mut self, id: &str, slug: &str, derived: Option<&str>) {
        let root = self.root(id);
        let parent = self.get(id).unwrap().parent.clone().unwrap();
        let mut derived = derived.map(str::to_owned);
        let mut yielding = Vec::new();
        match self.by_slug(&root, slug) {
            Some(Who::Session(holder)) => yielding.push(holder),
            Some(Who::Ticket(number)) if self.open(number).caller == parent => {
                let open = self.open.iter_mut().find(|open| open.number == number);
                let open = open.unwrap();
                open.given = true;
                if let Goal::Spawn { derived: held, .. } = &open.goal {
                    derived.get_or_insert(held.clone());
                }
            }
            _ => {}
        }
        if let Some(Who::Session(holder)) = derived.as_ref().and_then(|known| self.by_id(known)) {
            yielding.push(holder);
        }
        yielding.retain(|holder| {
            let holder = self.get(holder).unwrap();
            holder.slug.is_some() && !holder.stored_name && !holder.marked
        });
        yielding.dedup();
        for holder in &yielding {
            let holder = self.find_or_add(holder);
            (holder.slug, holder.derived) = (None, None);
        }
        self.christen(id, slug, derived);
        for holder in yielding {
            self.make_up(&holder);
        }
    }

    /// Gives a session a handle that it had before, unless that is another's.
    pub fn former(&mut self, id: &str, slug: &str, derived: &str) {
        let root = self.root(id);
        let mut yielding = None;
        match self.by_slug(&root, slug) {
            Some(Who::Session(holder)) if holder == id => return,
            Some(Who::Session(holder)) => {
                let known = self.get_mut(&holder).unwrap();
                if known.stored_name || known.marked || known.slug.as_deref() != Some(slug) {
                    return self.find_or_add(id).claim(slug, derived);
                }
                (known.slug, known.derived) = (None, None);
                yielding = Some(holder);
            }
            Some(Who::Ticket(_)) => return self.find_or_add(id).claim(slug, derived),
            None => {}
        }
        let derived = match self.is_free(derived, Some(id)) {
            true => derived.to_owned(),
            false => self.free_derived(&root, slug, Some(id)),
        };
        self.find_or_add(id).former.push((slug.to_owned(), derived));
        if let Some(holder) = yielding {
            self.make_up(&holder);
        }
    }

    /// A session is told of by an alias; whoever had it already had it first, whatever the clock says.
    pub fn new_alias(&mut self, now: u64, id: &str, alias: &str) -> bool {
        let Some(name) = usable_name(alias) else {
            return false;
        };
        let has = |s: &&Known| s.aliases.iter().any(|alias| alias.0 == name);
        if self.get(id).as_ref().is_some_and(has) {
            return false;
        }
        let root = self.root(id);
        let mut since = now;
        for other in &self.sessions {
            if self.root(&other.id) == root {
                for (known, at) in &other.aliases {
                    if *known == name {
                        since = since.max(at + 1);
                    }
                }
            }
        }
        self.alias(since, id, alias)
    }

    pub fn alias(&mut self, now: u64, id: &str, alias: &str) -> bool {
        let name = usable_name(alias);
        let session = self.get_mut(id).filter(|s| s.parent.is_some());
        let (Some(name), Some(session)) = (name, session) else {
            return false;
        };
        if session.slug.as_ref() == Some(&name) {
            return false;
        }
        match session.aliases.iter_mut().find(|alias| alias.0 == name) {
            Some(known) if known.1 <= now => return false,
            Some(known) => known.1 = now,
            None => session.aliases.push((name.clone(), now)),
        }
        // A handle that was made up and of which nobody knows yields.
        let root = self.root(id);
        let Some(Who::Session(holder)) = self.by_slug(&root, &name) else {
            return true;
        };
        let known = self.get_mut(&holder).unwrap();
        // Who was told of it is not to lose it where what may wait is lost.
        known.marked |= holder != id && (known.stored_name || known.marked);
        if known.slug.is_some() && !known.stored_name && !known.marked {
            (known.slug, known.derived) = (None, None);
            self.make_up(&holder);
        }
        true
    }
}
