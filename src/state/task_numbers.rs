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
        let has = |tasks: &[Task], number: u32| tasks.iter().any(|it| it.prompt_no == number);
        for here in known {
            if !has(tasks, here.prompt_no)
                && let Some(task) = tasks
                    .iter_mut()
                    .find(|task| task.is_same(here) && !has(known, task.prompt_no))
            {
                task.prompt_no = here.prompt_no;
            }
        }
    }
}

/// The tasks of a record, each with a number that no prompt of this engine has: another process did not know that prompt
/// as it gave the number. The two processes may do so if each has read the session before the other prompted it.
pub(super) fn with_free_numbers<'a>(
    listed: &'a [Task],
    known: &[Task],
    queue: &[QueuedPrompt],
    last_no: u32,
) -> Cow<'a, [Task]> {
    let taken = |task: &Task| {
        runs(queue, task.prompt_no) && known.iter().all(|known| known.prompt_no != task.prompt_no)
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
