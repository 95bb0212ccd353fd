//! The prompts and tasks that other processes left in records, brought to the recovery table and carried out.

use crate::collections::sort_few;
use crate::protocol::{Prompt, PromptState, Record, Task, TaskState};
use crate::rules::recovery_table::{Case, Remains, Runner, Step, recovery};
use crate::state::prompt_queue::PromptQueue;
use crate::state::prompts::{Phase, QueuedPrompt, SessionPrompts, note_numbers};
use crate::state::registry::Registry;
use crate::state::slots::SessionKey;
use crate::state::task_numbers::{runs, with_free_numbers};
use std::sync::Arc;

/// The facts of a case of which nothing is known.
const NOTHING: Remains = Remains {
    case: Case::Record,
    runner: Runner::None,
    unborn: false,
    first: false,
    known: false,
    own: false,
    remote: false,
    news: false,
    closed: false,
    in_record: false,
    delivered: false,
    further: false,
    replaced: false,
    same_caller: false,
};

/// An orphaned prompt that is to be looked up in its session.
pub(crate) struct Lookup {
    pub(crate) prompt_no: u32,
    pub(crate) attempt: u32,
    pub(crate) message_id: Option<String>,
}

impl QueuedPrompt {
    /// The step for an orphan at the next prompt of its session.
    pub(super) fn recovery(&self, caller: &Arc<str>) -> Step {
        recovery(&Remains {
            case: Case::Orphan,
            in_record: self.is_in_record(),
            same_caller: self.caller == *caller,
            ..NOTHING
        })
        .step()
    }

    /// An orphan of a record.
    fn orphan(prompt_no: u32, message_id: Option<String>) -> QueuedPrompt {
        QueuedPrompt {
            prompt_no,
            state: PromptState::Sent,
            phase: Phase::Orphaned,
            message_id,
            ..QueuedPrompt::default()
        }
    }
}

impl Registry {
    /// The step for the prompts of a record that is read.
    pub(crate) fn met_record(
        &self,
        key: SessionKey,
        record: &Record,
        first: bool,
        alive: Option<bool>,
    ) -> Step {
        let entry = self.get(key);
        let prompts = entry.and_then(|entry| entry.prompts.as_deref());
        let known = prompts.filter(|_| !first);
        // The last record of a process may come after its end. An earlier one has no later task.
        let unknown = |task: &Task| {
            known.is_some_and(|prompts| {
                let mut tasks = prompts.tasks.iter();
                let other = prompts.process != record.process;
                (other || task.prompt_no > prompts.last_no)
                    && tasks.all(|other| other.prompt_no != task.prompt_no)
                    && !prompts.delivered.contains(&task.prompt_no)
            })
        };
        recovery(&Remains {
            case: Case::Record,
            runner: match alive {
                Some(true) => Runner::Alive,
                Some(false) => Runner::Gone,
                None => Runner::None,
            },
            unborn: self.unborn(key).is_some(),
            first,
            known: known.is_some(),
            own: known.is_some_and(SessionPrompts::is_live),
            remote: known.is_some_and(|prompts| prompts.remote),
            news: record.tasks.iter().any(unknown),
            closed: record.process.is_none(),
            ..NOTHING
        })
        .step()
    }

