//! Engines that trap and processes that end, and what can be demanded of their successors.

use crate::host::{Bus, Sid};
use crate::instance::{Instance, Todo};
use crate::world::World;
use serde_json::json;

impl World {
    /// An engine traps: what was to be stored is stored, and another takes its place.
    pub fn trap(&mut self, slot: usize) {
        self.count.crashes += 1;
        self.replay(slot);
        while let Some(todo) = self.slots[slot].todo.pop_front() {
            if matches!(todo, Todo::Store(..)) {
                self.slots[slot].todo.push_front(todo);
                self.work(slot);
            }
        }
        self.settle(slot);
        self.cross();
        for call in &mut self.calls {
            call.orphan |= call.slot == slot;
        }
        // Reservations go with the engine; what was committed is stored.
        let calls = &self.calls;
        let mut spent = std::mem::take(&mut self.slots[slot].spent);
        // What another instance has stored of a turn that it had no part in is what is read.
        let miscounted = std::mem::take(&mut self.slots[slot].miscounted);
        spent.retain(|at, _| !miscounted.contains(at));
        spent.retain(|at, _| !self.host[*at].overwritten);
        for made in spent.values_mut() {
            made.retain(|no| {
                let open = calls.iter().find(|call| call.ask.no == *no);
                open.is_none_or(|call| call.committed)
            });
        }
        self.forget_overwritten(slot);
        // What the lost engine ran is looked up by the next: the instance goes on under another name.
        let mut next = self.instance();
        let last = &mut self.slots[slot];
        std::mem::swap(&mut next.inbox, &mut last.inbox);
        std::mem::swap(&mut next.follows, &mut last.follows);
        for follow in &mut next.follows {
            follow.lost = true;
        }
        next.clock = last.clock;
        next.spent = spent;
        self.slots[slot] = next;
        self.forget_gone();
        self.recount(slot);
        // What was not sent yet nobody sends any more.
        for follow in self.slots[slot].follows.clone() {
            if !follow.sent {
                self.end_lost(slot, &follow);
            }
        }
    }

    /// Calls that were decided by an engine that is gone may stand in records as spent, though they came
    /// to nothing since.
    pub fn recount(&mut self, slot: usize) {
        let callers: Vec<Sid> = self.slots[slot].spent.keys().copied().collect();
        self.slots[slot].unsure.extend(callers);
    }

    /// The host's process ends, or one instance on it; what it was about to do it may or may not have done.
    pub fn crash(&mut self, only: Option<usize>) {
        self.count.crashes += 1;
        // With one instance, its reload ends all that it ran.
        for slot in 0..self.slots.len() {
            if only.is_some_and(|only| only != slot) {
                continue;
            }
            self.replay(slot);
            for _ in 0..self.dice.below(4) {
                self.work(slot);
            }
            if self.dice.percent(30) {
                self.settle(slot);
            }
            self.cross();
            self.forget_overwritten(slot);
            self.forget_undone(slot);
            let process = self.slots[slot].process.clone();
            self.calls.retain(|call| call.slot != slot);
            self.slots[slot] = self.instance();
            self.forget_gone();
            for at in 0..self.host.len() {
                let ours = self.host[at].slot == slot;
                if only.is_none() {
                    self.host[at].busy = None;
                } else if ours {
                    self.stop(at);
                }
            }
            self.note(format!("  {process} is gone"));
        }
    }

    /// What a decision told, and no event came after, was not stored.
    pub fn forget_overwritten(&mut self, slot: usize) {
        let host = &self.host;
        self.promises
            .retain(|promise| promise.slot != slot || !host[promise.at].overwritten);
        for promise in self
            .promises
            .iter_mut()
            .filter(|promise| promise.slot == slot)
        {
            let record = host[promise.at].record.as_ref();
            promise.unstored |=
                record.is_none_or(|it| !crate::names::names(it).contains(&promise.name));
        }
    }

    /// What was to be kept at once, and was not when the process ended, cannot be demanded: names whose
    /// session was to be stored, tasks that no record holds yet.
    pub fn forget_undone(&mut self, slot: usize) {
        let undone: Vec<Sid> = self.slots[slot]
            .todo
            .iter()
            .filter_map(|todo| match todo {
                Todo::Store(at, _, false, _) => Some(*at),
                _ => None,
            })
            .collect();
        self.promises
            .retain(|promise| promise.slot != slot || !undone.contains(&promise.at));
        let process = self.slots[slot].process.clone();
        for task in self.tasks.iter_mut().filter(|task| task.process == process) {
            let record = self.host[task.at].record.as_ref();
            let tasks = record.and_then(|record| record["tasks"].as_array());
            let stored = tasks
                .into_iter()
                .flatten()
                .any(|stored| stored["prompt_no"] == json!(task.prompt_no));
            if !stored && task.excused.is_none() && undone.contains(&task.at) {
                task.excused = Some("never stored");
            }
        }
    }

    /// Where nobody lives who knows of a task, the host takes what was kept of it along.
    pub fn forget_gone(&mut self) {
        for task in &mut self.tasks {
            let session = &self.host[task.at];
            let knows = |slot: &Instance| {
                let process = (session.root, task.process.clone());
                slot.known.contains(&task.at)
                    && (slot.process == task.process || !slot.others.contains(&process))
            };
            if session.gone && task.heard.is_empty() && !self.slots.iter().any(knows) {
                task.excused = Some("deleted with its record");
            }
        }
    }

    /// Of records that have crossed, what one held may be lost with an engine.
    pub fn cross(&mut self) {
        self.uncross();
        for at in 0..self.host.len() {
            if self.host[at].crossed {
                self.overwritten(at);
            }
            // The record of a session that two processes ask at once names one of them.
            if self.host[at].shared {
                self.host[at].owed = false;
                self.excuse(at, "asked by two at once, of which one is gone");
            }
        }
    }

    /// Two records that crossed are made one again by whoever hears of the other's.
    pub fn uncross(&mut self) {
        for at in 0..self.host.len() {
            let open = |slot: &Instance| {
                slot.waiting.contains_key(&at)
                    || slot
                        .inbox
                        .iter()
                        .any(|event| matches!(event, Bus::Updated(it, ..) if *it == at))
                    || slot
                        .todo
                        .iter()
                        .any(|todo| matches!(todo, Todo::Store(it, ..) if *it == at))
            };
            if self.host[at].crossed && !self.slots.iter().any(open) {
                self.host[at].crossed = false;
            }
        }
    }

    /// A record was lost to that of another instance, which knew less, and who knew more was gone before it
    /// was told. What that record alone held cannot be demanded of who reads it next: names, counts, prompts
    /// and tasks of that session. Nothing short of a lock on the host's database would keep it.
    pub fn overwritten(&mut self, at: Sid) {
        self.host[at].overwritten = true;
        self.excuse(at, "overwritten");
    }

    pub fn excuse(&mut self, at: Sid, why: &'static str) {
        for task in self.tasks.iter_mut().filter(|task| task.at == at) {
            task.excused.get_or_insert(why);
        }
    }
}
