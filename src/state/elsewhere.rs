//! What another process stored in a session's record, beside what this engine knows: results that were delivered there,
//! and what the record lacks.

use crate::protocol::{Record, Task};
use crate::state::owners::Owners;
use crate::state::prompts::QueuedPrompt;
use crate::state::recovery::add_missing;
use crate::state::registry::Registry;
use crate::state::slots::SessionKey;
use crate::state::task_numbers::runs;

impl Registry {
    /// Takes in which results of tasks another process has delivered.
    pub(crate) fn note_delivered_elsewhere(
        &mut self,
        key: SessionKey,
        record: &Record,
        owners: &Owners,
    ) {
        let id = self.id(key);
        let prompts = self
            .get_mut(key)
            .and_then(|entry| entry.prompts.as_deref_mut());
        let Some(prompts) = prompts else { return };
        // A record that holds a prompt of this process says nothing of others, and this engine's own nothing new.
        if record.prompt.is_none() && !owners.own && !owners.holds_own {
            let task = |prompt: &QueuedPrompt| prompt.background;
            prompts
                .remote_queue
                .retain(|prompt| !prompt.recorded || task(prompt));
            let left = prompts.remote_queue.iter_mut();
            left.for_each(|prompt| prompt.recorded = false);
        }
        if let Some(author) = author(record).filter(|_| !owners.own) {
            // A process lists its tasks until they are delivered, and the last of them after that.
            let listed = |task: &Task| record.tasks.iter().any(|it| is_known_as(it, task));
            let over = |task: &Task| task.process.as_ref() == Some(author) && !listed(task);
            prompts.tasks.retain(|task| !over(task));
        }
        let mut delivered = Vec::new();
        for task in &mut prompts.tasks {
            let mut listed = record.tasks.iter();
            let other = listed.find(|other| is_known_as(other, task));
            let Some(other) = other.filter(|_| !runs(&prompts.queue, task.prompt_no)) else {
                continue;
            };
            add_missing(&mut task.delivered_by, &other.delivered_by);
            if other.delivered {
                if !std::mem::replace(&mut task.delivered, true) || other.unread == 0 {
                    task.unread = other.unread;
                }
                if task.unread == 0 {
                    delivered.push((id.clone(), task.prompt_no));
                }
            }
        }
        let tasks = &prompts.tasks;
        let open = |number: u32| {
            tasks
                .iter()
                .any(|it| it.prompt_no == number && !it.delivered)
        };
        prompts
            .remote_queue
            .retain(|prompt| !prompt.background || open(prompt.prompt_no));
        self.queue
            .undelivered
            .retain(|result| !delivered.contains(result));
    }

    /// Whether a record lacks a name that a reader may have, or a prompt or a task of this engine.
    pub(crate) fn lacks(&self, key: SessionKey, record: &Record, owners: &Owners) -> bool {
        let Some(entry) = self.get(key) else {
            return false;
        };
        let has = |name: &str| {
            record.slug.as_deref() == Some(name)
                || record.former.iter().any(|(former, _)| **former == *name)
                || record.aliases.iter().any(|(alias, _)| **alias == *name)
                || record.tasks.iter().any(|task| task.id == name)
        };
        let own = entry.names.slug().into_iter();
        let own = own.filter(|_| !self.may_yield(key));
        let aliases = entry.names.aliases.iter().map(|(alias, _)| alias);
        let former = entry.names.former.iter().map(|(former, _)| former);
        let mut names = own.chain(aliases).chain(former);
        let Some(prompts) = entry.prompts.as_deref() else {
            return names.any(|name| !has(name));
        };
        // Of this engine's own prompts the engine knows more than a record. One that another process stored may lack them.
        let process = record.process.is_some() && record.process == prompts.process;
        let ours = owners.own || process && !prompts.remote && record.writer.is_none();
        let is_task = |name: &str| ours && prompts.tasks.iter().any(|task| task.id == name);
        if names.any(|name| !has(name) && !is_task(name)) {
            return true;
        }
        if ours {
            return false;
        }
        let unlisted = |task: &Task| {
            let mut listed = record.tasks.iter();
            match task.delivered {
                true => listed.any(|other| !other.delivered && is_known_as(other, task)),
                false => !listed.any(|other| is_known_as(other, task)),
            }
        };
        if prompts.remote && prompts.queue.is_empty() {
            let id = &entry.identity.id;
            let mut results = self
                .queue
                .undelivered
                .iter()
                .chain(&self.queue.on_their_way);
            return results.any(|(of, prompt_no)| {
                let mut tasks = prompts.tasks.iter();
                *of == *id && tasks.any(|task| task.prompt_no == *prompt_no && unlisted(task))
            });
        }
        let held = record.prompt.is_some() || owners.holds_own;
        let unsent = prompts.in_record().is_some() && !held;
        unsent || prompts.tasks.iter().any(unlisted)
    }
}

/// The process that stored a record, if it is known.
fn author(record: &Record) -> Option<&String> {
    record.writer.as_ref().or(record.process.as_ref())
}

/// Whether a task of a record is one that an engine knows. Two processes may have given one number to prompts of their own.
fn is_known_as(listed: &Task, known: &Task) -> bool {
    listed.prompt_no == known.prompt_no && listed.is_same(known)
}
