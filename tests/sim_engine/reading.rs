//! The events that an instance gets from the host.

use crate::host::{Bus, Sid};
use crate::instance::Todo;
use crate::world::World;
use opencode_delegate::protocol::{Spent, Status};
use opencode_delegate::{Created, Effect, Event, JsonValue};
use serde_json::{Value, json};

impl World {
    /// The event that confirms a session, as js/core/host_session.js makes it.
    pub fn created(&self, slot: usize, at: Sid, record: Option<Value>) -> Created {
        let session = &self.host[at];
        let process = record
            .as_ref()
            .and_then(|record| record["process"].as_str())
            .map(str::to_owned);
        let own = process.as_ref() == Some(&self.slots[slot].process);
        let beside = record.as_ref().map(World::named_beside);
        let beside = beside.filter(|named| !named.is_empty());
        let alive = process.map(|process| self.is_alive(slot, &process));
        let ended = |it: &String| !self.is_alive(slot, it) && self.has_outlived(slot, it);
        let outlived = beside.clone().unwrap_or_default().into_iter();
        let outlived: Vec<String> = outlived.filter(ended).collect();
        let living = beside.map(|named| {
            let living = named
                .into_iter()
                .filter(|it| *it != self.slots[slot].process && self.is_alive(slot, it));
            living.collect()
        });
        Created {
            id: session.id.clone(),
            parent_id: session.parent.map(|above| self.host[above].id.clone()),
            agent: Some(session.agent.clone()),
            description: session.parent.map(|_| session.description.clone()),
            prompt: None,
            slug: None,
            files: None,
            spent: Some(spent(session.spent)),
            record: record.map(JsonValue::from),
            alive: alive.filter(|_| !own),
            living,
            outlived: Some(outlived).filter(|outlived| !outlived.is_empty()),
        }
    }

    /// The processes that a record names beside its own.
    fn named_beside(record: &Value) -> Vec<String> {
        let tasks = record["tasks"].as_array().into_iter().flatten();
        let held = std::iter::once(&record["prompt"]).chain(tasks);
        let named = held.filter_map(|it| it["process"].as_str());
        let named = named.filter(|it| record["process"] != **it);
        named.map(str::to_owned).collect()
    }

    /// Makes a session and everything under its root known, and looks up the prompts of dead processes there.
    pub fn make_known(&mut self, slot: usize, at: Sid) {
        let root = self.host[at].root;
        let mut others = self.slots[slot].others.iter();
        let left = others.any(|(under, process)| *under == root && !self.is_alive(slot, process));
        if left || !self.slots[slot].known.contains(&at) {
            self.read(slot, root);
        }
    }

    /// Confirms a session to an instance, with the record on the host.
    pub fn apply_created(&mut self, slot: usize, at: Sid, record: Option<Value>, now: u64) {
        let session = self.created(slot, at, record);
        let session = self.readable(slot, session, now);
        let record = session.record.as_ref().map(|record| json!(record));
        let process = record.as_ref().and_then(|it| it["process"].as_str());
        if let (Some(true), Some(process)) = (session.alive, process) {
            let process = (self.host[at].root, process.to_owned());
            self.slots[slot].others.insert(process);
        }
        for process in session.living.iter().flatten() {
            let process = (self.host[at].root, process.clone());
            self.slots[slot].others.insert(process);
        }
        // Two instances that find the same orphaned task may both deliver it.
        self.find(slot, at, &session);
        let names = record.as_ref().map(crate::names::names).unwrap_or_default();
        let root = self.host[at].root;
        let before: Vec<_> = names
            .iter()
            .map(|name| self.resolve(slot, root, name))
            .collect();
        self.apply(slot, Event::Created { now, session });
        for (name, before) in names.iter().zip(before) {
            // A name in a record stands for its session, unless another session had it already. That of a call in reverted
            // messages stands for no session of that call, but perhaps for another with this alias.
            let now = self.resolve(slot, root, name);
            let stays = now.is_none() || now == Some(at) || now == before;
            let stays = stays || self.is_undone(slot, at);
            self.must(stays, "I10", || {
                format!("\"{name}\" was given as that of {at}, and goes from {before:?} to {now:?} in [{slot}]")
            });
        }
    }

    /// Notes the prompts and tasks of a record whose process is gone: the instance that reads it takes them over.
    pub fn find(&mut self, slot: usize, at: Sid, session: &Created) {
        let record = json!(session.record);
        let gone = |held: &Value| {
            let owner = held["process"].as_str();
            let living = |owner: &str| session.living.iter().flatten().any(|it| it == owner);
            let own = owner == Some(&self.slots[slot].process);
            match session.alive {
                Some(alive) => !alive && !own && !owner.is_some_and(living),
                None => !own && owner.is_some_and(|owner| !living(owner)),
            }
        };
        let finders = &mut self.host[at].finders;
        if record["prompt"].is_object() && gone(&record["prompt"]) && !finders.contains(&slot) {
            finders.push(slot);
        }
        let left = record["tasks"].as_array().into_iter().flatten();
        let left = left.filter(|task| task["delivered"] == false && gone(task));
        let left: Vec<&Value> = left.collect();
        for task in self.tasks.iter_mut().filter(|task| task.at == at) {
            let same = left.iter().any(|it| task.is_listed(it));
            if same && !task.looked.contains(&slot) {
                task.looked.push(slot);
            }
        }
    }

