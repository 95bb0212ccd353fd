//! The processes that a record names. It names the one that runs its prompts, and beside it those to which it leaves a
//! prompt or a task: two processes may prompt one session.

use crate::protocol::{Record, Task};
use crate::state::prompts::SessionPrompts;

/// What this engine and its host know of the processes that a record names.
pub(crate) struct Owners {
    /// Whether the process of the record is alive. None if it is this one, or if the host did not say.
    pub(crate) alive: Option<bool>,
    /// The others that are alive.
    living: Vec<String>,
    /// The others that are gone.
    gone: Vec<String>,
    /// Those of them that the process of the machine in which this engine runs has outlived.
    outlived: Vec<String>,
    /// This process.
    engine: Option<String>,
    /// Whether this engine stored the record.
    pub(crate) own: bool,
    /// Whether the record holds a prompt that this process is to send.
    pub(crate) holds_own: bool,
}

impl Owners {
    /// Reads the processes of a record, and takes from it what belongs to `engine`, which is this one: of its own prompts an
    /// engine knows more than the host has stored. `own` says that this engine stored the record, and `first` that the
    /// session is read for the first time.
    pub(crate) fn of(
        record: &mut Record,
        engine: Option<&str>,
        own: bool,
        first: bool,
        alive: Option<bool>,
        living: Option<Vec<String>>,
        outlived: Option<Vec<String>>,
    ) -> Owners {
        let says = living.is_some();
        let living = living.unwrap_or_default();
        let mut gone = Vec::new();
        let prompt = record.prompt.iter_mut().map(|it| &mut it.process);
        let tasks = record.tasks.iter_mut().map(|it| &mut it.process);
        for owner in prompt.chain(tasks) {
            // If the host does not say who is alive, the process of the record stands for all.
            *owner = owner
                .take()
                .filter(|owner| says && Some(owner) != record.process.as_ref());
            let other = owner.iter().filter(|owner| Some(&***owner) != engine);
            gone.extend(other.filter(|owner| !living.contains(owner)).cloned());
        }
        let is_own = |owner: &Option<String>| match owner {
            Some(owner) => Some(&**owner) == engine,
            None => own,
        };
        let holds_own = record.prompt.as_ref().is_some_and(|it| is_own(&it.process));
        if holds_own {
            (record.prompt, record.message_id) = (None, None);
        }
        if own || first {
            record.tasks.retain(|task| !is_own(&task.process));
        }
        Owners {
            alive: alive.filter(|_| !own),
            living,
            gone,
            outlived: outlived.unwrap_or_default(),
            engine: engine.map(str::to_owned),
            own,
            holds_own,
        }
    }

    /// Whether a record says that a task is one of this process.
    pub(super) fn has(&self, task: &Task) -> bool {
        task.process.is_some() && task.process == self.engine
    }

    /// The process to which a prompt or a task of a record is left, if it is left to one: to the `owner` that the record
    /// names for it, or to the process of the record. `remote` says that the latter is alive: it takes over from the others.
    /// Only this engine knows that an earlier instance beside it is gone, so it takes over from that itself.
    pub(super) fn left_to(
        &self,
        owner: Option<&String>,
        record: &Record,
        remote: bool,
    ) -> Option<String> {
        match owner {
            Some(owner) if self.engine.as_ref() == Some(owner) => None,
            Some(owner) => Some(owner).filter(|owner| {
                self.living.contains(owner) || remote && !self.outlived.contains(owner)
            }),
            None => record.process.as_ref().filter(|_| remote),
        }
        .cloned()
    }

    /// Whether something is left to a process that is gone.
    pub(super) fn abandons(&self, owner: Option<&String>) -> bool {
        owner.is_some_and(|owner| self.gone.contains(owner))
    }
}

impl SessionPrompts {
    /// Whether prompts or tasks are left to a process that is gone.
    pub(super) fn are_abandoned(&self, owners: &Owners) -> bool {
        let prompts = self
            .remote_queue
            .iter()
            .map(|it| it.prompt.process.as_ref());
        let tasks = self.tasks.iter().filter(|task| task.is_open());
        let mut left = prompts.chain(tasks.map(|task| task.process.as_ref()));
        left.any(|owner| owners.abandons(owner))
    }
}

/// Names in the tasks of a record those processes that are not the one of the record. `engine` is the process of this
/// engine.
pub(super) fn name_owners(tasks: &mut [Task], process: Option<&str>, engine: Option<&str>) {
    for task in tasks {
        let owner = task.process.take().or_else(|| engine.map(str::to_owned));
        let open = task.is_open() && process.is_some();
        task.process = owner.filter(|owner| open && Some(&**owner) != process);
    }
}
