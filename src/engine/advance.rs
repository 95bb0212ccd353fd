//! The events of a prompt, brought to the prompt table and carried out.

use crate::engine::Engine;
use crate::engine::enqueue::GENERAL;
use crate::protocol::{AttemptRef, Effect, FailedAttempt, PromptState, Status};
use crate::rules::limits::{BACKOFF_MS, RETRIES};
use crate::rules::prompt_table::{News, Step, transition};
use crate::rules::{news, sentence};
use crate::state::SessionKey;
use crate::time::Millis;

/// An event of a prompt.
struct Happened {
    key: SessionKey,
    prompt_no: u32,
    /// The attempt that it is about; none if it is about all.
    attempt: Option<u32>,
    news: News,
    now: Millis,
    jitter: f64,
}

impl Engine {
    /// Takes in an event of an attempt.
    pub(super) fn of_prompt(&mut self, of: &AttemptRef, news: News) {
        if let Some(key) = self.registry.find(&of.session_id) {
            self.happened(key, of.prompt_no, Some(of.attempt), news, of.now);
            // The host reports the abort of an attempt after the next one has begun.
            let mut prompts = self.registry.live_prompts(key).into_iter();
            if prompts.any(|prompt| prompt == (of.prompt_no, of.attempt)) {
                if news == News::Sent {
                    self.registry.end_stop(key, of.now);
                }
                self.begin_limits(key, of.prompt_no, of.now);
            }
        }
    }

    /// Takes in that a prompt was cancelled.
    pub(super) fn cancelled(&mut self, of: &AttemptRef) {
        let Some(key) = self.registry.find(&of.session_id) else {
            return;
        };
        let live = self.registry.live_prompts(key);
        let live = live.contains(&(of.prompt_no, of.attempt));
        let prompt = self.registry.prompt_mut(key, of.prompt_no);
        // As after an abort, no result begins a turn of its own in place of the one that was broken off.
        if live && prompt.is_some_and(|prompt| prompt.is_running()) {
            self.registry.stop(key, of.now);
        }
        self.cancel(key, of.prompt_no, of.attempt, of.now);
    }

    fn cancel(&mut self, key: SessionKey, prompt_no: u32, attempt: u32, now: Millis) {
        self.registry.cancel_attempt(key, prompt_no, attempt);
        self.happened(key, prompt_no, Some(attempt), News::Cancelled, now);
    }

    /// Takes in that a session's turn was aborted. It is stopped with all below it: the background prompts that they have
    /// asked are cancelled, and turns below that no prompt here began are aborted. The host ends the calls that wait.
    pub(super) fn aborted(&mut self, caller: &str, now: Millis) {
        let Some(top) = self.registry.find(caller) else {
            return;
        };
        // A late event is not about a session that was used since.
        if self.registry.was_used_since(top, now) || !self.registry.note_abort(top, now) {
            return;
        }
        let mut below = self.registry.below(top);
        below.retain(|key| !self.registry.was_used_since(*key, now));
        let below = below.into_iter();
        let stopped: Vec<_> = below
            .map(|key| (key, self.registry.stop(key, now)))
            .collect();
        self.stopping = true;
        for (key, news) in stopped {
            if news && key != top && self.registry.runs_for_others(key, now) {
                let session_id = self.registry.id(key);
                self.acts.push(Effect::abort(session_id));
            }
            let id = self.registry.id(key);
            for (key, prompt_no, attempt) in self.registry.withdraw_background(&id, now) {
                self.cancel(key, prompt_no, attempt, now);
            }
        }
        self.stopping = false;
        self.send_waiting(now);
    }

    /// Takes in that an agent or a person cancelled all prompts of a session. It is stopped with all below it. The prompts of
    /// ended processes are not theirs to cancel.
    pub(super) fn cancelled_all(&mut self, session_id: &str, caller: &str, now: Millis) {
        let Some(top) = self.registry.find(session_id) else {
            return;
        };
        let stopped = self.registry.below(top);
        for key in &stopped {
            self.registry.stop(*key, now);
        }
        self.stopping = true;
        for key in stopped {
            let prompts = self.registry.live_prompts(key);
            if prompts.is_empty() && self.registry.status(key) != Status::Idle {
                let session_id = self.registry.id(key);
                self.acts.push(Effect::abort(session_id));
            }
            for (prompt_no, attempt) in prompts.into_iter().rev() {
                self.cancel(key, prompt_no, attempt, now);
                // The canceller does not see that a task of its own runs below the session that it names.
                if key == top {
                    self.registry.waive_result(key, prompt_no, caller);
                }
            }
        }
        self.stopping = false;
        self.send_waiting(now);
    }

    /// Takes in how an attempt failed.
    pub(super) fn failed(&mut self, failed: &FailedAttempt) {
        let Some(key) = self.registry.find(&failed.session_id) else {
            return;
        };
        let news = news(&failed.failure);
        if let Some(prompt) = self.registry.prompt_mut(key, failed.prompt_no) {
            prompt.note_failure(failed.attempt, &sentence(&failed.failure));
        }
        let before = self.acts.len();
        let acts = self.happen(&Happened {
            key,
            prompt_no: failed.prompt_no,
            attempt: Some(failed.attempt),
            news,
            now: failed.now,
            jitter: failed.jitter.unwrap_or(1.0),
        });
        // An attempt that still runs must not go on beside the next one.
        let session_id = self.registry.id(key);
        let abort = Effect::abort(session_id);
        if acts
            && failed.live == Some(true)
            && !self.acts.iter().skip(before).any(|act| *act == abort)
        {
            self.acts.insert(before, abort);
        }
    }

