//! The quotas of sessions.

use crate::protocol::{Limits, Status};
use crate::state::quota::Quota;
use crate::state::registry::Registry;
use crate::state::slots::SessionKey;
use crate::time::Millis;

impl Registry {
    /// Begins the limits of a session that is sent a prompt now. Gives whether its time is limited.
    pub(crate) fn begin_quota(&mut self, key: SessionKey, limits: Limits, now: Millis) -> bool {
        let before = self.spent(key);
        let prompt = self.running_prompt(key);
        let message = prompt.and_then(|prompt| prompt.message_id.clone());
        let quota = Quota::begin(limits, message, before, now);
        if let Some(entry) = self.get_mut(key)
            && (quota.is_some() || entry.extra.is_some())
        {
            entry.extra.get_or_insert_default().quota = quota;
        }
        limits.timeout_ms.is_some()
    }

    pub(crate) fn has_quota(&self, key: SessionKey) -> bool {
        let extra = self.get(key).and_then(|entry| entry.extra.as_ref());
        extra.is_some_and(|extra| extra.quota.is_some())
    }

    /// Ends the limits of a session's former prompt.
    pub(crate) fn end_quota(&mut self, key: SessionKey) {
        if let Some(extra) = self.get_mut(key).and_then(|entry| entry.extra.as_mut()) {
            extra.quota = None;
        }
    }

    /// Takes in that a person or another program prompts a session: only the turn that works for a call has its limits.
    pub(crate) fn end_quota_after_turn(&mut self, key: SessionKey) {
        if self.quota_mut(key).is_some_and(|quota| quota.is_over()) {
            self.end_quota(key);
        }
    }

    /// Whether a user message is that of a prompt which a limit has ended. The attempt to send it was on its way by then.
    pub(crate) fn is_past_limit(&mut self, key: SessionKey, message_id: &str) -> bool {
        self.quota_mut(key)
            .is_some_and(|quota| quota.has_ended(message_id))
    }

    /// Takes in that a step of a session has ended. `false` if that is known, or the session has no limits. No step follows
    /// one that is reported after its turn.
    pub(crate) fn note_step(&mut self, key: SessionKey, message_id: &str, more: bool) -> bool {
        let runs = self.status(key) != Status::Idle;
        self.quota_mut(key)
            .is_some_and(|quota| quota.note_step(message_id, more && runs))
    }

    /// When the time of a session is over, if it runs and has a limit of time.
    pub(crate) fn quota_due(&self, key: SessionKey) -> Option<Millis> {
        let entry = self.get(key)?;
        let runs = entry.activity.status != Status::Idle;
        let extra = entry.extra.as_ref().filter(|_| runs)?;
        extra.quota.as_ref()?.due()
    }

    /// Notes that a session has reached a limit, if it runs, and gives the sentence about that. `goes_on` says that the
    /// session would go on; else its last step shows that.
    pub(crate) fn reach_limit(
        &mut self,
        key: SessionKey,
        goes_on: bool,
        now: Millis,
    ) -> Option<String> {
        let spent = self.spent(key);
        let runs = self.status(key) != Status::Idle;
        let quota = self.quota_mut(key).filter(|_| runs)?;
        quota.reach(spent, goes_on, now)
    }

    /// Takes in that a session rests.
    pub(super) fn rest_quota(&mut self, key: SessionKey) {
        if let Some(quota) = self.quota_mut(key) {
            quota.rest();
        }
    }

    fn quota_mut(&mut self, key: SessionKey) -> Option<&mut Quota> {
        self.get_mut(key)?.extra.as_mut()?.quota.as_mut()
    }
}
