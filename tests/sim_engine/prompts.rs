//! The progress of prompts: sent, stored, answered, broken off.

use crate::host::{By, Sid};
use crate::hostile::LONG_ERROR;
use crate::instance::Follow;
use crate::world::World;
use opencode_delegate::{AttemptRef, Event, FailedAttempt, Failure};

impl World {
    /// Takes a prompt that an instance follows a step further.
    pub fn prompt(&mut self, slot: usize) {
        let count = self.slots[slot].follows.len();
        if count > 0 {
            let index = self.dice.below(count);
            self.attend(slot, index, false);
        }
    }

    pub fn of(&self, follow: &Follow) -> AttemptRef {
        AttemptRef {
            now: self.now,
            session_id: self.host[follow.at].id.clone(),
            prompt_no: follow.prompt_no,
            attempt: follow.attempt,
        }
    }

    pub fn edit(&mut self, slot: usize, follow: &Follow, change: impl FnOnce(&mut Follow)) {
        let mut follows = self.slots[slot].follows.iter_mut();
        if let Some(it) = follows.find(|it| it.call == follow.call) {
            change(it);
        }
    }

    /// Reports an event of a prompt to its engine. A prompt of a lost engine reports nothing.
    pub fn report(&mut self, slot: usize, follow: &Follow, event: Event) {
        if !follow.lost {
            self.apply(slot, event);
        }
    }

    pub fn break_off(&mut self, slot: usize, follow: &Follow, name: &str, live: bool) {
        let of = self.of(follow);
        let mut message = *self
            .dice
            .pick(&["Overloaded", "Refused", "Agent not found: x"]);
        if self.rules.hostile && self.dice.percent(10) {
            message = &LONG_ERROR;
        }
        let failure = match name {
            "Retrying" => Failure::Retrying {
                message: message.to_owned(),
            },
            "Stalled" => Failure::Stalled { after_ms: 300_000 },
            _ => Failure::Host {
                name: name.to_owned(),
                message: message.to_owned(),
                retryable: Some(self.dice.percent(60)),
            },
        };
        let event = Event::Broken(Box::new(FailedAttempt {
            now: of.now,
            session_id: of.session_id,
            prompt_no: of.prompt_no,
            attempt: of.attempt,
            failure,
            live: Some(live),
            jitter: Some(self.dice.below(11) as f64 / 10.0),
        }));
        self.report(slot, follow, event);
    }

