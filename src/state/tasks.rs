//! Background tasks: their ends, and the messages that carry their results.

use crate::names::task_id;
use crate::protocol::{Task, TaskState};
use crate::rules::limits::{CANDIDATES, CARRIERS};
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

    /// Adds the task of a session that the host ran itself in the background: a message delivers its result to the caller. If
    /// no one waits for the caller's answer, a session above is due a notice.
    pub(crate) fn add_ended(
        &mut self,
        id: &str,
        state: TaskState,
        caller: SessionKey,
        message_id: &str,
        now: Millis,
    ) {
        let Some((key, true)) = self.find(id).map(|key| (key, self.answers_no_one(caller))) else {
            return;
        };
        let caller_id = self.id(caller).to_string();
        let Some(entry) = self.get_mut(key) else {
            return;
        };
        let name = entry.names.derived().unwrap_or(&entry.identity.id);
        let name = task_id(name);
        let prompts = entry.prompts.get_or_insert_default();
        let known = |task: &Task| task.message_id.as_deref() == Some(message_id);
        if prompts.tasks.iter().any(known) {
            return;
        }
        let prompt_no = prompts.next_no();
        prompts.tasks.push(Task {
            id: name,
            prompt_no,
            caller_id,
            state,
            since: now,
            message_id: Some(message_id.to_owned()),
            message: None,
            notices: Vec::new(),
            delivered_by: Vec::new(),
            delivered: true,
            unread: 1,
            process: None,
        });
        let ended = self.prompt_key(key, prompt_no);
        self.queue.undelivered.push(ended);
        self.count_older(key, prompt_no);
        self.mark(key);
    }

    /// Counts the older notices about a session with the last, unless a message was chosen for them: its record stays short.
    fn count_older(&mut self, key: SessionKey, prompt_no: u32) {
        let id = self.id(key);
        let Some(prompts) = self.get_mut(key).and_then(|it| it.prompts.as_deref_mut()) else {
            return;
        };
        let (mut counted, mut caller) = (0u32, String::new());
        for task in prompts.tasks.iter_mut().rev() {
            if task.prompt_no == prompt_no {
                caller = task.caller_id.clone();
            } else if task.caller_id == caller && task.delivered_by.is_empty() {
                counted = counted.saturating_add(std::mem::take(&mut task.unread));
            }
        }
        let mut tasks = prompts.tasks.iter_mut();
        if let Some(last) = tasks.find(|task| task.prompt_no == prompt_no) {
            last.unread = last.unread.saturating_add(counted);
        }
        prompts.drop_delivered(true);
        let mut queue = std::mem::take(&mut self.queue.undelivered);
        queue.retain(|of| of.0 != id || self.undelivered(of).is_some());
        self.queue.undelivered = queue;
    }

    /// Whether no one waits for the answer of a subagent session.
    fn answers_no_one(&self, key: SessionKey) -> bool {
        let entry = self.get(key);
        entry.is_some_and(|it| it.links.parent.is_some() && !it.activity.answers)
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

    /// A background task that is over, if its result or the notice of it was not delivered.
    pub(crate) fn undelivered(&self, (id, prompt_no): &PromptKey) -> Option<&Task> {
        let prompts = self.get(self.find(id)?)?.prompts.as_deref()?;
        let mut tasks = prompts.tasks.iter();
        tasks.find(|task| task.prompt_no == *prompt_no && task.is_due())
    }

    pub(crate) fn undelivered_mut(&mut self, (id, prompt_no): &PromptKey) -> Option<&mut Task> {
        let key = self.find(id)?;
        let prompts = self.get_mut(key)?.prompts.as_deref_mut()?;
        let mut tasks = prompts.tasks.iter_mut();
        tasks.find(|task| task.prompt_no == *prompt_no && task.is_due())
    }

    /// The results and notices that a caller is due, for a message of its own or along with a user's. They are taken from
    /// those that no message carries.
    ///
    /// A cancelled task and a notice wake no caller. Nothing wakes a stopped caller, nor one with reverted messages, which
    /// the host would remove. They go with the user's next message. A message that was chosen before carries the same
    /// result again, and no result that may be on its way in another message.
    pub(crate) fn take_due(&mut self, caller: &str, with: Option<&str>) -> Vec<PromptKey> {
        let undelivered = std::mem::take(&mut self.queue.undelivered);
        let rests = |key| self.is_stopped(key) || self.has_reverted(key);
        let rests = self.find(caller).is_some_and(rests);
        let chosen = undelivered.iter().any(|key| {
            self.undelivered(key)
                .is_some_and(|task| task.delivered_by.iter().any(|by| Some(&**by) == with))
        });
        let (due, rest) = undelivered.into_iter().partition(|key| {
            self.undelivered(key).is_some_and(|task| {
                let silent = rests || task.unread > 0 || task.state == TaskState::Cancelled;
                let wakes = with.is_some() || !silent;
                let goes = !chosen || task.delivered_by.is_empty();
                wakes && goes && self.reader(task).is_some_and(|reader| *reader == *caller)
            })
        });
        self.queue.undelivered = rest;
        let due = self.count_notices(due);
        let mut on_their_way = std::mem::take(&mut self.queue.on_their_way);
        on_their_way.retain(|key| !due.contains(key) && self.undelivered(key).is_some());
        on_their_way.extend_from_slice(&due);
        self.queue.on_their_way = on_their_way;
        due
    }

    /// The session that is due the result of a task, or the notice of it: the first session above the task's caller that
    /// answers a caller of its own, or else the root.
    fn reader(&self, task: &Task) -> Option<Arc<str>> {
        let mut key = self.find(&task.caller_id)?;
        if task.unread > 0 {
            // The session that prompted the caller last may be another than its parent, or the caller itself.
            let asked = self.get(key)?.activity.delegated_by.as_ref();
            let asked = asked.and_then(|asked| self.find(asked));
            let mut above = asked.filter(|asked| *asked != key);
            while let Some(next) = above.or(self.parent(key)) {
                (key, above) = (next, None);
                if self.get(key)?.activity.answers {
                    break;
                }
            }
        }
        Some(self.id(key))
    }

    /// Keeps the last few notices of those that are due, and counts the others with them.
    fn count_notices(&mut self, mut due: Vec<PromptKey>) -> Vec<PromptKey> {
        let all = due.iter().filter_map(|key| self.undelivered(key));
        let mut over = all.filter(|task| task.unread > 0).count();
        let mut counted = 0;
        due.retain(|key| {
            let Some(task) = self.undelivered_mut(key).filter(|task| task.unread > 0) else {
                return true;
            };
            over -= 1;
            if over < CANDIDATES {
                task.unread = task.unread.saturating_add(std::mem::take(&mut counted));
                return true;
            }
            counted = std::mem::take(&mut task.unread).saturating_add(counted);
            self.find(&key.0).into_iter().for_each(|key| self.mark(key));
            false
        });
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
            self.note_delivered(&cancelled, None, true);
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

    /// Notes whether a message delivered a result, or the notice of it. If no one waits for the answer of a caller that got the
    /// result, a session above is due a notice.
    pub(crate) fn note_delivered(&mut self, of: &PromptKey, by: Option<&str>, delivered: bool) {
        let Some(task) = self.undelivered(of) else {
            return;
        };
        let noticed = task.delivered;
        // The report of the result may come again after the notice has become due.
        let ours = match by {
            Some(by) => task.delivered_by.iter().any(|chosen| chosen == by),
            None => !(noticed && task.delivered_by.is_empty()),
        };
        let caller = self.find(&task.caller_id);
        let alone = caller.is_some_and(|caller| self.answers_no_one(caller));
        if !ours {
            return;
        }
        self.queue.undelivered.retain(|other| other != of);
        self.queue.on_their_way.retain(|other| other != of);
        let unread = delivered && alone && !noticed;
        if unread || !delivered {
            self.queue.undelivered.push(of.clone());
        }
        let Some(task) = self.undelivered_mut(of).filter(|_| delivered) else {
            return;
        };
        (task.delivered, task.unread) = (true, u32::from(unread));
        if unread {
            task.delivered_by.clear();
        }
        let Some(key) = self.find(&of.0) else {
            return;
        };
        if unread {
            self.count_older(key, of.1);
            // A process that takes over must know of the notice.
            self.mark(key);
        }
        if let Some(prompts) = self.get_mut(key).and_then(|entry| entry.prompts.as_mut()) {
            prompts.drop_delivered(true);
        }
        // A message of ours shows a process that takes over that the caller has the result.
        match by {
            Some(_) => self.mark_later(key),
            None => self.mark(key),
        }
    }
}
