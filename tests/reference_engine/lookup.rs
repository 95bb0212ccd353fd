//! The sessions that a name stands for, and the free names.

use crate::model::{Ask, Goal, Known, Model, Open, Who};
use crate::text::{Name, distance, is_task, name_of};
use sha2::{Digest, Sha256};

impl Model {
    /// The sessions that the caller may resume, the last used first.
    pub fn own(&self, caller: &str, agent: Option<&str>) -> Vec<&Known> {
        let primary = self
            .get(caller)
            .is_none_or(|caller| caller.parent.is_none());
        let mut own: Vec<(usize, &Known)> = Vec::new();
        for (order, session) in self.sessions.iter().enumerate() {
            let theirs = if primary {
                session.parent.is_some() && self.root(&session.id) == caller
            } else {
                session.parent.as_deref() == Some(caller)
            };
            let theirs = theirs && !self.undone(session);
            if theirs && agent.is_none_or(|agent| session.agent.as_deref() == Some(agent)) {
                own.push((order, session));
            }
        }
        own.sort_by_key(|(order, session)| std::cmp::Reverse((session.last_used, *order)));
        own.into_iter().map(|(_, session)| session).collect()
    }

    pub fn by_slug(&self, root: &str, slug: &str) -> Option<Who> {
        for session in &self.sessions {
            let former = session.former.iter().any(|(former, _)| former == slug);
            if (former || session.slug.as_deref() == Some(slug)) && self.root(&session.id) == root {
                return Some(Who::Session(session.id.clone()));
            }
        }
        for open in &self.open {
            if matches!(&open.goal, Goal::Spawn { slug: held, .. } if held == slug)
                && !open.given
                && self.root(&open.caller) == root
            {
                return Some(Who::Ticket(open.number));
            }
        }
        None
    }

    /// Whether the message that spawned a session is reverted or removed.
    pub fn undone(&self, session: &Known) -> bool {
        let (Some(spawned), Some(parent)) = (&session.spawned, &session.parent) else {
            return false;
        };
        let parent = self.get(parent).unwrap();
        session.removed
            || parent
                .reverted
                .as_ref()
                .is_some_and(|from| spawned.0 >= *from)
    }

    /// The undone session that still has a name.
    pub fn undone_holder(&self, root: &str, slug: &str) -> Option<String> {
        match self.by_slug(root, slug)? {
            // The id of a task stays its own.
            Who::Session(id) if !is_task(slug) && self.undone(self.get(&id).unwrap()) => Some(id),
            _ => None,
        }
    }

    /// An undone session loses its name to the next that wants it.
    pub fn free_undone(&mut self, root: &str, slug: &str) {
        if let Some(id) = self.undone_holder(root, slug) {
            let session = self.get_mut(&id).unwrap();
            if session.slug.as_deref() == Some(slug) {
                (session.slug, session.derived) = (None, None);
                session.stored_name = false;
            } else {
                session.former.retain(|former| former.0 != slug);
            }
            session.freed.retain(|freed| freed != slug);
            session.freed.push(slug.to_owned());
            session.marked = true;
        }
    }

    /// Whether a message of a session is reverted.
    pub fn is_reverted(&self, id: &str, message: &str) -> bool {
        let from = self.get(id).and_then(|session| session.reverted.as_ref());
        from.is_some_and(|from| message >= from.as_str())
    }

    /// Whether a caller shares a session with another conversation.
    pub fn shares(&self, caller: &str, id: &str) -> bool {
        self.named(caller).iter().any(|s| s.id == id)
    }

    fn stands(&self, who: &Who) -> bool {
        !matches!(who, Who::Session(id) if self.undone(self.get(id).unwrap()))
    }

    /// The sessions of other roots that the messages of a caller name, the last named first.
    fn named(&self, caller: &str) -> Vec<&Known> {
        let Some(caller) = self.get(caller) else {
            return Vec::new();
        };
        let reverted = |at: &String| caller.reverted.as_ref().is_some_and(|from| at >= from);
        let standing = caller.named.iter().rev().filter(|(_, at)| !reverted(at));
        standing.filter_map(|(id, _)| self.get(id)).collect()
    }

    /// The children of a caller that have an alias. The first to have it comes first.
    pub fn namesakes(&self, caller: &str, name: &str) -> Vec<String> {
        let since = |s: &Known| s.aliases.iter().find(|alias| alias.0 == name).map(|a| a.1);
        let mut all: Vec<(u64, usize, String)> = Vec::new();
        for (order, session) in self.sessions.iter().enumerate() {
            if session.parent.as_deref() == Some(caller)
                && let Some(since) = since(session)
            {
                all.push((since, order, session.id.clone()));
            }
        }
        all.sort();
        all.into_iter().map(|(_, _, id)| id).collect()
    }

    pub fn by_id(&self, id: &str) -> Option<Who> {
        if self.get(id).is_some() {
            return Some(Who::Session(id.to_owned()));
        }
        for session in &self.sessions {
            let former = session.former.iter().any(|(_, former)| former == id);
            if former || session.derived.as_deref() == Some(id) {
                return Some(Who::Session(session.id.clone()));
            }
        }
        for open in &self.open {
            if matches!(&open.goal, Goal::Spawn { derived, .. } if derived == id && !open.given) {
                return Some(Who::Ticket(open.number));
            }
        }
        None
    }

