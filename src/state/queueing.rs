//! The way of a prompt through the queue: taken in, started, accepted, orphaned, ended.

use crate::names::{message_id, task_id};
use crate::protocol::{HostRule, Message, Status, Task, TaskState};
use crate::rules::both_passed;
use crate::rules::recovery_table::Step;
use crate::state::prompt_queue::{PromptKey, Unborn};
use crate::state::prompts::{NewPrompt, Phase, QueuedPrompt};
use crate::state::registry::Registry;
use crate::state::slots::SessionKey;
use crate::time::Millis;
use std::sync::Arc;

/// A prompt that was taken in.
pub(crate) struct Queued {
    pub(crate) prompt_no: u32,
    /// How many prompts of its session are before it.
    pub(crate) behind: usize,
    /// The id of the background task that it is.
    pub(crate) task_id: Option<String>,
}

/// The first attempt of a prompt.
pub(crate) struct Started {
    pub(crate) attempt: u32,
    pub(crate) message: Message,
    /// The rules by which the session is to be narrowed first.
    pub(crate) permission: Vec<HostRule>,
}

/// The task of the child that a prompt is to create, and the message of its prompt.
pub(crate) struct ToCreate {
    pub(crate) task: Option<Task>,
    pub(crate) message_id: String,
}

impl Registry {
    pub(crate) fn prompt_mut(
        &mut self,
        key: SessionKey,
        prompt_no: u32,
    ) -> Option<&mut QueuedPrompt> {
        let prompts = self.get_mut(key)?.prompts.as_mut()?;
        prompts.find_mut(prompt_no)
    }

    /// The prompts of a session that this process runs or is to run, in their order, each with its attempt.
    pub(crate) fn live_prompts(&self, key: SessionKey) -> Vec<(u32, u32)> {
        let prompts = self.get(key).and_then(|entry| entry.prompts.as_deref());
        let queue = prompts.into_iter().flat_map(|prompts| &prompts.queue);
        queue
            .filter(|prompt| !prompt.is_orphaned())
            .map(|prompt| (prompt.prompt_no, prompt.attempt))
            .collect()
    }

    /// Whether a turn runs in a session that no prompt here began.
    pub(crate) fn is_busy_elsewhere(&self, key: SessionKey) -> bool {
        self.get(key).is_some_and(|entry| {
            let ours = entry
                .prompts
                .as_ref()
                .is_some_and(|prompts| prompts.is_live());
            entry.activity.status != Status::Idle && !ours
        })
    }

    /// Whether a call has a prompt that waits for its child.
    pub(crate) fn is_creating(&self, ticket: u32) -> bool {
        self.queue.unborn.has(&ticket)
    }

    /// Holds a prompt until the child of its call is there.
    pub(crate) fn await_child(
        &mut self,
        ticket: u32,
        derived: &str,
        new: NewPrompt,
        process: Option<String>,
        now: Millis,
    ) -> ToCreate {
        let mut prompt = QueuedPrompt::from(new);
        let message_id = message_id(now, &prompt.seed);
        prompt.message_id = Some(message_id.clone());
        prompt.prompt_no = 1;
        let task = prompt
            .background
            .then(|| new_task(task_id(derived), &prompt, now));
        let unborn = Unborn {
            prompt,
            task: task.clone(),
            process,
        };
        self.queue.unborn.insert(ticket, unborn);
        ToCreate { task, message_id }
    }

    /// Takes in the prompt that a child was created for, once the child is there. `busy` says that a turn runs in it
    /// already.
    pub(crate) fn queue_first_prompt(
        &mut self,
        ticket: u32,
        child: &str,
        busy: bool,
        now: Millis,
    ) -> Option<Queued> {
        let unborn = self.queue.unborn.remove(&ticket)?;
        let child = self.find(child)?;
        let named = unborn.task.map(|task| task.id);
        let entry = self.get_mut(child)?;
        let prompts = entry.prompts.get_or_insert_default();
        prompts.busy_elsewhere |= busy;
        self.enqueue(child, unborn.prompt, unborn.process, named, now)
    }

    /// Takes in a prompt of a session that the host has confirmed. `busy` says that a turn of others runs in it.
    pub(crate) fn queue_prompt(
        &mut self,
        key: SessionKey,
        new: NewPrompt,
        process: Option<String>,
        busy: bool,
        now: Millis,
    ) -> Option<Queued> {
        // The prompt that the session was created for comes first.
        let unborn = self.unborn(key).is_some();
        let entry = self.get_mut(key)?;
        let prompts = entry.prompts.get_or_insert_default();
        prompts.busy_elsewhere |= busy;
        prompts.last_no = prompts.last_no.max(u32::from(unborn));
        self.enqueue(key, new.into(), process, None, now)
    }

