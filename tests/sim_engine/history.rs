//! The calls in the messages of sessions: forks copy them, reverts and removals undo them.

use crate::calls::Call;
use crate::host::{Bus, Sid};
use crate::world::World;
use opencode_delegate::Event;
use std::collections::BTreeSet;

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

impl World {
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
    pub fn name_in_part(&mut self, slot: usize, caller: Sid, no: usize, names: Sid) {
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
            // A turn goes on in one process while the other reverts the messages that it stands in.
            self.note_undone(caller);
            self.emit(slot, &Bus::Named(caller, place, names));
        }
    }

    /// The place from which on the messages of a session are reverted on the host.
    pub fn from(&self, at: Sid) -> Option<Place> {
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
        let slot = self.hand();
        let here = |call: &&Call| !self.rules.apart || call.slot == slot;
        let open = self.calls.iter().filter(here);
        let open: Vec<Sid> = open.map(|call| call.ask.caller).collect();
        let desk = self.desk(slot);
        let able =
            self.living(|session| session.turns[desk].is_none() && !session.calls.is_empty());
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
                self.revert(slot, at, Some((message, part)));
            }
            50..80 => {
                if self.host[at].reverted.is_some() {
                    self.revert(slot, at, None);
                }
            }
            _ => {
                let part = self.dice.percent(50).then_some(part);
                self.remove_message(slot, at, message, part);
            }
        }
    }

    fn revert(&mut self, slot: usize, at: Sid, from: Option<(String, Option<String>)>) {
        self.host[at].reverted = from.clone();
        if let Some(from) = self.from(at) {
            self.host[at].cleaned.remove(&from);
        }
        self.note_undone(at);
        self.emit(slot, &Bus::Reverted(at, from));
    }

    fn remove_message(&mut self, slot: usize, at: Sid, message: String, part: Option<String>) {
        for call in &mut self.host[at].calls {
            call.removed |= call.place.0 == message;
        }
        self.note_undone(at);
        self.emit(slot, &Bus::Removed(at, message, part));
    }

    /// Notes the children whose first call is undone on the host.
    fn note_undone(&mut self, at: Sid) {
        let from = self.from(at);
        let mut seen = BTreeSet::new();
        // Calls may end in another order than their messages stand.
        let mut calls = self.host[at].calls.clone();
        calls.sort_by(|one, other| one.place.cmp(&other.place));
        for call in calls {
            let undone = call.removed || from.as_ref().is_some_and(|from| call.place >= *from);
            if seen.insert(call.names) && undone {
                self.host[call.names].undone = true;
            }
        }
    }

    /// A new prompt removes the messages that are reverted.
    pub fn clean_up(&mut self, slot: usize, at: Sid) {
        let Some(from) = self.from(at) else { return };
        let calls = self.host[at].calls.iter();
        let gone = calls.filter(|call| !call.removed && call.place >= from);
        for (message, part) in gone.map(|call| call.place.clone()).collect::<Vec<_>>() {
            let part = (message == from.0 && !from.1.is_empty()).then_some(part);
            self.remove_message(slot, at, message, part);
        }
        self.revert(slot, at, None);
        self.host[at].cleaned.insert(from);
    }

    /// A read shows no revert of a session. If the instance knows one, it reads what became of the messages.
    pub fn find_revert_ended(&mut self, slot: usize, at: Sid) {
        let known = self.slots[slot].heard_of.reverted.get(&at).cloned();
        let Some(from) = known else { return };
        if self.host[at].cleaned.contains(&from) {
            let calls = self.host[at].calls.iter().filter(|call| !call.removed);
            let later = calls.map(|call| &call.place.0).filter(|id| **id > from.0);
            let before = later.min().cloned();
            let (message_id, part) = from;
            let part_id = Some(part).filter(|part| !part.is_empty());
            self.apply_removed(slot, at, message_id, part_id, Some(before));
        }
        self.apply_reverted(slot, at, None);
    }

    /// Reports that a message of a session was removed, or a part of one. With `until`, so was all from it on, up to the
    /// message that it names.
    pub fn apply_removed(
        &mut self,
        slot: usize,
        at: Sid,
        message_id: String,
        part_id: Option<String>,
        until: Option<Option<String>>,
    ) {
        let (now, session_id) = (self.now, self.host[at].id.clone());
        let later = until.is_some().then_some(true);
        self.apply(
            slot,
            Event::Removed {
                now,
                session_id,
                message_id,
                part_id,
                later,
                before: until.flatten(),
            },
        );
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
        let slot = self.host[fork].slot;
        for call in copied {
            self.next += 1;
            self.name_in_part(slot, fork, self.next, call.names);
        }
    }

    /// Reads which sessions the messages of a root name.
    pub fn read_namings(&mut self, slot: usize, root: Sid) {
        if self.host[root].gone || !self.slots[slot].namings.insert(root) {
            return;
        }
        self.slots[slot].due.remove(&root);
        let outer = std::mem::replace(&mut self.slots[slot].reads_namings, true);
        // The host lists its messages in order, whichever call ended first.
        let mut calls = self.host[root].calls.clone();
        calls.sort_by(|one, other| one.place.cmp(&other.place));
        for call in calls.into_iter().filter(|call| !call.removed) {
            if self.alive(call.names) {
                self.make_known(slot, call.names);
                self.apply_naming(slot, root, call.place, call.names);
            }
        }
        self.slots[slot].reads_namings = outer;
    }

    /// Reports a call that names a session. Where the engine does not know that one, the messages are read after the next
    /// read of their root, or before its next call, as in js/core/namings.js.
    pub fn apply_naming(&mut self, slot: usize, caller: Sid, place: Place, names: Sid) {
        let named_id = self.host[names].id.clone();
        if self.slots[slot].engine.session(&named_id).is_none() {
            let instance = &mut self.slots[slot];
            instance.namings.remove(&caller);
            // A read reports nothing of a session that it could not load.
            if !instance.reads_namings {
                instance.due.insert(caller);
            }
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
}
