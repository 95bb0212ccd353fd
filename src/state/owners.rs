//! The processes that a record names. It names the one that runs its prompts, and beside it those to which it leaves a
//! prompt: two processes may prompt one session.

use crate::protocol::Record;
use crate::state::prompts::{QueuedPrompt, SessionPrompts};
use crate::state::recovery::Lookup;
use crate::state::registry::Registry;
use crate::state::slots::SessionKey;

/// What this engine and its host know of the processes that a record names.
pub(crate) struct Owners {
    /// Whether the process of the record is alive. None if it is this one, or if the host did not say.
    pub(crate) alive: Option<bool>,
    /// The others that are alive.
    living: Vec<String>,
    /// Whether this engine stored the record.
    pub(crate) own: bool,
    /// Whether the record holds a prompt that this process is to send.
    pub(crate) holds_own: bool,
}

impl Owners {
    /// Reads the processes of a record, and takes from it the prompts of `process`, which is this one: of its own prompts an
    /// engine knows more than the host has stored. `wrote` says that this engine stored the record.
    pub(crate) fn of(
        record: &mut Record,
        process: Option<&str>,
        wrote: bool,
        alive: Option<bool>,
        living: Option<Vec<String>>,
    ) -> Owners {
        if living.is_none() {
            // A host that does not say which of them live has the process of the record stand for all.
            record.prompt.iter_mut().for_each(|it| it.process = None);
        }
        let owner = record.prompt.as_ref().map(|it| it.process.as_deref());
        let holds_own = owner.is_some_and(|owner| match owner {
            Some(owner) => Some(owner) == process,
            None => wrote,
        });
        if holds_own {
            (record.prompt, record.message_id) = (None, None);
        }
        if wrote {
            record.tasks.clear();
        }
        Owners {
            alive: alive.filter(|_| !wrote),
            living: living.unwrap_or_default(),
            own: wrote,
            holds_own,
        }
    }

    /// Divides the prompts of a record into those that are left to a process and those that are orphaned. All are left if
    /// the process of the record is alive: `record` is given then.
    pub(super) fn share(
        &self,
        mut prompts: Vec<QueuedPrompt>,
        record: Option<&Record>,
    ) -> (Vec<QueuedPrompt>, Vec<QueuedPrompt>) {
        for prompt in &mut prompts {
            let owner = prompt.prompt.process.take();
            prompt.prompt.process = match record {
                Some(record) => owner.or_else(|| record.process.clone()),
                None => owner.filter(|owner| self.living.contains(owner)),
            };
        }
        let is_left = |prompt: &QueuedPrompt| prompt.prompt.process.is_some();
        prompts.into_iter().partition(is_left)
    }

    /// Whether a process is gone that a record names beside its own.
    fn is_gone(&self, record: &Record, process: &str) -> bool {
        let named = record.prompt.as_ref().and_then(|it| it.process.as_deref());
        named == Some(process) && !self.living.iter().any(|it| it == process)
    }
}

impl SessionPrompts {
    /// Whether prompts are left to a process that is gone.
    pub(super) fn are_abandoned(&self, record: &Record, owners: &Owners) -> bool {
        let mut left = self.remote_queue.iter();
        left.any(|prompt| is_abandoned(prompt, record, owners))
    }
}

impl Registry {
    /// Orphans the prompts that were left to a process that is gone. Gives those that are to be looked up.
    pub(crate) fn orphan_abandoned(
        &mut self,
        key: SessionKey,
        record: &Record,
        owners: &Owners,
    ) -> Vec<Lookup> {
        let prompts = self
            .get_mut(key)
            .and_then(|entry| entry.prompts.as_deref_mut());
        let Some(prompts) = prompts else {
            return Vec::new();
        };
        let all = std::mem::take(&mut prompts.remote_queue).into_iter();
        let (orphans, rest): (Vec<_>, Vec<_>) =
            all.partition(|prompt| is_abandoned(prompt, record, owners));
        prompts.remote_queue = rest;
        prompts.remote &= !prompts.remote_queue.is_empty();
        let lookups = orphans.iter().map(QueuedPrompt::lookup).collect();
        prompts.queue.extend(orphans.into_iter().map(|mut prompt| {
            prompt.prompt.process = None;
            prompt
        }));
        lookups
    }
}

fn is_abandoned(prompt: &QueuedPrompt, record: &Record, owners: &Owners) -> bool {
    let owner = prompt.prompt.process.as_deref();
    owner.is_some_and(|owner| owners.is_gone(record, owner))
}
