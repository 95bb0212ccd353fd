//! The calls in the messages of sessions: forks copy them, reverts and removals undo them.

use crate::host::{Ask, Bus, Sid};
use crate::names::Goal;
use crate::world::World;
use opencode_delegate::{Decision, Event};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// A place in the messages of a session: the ids of a message and of a part. They rise.
pub type Place = (String, String);

/// A call in the messages of a session of the host.
#[derive(Clone, Debug)]
pub struct Naming {
    pub place: Place,
    /// The session that the call spawned or prompted.
    pub names: Sid,
    pub removed: bool,
}

/// The calls that an instance has heard of, as plain lists.
#[derive(Clone, Debug, Default)]
pub struct Heard {
    /// The sessions of other roots that the messages of a session name, and the first place of each.
    pub foreign: BTreeMap<Sid, Vec<(Place, Sid)>>,
    /// From which place on the messages of a session are reverted.
    pub reverted: BTreeMap<Sid, Place>,
    /// The call that spawned a child, and whether it was removed.
    pub spawned: BTreeMap<Sid, (Place, bool)>,
    /// The last call of its parent that named a child.
    pub last: BTreeMap<Sid, Place>,
    /// The sessions that it has confirmed.
    pub met: BTreeSet<Sid>,
}

impl Heard {
    fn reverts(&self, at: Sid, place: &Place) -> bool {
        self.reverted.get(&at).is_some_and(|from| place >= from)
    }

    /// Whether the messages of a session name another one, and that message stands.
    pub fn names(&self, caller: Sid, at: Sid) -> bool {
        let calls = self.foreign.get(&caller).into_iter().flatten();
        let mut standing = calls.filter(|(place, _)| !self.reverts(caller, place));
        standing.any(|(_, named)| *named == at)
    }
}

impl World {
    /// Whether an instance has heard that the call which spawned a child was undone.
    pub fn is_undone(&self, slot: usize, at: Sid) -> bool {
        let heard = &self.slots[slot].heard_of;
        heard.spawned.get(&at).is_some_and(|(place, removed)| {
            let parent = self.host[at].parent;
            *removed || parent.is_some_and(|parent| heard.reverts(parent, place))
        })
    }

    /// Notes what an instance hears of the calls in messages.
    pub fn hear_of(&mut self, slot: usize, event: &Event) {
        let known = |id: &str| {
            let known = self.slots[slot].engine.session(id);
            known.and_then(|session| self.ids.get(&*session.id).copied())
        };
        match event {
            Event::Named {
                session_id,
                message_id,
                part_id,
                named_id,
                ..
            } => {
                if let (Some(caller), Some(at)) = (known(session_id), known(named_id)) {
                    let place = (message_id.clone(), part_id.clone());
                    self.hear_naming(slot, caller, at, place);
                }
            }
            Event::Reverted {
                session_id,
                message_id,
                part_id,
                ..
            } => {
                let Some(at) = known(session_id) else { return };
                let reverted = &mut self.slots[slot].heard_of.reverted;
                match message_id.clone() {
                    None => reverted.remove(&at),
                    Some(from) => reverted.insert(at, (from, part_id.clone().unwrap_or_default())),
                };
            }
            Event::Removed {
                session_id,
                message_id,
                part_id,
                ..
            } => {
                let Some(at) = known(session_id) else { return };
                let gone = |place: &Place| {
                    place.0 == *message_id && part_id.as_ref().is_none_or(|part| place.1 == *part)
                };
                let host = &self.host;
                let heard = &mut self.slots[slot].heard_of;
                if let Some(calls) = heard.foreign.get_mut(&at) {
                    calls.retain(|(place, _)| !gone(place));
                }
                for (child, (place, removed)) in &mut heard.spawned {
                    *removed |= host[*child].parent == Some(at) && gone(place);
                }
            }
            Event::Created { session, .. } => {
                let Some(at) = self.ids.get(&session.id).copied() else {
                    return;
                };
                let heard = &mut self.slots[slot].heard_of;
                if heard.met.insert(at)
                    && let Some(record) = &session.record
                    && let Some([Value::String(message), Value::String(part)]) =
                        record["spawned"].as_array().map(Vec::as_slice)
                {
                    let removed = record["undone"] == true;
                    let place = (message.clone(), part.clone());
                    heard.spawned.insert(at, (place.clone(), removed));
                    heard.last.insert(at, place);
                }
            }
            Event::Deleted { session_id, .. } => {
                let Some(gone) = self.ids.get(session_id).copied() else {
                    return;
                };
                for at in self.under(gone) {
                    let heard = &mut self.slots[slot].heard_of;
                    heard.met.remove(&at);
                    heard.spawned.remove(&at);
                    heard.reverted.remove(&at);
                }
            }
            _ => {}
        }
    }

