//! The names of sessions, and when they get them.

use crate::model::{Goal, Known, Model, Open, Who};
use crate::text::{described_name, usable_name};

impl Model {
    /// Gives a session a free name and its derived id. A known id is used if it is free too.
    pub fn christen(&mut self, id: &str, base: &str, known: Option<String>) {
        let root = self.root(id);
        let slug = self.free_slug(&root, base, true);
        let known = known.filter(|derived| slug == base && self.is_free(derived, Some(id)));
        let derived = known.unwrap_or_else(|| self.free_derived(&root, &slug, Some(id)));
        let session = self.get_mut(id).unwrap();
        if let (Some(slug), Some(derived)) = (session.slug.take(), session.derived.take()) {
            session.former.push((slug, derived));
        }
        session.freed.retain(|freed| *freed != slug);
        (session.slug, session.derived) = (Some(slug), Some(derived));
    }

    /// Gives a session a name that no caller knows yet.
    pub fn make_up(&mut self, id: &str) {
        let session = self.get(id).unwrap();
        if self.undone(session) {
            return;
        }
        let root = self.root(id);
        if self.reading.contains(&root) {
            return;
        }
        let session = self.get(id).unwrap();
        let mut lost = session.freed.iter().rev();
        let lost = lost.find(|name| self.free_slug(&root, name, false) == **name);
        let name = lost
            .cloned()
            .unwrap_or_else(|| described_name(&session.description));
        let slug = self.free_slug(&root, &name, false);
        self.christen(id, &slug, None);
        let session = self.find_or_add(id);
        if session.engine_stored {
            // Its record has no name.
            session.promise_name();
        }
    }

    /// A child without a name gets one as soon as no open call can give it one.
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

    /// A root is being read: a name that another session has in its record must stay free.
    pub fn reading(&mut self, root: &str) {
        let known = self.get(root);
        let is_root = known.is_some_and(|known| known.confirmed && known.parent.is_none());
        if is_root && !self.reading.iter().any(|read| read == root) {
            self.reading.push(root.to_owned());
        }
    }

    /// A root is read: each session below it without a name gets one, in the order in which they became known.
    pub fn read(&mut self, root: &str) {
        self.reading.retain(|read| read != root);
        let all: Vec<String> = self.sessions.iter().map(|s| s.id.clone()).collect();
        for id in all {
            let session = self.get(&id).unwrap();
            let spawns = |open: &Open| {
                Some(&open.caller) == session.parent.as_ref()
                    && matches!(open.goal, Goal::Spawn { .. })
            };
            let nameless = session.parent.is_some() && session.slug.is_none();
            let below = self.line(&id).iter().any(|above| above == root);
            if nameless && below && !self.open.iter().any(spawns) {
                self.make_up(&id);
            }
        }
    }

    /// Gives a session its known name, and its id if that is known too. A name that only an open call will
    /// give yields, and so does a made-up name that no caller knows.
    pub fn rename(&mut self, id: &str, slug: &str, derived: Option<&str>) {
        let root = self.root(id);
        let parent = self.get(id).unwrap().parent.clone().unwrap();
        let mut derived = derived.map(str::to_owned);
        let mut yielding = Vec::new();
        if self
            .undone_holder(&root, slug)
            .is_some_and(|holder| holder != id)
        {
            self.free_undone(&root, slug);
        }
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

    /// Made-up names that no caller knows yield to a session of another root that the messages of a caller name.
    pub fn yield_names_to(&mut self, caller: &str, named: &str) {
        let root = self.root(caller);
        let named = self.get(named).unwrap().clone();
        let gives = |name: &str| {
            let alias = named.aliases.iter().any(|alias| alias.0 == name);
            alias || named.is_called(name) || named.was_called(name)
        };
        let yields = |s: &&Known| {
            let own = s.slug.as_deref().is_some_and(&gives);
            own && !s.stored_name && !s.marked && self.root(&s.id) == root
        };
        let yielding: Vec<String> = self
            .sessions
            .iter()
            .filter(yields)
            .map(|s| s.id.clone())
            .collect();
        for holder in &yielding {
            let holder = self.get_mut(holder).unwrap();
            (holder.slug, holder.derived) = (None, None);
        }
        for holder in &yielding {
            self.make_up(holder);
        }
    }

    /// Gives a session its former name, unless that is another's.
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

    /// A caller learns an alias of a session. A session that has the alias already had it first, at any time
    /// of the clock.
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
        self.alias(since, id, alias, true)
    }

    pub fn alias(&mut self, now: u64, id: &str, alias: &str, given: bool) -> bool {
        let name = usable_name(alias);
        let session = self.get_mut(id).filter(|s| s.parent.is_some());
        let (Some(name), Some(session)) = (name, session) else {
            return false;
        };
        let kept = session.stored_name || session.marked;
        if session.slug.as_ref() == Some(&name) && (given || kept) {
            return !kept;
        }
        match session.aliases.iter_mut().find(|alias| alias.0 == name) {
            Some(known) if known.1 <= now => return false,
            Some(known) => known.1 = now,
            None => session.aliases.push((name.clone(), now)),
        }
        let root = self.root(id);
        // An undone session has no name that an alias could meet, but a redo may bring one back that is older.
        let holder = self.undone_holder(&root, &name);
        if given && holder.is_some_and(|holder| holder != id) {
            self.free_undone(&root, &name);
        }
        // A made-up name that no caller knows yields.
        let Some(Who::Session(holder)) = self.by_slug(&root, &name) else {
            return true;
        };
        let known = self.get_mut(&holder).unwrap();
        // A caller that knows the name must not lose it with a late write.
        known.marked |= holder != id && (known.stored_name || known.marked);
        if known.slug.is_some() && !known.stored_name && !known.marked {
            (known.slug, known.derived) = (None, None);
            self.make_up(&holder);
        }
        true
    }
}
