//! Limits: a session that reaches a limit of its prompt is ended, and its answer so far is the result. A question for permission
//! that nobody answers is denied.

use crate::engine::Engine;
use crate::protocol::{Effect, Limits};
use crate::rules::prompt_table::News;
use crate::state::SessionKey;
use crate::time::Millis;

impl Engine {
    /// Begins the limits of a prompt with its first attempt that is on its way. A summary before it counts against no limit.
    pub(super) fn begin_limits(&mut self, key: SessionKey, prompt_no: u32, now: Millis) {
        if !self.registry.has_quota(key) {
            let asked = self.registry.prompt_limits(key, prompt_no);
            self.begin_quota(key, asked, now);
        }
    }

    /// Begins the limits of a session that is sent a prompt now: those of its agent, or the tighter ones of the call.
    pub(super) fn begin_quota(&mut self, key: SessionKey, asked: Option<Limits>, now: Millis) {
        let agent = self.registry.agent(key).cloned();
        let own = self.policy.limits(agent.as_deref().unwrap_or_default());
        let limits = own.and(asked.unwrap_or_default());
        if self.registry.begin_quota(key, limits, now) {
            self.set_timer(key, now);
        }
    }

    /// Takes in that a step of a session has ended.
    pub(super) fn stepped(&mut self, session_id: &str, message_id: &str, more: bool, now: Millis) {
        let Some(key) = self.registry.find(session_id) else {
            return;
        };
        self.registry.end_questions(key);
        if self.registry.note_step(key, message_id, more) {
            if let Some(prompt) = self.registry.running_prompt(key) {
                prompt.note_step();
            }
            self.end_at_limit(key, false, now);
        }
    }

    /// Takes in that a session asks a person for permission. The question of a root is the person's own.
    pub(super) fn asks(&mut self, session_id: &str, request_id: &str, now: Millis) {
        let known = self.registry.find(session_id);
        let child = known.filter(|key| self.registry.parent(*key).is_some());
        if let Some(key) = child {
            self.registry.note_question(key, request_id, now);
            if self.policy.permission_timeout_ms.is_some() {
                self.set_timer(key, now);
            }
        }
    }

    /// Takes in that the time of a timer has come. The clock may have been set back, or the session was sent another prompt.
    pub(super) fn timer(&mut self, session_id: &str, now: Millis) {
        let Some(key) = self.registry.find(session_id) else {
            return;
        };
        self.refuse_overdue(key, now);
        if self.registry.quota_due(key).is_some_and(|at| at <= now) {
            self.end_at_limit(key, true, now);
        }
        self.set_timer(key, now);
    }

    /// Denies the questions of a session that nobody has answered in time.
    fn refuse_overdue(&mut self, key: SessionKey, now: Millis) {
        let Some(timeout) = self.policy.permission_timeout_ms else {
            return;
        };
        let Some(until) = now.checked_sub(timeout) else {
            return;
        };
        let time = timeout.div_ceil(1_000);
        for request_id in self.registry.take_questions(key, until) {
            self.acts.push(Effect::Refuse {
                session_id: self.registry.id(key),
                request_id,
                message: format!(
                    "Nobody has answered this question for permission within {time} s (permission_timeout_ms). Do without it, or say in your answer what you need."
                ),
            });
        }
    }

    /// Asks for a timer at the next time at which a limit of a session may be reached.
    fn set_timer(&mut self, key: SessionKey, now: Millis) {
        let timeout = self.policy.permission_timeout_ms;
        let question = self.registry.oldest_question(key).zip(timeout);
        let question = question.map(|(since, timeout)| since.saturating_add(timeout));
        let times = [self.registry.quota_due(key), question];
        if let Some(at) = times.into_iter().flatten().filter(|at| *at > now).min() {
            let session_id = self.registry.id(key);
            self.acts.push(Effect::Timer { session_id, at });
        }
    }

    /// Ends a session, and those above it, if they have reached a limit: they count the use of all below them. `rests` says
    /// that the session's own turn is over.
    pub(super) fn end_at_limits(&mut self, key: SessionKey, rests: bool, now: Millis) {
        if !rests {
            self.end_at_limit(key, false, now);
        }
        // A session that waits for the one below it goes on after that. Another one may be at its answer.
        let (mut below, mut waits) = (key, true);
        while let Some(key) = self.registry.parent(below) {
            waits = waits && self.registry.awaits(key, below);
            self.end_at_limit(key, waits, now);
            below = key;
        }
    }

    fn end_at_limit(&mut self, key: SessionKey, goes_on: bool, now: Millis) {
        let Some(sentence) = self.registry.reach_limit(key, goes_on, now) else {
            return;
        };
        // The result of a background task that is over by now must not wake it.
        self.registry.stop(key, now);
        if let Some(prompt_no) = self.registry.answered_prompt(key) {
            self.happened(key, prompt_no, None, News::Accepted, now);
        }
        match self.registry.running_prompt(key) {
            Some(prompt) => {
                let prompt_no = prompt.note_limit(&sentence);
                self.happened(key, prompt_no, None, News::Limited, now);
            }
            None => {
                let session_id = self.registry.id(key);
                let limit = true;
                self.acts.push(Effect::Abort { session_id, limit });
            }
        }
    }
}