    /// Notes that a call resumes a child: that call did not spawn it.
    pub fn hear_resumed(&mut self, slot: usize, ask: &Ask, decision: &Decision) {
        let (Decision::Resume { session_id, .. } | Decision::Compact { session_id, .. }) = decision
        else {
            return;
        };
        let at = self.ids.get(&**session_id).copied();
        if let Some(at) = at.filter(|at| self.host[*at].parent == Some(ask.caller)) {
            let heard = &mut self.slots[slot].heard_of;
            if !heard.spawned.contains_key(&at) {
                heard
                    .last
                    .entry(at)
                    .or_insert((ask.message(), String::new()));
            }
        }
    }

    fn hear_naming(&mut self, slot: usize, caller: Sid, at: Sid, place: Place) {
        let undone = self.is_undone(slot, at);
        let own = self.host[at].parent == Some(caller);
        let other = self.host[at].parent.is_some() && self.host[at].root != self.host[caller].root;
        let heard = &mut self.slots[slot].heard_of;
        if own {
            let reverted = heard.reverts(caller, &place);
            let later = heard.last.get(&at).is_none_or(|last| place > *last);
            let news = match heard.spawned.get(&at) {
                None => heard.last.get(&at).is_none_or(|last| place < *last),
                Some(_) if undone => later && !reverted,
                Some((first, _)) => place < *first,
            };
            if news {
                heard.spawned.insert(at, (place.clone(), false));
            }
            if later {
                heard.last.insert(at, place);
            }
        } else if other {
            let calls = heard.foreign.entry(caller).or_default();
            match calls.iter_mut().find(|(_, named)| *named == at) {
                Some((first, _)) => *first = place.min(first.clone()),
                None => calls.push((place, at)),
            }
            self.promise_in_fork(slot, caller, at);
        }
    }

    /// Notes that the messages of a fork give the name of a session, unless that is a name of the fork's own.
    fn promise_in_fork(&mut self, slot: usize, fork: Sid, at: Sid) {
        let known = self.slots[slot].engine.session(&self.host[at].id);
        let slug = known.and_then(|session| session.slug);
        let mut names: Vec<String> = slug.iter().map(ToString::to_string).collect();
        let aliases = self.promises.iter().filter(|promise| {
            let alias = matches!(promise.goal, Goal::Alias(_));
            alias && promise.at == at && promise.slot == slot
        });
        names.extend(aliases.map(|promise| promise.name.clone()));
        for name in names {
            let held = self.calls.iter().any(|call| {
                let own = self.host[call.ask.caller].root == fork;
                own && matches!(&*call.decision, Decision::Spawn { slug: held, .. } if **held == *name)
            });
            if !held && self.resolve(slot, fork, &name).is_none() {
                self.promise(slot, &name, at, Goal::Fork(fork));
            }
        }
    }

    /// Every session below one, and itself, those that are gone too.
    pub fn under(&self, top: Sid) -> Vec<Sid> {
        let is_under = |at: &Sid| {
            let mut above = Some(*at);
            while let Some(it) = above {
                if it == top {
                    return true;
                }
                above = self.host[it].parent;
            }
            false
        };
        (0..self.host.len()).filter(is_under).collect()
    }

    /// The host shows in the part of a call which session it spawned or prompts.
    pub fn name_in_part(&mut self, caller: Sid, no: usize, names: Sid) {
        if !self.alive(caller) {
            return;
        }
        let place = (format!("msg_{no:06}"), format!("prt_{no:06}"));
        let calls = &mut self.host[caller].calls;
        if calls.iter().all(|call| call.place != place) {
            calls.push(Naming {
                place: place.clone(),
                names,
                removed: false,
            });
            self.emit(&Bus::Named(caller, place, names));
        }
    }

    /// The place from which on the messages of a session are reverted on the host.
    fn from(&self, at: Sid) -> Option<Place> {
        let (message, part) = self.host[at].reverted.clone()?;
        Some((message, part.unwrap_or_default()))
    }

    fn standing(&self, at: Sid) -> Vec<Naming> {
        let from = self.from(at);
        let calls = self.host[at].calls.iter().filter(|call| !call.removed);
        let standing = calls.filter(|call| from.as_ref().is_none_or(|from| call.place < *from));
        standing.cloned().collect()
    }

    /// A user undoes messages of an idle session, brings them back, or deletes one.
    pub fn undo(&mut self) {
        let open: Vec<Sid> = self.calls.iter().map(|call| call.ask.caller).collect();
        let able = self.living(|session| session.busy.is_none() && !session.calls.is_empty());
        let able: Vec<Sid> = able.into_iter().filter(|at| !open.contains(at)).collect();
        let Some(at) = self.one(&able) else { return };
        let calls = self.host[at].calls.iter().filter(|call| !call.removed);
        let places: Vec<Place> = calls.map(|call| call.place.clone()).collect();
        if places.is_empty() {
            return;
        }
        let (message, part) = self.dice.pick(&places).clone();
        match self.dice.below(100) {
            0..50 => {
                // The part of the call, or one behind it.
                let part = match self.dice.below(4) {
                    0 => Some(part),
                    1 => Some(format!("{part}z")),
                    _ => None,
                };
                self.revert(at, Some((message, part)));
            }
            50..80 => {
                if self.host[at].reverted.is_some() {
                    self.revert(at, None);
                }
            }
            _ => {
                let part = self.dice.percent(50).then_some(part);
                self.remove_message(at, message, part);
            }
        }
    }

