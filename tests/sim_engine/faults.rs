//! Events that are lost, doubled or late, clocks that are set back, engines that are restored.

use crate::calls::Call;
use crate::host::Bus;
use crate::instance::{Input, Todo, named};
use crate::world::World;
use opencode_delegate::{Effect, Engine, Event};

impl World {
    /// Reports to an engine first that the clock was set back.
    pub fn clock(&mut self, slot: usize) {
        let (now, clock) = (self.now, self.slots[slot].clock);
        self.slots[slot].clock = now;
        if now < clock {
            let instance = &mut self.slots[slot];
            for latest in instance.status_at.values_mut() {
                *latest = latest.saturating_sub(clock - now + 1);
            }
            // An earlier time cannot be compared with later ones.
            instance.past.clear();
            self.apply(slot, Event::SetBack { now });
        }
    }

    /// An event is lost, doubled or comes out of order.
    pub fn fault(&mut self, slot: usize) {
        let count = self.slots[slot].inbox.len();
        if count == 0 {
            return;
        }
        let index = self.dice.below(count);
        let event = self.slots[slot].inbox[index].clone();
        // A host reports what it does to messages in order, and once.
        if matches!(event, Bus::Named(..) | Bus::Reverted(..) | Bus::Removed(..)) {
            return;
        }
        match self.dice.below(3) {
            // Events of created and deleted sessions are not repeated. They are late at the worst.
            0 if matches!(
                event,
                Bus::Status(..) | Bus::Usage(..) | Bus::Spent(..) | Bus::Stepped(..)
            ) =>
            {
                self.slots[slot].inbox.remove(index);
            }
            1 => self.slots[slot].inbox.push_back(event),
            _ => {
                self.slots[slot].inbox.remove(index);
                self.slots[slot].inbox.push_back(event);
            }
        }
    }

    /// Repeats a settled event, late.
    pub fn echo(&mut self, slot: usize) {
        self.clock(slot);
        let past = self.slots[slot].past.len();
        if past == 0 {
            return;
        }
        let index = self.dice.below(past);
        let event = self.slots[slot].past[index].clone();
        let engine = &self.slots[slot].engine;
        // An event of a running prompt is news while its attempt is the newest.
        let settled = match &event {
            Event::Status {
                now, session_id, ..
            } => {
                let latest = self.slots[slot].status_at.get(&self.ids[session_id]);
                latest.is_some_and(|latest| latest > now)
            }
            Event::Named { .. } | Event::Reverted { .. } | Event::Removed { .. } => {
                self.is_settled(slot, &event)
            }
            Event::Usage { .. } | Event::Alias { .. } => false,
            Event::Sent(of) | Event::Accepted(of) | Event::Answered(of) | Event::Cancelled(of) => {
                self.is_over(slot, &of.session_id, of.prompt_no, of.attempt)
            }
            Event::Broken(of) => self.is_over(slot, &of.session_id, of.prompt_no, of.attempt),
            Event::Commit { ticket, .. } | Event::Refund { ticket, .. } => {
                let open = |call: &Call| {
                    call.slot == slot && call.ticket == Some(*ticket) && !call.committed
                };
                !self.calls.iter().any(open)
            }
            Event::Delivered { delivered, .. } => *delivered,
            // What has begun since an abort goes on, in the same moment too.
            Event::Aborted { .. } | Event::RootRead { .. } | Event::Spent { .. } => true,
            Event::CallEnded { message_id, .. } => {
                let open =
                    |call: &Call| call.slot == slot && *message_id == Some(call.ask.message());
                !self.calls.iter().any(open)
            }
            Event::Deleted { session_id, .. } => engine.session(session_id).is_none(),
            _ => false,
        };
        if !settled {
            return;
        }
        // A late created event does not bring a deleted session back.
        let event = match event {
            Event::Deleted { now, session_id } if self.dice.percent(50) => {
                let session = self.created(slot, self.ids[&session_id], None);
                Event::Created { now, session }
            }
            event => event,
        };
        let before = self.slots[slot].engine.snapshot();
        let todo = self.slots[slot].todo.len();
        self.note("  again:".to_owned());
        self.apply(slot, event.clone());
        let same =
            self.slots[slot].engine.snapshot() == before && self.slots[slot].todo.len() == todo;
        self.must(same, "I7", || format!("it is not settled: {event:?}"));
    }

    /// Whether an engine expects no more events of an attempt.
    pub fn is_over(&self, slot: usize, id: &str, prompt_no: u32, attempt: u32) -> bool {
        let at = self.ids[id];
        let instance = &self.slots[slot];
        let newest = |todo: &Todo| match todo {
            Todo::Effect(effect) => match &**effect {
                Effect::Retry {
                    session_id,
                    prompt_no: of,
                    attempt: it,
                    ..
                } if **session_id == *id && *of == prompt_no => Some(*it),
                _ => None,
            },
            _ => None,
        };
        let queued = instance.todo.iter().filter_map(newest).max();
        let follow = instance
            .follows
            .iter()
            .find(|it| it.at == at && it.prompt_no == prompt_no && !it.lost);
        match follow {
            Some(follow) => attempt < queued.unwrap_or(follow.attempt),
            // A prompt that was looked up may wait for the next caller that resumes.
            None => self.host[at].gone || !self.tasks.iter().any(|it| it.at == at),
        }
    }

    pub fn restore(&mut self, slot: usize) {
        let before = self.slots[slot].engine.snapshot();
        let process = named(&self.slots[slot].process);
        let after = Engine::restore_with(&before, &self.rules.config, process);
        match after {
            Ok(engine) => {
                let same = engine.snapshot() == before;
                self.must(same, "I6", || {
                    "a snapshot of a restored engine differs".to_owned()
                });
                self.slots[slot].engine = engine;
                if let Some(inputs) = &mut self.slots[slot].inputs {
                    inputs.push(Input::Restore);
                }
                self.look(slot);
            }
            Err(error) => self.must(false, "I6", || format!("no restore: {error}")),
        }
    }
}
