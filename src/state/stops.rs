//! Sessions that were stopped for good: no result wakes them until they are prompted.

use crate::protocol::Status;
use crate::state::registry::Registry;
use crate::state::slots::SessionKey;
use crate::time::Millis;

impl Registry {
    /// Notes that a session was stopped. Gives whether it was not before. Events may come late or twice, so the latest time of
    /// each kind holds.
    pub(crate) fn stop(&mut self, key: SessionKey, now: Millis) -> bool {
        let before = self.is_stopped(key);
        if let Some(entry) = self.get_mut(key) {
            let activity = &mut entry.activity;
            activity.stopped_at = activity.stopped_at.max(now);
        }
        !before && self.is_stopped(key)
    }

    /// Notes that a session's turn was aborted. Gives whether that is news: an abort may come twice, and late. Its repetition
    /// stops nothing that has become known below the session since.
    pub(crate) fn note_abort(&mut self, key: SessionKey, now: Millis) -> bool {
        let Some(entry) = self.get_mut(key) else {
            return false;
        };
        let last = &mut entry.extra.get_or_insert_default().aborted_at;
        let news = last.is_none_or(|last| now > last);
        if news {
            *last = Some(now);
        }
        news
    }

    /// Whether a session was used after a time: it was prompted, or runs a turn that has begun since.
    pub(crate) fn was_used_since(&self, key: SessionKey, time: Millis) -> bool {
        self.get(key).is_some_and(|entry| {
            let activity = &entry.activity;
            let runs = activity.status != Status::Idle && activity.status_at > time;
            runs || activity.last_used > time
        })
    }

    /// Notes that a session is prompted: what it has delegated may wake it again.
    pub(crate) fn end_stop(&mut self, key: SessionKey, now: Millis) {
        if let Some(entry) = self.get_mut(key) {
            let activity = &mut entry.activity;
            activity.released_at = activity.released_at.max(now);
            activity.woken = false;
        }
    }

    pub(super) fn is_stopped(&self, key: SessionKey) -> bool {
        self.get(key)
            .is_some_and(|entry| entry.activity.stopped_at > entry.activity.released_at)
    }

    /// Notes that the host gives a session a result by itself, which begins a turn.
    pub(crate) fn note_wake(&mut self, key: SessionKey) {
        let stopped = self.is_stopped(key);
        if let Some(entry) = self.get_mut(key) {
            let activity = &mut entry.activity;
            activity.woken = stopped && activity.status == Status::Idle;
        }
    }

    /// Whether the turn that runs now is one with which the host wakes a stopped session. It is asked once.
    pub(crate) fn take_wake(&mut self, key: SessionKey) -> bool {
        let entry = self.get_mut(key);
        entry.is_some_and(|entry| std::mem::take(&mut entry.activity.woken))
    }

    /// Whether a turn has run in a session since a time or before, that no prompt here began.
    pub(crate) fn runs_for_others(&self, key: SessionKey, until: Millis) -> bool {
        self.is_busy_elsewhere(key)
            && self
                .get(key)
                .is_some_and(|entry| entry.activity.status_at <= until)
    }
}
