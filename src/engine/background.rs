//! Results of background tasks, and their delivery to the callers, each once. Beside them the notices for the sessions above.

use crate::engine::Engine;
use crate::names::{message_id, part_of, root_digest};
use crate::protocol::{Delivery, Effect, PromptState, Status, TaskState, UserMessage};
use crate::rules::opencode1::background_result;
use crate::state::{PromptKey, QueuedPrompt, SessionKey};
use crate::time::Millis;
use std::sync::Arc;

impl Engine {
    /// Notes the end of a background task, and delivers its result if the caller is idle.
    pub(super) fn settle(
        &mut self,
        key: SessionKey,
        state: PromptState,
        ended: QueuedPrompt,
        now: Millis,
    ) {
        let orphaned = ended.is_orphaned();
        let end = match state {
            PromptState::Idle => TaskState::Completed,
            PromptState::Cancelled => TaskState::Cancelled,
            PromptState::Failed if !orphaned => TaskState::Error,
            _ => TaskState::Lost,
        };
        let Some(caller) = self.registry.end_task(key, end, ended) else {
            return;
        };
        let known = self.registry.find(&caller);
        let idle = known.is_some_and(|caller| !self.registry.is_running(caller));
        // A task that is found after a restart waits for its caller's next turn. One whose session is deleted is
        // delivered with the others of that session.
        if idle && !orphaned && state != PromptState::Deleted {
            self.deliver_due(&caller, None, now);
        }
    }

    /// Takes in that a user message is about to be stored. It may carry results, and begin a delegation.
    pub(super) fn prompted(&mut self, message: &UserMessage) {
        let (id, now) = (&*message.session_id, message.now);
        if let Some(key) = self.registry.find(id) {
            let result = message.result.as_deref().and_then(background_result);
            match result {
                // An attempt that arrives after a limit has ended its prompt is no prompt of a person: the limit holds.
                _ if self.registry.is_past_limit(key, &message.message_id) => {}
                _ if message.synthetic != Some(true) => {
                    self.registry.note_message(key, &message.message_id, now);
                    self.registry.end_stop(key, now);
                    // A call of the host's own tool that joins the session has no ticket.
                    match self.registry.is_joined_by_host(id) {
                        true => self.begin_quota(key, None, now),
                        false => self.registry.end_quota_after_turn(key),
                    }
                }
                Some((ended, state)) => {
                    self.registry
                        .add_ended(ended, state, key, &message.message_id, now);
                    self.registry.note_wake(key);
                }
                None if message.wakes == Some(true) => self.registry.note_wake(key),
                None => {}
            }
        }
        self.deliver_due(id, Some(&message.message_id), now);
    }

    /// Delivers all results and notices that a caller is due: in a message of its own, or in the user's.
    pub(super) fn deliver_due(&mut self, caller: &str, with: Option<&str>, now: Millis) {
        for result in self.registry.take_due(caller, with) {
            self.deliver(&result, caller, with, now);
        }
    }

    fn deliver(&mut self, result: &PromptKey, to: &str, with: Option<&str>, now: Millis) {
        let (session_id, prompt_no) = result.clone();
        let seed = root_digest(&[&*session_id, " ", &prompt_no.to_string()].concat());
        let chosen = with.map_or_else(|| message_id(now, &seed), str::to_owned);
        let before = self.registry.add_carrier(result, &chosen);
        let Some(task) = self.registry.undelivered(result) else {
            return;
        };
        let spent = self.registry.find(&session_id);
        let spent = spent.and_then(|key| self.registry.spent(key).some());
        let delivery = Effect::Deliver {
            session_id,
            prompt_no,
            state: state(task.state),
            message: task.message.clone(),
            notices: task.notices.clone(),
            used: spent.map(|spent| format!("This session has used {spent}.")),
            to: Some(Delivery {
                caller_id: to.to_owned(),
                via: (task.unread > 0).then(|| task.caller_id.clone()),
                others: task.unread.saturating_sub(1),
                task_id: task.id.clone(),
                asked: task.message_id.clone(),
                lost: task.state == TaskState::Lost,
                unless: before,
                part_id: part_of(&chosen, &seed),
                message_id: chosen,
                joins: with.is_some(),
            }),
        };
        self.acts.push(delivery);
        if let Some(key) = self.registry.find(&result.0) {
            self.registry.mark(key);
        }
    }

    /// Delivers at once the results of sessions that are about to be removed. The state of their tasks and their
    /// messages, which hold the answers, are removed with them.
    pub(super) fn deliver_last(&mut self, gone: &[Arc<str>], now: Millis) {
        for result in self.registry.undelivered_of(gone) {
            let Some(task) = self.registry.undelivered_mut(&result) else {
                continue;
            };
            if task.delivered {
                // The notice is about a session that nobody can resume.
                continue;
            }
            if task.state == TaskState::Completed {
                task.state = TaskState::Lost;
            }
            let caller = task.caller_id.clone();
            // A caller in another root may not be read yet since the process began.
            if !self.registry.is_deleted(&caller) && !gone.iter().any(|id| **id == *caller) {
                self.deliver(&result, &caller, None, now);
            }
        }
    }

    /// Takes in the status of a session. `false` if it is late.
    pub(super) fn status(&mut self, key: SessionKey, status: Status, now: Millis) -> bool {
        let news = self.registry.set_status(key, status, now);
        if news && status == Status::Idle {
            if !self.registry.is_running(key) {
                let id = self.registry.id(key);
                self.deliver_due(&id, None, now);
            }
            self.send_waiting(now);
        }
        news
    }
}

fn state(task: TaskState) -> PromptState {
    match task {
        TaskState::Running => PromptState::Accepted,
        TaskState::Completed => PromptState::Idle,
        TaskState::Error | TaskState::Lost => PromptState::Failed,
        TaskState::Cancelled => PromptState::Cancelled,
    }
}
