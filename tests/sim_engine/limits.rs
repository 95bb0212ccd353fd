//! The limits of prompts: a session that reaches one ends, and no other does.

use crate::host::Sid;
use crate::world::World;
use opencode_delegate::Event;
use opencode_delegate::protocol::Status;
use std::collections::BTreeSet;

pub const TIMEOUT_MS: u64 = 3_000;
pub const MAX_TOKENS: u64 = 1_500;
pub const MAX_STEPS: usize = 3;

/// The use of a session since its engine's prompt was sent, as the host counts it. A person's prompt has no limits.
pub struct Used {
    since: u64,
    steps: BTreeSet<String>,
}

impl World {
    /// Counts an event of a session towards the limits of its prompt. They begin with the first attempt that is on its way.
    pub fn count_use(&mut self, slot: usize, event: &Event) {
        match event {
            Event::Sent(of) | Event::Accepted(of) if self.rules.limits => {
                let (at, since) = (self.ids[&of.session_id], of.now);
                if !self.is_over(slot, &of.session_id, of.prompt_no, of.attempt) {
                    let steps = BTreeSet::new();
                    let used = self.slots[slot].used.entry(at);
                    used.or_insert(Used { since, steps });
                }
            }
            Event::Stepped {
                session_id,
                message_id,
                ..
            } => {
                let at = self.ids[session_id];
                if let Some(used) = self.slots[slot].used.get_mut(&at) {
                    used.steps.insert(message_id.clone());
                }
            }
            Event::SetBack { now } => {
                for used in self.slots[slot].used.values_mut() {
                    used.since = used.since.min(*now);
                }
            }
            _ => {}
        }
    }

    /// Checks a session after a step that another one follows.
    pub fn stepped(&mut self, slot: usize, at: Sid) {
        let used = self.slots[slot].used.get(&at);
        let steps = used.map_or(0, |used| used.steps.len());
        let session = self.slots[slot].engine.session(&self.host[at].id);
        let goes_on = session.is_some_and(|it| it.limit.is_none() && it.status != Status::Idle);
        self.must(!goes_on || steps < MAX_STEPS, "I12", || {
            format!("{at} goes on after {steps} steps of {MAX_STEPS}")
        });
    }

    /// Checks that a session which an engine ends at a limit of its prompt has reached one.
    pub fn ended_at_limit(&mut self, slot: usize, at: Sid) {
        let tokens: u64 = self.under(at).iter().map(|it| self.host[*it].spent).sum();
        let Some(used) = self.slots[slot].used.get(&at) else {
            return;
        };
        let steps = used.steps.len();
        let time = self.slots[slot].clock.saturating_sub(used.since);
        let reached = tokens >= MAX_TOKENS || steps >= MAX_STEPS || time >= TIMEOUT_MS;
        self.must(reached, "I12", || {
            format!("{at} ends at a limit, after {steps} steps, {tokens} tokens and {time} ms")
        });
    }
}
