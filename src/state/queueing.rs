//! The way of a prompt into the queue.

use crate::names::{message_id, task_id};
use crate::protocol::PromptState as State;
use crate::protocol::{Status, Task, TaskState};
use crate::rules::both_passed;
use crate::rules::recovery_table::Step;
use crate::state::name_table::Holder;
use crate::state::prompt_queue::Unborn;
use crate::state::prompts::{NewPrompt, QueuedPrompt};
use crate::state::registry::Registry;
use crate::state::slots::SessionKey;
use crate::time::Millis;

/// A prompt that was taken in.
pub(crate) struct Queued {
    pub(crate) prompt_no: u32,
    /// How many prompts of its session are before it.
    pub(crate) behind: usize,
    /// The id of the background task that it is.
    pub(crate) task_id: Option<String>,
}

/// The task of the child that a prompt is to create, and the message of its prompt.
pub(crate) struct ToCreate {
    pub(crate) task: Option<Task>,
    pub(crate) message_id: String,
}

impl Registry {
    /// The prompt that a session works for, if this engine follows it.
    pub(crate) fn running_prompt(&mut self, key: SessionKey) -> Option<&mut QueuedPrompt> {
        let prompts = self.get_mut(key)?.prompts.as_mut()?;
        prompts
            .queue
            .first_mut()
            .filter(|prompt| prompt.is_running())
    }

    /// The number of the running prompt, if its session has answered it and its arrival is not reported yet.
    pub(crate) fn answered_prompt(&mut self, key: SessionKey) -> Option<u32> {
        let prompt = self.running_prompt(key)?;
        let answered = prompt.stepped && prompt.state == State::Sent;
        answered.then_some(prompt.prompt_no)
    }

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
        let caller = self.find(&new.caller);
        let task = caller.map_or_else(
            || task_id(derived),
            |caller| self.free_task_id(self.root(caller), None, derived),
        );
        let mut prompt = QueuedPrompt::from(new);
        let message_id = message_id(now, &prompt.seed);
        prompt.message_id = Some(message_id.clone());
        prompt.prompt_no = 1;
        let task = prompt.background.then(|| new_task(task, &prompt, now));
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

    /// The id of a session's tasks, from its derived id. A session whose call was undone keeps the id of its tasks, so one
    /// with the same derived id gets another.
    fn free_task_id(&self, root: SessionKey, own: Option<SessionKey>, derived: &str) -> String {
        let mut seed = derived.to_owned();
        loop {
            let id = task_id(&seed);
            let holder = self.find_slug(root, &id);
            if holder.is_none() || holder == own.map(Holder::Session) {
                return id;
            }
            seed.push('+');
        }
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
        let free = self.free_task_id(self.root(key), Some(key), &name);
        let entry = self.get_mut(key)?;
        let prompts = entry.prompts.get_or_insert_default();
        let ahead = prompt.prompt_no > 0 && prompts.last_no > 0 && {
            let mut queue = prompts.queue.iter();
            queue.all(|queued| queued.prompt_no > prompt.prompt_no)
        };
        if !ahead {
            prompt.prompt_no = prompts.next_no();
        }
        prompts.process = process;
        prompts.remote &= prompts.leaves_any();
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
        let task_id = known.unwrap_or(free);
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
        unread: 0,
        process: None,
    }
}
