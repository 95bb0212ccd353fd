//! The prompts of all sessions: which wait, in order of arrival, which run, and which results are to be delivered. Beside
//! them the calls of the host's own tool.

use crate::collections::Sorted;
use crate::error::Wrong;
use crate::json::{Field, Read};
use crate::protocol::Task;
use crate::state::prompts::QueuedPrompt;
use serde::Serialize;
use std::collections::VecDeque;
use std::sync::Arc;

/// A prompt by its session and number.
pub(crate) type PromptKey = (Arc<str>, u32);

/// The prompts that wait, run, or have a result to deliver.
#[derive(Debug, Default, Serialize)]
pub(super) struct PromptQueue {
    /// Prompts that were not sent yet, in order of arrival.
    pub(super) waiting: VecDeque<PromptKey>,
    /// The sessions of the prompts that run.
    pub(super) running: Vec<Arc<str>>,
    /// Prompts of children that are yet to be created, by ticket.
    pub(super) unborn: Sorted<u32, Unborn>,
    /// Background tasks that are over and whose results no message carries yet.
    pub(super) undelivered: Vec<PromptKey>,
    /// Calls of the host's own tool that are not over, in order of arrival.
    pub(super) host_calls: Vec<HostCall>,
}

/// The prompt of a child that is yet to be created.
#[derive(Debug, Serialize)]
pub(super) struct Unborn {
    pub(super) prompt: QueuedPrompt,
    /// The background task that it is.
    pub(super) task: Option<Task>,
    /// The process that runs it.
    pub(super) process: Option<String>,
}

/// A call of the host's own tool.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct HostCall {
    pub(crate) session: Arc<str>,
    pub(crate) caller: Arc<str>,
    pub(crate) call_id: Arc<str>,
    /// Whether it waits for the end of the session's turn too.
    pub(crate) joins: bool,
    /// Whether it prompts the session.
    pub(crate) runs: bool,
}

impl HostCall {
    pub(super) fn of(saved: Field<'_>) -> Result<HostCall, Wrong> {
        let text = |key| saved.must(key)?.text().map(Arc::<str>::from);
        Ok(HostCall {
            session: text("session")?,
            caller: text("caller")?,
            call_id: text("call_id")?,
            joins: saved.must("joins")?.flag()?,
            runs: saved.must("runs")?.flag()?,
        })
    }

    pub(super) fn is(&self, session: &str, caller: &str, call_id: &str) -> bool {
        (&*self.session, &*self.caller, &*self.call_id) == (session, caller, call_id)
    }
}

impl PromptQueue {
    pub(super) fn of(saved: Field<'_>) -> Result<PromptQueue, Wrong> {
        let key = |key: Field<'_>| {
            let (id, prompt_no) = key.pair()?;
            Ok((Arc::from(id.text()?), prompt_no.count()?))
        };
        let mut unborn = Sorted::default();
        for pair in saved.must("unborn")?.list()? {
            let (ticket, saved) = pair.pair()?;
            unborn.insert(ticket.count()?, Unborn::of(saved)?);
        }
        let running = saved.must("running")?;
        Ok(PromptQueue {
            waiting: saved
                .must("waiting")?
                .list()?
                .map(key)
                .collect::<Result<_, Wrong>>()?,
            running: running
                .list()?
                .map(|id| id.text().map(Arc::from))
                .collect::<Result<_, Wrong>>()?,
            unborn,
            undelivered: saved
                .must("undelivered")?
                .list()?
                .map(key)
                .collect::<Result<_, Wrong>>()?,
            host_calls: saved
                .must("host_calls")?
                .list()?
                .map(HostCall::of)
                .collect::<Result<_, Wrong>>()?,
        })
    }

    /// Removes a prompt that neither waits nor runs any more.
    pub(super) fn release(&mut self, id: &Arc<str>, prompt: &QueuedPrompt) {
        self.waiting
            .retain(|(session, waiting)| (session, *waiting) != (id, prompt.prompt_no));
        if prompt.is_running() {
            self.running.retain(|session| session != id);
        }
    }

    /// Forgets a session that is gone.
    pub(super) fn forget(&mut self, id: &str) {
        self.waiting.retain(|(session, _)| **session != *id);
        self.running.retain(|session| **session != *id);
        self.undelivered.retain(|(session, _)| **session != *id);
    }
}

impl Unborn {
    fn of(saved: Field<'_>) -> Result<Unborn, Wrong> {
        Ok(Unborn {
            prompt: QueuedPrompt::of(saved.must("prompt")?)?,
            task: saved.maybe("task")?.map(Task::of).transpose()?,
            process: saved
                .maybe("process")?
                .map(|process| process.text().map(str::to_owned))
                .transpose()?,
        })
    }
}
