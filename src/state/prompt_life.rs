//! The life of a queued prompt: its start, its acceptance and its end.

use crate::names::message_id;
use crate::protocol::{HostRule, Limits, Message};
use crate::state::prompt_queue::PromptKey;
use crate::state::prompts::{Phase, QueuedPrompt};
use crate::state::registry::Registry;
use crate::state::slots::SessionKey;
use crate::time::Millis;
use std::sync::Arc;

/// The first attempt of a prompt.
pub(crate) struct Started {
    pub(crate) attempt: u32,
    pub(crate) message: Message,
    /// The rules by which the session is to be narrowed first.
    pub(crate) permission: Vec<HostRule>,
}

impl Registry {
    /// The next prompt that may be sent now, in order of arrival from an index of those that wait. It waits no more.
    pub(crate) fn take_startable(
        &mut self,
        from: &mut usize,
        max_parallel: Option<u32>,
    ) -> Option<(SessionKey, u32)> {
        while let Some((id, prompt_no)) = self.queue.waiting.get(*from) {
            let (known, prompt_no) = (self.find(id), *prompt_no);
            if let Some(key) = known
                && !self.may_start(key, prompt_no, max_parallel)
            {
                *from += 1;
                continue;
            }
            self.queue.waiting.remove(*from);
            if let Some(key) = known {
                return Some((key, prompt_no));
            }
        }
        None
    }

    /// Whether a prompt may be sent now. It is the next of its session, the session is free, and `max_parallel` permits
    /// another prompt under its root and with its model. A prompt that another program sends waits for no place.
    fn may_start(&self, key: SessionKey, prompt_no: u32, max_parallel: Option<u32>) -> bool {
        let Some(prompts) = self.get(key).and_then(|entry| entry.prompts.as_deref()) else {
            return false;
        };
        let next = prompts.queue.first();
        let next = next.filter(|prompt| prompt.prompt_no == prompt_no && !prompt.is_running());
        // The prompt that a child is created for comes first.
        let next = next.filter(|_| !prompts.busy_elsewhere && self.unborn(key).is_none());
        let limit = max_parallel.filter(|_| next.is_some_and(|prompt| !prompt.elsewhere));
        let (Some(next), Some(limit)) = (next, limit) else {
            return next.is_some();
        };
        let root = self.root(key);
        let model = next.prompt.models.get(next.model as usize);
        let (mut under_root, mut with_model) = (0, 0);
        for key in self.queue.running.iter().filter_map(|id| self.find(id)) {
            let entry = self.get(key);
            let prompts = entry.and_then(|entry| entry.prompts.as_deref());
            let front = prompts.and_then(|prompts| prompts.queue.first());
            let Some(prompt) = front.filter(|_| !self.only_waits(key)) else {
                continue;
            };
            under_root += u32::from(self.root(key) == root);
            let same = prompt.prompt.models.get(prompt.model as usize) == model;
            with_model += u32::from(same && model.is_some());
        }
        under_root < limit && with_model < limit
    }

    /// Begins the first attempt of a prompt: from now on it counts as running, and its session is busy.
    pub(crate) fn start_prompt(
        &mut self,
        key: SessionKey,
        prompt_no: u32,
        now: Millis,
    ) -> Option<Started> {
        let id = self.id(key);
        self.queue.running.push(id);
        self.note_prompt(key, now);
        self.end_stop(key, now);
        let caller = self.prompt_mut(key, prompt_no)?.caller.clone();
        self.begin_delegation(key, Some(caller), Some(prompt_no), now);
        let prompts = self.get_mut(key)?.prompts.as_deref_mut()?;
        let prompt = prompts.find_mut(prompt_no)?;
        prompt.phase = Phase::Running;
        // The message of a first prompt was chosen with it, and stands in the record.
        let chosen = prompt.message_id.take().filter(|_| prompt.attempt == 1);
        let created = chosen.is_some();
        let unstored = prompt.recorded && !created;
        let chosen = chosen.unwrap_or_else(|| message_id(now, &prompt.seed));
        prompt.message_id = Some(chosen.clone());
        let started = Started {
            attempt: prompt.attempt,
            message: prompt
                .prompt
                .message(true, prompt.model as usize, chosen.clone()),
            // A session has the rules of the prompt that it was created for.
            permission: match created {
                true => Vec::new(),
                false => prompt.prompt.permission.clone(),
            },
        };
        let background = prompt.background;
        if background {
            for task in prompts
                .tasks
                .iter_mut()
                .filter(|task| task.prompt_no == prompt_no)
            {
                task.message_id = Some(chosen.clone());
            }
        }
        if background || unstored {
            self.mark(key);
        }
        Some(started)
    }

