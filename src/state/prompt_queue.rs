//! The prompts of all sessions: which wait, in order of arrival, which run, and which results are to be delivered. Beside
//! them the calls of the host's own tool.

use crate::collections::Sorted;
use crate::error::Wrong;
use crate::json::{Field, Read};
use crate::protocol::Task;
use crate::state::prompts::QueuedPrompt;
use serde::Serialize;
use std::sync::Arc;

/// A prompt by its session and number.
pub(crate) type PromptKey = (Arc<str>, u32);

/// The prompts that wait, run, or have a result to deliver.
#[derive(Debug, Default, Serialize)]
pub(super) struct PromptQueue {
    /// Prompts that were not sent yet, in order of arrival.
    pub(super) waiting: Vec<PromptKey>,
    /// The sessions of the prompts that run.
    pub(super) running: Vec<Arc<str>>,
    /// Prompts of children that are yet to be created, by ticket.
    pub(super) unborn: Sorted<u32, Unborn>,
    /// Background tasks that are over and whose results, or the notices of them, no message carries yet.
    pub(super) undelivered: Vec<PromptKey>,
    /// Those of which a message of this engine is on its way: the host has not said yet whether it arrived.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) on_their_way: Vec<PromptKey>,
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
    /// The message that makes it, if the host names it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) message: Option<Arc<str>>,
    pub(crate) call_id: Arc<str>,
    /// Whether it waits for the end of the session's turn too.
    pub(crate) joins: bool,
    /// Whether it prompts the session.
    pub(crate) runs: bool,
}

impl HostCall {
    pub(super) fn is(
        &self,
        session: &str,
        caller: &str,
        message: Option<&str>,
        call_id: &str,
    ) -> bool {
        (&*self.session, &*self.caller, &*self.call_id) == (session, caller, call_id)
            && self.message.as_deref() == message
    }
}

impl PromptQueue {
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
        self.on_their_way.retain(|(session, _)| **session != *id);
    }
}

impl Read for PromptQueue {
    fn of(saved: Field<'_>) -> Result<PromptQueue, Wrong> {
        Ok(PromptQueue {
            waiting: Read::must(&saved, "waiting")?,
            running: Read::must(&saved, "running")?,
            unborn: Read::must(&saved, "unborn")?,
            undelivered: Read::must(&saved, "undelivered")?,
            on_their_way: Read::given(&saved, "on_their_way")?.unwrap_or_default(),
            host_calls: Read::must(&saved, "host_calls")?,
        })
    }
}

impl Read for Unborn {
    fn of(saved: Field<'_>) -> Result<Unborn, Wrong> {
        Ok(Unborn {
            prompt: Read::must(&saved, "prompt")?,
            task: Read::maybe(&saved, "task")?,
            process: Read::maybe(&saved, "process")?,
        })
    }
}

impl Read for HostCall {
    fn of(saved: Field<'_>) -> Result<HostCall, Wrong> {
        Ok(HostCall {
            session: Read::must(&saved, "session")?,
            caller: Read::must(&saved, "caller")?,
            message: Read::given(&saved, "message")?,
            call_id: Read::must(&saved, "call_id")?,
            joins: Read::must(&saved, "joins")?,
            runs: Read::must(&saved, "runs")?,
        })
    }
}