    /// Reads a root and everything below it from the host.
    pub fn read(&mut self, slot: usize, root: Sid) {
        let others = &mut self.slots[slot].others;
        others.retain(|(under, _)| *under != root);
        let now = self.now;
        self.slots[slot].read_at.insert(root, now);
        let (mut next, mut ended) = (vec![root], Vec::new());
        while let Some(at) = next.first().copied() {
            next.remove(0);
            if self.host[at].gone {
                continue;
            }
            let first = self.slots[slot].known.insert(at);
            if first && self.host[at].record.is_some() {
                // A count that is read may be too high, for the next delegation may be stored later.
                self.slots[slot].unsure.insert(at);
                if self.slots[slot].miscounted.remove(&at) {
                    self.slots[slot].spent.remove(&at);
                }
            }
            let now = self.host[at].updated;
            let written = self.host[at].writes[1 - slot];
            self.slots[slot].heard.insert(at, written);
            self.note_read(slot, at);
            self.apply_created(slot, at, self.host[at].record.clone(), now);
            if at == root {
                let (now, session_id) = (self.now, self.host[root].id.clone());
                self.slots[slot].reading = Some(root);
                self.apply(slot, Event::RootReading { now, session_id });
            }
            if self.host[at].reverted.is_some() {
                self.apply_reverted(slot, at, self.host[at].reverted.clone());
            } else {
                ended.push(at);
            }
            // A host knows the turns of its own process alone.
            if self.turn(slot, at).is_some() {
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
        for at in ended {
            self.find_revert_ended(slot, at);
        }
        let (now, session_id) = (self.now, self.host[root].id.clone());
        self.slots[slot].reading = None;
        self.apply(slot, Event::RootRead { now, session_id });
        // The remains of a dead process are looked up before another goes on with them.
        self.check(slot);
        self.read_due_namings(slot, root);
    }

    /// Carries out every open lookup.
    pub fn check(&mut self, slot: usize) {
        let todo = std::mem::take(&mut self.slots[slot].todo);
        let (checks, rest): (Vec<Todo>, Vec<Todo>) = todo.into_iter().partition(
            |todo| matches!(todo, Todo::Effect(effect) if matches!(**effect, Effect::Check { .. })),
        );
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
                if self.host[at].parent.is_none() {
                    self.slots[slot].namings.insert(at);
                }
                self.apply_created(slot, at, record, now);
            }
            Bus::Updated(at, record, count) => {
                if self.slots[slot].known.contains(&at) {
                    let heard = self.slots[slot].heard.entry(at).or_default();
                    *heard = count.max(*heard);
                    self.apply_created(slot, at, record, self.host[at].updated);
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
                self.slots[slot].gone.insert(at);
            }
            Bus::Aborted(at) => {
                let session_id = self.host[at].id.clone();
                self.apply(slot, Event::Aborted { now, session_id });
            }
            Bus::Named(at, place, names) => self.apply_naming(slot, at, place, names),
            Bus::Reverted(at, from) => self.apply_reverted(slot, at, from),
            Bus::Removed(at, message_id, part_id) => {
                // The sessions that the message spawned are known from their records.
                self.make_known(slot, at);
                self.apply_removed(slot, at, message_id, part_id, None);
            }
            Bus::Spent(at, tokens) => {
                let (session_id, spent) = (self.host[at].id.clone(), spent(tokens));
                self.apply(
                    slot,
                    Event::Spent {
                        now,
                        session_id,
                        spent,
                        rests: None,
                    },
                );
            }
            Bus::Stepped(at, message_id) => {
                let session_id = self.host[at].id.clone();
                self.apply(
                    slot,
                    Event::Stepped {
                        now,
                        session_id,
                        message_id,
                        more: true,
                    },
                );
                self.stepped(slot, at);
            }
            Bus::Asks(at, request_id) => {
                let session_id = self.host[at].id.clone();
                self.apply(
                    slot,
                    Event::Asks {
                        now,
                        session_id,
                        request_id,
                    },
                );
            }
            Bus::Replied(at, request_id) => {
                let session_id = self.host[at].id.clone();
                self.apply(
                    slot,
                    Event::Replied {
                        now,
                        session_id,
                        request_id,
                    },
                );
            }
            Bus::Timer(at) => {
                let session_id = self.host[at].id.clone();
                self.apply(slot, Event::Timer { now, session_id });
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

/// That many tokens of a model without a price.
fn spent(tokens: u64) -> Spent {
    Spent {
        tokens,
        ..Spent::default()
    }
}
