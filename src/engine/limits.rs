//! Limits: a session that reaches a limit of its prompt is ended, and its answer so far is the result.

use crate::engine::Engine;
use crate::protocol::{Effect, Limits};
use crate::rules::prompt_table::News;
use crate::state::SessionKey;
use crate::time::Millis;

impl Engine {
    /// Begins the limits of a session that is sent a prompt now: those of its agent, or the tighter ones of the call.
    pub(super) fn begin_quota(&mut self, key: SessionKey, asked: Option<Limits>, now: Millis) {
        let agent = self.registry.agent(key).cloned();
        let own = self.policy.limits(agent.as_deref().unwrap_or_default());
        let limits = own.and(asked.unwrap_or_default());
        if let Some(at) = self.registry.begin_quota(key, limits, now) {
            let session_id = self.registry.id(key);
            self.acts.push(Effect::Timer { session_id, at });
        }
    }

    /// Takes in that a step of a session has ended.
    pub(super) fn stepped(&mut self, session_id: &str, message_id: &str, more: bool, now: Millis) {
        if let Some(key) = self.registry.find(session_id)
            && self.registry.note_step(key, message_id, more)
        {
            self.end_at_limit(key, false, now);
        }
    }

    /// Takes in that the time of a timer has come.
    pub(super) fn timer(&mut self, session_id: &str, now: Millis) {
        let Some(key) = self.registry.find(session_id) else {
            return;
        };
        match self.registry.quota_due(key) {
            // The clock was set back, or the session was sent another prompt since.
            Some(at) if at > now => {
                let session_id = self.registry.id(key);
                self.acts.push(Effect::Timer { session_id, at });
            }
            _ => self.end_at_limit(key, true, now),
        }
    }

    /// Ends a session, and those above it, if they have reached a limit: they count the use of all below them. `rests` says
    /// that the session's own turn is over.
    pub(super) fn end_at_limits(&mut self, key: SessionKey, rests: bool, now: Millis) {
        if !rests {
            self.end_at_limit(key, false, now);
        }
        // A session above waits for a tool, which ran the session below.
        let mut above = self.registry.parent(key);
        while let Some(key) = above {
            self.end_at_limit(key, true, now);
            above = self.registry.parent(key);
        }
    }

    fn end_at_limit(&mut self, key: SessionKey, goes_on: bool, now: Millis) {
        let Some(sentence) = self.registry.reach_limit(key, goes_on, now) else {
            return;
        };
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