    /// The limits that the call of a prompt asks for.
    pub(crate) fn prompt_limits(&self, key: SessionKey, prompt_no: u32) -> Option<Limits> {
        let prompts = self.get(key)?.prompts.as_deref()?;
        let mut queued = prompts.queue.iter();
        queued.find(|prompt| prompt.prompt_no == prompt_no)?.limits
    }

    /// Notes that the message of a prompt is in its session: the record need not hold the prompt any more.
    pub(crate) fn accept_prompt(&mut self, key: SessionKey, prompt_no: u32) {
        let Some(prompt) = self.prompt_mut(key, prompt_no) else {
            return;
        };
        let (recorded, background) = (prompt.recorded, prompt.background);
        let drops = prompt.is_orphaned() && !background;
        self.keep_delegation(key, prompt_no);
        if drops {
            self.drop_prompt(key, prompt_no);
        }
        if recorded {
            self.mark_later(key);
        }
    }

    /// Orphans a prompt, since the process that was to run it is gone. Gives it as it was.
    pub(crate) fn orphan_prompt(
        &mut self,
        key: SessionKey,
        prompt_no: u32,
    ) -> Option<QueuedPrompt> {
        let id = self.id(key);
        let prompt = self.prompt_mut(key, prompt_no)?;
        let before = prompt.clone();
        prompt.phase = Phase::Orphaned;
        self.queue.release(&id, &before);
        Some(before)
    }

    /// Notes that an attempt was cancelled. If it was sent, its message may still arrive: its call is spent.
    pub(crate) fn cancel_attempt(&mut self, key: SessionKey, prompt_no: u32, attempt: u32) {
        if let Some(prompt) = self.prompt_mut(key, prompt_no) {
            prompt.cancel_attempt(attempt);
        }
    }

    pub(crate) fn drop_prompt(&mut self, key: SessionKey, prompt_no: u32) -> Option<QueuedPrompt> {
        let prompts = self.get_mut(key)?.prompts.as_deref_mut()?;
        prompts.remove(prompt_no)
    }

    /// Ends a prompt: it no longer counts as running. If it was never accepted, its call is refunded; if it was never
    /// sent, it was no delegation. Gives the prompt as it was.
    pub(crate) fn end_prompt(
        &mut self,
        key: SessionKey,
        prompt_no: u32,
        answered: bool,
    ) -> Option<QueuedPrompt> {
        let prompt = self.drop_prompt(key, prompt_no)?;
        let id = self.id(key);
        self.queue.release(&id, &prompt);
        if answered {
            self.keep_delegation(key, prompt_no);
        } else {
            self.resume_delegation(key, prompt_no);
        }
        if prompt.is_refundable() && !answered {
            self.restore_call(&prompt.caller, prompt.caller_delegation);
        }
        if prompt.is_in_record() {
            self.mark_later(key);
        }
        Some(prompt)
    }

    /// Stops the prompts of a session that is about to be removed, and gives their numbers, the last first.
    pub(crate) fn stop_prompts(&mut self, key: SessionKey) -> Vec<u32> {
        let prompts = self.get_mut(key).and_then(|entry| entry.prompts.as_mut());
        let Some(prompts) = prompts else {
            return Vec::new();
        };
        // No prompt of it is to begin any more.
        prompts.busy_elsewhere = true;
        let queue = prompts.queue.iter().rev();
        queue.map(|prompt| prompt.prompt_no).collect()
    }

    /// Forgets the prompts and results of a session that is gone.
    pub(crate) fn forget_prompts(&mut self, id: &Arc<str>) {
        self.queue.forget(id);
    }

    pub(super) fn prompt_key(&self, key: SessionKey, prompt_no: u32) -> PromptKey {
        (self.id(key), prompt_no)
    }
}
