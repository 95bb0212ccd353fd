//! Engines that trap and processes that end, and the duties of their successors.

use crate::host::{Bus, Sid};
use crate::instance::{Instance, Todo};
use crate::watch::Task;
use crate::world::World;

/// The excuse of a task that may be lost. It is no excuse for one that is delivered twice: the record names the process of each.
pub const SHARED: &str = "asked by two at once, of which one is gone";

impl World {
    /// Traps an engine: its open writes are stored, and another takes over.
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
        self.cross(slot);
        for call in &mut self.calls {
            call.orphan |= call.slot == slot;
        }
        // Reservations are lost with the engine, and commits are stored.
        let calls = &self.calls;
        let mut spent = std::mem::take(&mut self.slots[slot].spent);
        // The record that another instance has stored is read, even without its part in the turn.
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
        // The next engine looks up the prompts of the lost one, for the instance goes on under another name.
        let mut next = self.instance(slot, false);
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
        // Prompts that were not sent stay unsent.
        for follow in self.slots[slot].follows.clone() {
            if !follow.sent {
                self.end_lost(slot, &follow);
            }
        }
    }

    /// Calls that a lost engine decided may stand in records as spent, although they have failed since.
    pub fn recount(&mut self, slot: usize) {
        let callers: Vec<Sid> = self.slots[slot].spent.keys().copied().collect();
        self.slots[slot].unsure.extend(callers);
    }

    /// Ends the host's process, or one instance on it. Its open tasks may or may not be done.
    ///
    /// `ends`: whether the process of the instance ends too, where each has one of its own.
    pub fn crash(&mut self, only: Option<usize>, ends: bool) {
        self.count.crashes += 1;
        // With one instance, a reload ends all its prompts.
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
            self.cross(slot);
            self.forget_overwritten(slot);
            self.forget_undone(slot);
            let process = self.slots[slot].process.clone();
            self.calls.retain(|call| call.slot != slot);
            self.slots[slot] = self.instance(slot, ends);
            self.forget_gone();
            for at in 0..self.host.len() {
                let ours = self.host[at].slot == slot;
                if self.rules.apart && ends {
                    self.host[at].turns[slot] = None;
                } else if only.is_none() {
                    self.host[at].turns[0] = None;
                } else if ours || self.rules.apart {
                    self.stop(slot, at);
                }
            }
            self.note(format!("  {process} is gone"));
        }
    }

    /// Excuses names from the last decisions, which were not stored yet.
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

    /// Excuses names whose session was still to be stored when the process ended, and tasks that no record holds yet.
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
                .any(|stored| task.is_listed(stored));
            if !stored && task.excused.is_none() && undone.contains(&task.at) {
                task.excused = Some("never stored");
            }
        }
    }

    /// Excuses tasks whose record was deleted, if no live process knows them.
    pub fn forget_gone(&mut self) {
        for index in 0..self.tasks.len() {
            let task = &self.tasks[index];
            let lost = !self.alive(task.at) && task.heard.is_empty();
            if lost && !self.slots.iter().any(|it| self.knows_task(it, task)) {
                self.tasks[index].excused = Some("deleted with its record");
            }
        }
    }

    /// Whether an instance has the task of a session that is gone, to deliver it.
    fn knows_task(&self, instance: &Instance, task: &Task) -> bool {
        let root = self.host[task.at].root;
        let left = |process: &str| instance.others.contains(&(root, process.to_owned()));
        if !instance.known.contains(&task.at) || instance.process == task.process {
            return instance.known.contains(&task.at);
        }
        if !self.rules.apart {
            return !left(&task.process);
        }
        // No event shows another process's tasks. The record that it last read may be older than a task, and it leaves the tasks
        // in a record to the process that runs the prompts, which may have taken them over from a third one.
        let noted = instance.noted.get(&task.at).and_then(Option::as_ref);
        noted.is_some_and(|record| {
            let mut listed = record["tasks"].as_array().into_iter().flatten();
            let listed = listed.find(|listed| task.is_listed(listed));
            listed.is_some_and(|listed| {
                let owner = listed["process"].as_str().or(record["process"].as_str());
                !owner.is_some_and(left)
            })
        })
    }

    /// Notes the crossed records whose content may be lost with an engine.
    pub fn cross(&mut self, slot: usize) {
        self.uncross();
        for at in 0..self.host.len() {
            if self.host[at].crossed || self.host[at].replaced[slot] {
                self.overwritten(at);
            }
            // An engine that runs a prompt of the session stores the tasks of its own: of two that prompt it at once, each replaces
            // the other's.
            if self.host[at].shared {
                self.host[at].owed = false;
                self.excuse(at, SHARED);
            }
        }
    }

    /// Joins two crossed records again, by the instance that hears of the other's.
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

    /// Excuses the names, counts, prompts and tasks of a session. Another instance that knew less has replaced its
    /// record, and the instance that knew more was gone before it heard of that. Only a lock on the host's database
    /// would save them.
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
