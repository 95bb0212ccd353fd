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
    /// The name of a background task.
    Task,
    /// An alias that another plugin gave this caller.
    Alias(Sid),
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
        // A message may name a session by its task.
        let goal = match goal {
            Goal::Name if name.starts_with("bg_") => Goal::Task,
            goal => goal,
        };
        let known = self
            .promises
            .iter()
            .any(|promise| promise.name == name && promise.at == at && promise.goal == goal);
        if known || !self.alive(at) {
            return;
        }
        if !matches!(goal, Goal::Alias(_)) {
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
        });
    }

    pub fn offered(&mut self, slot: usize, caller: Sid, candidates: &[Candidate]) {
        for candidate in candidates {
            let at = self.ids[&*candidate.session_id];
            let root = self.host[at].root;
            let caller = self.host[caller].root;
            self.must(root == caller, "I1", || {
                format!("{} of another root is offered", candidate.session_id)
            });
            if let Some(slug) = &candidate.slug {
                self.promise(slot, slug, at, Goal::Name);
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
            Goal::Alias(caller) => caller,
            _ => session.root,
        };
        let found = self.resolve(slot, caller, &promise.name);
        let mixed = |at: Sid| self.host[at].overwritten;
        if mixed(promise.at) || found.is_some_and(mixed) {
            return None;
        }
        // Two instances may give two sessions one name before they hear of each other. An instance that hears of both goes
        // on with the one that it knew first.
        let claimed = (session.root, promise.name.clone());
        let claims = self.claims.get(&claimed).map_or(0, BTreeSet::len);
        if self.rules.two && claims > 1 {
            return None;
        }
        // A name that is made again yields if another plugin gives it to another session first.
        if promise.unstored && self.aliased.contains(&(session.root, promise.name.clone())) {
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
