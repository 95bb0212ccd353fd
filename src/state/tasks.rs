//! Background tasks: their ends, and the messages that carry their results.

use crate::protocol::{Task, TaskState};
use crate::rules::limits::CARRIERS;
use crate::state::prompt_queue::PromptKey;
use crate::state::prompts::QueuedPrompt;
use crate::state::registry::Registry;
use crate::state::slots::SessionKey;
use crate::time::Millis;
use std::sync::Arc;

impl Registry {
    /// Notes the end of a background task. Gives its caller, or `None` if no such task was running.
    pub(crate) fn end_task(
        &mut self,
        key: SessionKey,
        state: TaskState,
        ended: QueuedPrompt,
    ) -> Option<String> {
        let prompt_no = ended.prompt_no;
        let prompts = self.get_mut(key)?.prompts.as_deref_mut()?;
        let mut tasks = prompts.tasks.iter_mut();
        let task =
            tasks.find(|task| task.prompt_no == prompt_no && task.state == TaskState::Running)?;
        let (message, notices) = ended.into_outcome();
        task.state = state;
        task.message = message.filter(|_| state == TaskState::Error);
        task.notices = notices;
        let caller = task.caller_id.clone();
        let ended = self.prompt_key(key, prompt_no);
        self.queue.undelivered.push(ended);
        self.mark(key);
        Some(caller)
    }

    /// Closes a task whose prompt is sent with another prompt of the same caller. It is not reported as lost, unless a
    /// message with that is on its way.
    pub(super) fn close_task(&mut self, key: SessionKey, prompt_no: u32) {
        let closed = self.prompt_key(key, prompt_no);
        let undelivered = &mut self.queue.undelivered;
        let waits = undelivered.contains(&closed);
        undelivered.retain(|other| *other != closed);
        let prompts = self.get_mut(key).and_then(|entry| entry.prompts.as_mut());
        for task in prompts.into_iter().flat_map(|prompts| &mut prompts.tasks) {
            if task.prompt_no == prompt_no && (waits || task.state == TaskState::Running) {
                (task.state, task.delivered) = (TaskState::Lost, true);
            }
        }
    }

    /// A background task that is over and was not delivered.
    pub(crate) fn undelivered(&self, (id, prompt_no): &PromptKey) -> Option<&Task> {
        let prompts = self.get(self.find(id)?)?.prompts.as_deref()?;
        let mut tasks = prompts.tasks.iter();
        tasks.find(|task| is_undelivered(task, *prompt_no))
    }

    pub(crate) fn undelivered_mut(&mut self, (id, prompt_no): &PromptKey) -> Option<&mut Task> {
        let key = self.find(id)?;
        let prompts = self.get_mut(key)?.prompts.as_deref_mut()?;
        let mut tasks = prompts.tasks.iter_mut();
        tasks.find(|task| is_undelivered(task, *prompt_no))
    }

    /// The results that a caller is due, for a message of its own or along with a user's. They are taken from those
    /// that no message carries.
    ///
    /// A cancelled task wakes no caller: it goes with the user's next message. A message that was chosen before carries
    /// the same result again, and no result that may be on its way in another message.
    pub(crate) fn take_due(&mut self, caller: &str, with: Option<&str>) -> Vec<PromptKey> {
        let undelivered = std::mem::take(&mut self.queue.undelivered);
        let chosen = undelivered.iter().any(|key| {
            self.undelivered(key)
                .is_some_and(|task| task.delivered_by.iter().any(|by| Some(&**by) == with))
        });
        let (due, rest) = undelivered.into_iter().partition(|key| {
            self.undelivered(key).is_some_and(|task| {
                let wakes = with.is_some() || task.state != TaskState::Cancelled;
                let goes = !chosen || task.delivered_by.is_empty();
                task.caller_id == caller && wakes && goes
            })
        });
        self.queue.undelivered = rest;
        due
    }

    /// The background prompts that a caller had asked by a time: those that run, then those that wait, each with its
    /// attempt. Those that wait start no more.
    pub(crate) fn withdraw_background(
        &mut self,
        caller: &str,
        until: Millis,
    ) -> Vec<(SessionKey, u32, u32)> {
        let running = self.queue.running.iter().filter_map(|id| {
            let front = self
                .get(self.find(id)?)?
                .prompts
                .as_deref()?
                .queue
                .first()?;
            Some((id.clone(), front.prompt_no))
        });
        let waiting = self.queue.waiting.iter().cloned();
        let mut withdrawn = Vec::new();
        for (id, prompt_no) in running.chain(waiting).collect::<Vec<_>>() {
            let Some(key) = self.find(&id) else { continue };
            let prompt = self.prompt_mut(key, prompt_no).filter(|prompt| {
                prompt.background && *prompt.caller == *caller && prompt.asked_at <= until
            });
            if let Some(attempt) = prompt.map(|prompt| prompt.attempt) {
                self.queue
                    .waiting
                    .retain(|waiting| *waiting != (id.clone(), prompt_no));
                withdrawn.push((key, prompt_no, attempt));
            }
        }
        withdrawn
    }

    /// Takes the result of a cancelled task as delivered, if the caller that cancelled it had asked for it.
    pub(crate) fn waive_result(&mut self, key: SessionKey, prompt_no: u32, caller: &str) {
        let cancelled = self.prompt_key(key, prompt_no);
        let own = self.undelivered(&cancelled);
        if own.is_some_and(|task| task.caller_id == caller) {
            self.note_delivered(&cancelled.0, prompt_no, true);
        }
    }

    /// Whether a message was chosen to carry a result.
    pub(super) fn carries(&self, message_id: &str) -> bool {
        let chosen = |key| {
            let task = self.undelivered(key)?;
            task.delivered_by.iter().find(|by| **by == *message_id)
        };
        self.queue
            .undelivered
            .iter()
            .any(|key| chosen(key).is_some())
    }

    /// The results of some sessions that no message carries.
    pub(crate) fn undelivered_of(&self, ids: &[Arc<str>]) -> Vec<PromptKey> {
        let all = self.queue.undelivered.iter();
        all.filter(|(id, _)| ids.contains(id)).cloned().collect()
    }

    /// Notes that a message was chosen to carry a result. Gives those that were chosen before.
    pub(crate) fn add_carrier(&mut self, key: &PromptKey, message_id: &str) -> Vec<String> {
        let Some(task) = self.undelivered_mut(key) else {
            return Vec::new();
        };
        let before = task.delivered_by.clone();
        if before.iter().all(|known| known != message_id) {
            task.delivered_by.push(message_id.to_owned());
            let over = task.delivered_by.len().saturating_sub(CARRIERS);
            task.delivered_by.drain(..over);
        }
        before
    }

    /// Notes whether a result was delivered.
    pub(crate) fn note_delivered(&mut self, session_id: &str, prompt_no: u32, delivered: bool) {
        let Some(key) = self.find(session_id) else {
            return;
        };
        let prompt = self.prompt_key(key, prompt_no);
        let Some(task) = self.undelivered_mut(&prompt) else {
            return;
        };
        task.delivered = delivered;
        let undelivered = &mut self.queue.undelivered;
        undelivered.retain(|other| *other != prompt);
        if !delivered {
            undelivered.push(prompt);
            return;
        }
        if let Some(prompts) = self.get_mut(key).and_then(|entry| entry.prompts.as_mut()) {
            prompts.drop_delivered(true);
        }
        self.mark_later(key);
    }
}

fn is_undelivered(task: &Task, prompt_no: u32) -> bool {
    task.prompt_no == prompt_no && !task.delivered && task.state != TaskState::Running
}
