//! What an instance has heard of the calls in messages: which sessions they name, and which of them were undone.

use crate::calls::Call;
use crate::history::Place;
use crate::host::{Ask, Sid};
use crate::hostile::is_foreign;
use crate::names::Goal;
use crate::world::World;
use opencode_delegate::{Decision, Event};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

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
                later,
                before,
                ..
            } => {
                let Some(at) = known(session_id) else { return };
                let part = part_id.as_deref();
                let gone = |place: &Place| match later {
                    Some(true) => {
                        (&*place.0, &*place.1) >= (message_id, part.unwrap_or_default())
                            && before.as_ref().is_none_or(|before| place.0 < *before)
                    }
                    _ => place.0 == *message_id && part.is_none_or(|part| place.1 == part),
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
                let first = heard.met.insert(at);
                let record = json!(session.record);
                if !is_foreign(&record)
                    && let Some([Value::String(message), Value::String(part)]) =
                        record["spawned"].as_array().map(Vec::as_slice)
                {
                    let place = (message.clone(), part.clone());
                    // Another instance may know an earlier call.
                    match heard.spawned.get_mut(&at) {
                        Some((known, _)) if precedes(&place, known) => *known = place,
                        None if first => {
                            let removed = record["undone"] == true;
                            heard.spawned.insert(at, (place.clone(), removed));
                            heard.last.insert(at, place);
                        }
                        _ => {}
                    }
                }
            }
            Event::Commit {
                ticket, session_id, ..
            } => self.hear_created(slot, *ticket, session_id),
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

    /// Notes the message whose call created a child. No event has shown its part yet.
    fn hear_created(&mut self, slot: usize, ticket: u32, session_id: &str) {
        let of = |call: &&Call| call.slot == slot && call.ticket == Some(ticket) && !call.orphan;
        let call = self.calls.iter().find(of);
        let call = call.filter(|call| matches!(&*call.decision, Decision::Spawn { .. }));
        let (Some(call), Some(at)) = (call, self.ids.get(session_id).copied()) else {
            return;
        };
        let place = (call.ask.message(), String::new());
        let own = self.host[at].parent == Some(call.ask.caller);
        let heard = &mut self.slots[slot].heard_of;
        // A later call may have prompted the child before this one is committed.
        let first = heard.last.get(&at).is_none_or(|last| place < *last);
        if own && first && !heard.spawned.contains_key(&at) {
            heard.spawned.insert(at, (place.clone(), false));
            heard.last.entry(at).or_insert(place);
        }
    }

    /// Notes that a call resumes or joins a child: that call did not spawn it.
    pub fn hear_resumed(&mut self, slot: usize, ask: &Ask, decision: &Decision) {
        let (Decision::Resume { session_id, .. }
        | Decision::Compact { session_id, .. }
        | Decision::Join { session_id, .. }) = decision
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
            let last = heard.last.get(&at);
            let later = last.is_none_or(|last| place > *last && !is_within(&place, last));
            let news = match heard.spawned.get(&at) {
                None => heard.last.get(&at).is_none_or(|last| place < *last),
                Some(_) if undone => later && !reverted,
                Some((first, _)) => precedes(&place, first),
            };
            if news {
                heard.spawned.insert(at, (place.clone(), false));
            }
            if later && (heard.spawned.contains_key(&at) || !heard.last.contains_key(&at)) {
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
                    let first = spawned.is_none_or(|(first, _)| !precedes(&place, first));
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
            Event::Removed {
                session_id,
                message_id,
                later,
                ..
            } => {
                let at = self.ids[session_id];
                let gone = |place: &Place| match later {
                    Some(true) => place.0 >= *message_id,
                    _ => place.0 == *message_id,
                };
                heard.spawned.iter().all(|(child, (place, removed))| {
                    *removed || self.host[*child].parent != Some(at) || !gone(place)
                })
            }
            _ => false,
        }
    }
}

/// Whether a place is in a message of whose call no event has shown the part.
fn is_within(place: &Place, message: &Place) -> bool {
    message.1.is_empty() && place.0 == message.0
}

/// Whether a call stands before the known one, or is the first of its message that is shown.
fn precedes(place: &Place, known: &Place) -> bool {
    place.0 < known.0
        || place.0 == known.0 && !place.1.is_empty() && (known.1.is_empty() || place.1 < known.1)
}
