//! The numbers of tasks that two processes number: each may number a prompt before it reads the record of the other.

use crate::protocol::{LAST_PROMPT_NO, Task};
use crate::state::prompts::QueuedPrompt;
use crate::state::registry::Registry;
use crate::state::slots::SessionKey;
use std::borrow::Cow;

impl Registry {
    /// Gives the tasks of a record the numbers that they have here. Of two processes, one may have changed a number that
    /// the other gave.
    pub(crate) fn number_as_known(&self, key: SessionKey, tasks: &mut [Task]) {
        let prompts = self.get(key).and_then(|entry| entry.prompts.as_deref());
        let known = prompts.map_or(&[][..], |prompts| &prompts.tasks);
        for here in known {
            // Two tasks of one caller may begin at one moment, and a task that was not sent has no message.
            let settled = |task: &Task| {
                let mut known = known.iter();
                known.any(|known| known.prompt_no == task.prompt_no && known.is_same(task))
            };
            if tasks
                .iter()
                .any(|task| task.prompt_no == here.prompt_no && task.is_same(here))
            {
                continue;
            }
            let mut same = tasks.iter();
            let Some(theirs) = same.position(|task| task.is_same(here) && !settled(task)) else {
                continue;
            };
            let mut others = tasks.iter();
            let holder = others.position(|task| task.prompt_no == here.prompt_no);
            match holder {
                // Each of two processes has given the number of the other's task another one.
                Some(holder) => swap_numbers(tasks, theirs, holder),
                None => {
                    if let Some(task) = tasks.get_mut(theirs) {
                        task.prompt_no = here.prompt_no;
                    }
                }
            }
        }
    }
}

/// Gives two tasks each other's number.
fn swap_numbers(tasks: &mut [Task], one: usize, other: usize) {
    if let Ok([one, other]) = tasks.get_disjoint_mut([one, other]) {
        std::mem::swap(&mut one.prompt_no, &mut other.prompt_no);
    }
}

/// The tasks of a record, each with a number that no prompt and no result of this engine has: another process did not know
/// those as it gave the number. The two processes may do so if each has read the session before the other prompted it.
/// `own` says whether this engine runs a task, or is to deliver its result.
pub(super) fn with_free_numbers<'a>(
    listed: &'a [Task],
    known: &[Task],
    queue: &[QueuedPrompt],
    own: impl Fn(&Task) -> bool,
    last_no: u32,
) -> Cow<'a, [Task]> {
    let taken = |task: &Task| {
        let mut known = known.iter();
        match known.find(|known| known.prompt_no == task.prompt_no) {
            Some(known) => (known.delivered || own(known)) && !known.is_same(task),
            None => runs(queue, task.prompt_no),
        }
    };
    if !listed.iter().any(taken) {
        return Cow::Borrowed(listed);
    }
    let numbers = listed.iter().chain(known).map(|task| task.prompt_no);
    let mut last = numbers.fold(last_no, u32::max);
    let mut listed = listed.to_vec();
    for task in listed.iter_mut().filter(|task| taken(task)) {
        if last < LAST_PROMPT_NO {
            last += 1;
            task.prompt_no = last;
        }
    }
    Cow::Owned(listed)
}

/// Whether this engine runs a prompt, or is to run it.
pub(super) fn runs(queue: &[QueuedPrompt], prompt_no: u32) -> bool {
    let mut queue = queue.iter();
    queue.any(|prompt| prompt.prompt_no == prompt_no && !prompt.is_orphaned())
}