    /// Takes in the prompts and tasks of a record: for a process that is alive, or as orphans. Gives the orphans that
    /// are to be looked up.
    pub(crate) fn take_prompts(
        &mut self,
        key: SessionKey,
        record: &Record,
        remote: bool,
    ) -> Vec<Lookup> {
        let id = self.id(key);
        let known = self.get_mut(key).and_then(|entry| entry.prompts.take());
        let SessionPrompts {
            mut queue,
            last_no,
            busy_elsewhere,
            tasks,
            mut delivered,
            process,
            ..
        } = known.map(|known| *known).unwrap_or_default();
        let PromptQueue {
            undelivered,
            on_their_way,
            ..
        } = &mut self.queue;
        let own = |task: &Task| {
            let result = (id.clone(), task.prompt_no);
            undelivered.contains(&result)
                || on_their_way.contains(&result)
                || runs(&queue, task.prompt_no)
        };
        let listed = with_free_numbers(&record.tasks, &tasks, &queue, own, last_no);
        let moved = record.tasks.iter().zip(&*listed);
        let moved = moved.filter(|(theirs, ours)| theirs.prompt_no != ours.prompt_no);
        note_numbers(&mut delivered, moved.map(|(theirs, _)| theirs.prompt_no));
        let tasks = merge_tasks(tasks, &delivered, &listed, own);
        let mut left = prompts_left(record, &tasks);
        if remote {
            // That process has taken in the orphans of this one.
            queue.clear();
        }
        left.retain(|prompt| take_prompt(prompt, &mut queue));
        let numbers = tasks.iter().map(|task| task.prompt_no);
        let last = numbers.chain(left.iter().map(|prompt| prompt.prompt_no));
        let last_no = last.max().unwrap_or_default().max(last_no);
        let mut lookups = Vec::new();
        if !remote {
            for task in &tasks {
                let result = (id.clone(), task.prompt_no);
                if task.is_due() && !undelivered.contains(&result) {
                    undelivered.push(result);
                }
            }
            lookups.extend(left.iter().map(|prompt| Lookup {
                prompt_no: prompt.prompt_no,
                attempt: prompt.attempt,
                message_id: prompt.message_id.clone(),
            }));
        }
        let process = match queue.iter().any(|prompt| !prompt.is_orphaned()) {
            true => process,
            false => record.process.clone(),
        };
        let mut remote_queue = Vec::new();
        match remote {
            true => remote_queue = left,
            false => queue.extend(left),
        }
        let empty = queue.is_empty() && remote_queue.is_empty() && tasks.is_empty();
        if let Some(entry) = self.get_mut(key)
            && (!empty || busy_elsewhere)
        {
            entry.prompts = Some(Box::new(SessionPrompts {
                queue,
                remote,
                remote_queue,
                last_no,
                busy_elsewhere,
                tasks,
                delivered,
                process,
            }));
        }
        lookups
    }

    /// The number of a session's last task.
    pub(crate) fn last_task(&self, key: SessionKey) -> Option<u32> {
        let prompts = self.get(key)?.prompts.as_deref()?;
        prompts.tasks.last().map(|task| task.prompt_no)
    }

