//! Names that callers know. They go on standing for the same session.

use crate::host::Sid;
use crate::world::World;
use opencode_delegate::ResolveLookup;
use opencode_delegate::protocol::Candidate;
use serde_json::Value;
use std::borrow::Cow;
use std::collections::BTreeSet;

/// The kind of a name that a caller knows.
#[derive(Clone, Debug, PartialEq)]
pub enum Goal {
    Name,
    /// The id of a background task or of a session.
    Id,
    /// An alias that another plugin gave this caller.
    Alias(Sid),
    /// The name of a session of another root, which the messages of this caller name.
    Fork(Sid),
}

/// A name by which a caller knows a session.
#[derive(Clone, Debug)]
pub struct Promise {
    pub name: String,
    pub at: Sid,
    pub goal: Goal,
    pub slot: usize,
    /// Whether no record held it when its engine was lost. Then it is made again from the description.
    pub unstored: bool,
    /// Whether the call that spawned its session was undone at some time.
    pub undone: bool,
}

/// The names that a record holds.
pub fn names(record: &Value) -> Vec<String> {
    let list = |field: &str| record[field].as_array().into_iter().flatten();
    let slug = record["slug"].as_str().map(str::to_owned);
    let former = list("former").filter_map(|pair| pair[0].as_str().map(str::to_owned));
    let aliases = list("aliases").filter_map(|pair| pair[0].as_str().map(str::to_owned));
    let tasks = list("tasks").filter_map(|task| task["id"].as_str().map(str::to_owned));
    slug.into_iter()
        .chain(former)
        .chain(aliases)
        .chain(tasks)
        .collect()
}

impl World {
    pub fn resolve(&self, slot: usize, caller: Sid, name: &str) -> Option<Sid> {
        let session = self.slots[slot].engine.resolve(&ResolveLookup {
            session_id: Cow::Borrowed(&self.host[caller].id),
            agent: Some(Cow::Borrowed("explorer")),
            task_id: Some(Cow::Borrowed(name)),
            message_id: None,
            part_id: None,
        })?;
        self.ids.get(&*session.id).copied()
    }

    /// Notes the names that a record gives a session.
    pub fn claim(&mut self, at: Sid, record: &Value) {
        let root = self.host[at].root;
        for name in names(record) {
            self.claims.entry((root, name)).or_default().insert(at);
        }
    }

    /// Notes that the result of a call names its session.
    pub fn named(&mut self, slot: usize, child: Sid) {
        let session = self.slots[slot].engine.session(&self.host[child].id);
        if let Some(slug) = session.and_then(|session| session.slug) {
            self.promise(slot, &slug, child, Goal::Name);
        }
    }

    /// Notes that a caller knows a session by a name.
    pub fn promise(&mut self, slot: usize, name: &str, at: Sid, goal: Goal) {
        // A message may name a session by its id or its task.
        let goal = match goal {
            Goal::Name if name.starts_with("bg_") || name.starts_with("ses_") => Goal::Id,
            goal => goal,
        };
        let known = self
            .promises
            .iter()
            .any(|promise| promise.name == name && promise.at == at && promise.goal == goal);
        if known || !self.alive(at) {
            return;
        }
        if matches!(goal, Goal::Name | Goal::Id) {
            let root = self.host[at].root;
            let claims = self.claims.entry((root, name.to_owned()));
            claims.or_default().insert(at);
        }
        self.promises.push(Promise {
            name: name.to_owned(),
            at,
            goal,
            slot,
            unstored: false,
            undone: false,
        });
    }

    pub fn offered(&mut self, slot: usize, caller: Sid, candidates: &[Candidate]) {
        for candidate in candidates {
            let at = self.ids[&*candidate.session_id];
            let root = self.host[at].root;
            let caller_root = self.host[caller].root;
            self.must(root == caller_root, "I1", || {
                format!("{} of another root is offered", candidate.session_id)
            });
            if let Some(slug) = &candidate.slug {
                self.promise(slot, slug, at, Goal::Name);
            }
        }
    }

    /// The kind of the name by which a caller knows a session.
    pub fn goal(&self, caller: Sid, at: Sid) -> Goal {
        match self.host[caller].root == self.host[at].root {
            true => Goal::Name,
            false => Goal::Fork(caller),
        }
    }

    /// Notes that a name under a root is given again. Those who knew it for an undone session know it no more.
    pub fn regive(&mut self, slot: usize, root: Sid, name: &str) {
        let mut promises = self.promises.iter();
        if promises.any(|it| it.name == name && self.root_of(it) == root && self.is_free(slot, it))
        {
            self.regiven.insert((root, name.to_owned()));
        }
    }

    fn resolves_within(&self, found: Option<Sid>, caller: Sid) -> bool {
        found.is_some_and(|at| self.host[at].root == self.host[caller].root)
    }

    /// The root under which a promised name is looked for.
    fn root_of(&self, promise: &Promise) -> Sid {
        match promise.goal {
            Goal::Fork(caller) => self.host[caller].root,
            _ => self.host[promise.at].root,
        }
    }

    /// Whether the message that gave a name is undone, as far as an instance has heard.
    fn is_free(&self, slot: usize, promise: &Promise) -> bool {
        match promise.goal {
            Goal::Fork(caller) => !self.slots[slot].heard_of.names(caller, promise.at),
            Goal::Id => false,
            _ => self.is_undone(slot, promise.at),
        }
    }