    fn revert(&mut self, at: Sid, from: Option<(String, Option<String>)>) {
        self.host[at].reverted = from.clone();
        self.note_undone(at);
        self.emit(&Bus::Reverted(at, from));
    }

    fn remove_message(&mut self, at: Sid, message: String, part: Option<String>) {
        for call in &mut self.host[at].calls {
            call.removed |= call.place.0 == message;
        }
        self.note_undone(at);
        self.emit(&Bus::Removed(at, message, part));
    }

    /// Notes the children whose first call is undone on the host.
    fn note_undone(&mut self, at: Sid) {
        let from = self.from(at);
        let mut seen = BTreeSet::new();
        for call in self.host[at].calls.clone() {
            let undone = call.removed || from.as_ref().is_some_and(|from| call.place >= *from);
            if seen.insert(call.names) && undone {
                self.host[call.names].undone = true;
            }
        }
    }

    /// A new prompt removes the messages that are reverted.
    pub fn clean_up(&mut self, at: Sid) {
        let Some(from) = self.from(at) else { return };
        let calls = self.host[at].calls.iter();
        let gone = calls.filter(|call| !call.removed && call.place >= from);
        for (message, part) in gone.map(|call| call.place.clone()).collect::<Vec<_>>() {
            let part = (message == from.0 && !from.1.is_empty()).then_some(part);
            self.remove_message(at, message, part);
        }
        self.revert(at, None);
    }

    /// A user forks a session: the fork has copies of its messages, and no parent.
    pub fn fork(&mut self) {
        let able = self.living(|session| !session.calls.is_empty());
        let roots = self.living(|session| session.parent.is_none()).len();
        let Some(from) = self.one(&able).filter(|_| roots < 6) else {
            return;
        };
        let mut copied = self.standing(from);
        copied.truncate(1 + self.dice.below(copied.len().max(1)));
        self.made += 1;
        let id = format!("ses_fork{}", self.made);
        let fork = self.host.len();
        self.make_root(&id);
        for call in copied {
            self.next += 1;
            self.name_in_part(fork, self.next, call.names);
        }
    }

    /// Reads which sessions the messages of a root name.
    pub fn read_namings(&mut self, slot: usize, root: Sid) {
        if self.host[root].gone || !self.slots[slot].namings.insert(root) {
            return;
        }
        let calls = self.host[root].calls.clone().into_iter();
        for call in calls.filter(|call| !call.removed) {
            if self.alive(call.names) {
                self.make_known(slot, call.names);
                self.apply_naming(slot, root, call.place, call.names);
            }
        }
    }

    /// Reports a call that names a session. Where the engine does not know that one, the messages are read later.
    pub fn apply_naming(&mut self, slot: usize, caller: Sid, place: Place, names: Sid) {
        let named_id = self.host[names].id.clone();
        if self.slots[slot].engine.session(&named_id).is_none() {
            self.slots[slot].namings.remove(&caller);
            return;
        }
        let (now, session_id) = (self.now, self.host[caller].id.clone());
        let (message_id, part_id) = place;
        self.apply(
            slot,
            Event::Named {
                now,
                session_id,
                message_id,
                part_id,
                named_id,
            },
        );
    }

    /// Reports from which place on the messages of a session are reverted.
    pub fn apply_reverted(&mut self, slot: usize, at: Sid, from: Option<(String, Option<String>)>) {
        let (now, session_id) = (self.now, self.host[at].id.clone());
        let (message_id, part_id) =
            from.map_or((None, None), |(message, part)| (Some(message), part));
        self.apply(
            slot,
            Event::Reverted {
                now,
                session_id,
                message_id,
                part_id,
            },
        );
    }

    /// Whether an event about messages is no news.
    pub fn is_settled(&self, slot: usize, event: &Event) -> bool {
        let heard = &self.slots[slot].heard_of;
        match event {
            Event::Named {
                session_id,
                message_id,
                part_id,
                named_id,
                ..
            } => {
                let (caller, at) = (self.ids[session_id], self.ids[named_id]);
                let place = (message_id.clone(), part_id.clone());
                if self.host[at].parent == Some(caller) {
                    let known = |of: Option<&Place>| of.is_some_and(|last| place <= *last);
                    let spawned = heard.spawned.get(&at);
                    let first = spawned.is_none_or(|(first, _)| place >= *first);
                    return first && known(heard.last.get(&at));
                }
                let calls = heard.foreign.get(&caller).into_iter().flatten();
                let mut same = calls.filter(|(_, named)| *named == at);
                same.any(|(first, _)| place >= *first)
            }
            Event::Reverted {
                session_id,
                message_id,
                part_id,
                ..
            } => {
                let from = message_id.clone();
                let from = from.map(|from| (from, part_id.clone().unwrap_or_default()));
                heard.reverted.get(&self.ids[session_id]) == from.as_ref()
            }
            _ => true,
        }
    }
}