    /// Takes one prompt a step further. If `end`, it ends well.
    pub fn attend(&mut self, slot: usize, index: usize, end: bool) {
        let follow = self.slots[slot].follows[index].clone();
        let at = follow.at;
        let process = follow.process.clone();
        let by = By::Prompt(process, follow.prompt_no, follow.call as u32);
        if let Some(message) = follow.send.clone().filter(|_| !follow.sent) {
            if self.turn(slot, at).is_some() {
                return;
            }
            self.edit(slot, &follow, |it| {
                (it.send, it.sent, it.stored) = (None, true, false);
                it.tried = true;
            });
            let of = self.of(&follow);
            self.report(slot, &follow, Event::Sent(of));
            if !end && self.dice.percent(8) {
                return;
            }
            if !self.alive(at) || !end && self.dice.percent(12) {
                self.edit(slot, &follow, |it| it.sent = false);
                return self.break_off(slot, &follow, "APIError", false);
            }
            let id = message.message_id.clone();
            let texts: Vec<String> = message
                .parts
                .iter()
                .map(|part| part.get("text").unwrap().as_str().unwrap().to_owned())
                .collect();
            let whole = !texts.is_empty();
            self.hook(slot, at, &id, Some(whole));
            self.message(at, &id, texts, true);
            self.begin(at, by, slot);
            self.edit(slot, &follow, |it| {
                it.stored = true;
                if whole {
                    it.asked = Some(id);
                }
            });
            return;
        }
        if !follow.sent {
            // It is cancelled before it is sent, or the task that sends it is still open.
            if !end && self.dice.percent(10) {
                let of = self.of(&follow);
                self.report(slot, &follow, Event::Cancelled(of));
            }
            if follow.lost {
                self.end_lost(slot, &follow);
            }
            return;
        }
        if self.rules.storm && follow.stored && self.turn(slot, at) == Some(&by) {
            // The engine must give up after some tries.
            self.stop(slot, at);
            self.edit(slot, &follow, |it| (it.sent, it.stored) = (false, false));
            let of = self.of(&follow);
            let broken = FailedAttempt {
                now: of.now,
                session_id: of.session_id,
                prompt_no: of.prompt_no,
                attempt: of.attempt,
                failure: Failure::Host {
                    name: "APIError".to_owned(),
                    message: "Overloaded".to_owned(),
                    retryable: Some(true),
                },
                live: Some(false),
                jitter: Some(0.5),
            };
            self.report(slot, &follow, Event::Broken(Box::new(broken)));
            if follow.lost {
                self.end_lost(slot, &follow);
            }
            return;
        }
        if !follow.stored || self.turn(slot, at) != Some(&by) {
            self.edit(slot, &follow, |it| it.sent = false);
            if follow.lost {
                return self.end_lost(slot, &follow);
            }
            return self.break_off(slot, &follow, "APIError", false);
        }
        if !follow.accepted && (end || self.dice.percent(60)) {
            let of = self.of(&follow);
            // The event is no news of an attempt that is not the newest.
            if !self.is_over(slot, &of.session_id, of.prompt_no, of.attempt) {
                self.edit(slot, &follow, |it| it.accepted = !it.lost);
            }
            self.report(slot, &follow, Event::Accepted(of));
            if !end {
                return;
            }
        }
        let waits = self.waits(slot, at);
        if waits && !self.dice.percent(10) {
            return;
        }
        let chance = if end { 0 } else { self.dice.below(100) };
        match chance {
            0..60 => {
                let id = follow.asked.clone();
                let messages = self.host[at].messages.iter_mut();
                for message in messages.filter(|message| Some(&message.id) == id.as_ref()) {
                    message.answered = true;
                }
                self.stop(slot, at);
                self.edit(slot, &follow, |it| (it.sent, it.answered) = (false, true));
                let of = self.of(&follow);
                self.report(slot, &follow, Event::Answered(of));
            }
            60..72 => {
                let name = *self.dice.pick(&["Retrying", "Stalled"]);
                self.break_off(slot, &follow, name, true);
            }
            72..88 => {
                let name = *self.dice.pick(&["APIError", "MessageAbortedError"]);
                match name {
                    "MessageAbortedError" => self.abort(slot, at),
                    _ => self.stop(slot, at),
                }
                self.edit(slot, &follow, |it| it.sent = false);
                self.break_off(slot, &follow, name, false);
            }
            _ => {
                let of = self.of(&follow);
                self.report(slot, &follow, Event::Cancelled(of));
            }
        }
        if follow.lost {
            self.stop(slot, at);
            self.end_lost(slot, &follow);
        }
    }

    pub fn follow(&mut self, slot: usize, at: Sid, prompt_no: u32) -> Option<&mut Follow> {
        let follows = &mut self.slots[slot].follows;
        follows
            .iter_mut()
            .find(|it| it.at == at && it.prompt_no == prompt_no && !it.lost)
    }

    /// Ends a prompt, and the call that waits for it.
    pub fn unfollow(&mut self, slot: usize, at: Sid, prompt_no: u32) {
        let follows = &mut self.slots[slot].follows;
        let index = follows
            .iter()
            .position(|it| it.at == at && it.prompt_no == prompt_no && !it.lost);
        if let Some(index) = index {
            let follow = follows.remove(index);
            self.calls.retain(|call| call.ask.no != follow.call);
        }
    }

    /// Ends a prompt of a lost engine.
    pub fn end_lost(&mut self, slot: usize, follow: &Follow) {
        self.slots[slot].follows.retain(|it| it.call != follow.call);
        self.drop_call(follow.call);
    }
}