    pub(super) fn happened(
        &mut self,
        key: SessionKey,
        prompt_no: u32,
        attempt: Option<u32>,
        news: News,
        now: Millis,
    ) {
        self.happen(&Happened {
            key,
            prompt_no,
            attempt,
            news,
            now,
            jitter: 1.0,
        });
    }

    /// Carries out the row for an event. Gives whether the row does anything.
    fn happen(&mut self, it: &Happened) -> bool {
        let (key, number, now) = (it.key, it.prompt_no, it.now);
        let Some(prompt) = self.registry.prompt_mut(key, number) else {
            return false;
        };
        let row = transition(&prompt.moment(it.news, it.attempt, RETRIES));
        let (step, to) = (row.step(), row.to);
        if let Some(to) = to {
            prompt.reach(to);
        }
        match step {
            Step::Nothing => return false,
            Step::Send => self.send(key, number, now),
            Step::Keep => self.registry.keep_delegation(key, number),
            Step::Release => self.registry.accept_prompt(key, number),
            Step::NextModelWhole | Step::NextModel => {
                prompt.switch_model();
                self.again(key, number, step == Step::NextModelWhole, 0, now);
                // Another prompt may have waited for the model that failed.
                self.send_waiting(now);
            }
            Step::AgainWhole | Step::Again => {
                let wait = (BACKOFF_MS << prompt.try_again()) as f64;
                let after = (wait * (0.5 + it.jitter / 2.0)) as Millis;
                self.again(key, number, step == Step::AgainWhole, after, now);
            }
            Step::GeneralWhole | Step::General => {
                prompt.hand_to(GENERAL);
                self.registry.set_agent(key, GENERAL);
                self.registry.mark(key);
                self.again(key, number, step == Step::GeneralWhole, 0, now);
            }
            Step::End => self.end(key, number, to.unwrap_or_default(), now),
            Step::AbortEnd => {
                let session_id = self.registry.id(key);
                let limit = it.news == News::Limited;
                self.acts.push(Effect::Abort { session_id, limit });
                self.end(key, number, to.unwrap_or_default(), now);
            }
            Step::Orphan | Step::ReportLost => {
                self.orphan(key, number, step == Step::ReportLost, now)
            }
        }
        true
    }

    fn send(&mut self, key: SessionKey, prompt_no: u32, now: Millis) {
        let stall = self.policy.stall_ms;
        if let Some(started) = self.registry.start_prompt(key, prompt_no, now) {
            self.acts.push(Effect::Send {
                session_id: self.registry.id(key),
                prompt_no,
                attempt: started.attempt,
                message: started.message,
                stall,
                permission: started.permission,
            });
            self.registry.end_quota(key);
        }
    }

    /// Begins another attempt.
    fn again(&mut self, key: SessionKey, prompt_no: u32, whole: bool, after: Millis, now: Millis) {
        let session_id = self.registry.id(key);
        let Some(prompt) = self.registry.prompt_mut(key, prompt_no) else {
            return;
        };
        let (attempt, message) = prompt.begin_attempt(whole, now + after.max(1));
        self.acts.push(Effect::Retry {
            session_id,
            prompt_no,
            attempt,
            message,
            after,
            stall: self.policy.stall_ms,
        });
    }

    /// Leaves a prompt to the next prompt of its session: its process is gone, so it no longer counts as running.
    fn orphan(&mut self, key: SessionKey, prompt_no: u32, report: bool, now: Millis) {
        let Some(before) = self.registry.orphan_prompt(key, prompt_no) else {
            return;
        };
        if before.is_running() {
            self.status(key, Status::Idle, now);
        }
        if report {
            if !before.is_in_record() {
                self.registry.drop_prompt(key, prompt_no);
            }
            self.settle(key, PromptState::Created, before, now);
        }
        self.send_waiting(now);
    }

    /// Ends a prompt: it no longer counts as running, and its end is delivered to its caller.
    fn end(&mut self, key: SessionKey, prompt_no: u32, state: PromptState, now: Millis) {
        let answered = state == PromptState::Idle;
        let Some(prompt) = self.registry.end_prompt(key, prompt_no, answered) else {
            return;
        };
        let session_id = self.registry.id(key);
        self.acts.push(Effect::Forget {
            session_id: session_id.clone(),
            prompt_no,
        });
        let running = prompt.is_running();
        if prompt.is_background() {
            self.settle(key, state, prompt, now);
        } else if !prompt.is_orphaned() {
            let (message, notices) = prompt.into_outcome();
            self.acts.push(Effect::Deliver {
                session_id,
                prompt_no,
                state,
                message: message.filter(|_| !answered),
                notices,
                used: None,
                to: None,
            });
        }
        if running {
            self.status(key, Status::Idle, now);
        }
        self.send_waiting(now);
    }
}
