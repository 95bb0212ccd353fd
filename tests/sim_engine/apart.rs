//! Two processes on one host. OpenCode's events stay in the process whose work causes them, and so does its knowledge
//! of the turns that run: of the other's work a process has what it reads of the stored sessions, when it reads them.

use crate::host::{Bus, By, HostSession, Sid};
use crate::hostile::is_foreign;
use crate::instance::Instance;
use crate::names::Promise;
use crate::world::World;
use opencode_delegate::Event;
use serde_json::Value;

/// The age of a read after which a message repeats it, as in js/core/conversations.js.
const STALE_MS: u64 = 10_000;

impl HostSession {
    pub fn is_busy(&self) -> bool {
        self.turns.iter().any(Option::is_some)
    }
}

impl World {
    /// The place of the turns that a slot's process runs.
    pub fn desk(&self, slot: usize) -> usize {
        if self.rules.apart { slot } else { 0 }
    }

    /// The turn of a session in the process of a slot. The turns of other processes are unknown there.
    pub fn turn(&self, slot: usize, at: Sid) -> Option<&By> {
        self.host[at].turns[self.desk(slot)].as_ref()
    }

    /// The process through which a person or another program acts.
    pub fn hand(&mut self) -> usize {
        match self.rules.apart {
            true => self.dice.below(2),
            false => 0,
        }
    }

    /// The slot whose instance runs a turn of a session.
    pub fn runner(&mut self, at: Sid) -> usize {
        let last = self.host[at].slot.min(self.slots.len() - 1);
        if !self.rules.apart {
            return last;
        }
        let slot = self.dice.below(2);
        let runs = |slot: &usize| self.turn(*slot, at).is_some();
        [slot, 1 - slot].into_iter().find(runs).unwrap_or(last)
    }

    /// Whether an instance that a record names lives, as another one sees it: of another process it sees the number
    /// alone, so an instance that its own process has outlived seems to live.
    pub fn is_alive(&self, slot: usize, process: &str) -> bool {
        let pid = process.split(':').next();
        let seems = |it: &Instance| self.rules.apart && Some(it.pid()) == pid;
        let same = |it: &Instance| it.process == process;
        let mut slots = self.slots.iter().enumerate();
        slots.any(|(at, it)| same(it) || at != slot && seems(it))
    }

    /// Whether an instance is an earlier one of a slot's process.
    pub fn has_outlived(&self, slot: usize, process: &str) -> bool {
        let it = &self.slots[slot];
        it.process != process && Some(it.pid()) == process.split(':').next()
    }

    /// Reads a root again whose user sends a message, if the last read is old: another process may have prompted since.
    pub fn refresh(&mut self, slot: usize, root: Sid) {
        let read = self.slots[slot].read_at.get(&root);
        if read.is_some_and(|read| self.now.abs_diff(*read) > STALE_MS) {
            self.read(slot, root);
        }
    }

    /// Reads the messages of a root that was read, if it is a fork or has a child whose record does not say which call
    /// spawned it, or says that this call was undone. So it does if an event named a session there that was not known.
    pub fn read_due_namings(&mut self, slot: usize, root: Sid) {
        if self.slots[slot].reads_namings || self.host[root].gone {
            return;
        }
        let is_place_unsure = |it: &HostSession| {
            let record = it.record.as_ref().filter(|record| !record.is_null());
            let unsure = |it: &Value| it["spawned"].is_null() || it["undone"] == true;
            it.parent == Some(root) && !it.gone && record.is_some_and(unsure)
        };
        let due = self.slots[slot].due.contains(&root);
        let asks = due || self.host[root].id.starts_with("ses_fork");
        if asks || self.host.iter().any(is_place_unsure) {
            self.read_namings(slot, root);
        }
    }

    /// Whether a write is left out, for the record that the instance last read or wrote is the same.
    pub fn is_noted(&self, slot: usize, at: Sid, record: &Value) -> bool {
        let noted = self.slots[slot].noted.get(&at).and_then(Option::as_ref);
        self.rules.apart && noted == Some(record)
    }

    /// Notes whose writes a write replaces. A write of what the other process has read too replaces nothing of it.
    pub fn replace(&mut self, slot: usize, at: Sid, knowing: u32) {
        let session = &mut self.host[at];
        session.replaced[slot] = false;
        if session.writes[1 - slot] == knowing {
            return;
        }
        session.replaced[1 - slot] = true;
        // The engine that wrote it is gone, and the next one has not read it.
        if !self.slots[1 - slot].noted.contains_key(&at) {
            self.overwritten(at);
        }
    }

    /// Reports a session as deleted that an instance has met as gone.
    pub fn meet_gone(&mut self, slot: usize, at: Sid) {
        if self.slots[slot].engine.session(&self.host[at].id).is_none() {
            return;
        }
        let (now, session_id) = (self.now, self.host[at].id.clone());
        self.apply(slot, Event::Deleted { now, session_id });
        let instance = &mut self.slots[slot];
        instance.known.remove(&at);
        instance.waiting.remove(&at);
        instance.gone.insert(at);
    }

    /// Whether an instance takes messages of a session's parent for reverted that are not. The event of the end is on its
    /// way. If another process ended the revert, no event comes, and the next read shows the end.
    pub fn keeps_ended_revert(&self, slot: usize, at: Sid) -> bool {
        self.host[at].parent.is_some_and(|parent| {
            let instance = &self.slots[slot];
            let ends = |event: &Bus| matches!(event, Bus::Reverted(of, _) if *of == parent);
            let heard = instance.heard_of.reverted.get(&parent);
            heard != self.from(parent).as_ref()
                && (self.rules.apart || instance.inbox.iter().any(ends))
        })
    }

    /// Whether an instance takes a session under a root for present that another process has deleted. A read lists the
    /// sessions that there are, and none that are gone.
    pub fn keeps_gone(&self, slot: usize, root: Sid) -> bool {
        let engine = &self.slots[slot].engine;
        let mut gone = self.host.iter().filter(|it| it.gone && it.root == root);
        gone.any(|it| engine.session(&it.id).is_some())
    }

    /// Whether a record lacks a name of another process, which has not read it since. With the host's executor a message
    /// has nothing read again, so that process adds the name only after a name that it does not find.
    pub fn awaits_mend(&self, slot: usize, promise: &Promise) -> bool {
        let theirs = promise.slot != slot && self.dead != Some(promise.slot);
        theirs && self.rules.delegate == 0 && self.host[promise.at].replaced[promise.slot]
    }

    /// Notes the record of a session as an instance reads it.
    pub fn note_read(&mut self, slot: usize, at: Sid) {
        let record = self.host[at].record.clone();
        let record = record.filter(|record| !is_foreign(record));
        self.slots[slot].noted.insert(at, record);
    }
}
