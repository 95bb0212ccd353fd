//! The tasks that an instance carries out.

use crate::host::{Bus, By, Sid};
use crate::instance::Todo;
use crate::world::World;
use opencode_delegate::protocol::Record;
use opencode_delegate::{AttemptRef, Effect, Event, FailedAttempt, Failure};
use serde_json::json;

impl World {
    /// Carries out the next task.
    pub fn work(&mut self, slot: usize) {
        if let Some(todo) = self.slots[slot].todo.pop_front() {
            self.carry_out(slot, todo);
        }
    }

    /// The number of writes of a record by other instances that an instance has heard of.
    pub fn heard(&self, slot: usize, at: Sid) -> u32 {
        self.slots[slot].heard.get(&at).copied().unwrap_or_default()
    }

    pub fn store(&mut self, slot: usize, at: Sid, record: &Record, knowing: u32) {
        self.slots[slot].waiting.remove(&at);
        let session = &mut self.host[at];
        if session.gone {
            // The refusal of the write says that the session is gone.
            if self.rules.apart {
                self.meet_gone(slot, at);
            }
            return;
        }
        let record = json!(record);
        if self.is_noted(slot, at, &record) {
            return;
        }
        let session = &mut self.host[at];
        session.record = Some(record.clone());
        session.writes[slot] += 1;
        // A write counts as an update.
        session.updated = session.updated.max(self.now);
        let count = session.writes[slot];
        session.crossed |= !self.rules.apart && session.writes[1 - slot] != knowing;
        if self.rules.apart {
            self.replace(slot, at, knowing);
        }
        self.slots[slot].noted.insert(at, Some(record.clone()));
        self.claim(at, &record);
        let apart = self.rules.apart;
        if let Some(other) = self.slots.get_mut(1 - slot) {
            let made = other.spent.get(&at).map_or(0, Vec::len) as u64;
            if record["used"].as_u64() < Some(made) {
                other.miscounted.insert(at);
            }
            if !apart {
                let event = Bus::Updated(at, Some(record), count);
                other.inbox.push_back(event);
            }
        }
    }

    pub fn settle(&mut self, slot: usize) {
        for (at, (record, knowing)) in std::mem::take(&mut self.slots[slot].waiting) {
            self.store(slot, at, &record, knowing);
        }
    }

    pub fn carry_out(&mut self, slot: usize, todo: Todo) {
        if self.log.is_some() {
            let kind = match &todo {
                Todo::Effect(effect) => json!(effect)["type"].to_string(),
                Todo::Store(..) => "\"store\"".to_owned(),
                Todo::Delivered(..) => "\"delivered\"".to_owned(),
            };
            self.note(format!("  [{slot}] does {kind}"));
        }
        let now = self.now;
        let effect = match todo {
            Todo::Effect(effect) => *effect,
            Todo::Store(at, record, true, knowing) => {
                if self.alive(at) || self.rules.apart {
                    self.slots[slot].waiting.insert(at, (record, knowing));
                }
                return;
            }
            Todo::Store(at, record, false, knowing) => {
                return self.store(slot, at, &record, knowing);
            }
            Todo::Delivered(session_id, prompt_no, message_id, delivered) => {
                self.apply(
                    slot,
                    Event::Delivered {
                        now,
                        session_id,
                        prompt_no,
                        message_id: Some(message_id),
                        delivered,
                    },
                );
                return;
            }
        };
        match effect {
            Effect::Send {
                session_id,
                prompt_no,
                attempt,
                message,
                ..
            }
            | Effect::Retry {
                session_id,
                prompt_no,
                attempt,
                message,
                ..
            } => {
                let at = self.ids[&*session_id];
                let follow = self.follow(slot, at, prompt_no);
                if let Some(follow) = follow {
                    (follow.attempt, follow.send) = (attempt, Some(message));
                }
            }
            Effect::Refuse {
                session_id,
                request_id,
                ..
            } => {
                let at = self.ids[&*session_id];
                self.emit(slot, &Bus::Replied(at, request_id));
            }
            Effect::Timer { session_id, .. } => {
                let at = self.ids[&*session_id];
                // The clock stands still at the end of a world.
                if self.dice.percent(70) {
                    self.slots[slot].inbox.push_back(Bus::Timer(at));
                }
            }
            Effect::Abort { session_id, .. } => {
                let at = self.ids[&*session_id];
                self.abort(slot, at);
                for follow in &mut self.slots[slot].follows {
                    if follow.at == at {
                        follow.sent = false;
                    }
                }
            }
            Effect::Forget {
                session_id,
                prompt_no,
            } => {
                let at = self.ids[&*session_id];
                self.unfollow(slot, at, prompt_no);
            }
            Effect::Deliver {
                session_id,
                prompt_no,
                to: None,
                ..
            } => {
                let at = self.ids[&*session_id];
                self.unfollow(slot, at, prompt_no);
            }
            Effect::Deliver {
                session_id,
                prompt_no,
                to: Some(to),
                ..
            } => {
                let caller = self.ids[&*to.caller_id];
                let at = self.ids[&*session_id];
                let messages = &self.host[caller].messages;
                let before = messages.iter().any(|it| to.unless.contains(&it.id));
                let mut delivered = true;
                // The delivery finds that another process deleted the caller.
                if self.rules.apart && !self.alive(caller) {
                    self.meet_gone(slot, caller);
                }
                if !before && self.alive(caller) {
                    // A failed delivery is tried again in the next turn.
                    delivered = to.joins || !(self.rules.faults && self.dice.percent(5));
                    if !delivered && !self.alive(at) {
                        self.excuse(at, "deleted, and its result could not be delivered");
                    }
                    if to.via.is_some() {
                        self.notice(slot, at, prompt_no, &to);
                    } else if delivered {
                        self.hear(slot, at, prompt_no, &to);
                        if !to.joins {
                            self.message(
                                caller,
                                &to.message_id,
                                vec!["delivered".to_owned()],
                                false,
                            );
                            if self.turn(slot, caller).is_none() {
                                self.begin(caller, By::User, slot);
                            }
                        }
                    }
                }
                self.slots[slot].todo.push_front(Todo::Delivered(
                    session_id.to_string(),
                    prompt_no,
                    to.message_id,
                    delivered,
                ));
            }
            Effect::Check {
                session_id,
                prompt_no,
                attempt,
                message_id,
            } => {
                let at = self.ids[&*session_id];
                let asked = message_id.and_then(|id| {
                    let messages = &self.host[at].messages;
                    messages.iter().find(|message| message.id == id).cloned()
                });
                let session_id = session_id.to_string();
                let of = AttemptRef {
                    now,
                    session_id: session_id.clone(),
                    prompt_no,
                    attempt,
                };
                if asked.is_some() {
                    self.apply(slot, Event::Accepted(of.clone()));
                }
                if asked.is_some_and(|message| message.answered) {
                    self.apply(slot, Event::Answered(of));
                } else {
                    self.apply(
                        slot,
                        Event::Broken(Box::new(FailedAttempt {
                            now,
                            session_id,
                            prompt_no,
                            attempt,
                            failure: Failure::Lost,
                            live: Some(false),
                            jitter: Some(0.5),
                        })),
                    );
                }
            }
            Effect::Create { .. }
            | Effect::Wait { .. }
            | Effect::Hold { .. }
            | Effect::Proceed { .. }
            | Effect::Store { .. } => {}
        }
    }
}
