//! The prompts and tasks that other processes left in records, brought to the recovery table and carried out.

use crate::collections::sort_few;
use crate::protocol::{Prompt, PromptState, Record, Task, TaskState};
use crate::rules::recovery_table::{Case, Remains, Runner, Step, recovery};
use crate::state::owners::Owners;
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
    abandoned: false,
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

    /// The question whether its message is in the session.
    pub(super) fn lookup(&self) -> Lookup {
        Lookup {
            prompt_no: self.prompt_no,
            attempt: self.attempt,
            message_id: self.message_id.clone(),
        }
    }

    /// A prompt of a record, as an orphan or as one that is left to a process.
    fn orphan(prompt_no: u32, message_id: Option<String>, process: Option<String>) -> QueuedPrompt {
        QueuedPrompt {
            prompt_no,
            state: PromptState::Sent,
            phase: Phase::Orphaned,
            message_id,
            prompt: Prompt {
                process,
                ..Prompt::default()
            },
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
        owners: &Owners,
    ) -> Step {
        let entry = self.get(key);
        let prompts = entry.and_then(|entry| entry.prompts.as_deref());
        let known = prompts.filter(|_| !first);
        // The last record of a process may come after its end. An earlier one has no later task.
        let unknown = |task: &Task| {
            known.is_some_and(|prompts| {
                let mut tasks = prompts.tasks.iter();
                let other = prompts.process != record.process;
                task.is_open()
                    && (other || task.prompt_no > prompts.last_no)
                    && tasks.all(|other| other.prompt_no != task.prompt_no)
                    && !prompts.delivered.contains(&task.prompt_no)
            })
        };
        recovery(&Remains {
            case: Case::Record,
            runner: match owners.alive {
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
            abandoned: known.is_some_and(|prompts| prompts.are_abandoned(owners)),
            ..NOTHING
        })
        .step()
    }

    /// Takes in the prompts and tasks of a record: for the process of the record, or as orphans. What the
    /// record leaves to a third one is left to that while it is alive. Gives the orphans that are to be looked up.
    pub(crate) fn take_prompts(
        &mut self,
        key: SessionKey,
        record: &Record,
        owners: &Owners,
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
        let owner = |owner: Option<&String>| owners.left_to(owner, record, remote);
        let gone = |task: &Task| owners.has(task) || delivered.contains(&task.prompt_no);
        let tasks = merge_tasks(tasks, gone, &listed, own, owner);
        let mut left = prompts_left(record, &tasks, owner);
        if remote {
            // That process has taken in the orphans of this one, but for those that are left to this one.
            let ours =
                |it: &QueuedPrompt, number| it.prompt.process.is_none() && it.prompt_no == number;
            queue.retain(|known| left.iter().any(|it| ours(it, known.prompt_no)));
        }
        left.retain(|prompt| take_prompt(prompt, &mut queue));
        let numbers = tasks.iter().map(|task| task.prompt_no);
        let last = numbers.chain(left.iter().map(|prompt| prompt.prompt_no));
        let last_no = last.max().unwrap_or_default().max(last_no);
        let is_left = |prompt: &QueuedPrompt| prompt.prompt.process.is_some();
        let (remote_queue, left): (Vec<_>, Vec<_>) = left.into_iter().partition(is_left);
        for task in &tasks {
            let result = (id.clone(), task.prompt_no);
            if task.is_due()
                && task.process.is_none()
                && !undelivered.contains(&result)
                && !on_their_way.contains(&result)
            {
                undelivered.push(result);
            }
        }
        let lookups = left.iter().map(QueuedPrompt::lookup).collect();
        let process = match queue.iter().any(|prompt| !prompt.is_orphaned()) {
            true => process,
            false => record.process.clone(),
        };
        queue.extend(left);
        let empty = queue.is_empty() && remote_queue.is_empty() && tasks.is_empty();
        if let Some(entry) = self.get_mut(key)
            && (!empty || busy_elsewhere)
        {
            let mut prompts = SessionPrompts {
                queue,
                remote,
                remote_queue,
                last_no,
                busy_elsewhere,
                tasks,
                delivered,
                process,
            };
            prompts.remote |= prompts.leaves_any();
            entry.prompts = Some(Box::new(prompts));
        }
        lookups
    }

    /// Orphans the prompts and tasks that were left to a process that is gone. Gives the prompts that are to be looked up.
    pub(crate) fn orphan_abandoned(&mut self, key: SessionKey, owners: &Owners) -> Vec<Lookup> {
        let id = self.id(key);
        let prompts = self
            .get_mut(key)
            .and_then(|entry| entry.prompts.as_deref_mut());
        let Some(prompts) = prompts else {
            return Vec::new();
        };
        let mut due = Vec::new();
        for task in &mut prompts.tasks {
            if owners.abandons(task.process.as_ref()) {
                task.process = None;
                due.extend(task.is_due().then(|| (id.clone(), task.prompt_no)));
            }
        }
        let all = std::mem::take(&mut prompts.remote_queue).into_iter();
        let (orphans, rest): (Vec<QueuedPrompt>, Vec<_>) =
            all.partition(|it| owners.abandons(it.prompt.process.as_ref()));
        prompts.remote_queue = rest;
        prompts.remote &= prompts.leaves_any();
        let lookups = orphans.iter().map(QueuedPrompt::lookup).collect();
        prompts.queue.extend(orphans.into_iter().map(|mut prompt| {
            prompt.prompt.process = None;
            prompt
        }));
        for result in due {
            if !self.queue.undelivered.contains(&result) {
                self.queue.undelivered.push(result);
            }
        }
        lookups
    }

    /// The number of a session's last task.
    pub(crate) fn last_task(&self, key: SessionKey) -> Option<u32> {
        let prompts = self.get(key)?.prompts.as_deref()?;
        prompts.tasks.last().map(|task| task.prompt_no)
    }
}

/// The tasks of a record and those that an engine knows, as the recovery table has them.
fn merge_tasks(
    known: Vec<Task>,
    delivered: impl Fn(&Task) -> bool,
    listed: &[Task],
    own: impl Fn(&Task) -> bool,
    owner: impl Fn(Option<&String>) -> Option<String>,
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
            delivered: delivered(task),
            ..NOTHING
        });
        let mut merged = match (row.step(), ours) {
            (Step::Drop, _) => continue,
            (Step::KeepOurs, Some(ours)) => ours.clone(),
            _ => task.clone(),
        };
        let process = owner(task.process.as_ref());
        merged.process = process.filter(|_| !own(&merged));
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