    /// Whether no other session has an id, as the host's or as a derived one.
    pub fn is_free(&self, id: &str, own: Option<&str>) -> bool {
        let has = |session: &Known| {
            let former = session.former.iter().any(|(_, former)| former == id);
            session.id == id || former || session.derived.as_deref() == Some(id)
        };
        let mut others = self.sessions.iter().filter(|s| own != Some(&*s.id));
        let will = |open: &Open| matches!(&open.goal, Goal::Spawn { derived, .. } if derived == id && !open.given);
        !others.any(has) && !self.open.iter().any(will)
    }

    pub fn reaches(&self, caller: &str, who: &Who, by_slug: bool) -> bool {
        let root = self.root(caller);
        let shared = by_slug && !self.rules.caller_scope;
        match who {
            Who::Session(id) if self.shares(caller, id) => true,
            Who::Ticket(number) => {
                let owner = &self.open(*number).caller;
                self.root(owner) == root && (caller == root || shared || owner == caller)
            }
            Who::Session(id) if caller == root => *id != root && self.root(id) == root,
            Who::Session(id) => {
                let scope = if shared {
                    self.root(id) == root
                } else {
                    self.get(id).unwrap().parent.as_deref() == Some(caller)
                };
                scope && !self.waits_for(id, caller)
            }
        }
    }

    pub fn in_question(&self, ask: &Ask) -> Option<Who> {
        match name_of(ask.task_id.as_ref()?) {
            Name::Invalid => None,
            Name::Last => {
                let own = self.own(&ask.session, Some(&ask.agent));
                own.first().map(|session| Who::Session(session.id.clone()))
            }
            Name::Id(id) => self.by_id(&id),
            Name::Slug(slug) => self.called(&ask.session, &slug),
        }
    }

    /// The session that a caller knows by a name: its own name, or else an alias, or one in the caller's messages.
    fn called(&self, caller: &str, slug: &str) -> Option<Who> {
        let own = self.by_slug(&self.root(caller), slug);
        let all = self.namesakes(caller, slug).into_iter();
        let alias = all.map(Who::Session).find(|who| self.stands(who));
        let named = self.in_messages(caller, slug).map(Who::Session);
        own.filter(|who| self.stands(who)).or(alias).or(named)
    }

    /// The session of another root that a name in the messages of a caller stands for.
    pub fn in_messages(&self, caller: &str, name: &str) -> Option<String> {
        let named = self.named(caller);
        let own = named.iter().find(|s| s.is_called(name));
        let lost = || named.iter().find(|s| s.was_called(name));
        if let Some(own) = own.or_else(lost) {
            return Some(own.id.clone());
        }
        let mut first: Option<(u64, usize, &Known)> = None;
        for (order, session) in self.sessions.iter().enumerate() {
            let alias = session.aliases.iter().find(|alias| alias.0 == name);
            if let Some((_, since)) = alias
                && named.iter().any(|s| s.id == session.id)
                && first.is_none_or(|first| (*since, order) < (first.0, first.1))
            {
                first = Some((*since, order, session));
            }
        }
        first.map(|(.., session)| session.id.clone())
    }

    /// The name of a session, unless a caller of another root knows another session by that name.
    pub fn name_for(&self, caller: &str, id: &str) -> Option<String> {
        let slug = self.get(id)?.slug.clone()?;
        let same = self.root(caller) == self.root(id);
        let known = match same {
            true => !self.undone(self.get(id)?),
            false => self.called(caller, &slug) == Some(Who::Session(id.to_owned())),
        };
        known.then_some(slug)
    }

    pub fn near_id(&self, ask: &Ask, id: &str) -> Option<String> {
        let own = self.own(&ask.session, Some(&ask.agent));
        let near: Vec<&&Known> = own.iter().filter(|s| distance(&s.id, id) <= 2).collect();
        let only = (near.len() == 1).then(|| near[0].id.clone())?;
        let reached = self.reaches(&ask.session, &Who::Session(only.clone()), false);
        reached.then_some(only)
    }

    /// A name that no session has. A new name is no session's alias either.
    pub fn free_slug(&self, root: &str, base: &str, known: bool) -> String {
        let mut slug = base.to_owned();
        let mut number = 2;
        while self.by_slug(root, &slug).is_some() || !known && self.is_other_name(root, &slug) {
            let tail = format!("-{number}");
            let head: String = base.chars().take(64 - tail.len()).collect();
            slug = head + &tail;
            number += 1;
        }
        slug
    }

    /// Whether a name is an alias under a root, or the root's messages give it to a session of another one.
    pub fn is_other_name(&self, root: &str, slug: &str) -> bool {
        let has = |s: &Known| s.aliases.iter().any(|alias| alias.0 == slug);
        let mut own = self.sessions.iter().filter(|s| self.root(&s.id) == root);
        // A redo brings back what reverted messages name.
        let all = self.get(root).map_or(&[][..], |root| &root.named);
        let mut named = all.iter().filter_map(|(id, _)| self.get(id));
        own.any(&has) || named.any(|s| s.was_called(slug) || has(s))
    }

    /// The derived id with as few digits as keep it apart from every other session's.
    pub fn free_derived(&self, root: &str, slug: &str, own: Option<&str>) -> String {
        let digest: String = Sha256::digest(root.as_bytes())
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        let mut digits = 4;
        loop {
            let id = format!("ses_{}_{slug}", &digest[..digits]);
            if self.is_free(&id, own) {
                return id;
            }
            digits += 4;
        }
    }
}