    /// Whether an instance takes a later call of a child for the first: the other instance made the first one, and no record
    /// has shown it yet.
    fn knows_later(&self, slot: usize, at: Sid) -> bool {
        let parent = self.host[at].parent.map(|parent| &self.host[parent]);
        let calls = parent.map(|parent| parent.calls.iter().filter(|call| call.names == at));
        let first = calls.and_then(|calls| calls.min_by(|one, other| one.place.cmp(&other.place)));
        let heard = self.slots[slot].heard_of.spawned.get(&at);
        first
            .zip(heard)
            .is_some_and(|(first, (heard, _))| *heard > first.place)
    }

    /// Notes the names that are free after an undo, and those that are given again.
    pub fn look_at_undone(&mut self, slot: usize) {
        if !self.rules.undoes {
            return;
        }
        for index in 0..self.promises.len() {
            let promise = &self.promises[index];
            if self.is_free(slot, promise) {
                let promise = promise.clone();
                let (root, at, name) = (self.root_of(&promise), promise.at, promise.name);
                self.promises[index].undone = true;
                let undone = self.host[at].undone
                    || matches!(promise.goal, Goal::Fork(_))
                    || self.rules.two && self.knows_later(slot, at)
                    || self.keeps_ended_revert(slot, at);
                self.must(undone, "I10", || {
                    format!("{name} of {at} is free, and its first call was never undone")
                });
                if self
                    .resolve(slot, root, &name)
                    .is_some_and(|found| found != at)
                {
                    self.regiven.insert((root, name));
                }
            }
        }
    }

    /// The way in which a promised name no longer stands for its session, if any.
    pub fn broken(&self, slot: usize, promise: &Promise) -> Option<String> {
        let session = &self.host[promise.at];
        // Whether it lives for this instance. The event of its deletion may still be on its way.
        let lives = !session.gone && self.slots[slot].known.contains(&promise.at);
        if !lives {
            return None;
        }
        let caller = match promise.goal {
            Goal::Alias(caller) | Goal::Fork(caller) => caller,
            _ => session.root,
        };
        let found = self.resolve(slot, caller, &promise.name);
        let free = self.is_free(slot, promise);
        let regiven = (self.root_of(promise), promise.name.clone());
        match promise.goal {
            // It names a session as long as the message of its caller stands.
            Goal::Fork(_) if free => return None,
            _ if free => {
                let stands = found == Some(promise.at);
                return stands.then(|| {
                    let name = &promise.name;
                    format!(
                        "\"{name}\" stands for {} in [{slot}], whose call was undone",
                        session.id
                    )
                });
            }
            // Of two sessions with one name in the messages of a fork, the last named has it.
            Goal::Fork(caller)
                if found.is_some_and(|at| self.slots[slot].heard_of.names(caller, at)) =>
            {
                return None;
            }
            // An instance that has not heard of the messages may give the name in the fork.
            Goal::Fork(caller) if self.rules.two && self.resolves_within(found, caller) => {
                return None;
            }
            // Another plugin may give the name again in a fork.
            Goal::Fork(_) if self.aliased.contains(&regiven) => return None,
            _ if promise.undone && self.regiven.contains(&regiven) => return None,
            _ => {}
        }
        // A name that no record has is made again at the end of the read. Until then each call waits.
        let reads = self.slots[slot].reading == Some(session.root);
        if reads && promise.unstored && found.is_none() {
            return None;
        }
        let mixed = |at: Sid| self.host[at].overwritten;
        if mixed(promise.at) || found.is_some_and(mixed) {
            return None;
        }
        // Two instances may give two sessions one name before they hear of each other. An instance that hears of both goes
        // on with the one that it knew first.
        let claims = self.claims.get(&regiven).map_or(0, BTreeSet::len);
        let others = usize::from(!matches!(promise.goal, Goal::Fork(_)));
        if self.rules.two && claims > others {
            return None;
        }
        // A name that is made again yields if another plugin gives it to another session first.
        if promise.unstored && self.aliased.contains(&(session.root, promise.name.clone())) {
            return None;
        }
        // So does a name that is made again if a session with the same description is read first.
        let same = |at: Sid| self.host[at].description == session.description;
        if promise.unstored && found.is_some_and(same) {
            return None;
        }
        // Nor is it made again once another process has given the session a name of its own.
        let theirs = self.slots.len() > 1 && session.writes[1 - promise.slot] > 0;
        if promise.unstored && self.rules.apart && theirs {
            return None;
        }
        // Nor does a live instance that never read it make it again, once it has made up another name for the session.
        let known = self.slots[slot].engine.session(&session.id);
        let named = slot != promise.slot && known.is_some_and(|known| known.slug.is_some());
        if promise.unstored && self.rules.two && named && found.is_none() {
            return None;
        }
        // A name that a deleted session had and another process gave again stays the deleted one's here, until this
        // process hears of the deletion.
        if self.rules.apart && self.keeps_gone(slot, session.root) {
            return None;
        }
        // A subagent does not reach a session that waits for it.
        if found == Some(promise.at) || found.is_none() && caller != session.root {
            return None;
        }
        let now = found.map(|at| self.host[at].id.clone());
        Some(format!(
            "\"{}\", promised as {:?}, stood for {} and stands for {now:?} in [{slot}]",
            promise.name, promise.goal, session.id
        ))
    }
}