    /// Takes in which results of tasks another process has delivered.
    pub(crate) fn note_delivered_elsewhere(&mut self, key: SessionKey, record: &Record) {
        let id = self.id(key);
        let prompts = self
            .get_mut(key)
            .and_then(|entry| entry.prompts.as_deref_mut());
        let Some(prompts) = prompts else { return };
        if record.prompt.is_none() {
            prompts.remote_queue.retain(|prompt| !prompt.recorded);
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
        self.queue
            .undelivered
            .retain(|result| !delivered.contains(result));
    }

    /// Whether a record lacks a name that a reader may have, or a prompt or a task of this engine.
    pub(crate) fn lacks(&self, key: SessionKey, record: &Record) -> bool {
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
        let ours = process && !prompts.remote && record.writer.is_none();
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
        if prompts.remote && !prompts.is_live() {
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
        let unsent = prompts.in_record().is_some() && record.prompt.is_none();
        unsent || prompts.tasks.iter().any(unlisted)
    }
}

/// Whether a task of a record is one that an engine knows. Two processes may have given one number to prompts of their own.
fn is_known_as(listed: &Task, known: &Task) -> bool {
    listed.prompt_no == known.prompt_no && listed.is_same(known)
}

/// The tasks of a record and those that an engine knows, as the recovery table has them.
fn merge_tasks(
    known: Vec<Task>,
    delivered: &[u32],
    listed: &[Task],
    own: impl Fn(&Task) -> bool,
) -> Vec<Task> {
    let further = |task: &Task, than: &Task| {
        task.delivered && !than.delivered
            || task.state != TaskState::Running && than.state == TaskState::Running
    };
    let mut tasks: Vec<Task> = Vec::new();
    for task in listed {
        let ours = known.iter().find(|known| known.prompt_no == task.prompt_no);
        let row = recovery(&Remains {
            case: Case::Task,
            in_record: true,
            known: ours.is_some(),
            further: ours.is_some_and(|ours| further(ours, task)),
            delivered: delivered.contains(&task.prompt_no),
            ..NOTHING
        });
        let mut merged = match (row.step(), ours) {
            (Step::Drop, _) => continue,
            (Step::KeepOurs, Some(ours)) => ours.clone(),
            _ => task.clone(),
        };
        let both = known
            .iter()
            .chain(listed)
            .filter(|other| other.prompt_no == task.prompt_no);
        for other in both {
            add_missing(&mut merged.delivered_by, &other.delivered_by);
        }
        tasks.push(merged);
    }
    let more = known.into_iter().filter(|task| {
        let row = recovery(&Remains {
            case: Case::Task,
            known: true,
            delivered: task.delivered,
            own: own(task),
            ..NOTHING
        });
        listed.iter().all(|other| other.prompt_no != task.prompt_no) && row.step() == Step::KeepOurs
    });
    tasks.extend(more);
    sort_few(&mut tasks, |one, other| one.prompt_no > other.prompt_no);
    tasks
}

fn add_missing(ids: &mut Vec<String>, others: &[String]) {
    for id in others {
        if !ids.contains(id) {
            ids.push(id.clone());
        }
    }
}

/// Whether a prompt of a record is taken in. It replaces a known orphan with another message.
fn take_prompt(prompt: &QueuedPrompt, queue: &mut Vec<QueuedPrompt>) -> bool {
    let known = || {
        let queued = queue.iter();
        queued.filter(|known| known.prompt_no == prompt.prompt_no)
    };
    // A later process may have given the number of an orphan to one of its own prompts.
    let replaced =
        |known: &QueuedPrompt| known.is_orphaned() && known.message_id != prompt.message_id;
    let row = recovery(&Remains {
        case: Case::Prompt,
        known: known().next().is_some(),
        replaced: known().all(replaced),
        ..NOTHING
    });
    let taken = row.step() == Step::TakeTheirs;
    if taken {
        queue.retain(|known| known.prompt_no != prompt.prompt_no);
    }
    taken
}

/// The prompts of a record that were not ended, as orphans.
fn prompts_left(record: &Record, tasks: &[Task]) -> Vec<QueuedPrompt> {
    let running = tasks
        .iter()
        .filter(|task| !task.delivered && task.state == TaskState::Running);
    let mut left: Vec<QueuedPrompt> = running
        .map(|task| QueuedPrompt {
            caller: task.caller_id.as_str().into(),
            background: true,
            ..QueuedPrompt::orphan(task.prompt_no, task.message_id.clone())
        })
        .collect();
    if let Some(prompt) = &record.prompt {
        hold_in_record(&mut left, record, prompt, tasks);
    }
    left
}

/// Finds the prompt of a record among those that were not ended. If it is not there, adds it as one that a caller
/// waited for.
fn hold_in_record(left: &mut Vec<QueuedPrompt>, record: &Record, prompt: &Prompt, tasks: &[Task]) {
    // A task that was not sent yet has no message to be known by.
    let known =
        |left: &QueuedPrompt| left.message_id.is_some() && left.message_id == record.message_id;
    let index = left.iter().position(known).unwrap_or_else(|| {
        let free = |number: &u32| tasks.iter().all(|task| task.prompt_no != *number);
        let number = (1..).find(free).unwrap_or_default();
        left.insert(0, QueuedPrompt::orphan(number, record.message_id.clone()));
        0
    });
    if let Some(held) = left.get_mut(index) {
        (held.prompt, held.recorded) = (prompt.clone(), true);
    }
}