    /// Puts a prompt at the end of the queue.
    fn enqueue(
        &mut self,
        key: SessionKey,
        mut prompt: QueuedPrompt,
        process: Option<String>,
        named: Option<String>,
        now: Millis,
    ) -> Option<Queued> {
        let unborn = self.unborn(key).is_some();
        prompt.asked_at = now;
        let entry = self.get_mut(key)?;
        let id = entry.identity.id.clone();
        let name = entry.names.derived().unwrap_or(&id).clone();
        let prompts = entry.prompts.get_or_insert_default();
        let ahead = prompt.prompt_no > 0 && prompts.last_no > 0 && {
            let mut queue = prompts.queue.iter();
            queue.all(|queued| queued.prompt_no > prompt.prompt_no)
        };
        if !ahead {
            prompt.prompt_no = prompts.next_no();
        }
        prompts.process = process;
        prompts.remote &= !prompts.remote_queue.is_empty();
        let (orphans, queue): (Vec<_>, _) = std::mem::take(&mut prompts.queue)
            .into_iter()
            .partition(QueuedPrompt::is_orphaned);
        prompts.queue = queue;
        for orphan in orphans {
            self.send_along(key, orphan, &mut prompt);
        }
        let entry = self.get_mut(key)?;
        let prompts = entry.prompts.get_or_insert_default();
        // The first task id of a session stands for all its tasks: the derived id may have changed since.
        let known = named.or_else(|| prompts.tasks.last().map(|task| task.id.clone()));
        let task_id = known.unwrap_or_else(|| task_id(&name));
        if prompt.background {
            prompts.drop_delivered(false);
            // The first prompt of a new session is asked after those that have joined it.
            let after = |task: &&Task| task.prompt_no > prompt.prompt_no;
            let index = prompts.tasks.len() - prompts.tasks.iter().rev().take_while(after).count();
            prompts
                .tasks
                .insert(index, new_task(task_id.clone(), &prompt, now));
            self.name_task(key, &task_id);
            self.mark(key);
        }
        let entry = self.get_mut(key)?;
        let prompts = entry.prompts.get_or_insert_default();
        let behind = match ahead {
            true => usize::from(prompts.busy_elsewhere),
            false => {
                prompts.queue.len() + usize::from(prompts.busy_elsewhere) + usize::from(unborn)
            }
        };
        // A session that waits for `max_parallel` is idle: it is busy from the first attempt.
        if behind == 0 {
            let activity = &mut entry.activity;
            activity.status = Status::Idle;
            // A status that the host reports of this moment is news.
            activity.status_at = activity.status_at.saturating_sub(1);
        }
        let (prompt_no, background) = (prompt.prompt_no, prompt.background);
        match ahead {
            true => prompts.queue.insert(0, prompt),
            false => prompts.queue.push(prompt),
        }
        self.queue.waiting.push((id, prompt_no));
        Some(Queued {
            prompt_no,
            behind,
            task_id: background.then_some(task_id),
        })
    }

    /// Decides about a prompt whose process is gone, as the next prompt of its session is asked.
    fn send_along(&mut self, key: SessionKey, orphan: QueuedPrompt, prompt: &mut QueuedPrompt) {
        let step = orphan.recovery(&prompt.caller);
        if step != Step::ReportLost {
            let arrived = std::mem::take(&mut prompt.prompt.parts);
            prompt.prompt.parts = [orphan.prompt.parts.clone(), arrived].concat();
            // Neither part of the message may do what its own caller denies.
            let own = std::mem::take(&mut prompt.prompt.permission);
            prompt.prompt.permission = both_passed(orphan.prompt.permission.clone(), own);
            prompt.recorded = true;
            prompt.notices.push(
                "Its earlier prompt never reached the session, so it was sent with this one."
                    .into(),
            );
            self.mark(key);
        }
        match step {
            Step::SendAlong => self.close_task(key, orphan.prompt_no),
            _ => {
                self.end_task(key, TaskState::Lost, orphan);
            }
        }
    }

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
    /// another prompt under its root and with its model.
    fn may_start(&self, key: SessionKey, prompt_no: u32, max_parallel: Option<u32>) -> bool {
        let Some(prompts) = self.get(key).and_then(|entry| entry.prompts.as_deref()) else {
            return false;
        };
        let next = prompts.queue.first();
        let next = next.filter(|prompt| prompt.prompt_no == prompt_no && !prompt.is_running());
        // The prompt that a child is created for comes first.
        let next = next.filter(|_| !prompts.busy_elsewhere && self.unborn(key).is_none());
        let (Some(next), Some(limit)) = (next, max_parallel) else {
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
        self.begin_delegation(key, now);
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

    /// Notes that the message of a prompt is in its session: the record need not hold the prompt any more.
    pub(crate) fn accept_prompt(&mut self, key: SessionKey, prompt_no: u32) {
        let Some(prompt) = self.prompt_mut(key, prompt_no) else {
            return;
        };
        let (recorded, background) = (prompt.recorded, prompt.background);
        if prompt.is_orphaned() && !background {
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

    pub(crate) fn drop_prompt(&mut self, key: SessionKey, prompt_no: u32) -> Option<QueuedPrompt> {
        let prompts = self.get_mut(key)?.prompts.as_deref_mut()?;
        prompts.remove(prompt_no)
    }

    /// Ends a prompt: it no longer counts as running, and its call is refunded if it was never accepted. Gives the prompt
    /// as it was.
    pub(crate) fn end_prompt(
        &mut self,
        key: SessionKey,
        prompt_no: u32,
        answered: bool,
    ) -> Option<QueuedPrompt> {
        let prompt = self.drop_prompt(key, prompt_no)?;
        let id = self.id(key);
        self.queue.release(&id, &prompt);
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

fn new_task(id: String, prompt: &QueuedPrompt, now: Millis) -> Task {
    Task {
        id,
        prompt_no: prompt.prompt_no,
        caller_id: prompt.caller.to_string(),
        state: TaskState::Running,
        since: now,
        message_id: prompt.message_id.clone(),
        message: None,
        notices: Vec::new(),
        delivered_by: Vec::new(),
        delivered: false,
    }
}
