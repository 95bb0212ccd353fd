//! What an instance is told of the host's sessions, and what it hears.

use crate::host::{Bus, Sid};
use crate::instance::Todo;
use crate::world::World;
use opencode_delegate::protocol::Status;
use opencode_delegate::{Created, Effect, Event};
use serde_json::{Value, json};

impl World {
    /// What an instance is told of a session, as js/core/host_session.js has it.
    pub fn created(&self, slot: usize, at: Sid, record: Option<Value>) -> Created {
        let session = &self.host[at];
        let process = record
            .as_ref()
            .and_then(|record| record["process"].as_str())
            .map(str::to_owned);
        let own = process.as_ref() == Some(&self.slots[slot].process);
        let alive = process.map(|process| self.slots.iter().any(|slot| slot.process == process));
        let record = record.map(|mut record| {
            if own {
                let fields = record.as_object_mut().unwrap();
                for field in ["prompt", "messageID", "tasks"] {
                    fields.shift_remove(field);
                }
            }
            record
        });
        Created {
            id: session.id.clone(),
            parent_id: session.parent.map(|above| self.host[above].id.clone()),
            agent: Some(session.agent.clone()),
            description: session.parent.map(|_| session.description.clone()),
            prompt: None,
            slug: None,
            files: None,
            record,
            alive: alive.filter(|_| !own),
        }
    }

    /// Sees to it that a session and everything under its root is known, and what a process left behind
    /// there that is gone since.
    pub fn meet(&mut self, slot: usize, at: Sid) {
        let root = self.host[at].root;
        let slots = &self.slots;
        let gone = |process: &str| slots.iter().all(|slot| slot.process != process);
        let mut others = slots[slot].others.iter();
        let left = others.any(|(under, process)| *under == root && gone(process));
        if left || !self.slots[slot].known.contains(&at) {
            self.read(slot, root);
        }
    }

    /// Tells an instance of a session, and of its record what the host holds.
    pub fn told_of(&mut self, slot: usize, at: Sid, record: Option<Value>, now: u64) {
        let session = self.created(slot, at, record);
        let process = session
            .record
            .as_ref()
            .and_then(|it| it["process"].as_str());
        if let (Some(true), Some(process)) = (session.alive, process) {
            let place = (self.host[at].root, process.to_owned());
            self.slots[slot].others.insert(place);
        }
        if session.alive == Some(false) {
            // Two that find the same left behind may both tell of it.
            self.find(slot, at, session.record.as_ref().unwrap());
        }
        let names = session
            .record
            .as_ref()
            .map(crate::names::names)
            .unwrap_or_default();
        let root = self.host[at].root;
        let before: Vec<_> = names
            .iter()
            .map(|name| self.resolve(slot, root, name))
            .collect();
        self.apply(slot, Event::Created { now, session });
        for (name, before) in names.iter().zip(before) {
            // A name that a record tells of is its session's, unless another had it already.
            let now = self.resolve(slot, root, name);
            let kept = now.is_none() || now == Some(at) || now == before;
            self.must(kept, "I10", || {
                format!("\"{name}\" was told as that of {at}, and goes from {before:?} to {now:?} in [{slot}]")
            });
        }
    }

    pub fn find(&mut self, slot: usize, at: Sid, record: &Value) {
        let finders = &mut self.host[at].finders;
        if record["prompt"].is_object() && !finders.contains(&slot) {
            finders.push(slot);
        }
        let left = record["tasks"].as_array().into_iter().flatten();
        let left: Vec<&Value> = left.filter(|task| task["delivered"] == false).collect();
        for task in self.tasks.iter_mut().filter(|task| task.at == at) {
            let same = left.iter().any(|it| it["prompt_no"] == json!(task.turn));
            if same && !task.looked.contains(&slot) {
                task.looked.push(slot);
            }
        }
    }

    /// Reads a root and everything below it from the host.
    pub fn read(&mut self, slot: usize, root: Sid) {
        let others = &mut self.slots[slot].others;
        others.retain(|(under, _)| *under != root);
        let mut next = vec![root];
        while let Some(at) = next.first().copied() {
            next.remove(0);
            if self.host[at].gone {
                continue;
            }
            let first = self.slots[slot].known.insert(at);
            if first && self.host[at].record.is_some() {
                // A count that is read may be too high: that of a turn which ended later was to be stored later.
                self.slots[slot].unsure.insert(at);
                if self.slots[slot].miscounted.remove(&at) {
                    self.slots[slot].spent.remove(&at);
                }
            }
            let now = self.host[at].updated;
            let written = self.host[at].writes[1 - slot];
            self.slots[slot].heard.insert(at, written);
            self.told_of(slot, at, self.host[at].record.clone(), now);
            if self.host[at].busy.is_some() {
                let (now, session_id) = (self.now, self.host[at].id.clone());
                let status = Status::Busy;
                self.apply(
                    slot,
                    Event::Status {
                        now,
                        session_id,
                        status,
                    },
                );
            }
            let children = (0..self.host.len()).filter(|it| self.host[*it].parent == Some(at));
            next.extend(children);
        }
        // What a process left behind is looked up before anybody goes on with it.
        self.check(slot);
    }

    /// Carries out every lookup that is to be done.
    pub fn check(&mut self, slot: usize) {
        let todo = std::mem::take(&mut self.slots[slot].todo);
        let (checks, rest): (Vec<Todo>, Vec<Todo>) = todo
            .into_iter()
            .partition(|todo| matches!(todo, Todo::Effect(Effect::Check { .. })));
        self.slots[slot].todo.extend(rest);
        for todo in checks {
            self.carry_out(slot, todo);
        }
    }

    pub fn receive(&mut self, slot: usize, event: Bus) {
        let now = self.now;
        match event {
            Bus::Created(at, record) => {
                let known = match self.host[at].parent {
                    Some(above) => self.slots[slot].known.contains(&above),
                    None => true,
                };
                if !known {
                    return;
                }
                self.slots[slot].known.insert(at);
                self.told_of(slot, at, record, now);
            }
            Bus::Updated(at, record, count) => {
                if self.slots[slot].known.contains(&at) {
                    let heard = self.slots[slot].heard.entry(at).or_default();
                    *heard = count.max(*heard);
                    self.told_of(slot, at, record, self.host[at].updated);
                }
            }
            Bus::Status(at, status) => {
                let session_id = self.host[at].id.clone();
                self.apply(
                    slot,
                    Event::Status {
                        now,
                        session_id,
                        status,
                    },
                );
                if status == Status::Idle {
                    self.give_up(slot, at);
                }
            }
            Bus::Deleted(at) => {
                let session_id = self.host[at].id.clone();
                self.apply(slot, Event::Deleted { now, session_id });
                self.slots[slot].known.remove(&at);
                self.slots[slot].waiting.remove(&at);
            }
            Bus::Aborted(at) => {
                let session_id = self.host[at].id.clone();
                self.apply(slot, Event::Aborted { now, session_id });
            }
            Bus::Usage(at, tokens, window) => {
                let session_id = self.host[at].id.clone();
                self.apply(
                    slot,
                    Event::Usage {
                        now,
                        session_id,
                        tokens,
                        window,
                    },
                );
            }
        }
    }
}