pub(super) fn add_missing(ids: &mut Vec<String>, others: &[String]) {
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

/// The prompts of a record that were not ended, as orphans, each with the process to which it is left.
fn prompts_left(
    record: &Record,
    tasks: &[Task],
    owner: impl Fn(Option<&String>) -> Option<String>,
) -> Vec<QueuedPrompt> {
    let running = tasks
        .iter()
        .filter(|task| !task.delivered && task.state == TaskState::Running);
    let mut left: Vec<QueuedPrompt> = running
        .map(|task| QueuedPrompt {
            caller: task.caller_id.as_str().into(),
            background: true,
            ..QueuedPrompt::orphan(
                task.prompt_no,
                task.message_id.clone(),
                task.process.clone(),
            )
        })
        .collect();
    if let Some(prompt) = &record.prompt {
        let owner = owner(prompt.process.as_ref());
        hold_in_record(&mut left, record, prompt, tasks, owner);
    }
    left
}

/// Finds the prompt of a record among those that were not ended. If it is not there, adds it as one that a caller
/// waited for.
fn hold_in_record(
    left: &mut Vec<QueuedPrompt>,
    record: &Record,
    prompt: &Prompt,
    tasks: &[Task],
    owner: Option<String>,
) {
    // A task that was not sent yet has no message to be known by.
    let known =
        |left: &QueuedPrompt| left.message_id.is_some() && left.message_id == record.message_id;
    let index = left.iter().position(known).unwrap_or_else(|| {
        let free = |number: &u32| tasks.iter().all(|task| task.prompt_no != *number);
        let number = (1..).find(free).unwrap_or_default();
        let message_id = record.message_id.clone();
        left.insert(0, QueuedPrompt::orphan(number, message_id, owner));
        0
    });
    if let Some(held) = left.get_mut(index) {
        let process = held.prompt.process.take();
        held.prompt = Prompt {
            process,
            ..prompt.clone()
        };
        held.recorded = true;
    }
}
