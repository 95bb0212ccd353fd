//! The calls of the host's own tool in order of arrival: one prompts a session, and the others wait behind it.

use crate::protocol::QueuedCall;
use crate::rules::limits::OPEN_TICKETS;
use crate::state::prompt_queue::HostCall;
use crate::state::registry::Registry;
use std::sync::Arc;

impl Registry {
    /// Takes in a call, unless it is known. Gives the call; none if the host has not confirmed its session.
    pub(crate) fn queue_host_call(&mut self, call: &QueuedCall) -> Option<HostCall> {
        let (session, caller, call_id) = (&*call.session_id, &*call.caller_id, &*call.call_id);
        let message = call.message_id.as_deref();
        let mut calls = self.queue.host_calls.iter_mut();
        if let Some(known) = calls.find(|known| known.is(session, caller, message, call_id)) {
            let starts = !known.runs && call.runs == Some(true);
            known.runs |= starts;
            let known = known.clone();
            if starts && let Some(key) = self.find(session) {
                self.end_stop(key, call.now);
            }
            return Some(known);
        }
        let key = self.find(session).filter(|key| self.is_confirmed(*key))?;
        // A call that waits since before the stop does not end it.
        self.end_stop(key, call.now);
        let queued = HostCall {
            session: self.id(key),
            caller: caller.into(),
            message: message.map(Arc::from),
            call_id: call_id.into(),
            joins: call.joins == Some(true),
            runs: call.runs == Some(true),
        };
        self.queue.host_calls.push(queued.clone());
        Some(queued)
    }

    /// The oldest call, if more are open than may be.
    pub(crate) fn overdue_host_call(&self) -> Option<&HostCall> {
        let calls = &self.queue.host_calls;
        calls.first().filter(|_| calls.len() > OPEN_TICKETS)
    }

    /// How many calls a call waits for: the one that prompts its session, and those that came earlier.
    pub(crate) fn host_calls_before(&self, call: &HostCall) -> usize {
        let calls = || self.queue.host_calls.iter().enumerate();
        let own = calls().find(|(_, other)| *other == call);
        let own = own.map_or(usize::MAX, |(index, _)| index);
        let others = calls().filter(|(index, other)| {
            other.session == call.session && (*index < own || other.runs && *index != own)
        });
        others.count()
    }

    /// The call that is the next to prompt a session, if no call prompts it.
    pub(crate) fn next_host_call(&self, session: &str) -> Option<HostCall> {
        let calls = self.queue.host_calls.iter();
        let mut calls = calls.filter(|call| *call.session == *session);
        let next = calls.next()?;
        let free = !next.runs && calls.all(|call| !call.runs);
        free.then(|| next.clone())
    }

    /// Whether a call that joins a session prompts it now.
    pub(crate) fn is_joined_by_host(&self, session: &str) -> bool {
        let mut calls = self.queue.host_calls.iter();
        calls.any(|call| *call.session == *session && call.joins && call.runs)
    }

    /// Notes that a call prompts its session.
    pub(crate) fn start_host_call(&mut self, call: &HostCall) {
        let mut calls = self.queue.host_calls.iter_mut();
        if let Some(known) = calls.find(|known| **known == *call) {
            known.runs = true;
        }
    }

    /// Ends a call. Whether it was open.
    pub(crate) fn end_host_call(
        &mut self,
        session: &str,
        caller: &str,
        message: Option<&str>,
        call_id: &str,
    ) -> bool {
        let calls = &mut self.queue.host_calls;
        let before = calls.len();
        calls.retain(|call| !call.is(session, caller, message, call_id));
        calls.len() < before
    }

    /// Ends the calls of a caller, and gives the sessions that they were for.
    pub(crate) fn end_host_calls_of(&mut self, caller: &str) -> Vec<Arc<str>> {
        let calls = &mut self.queue.host_calls;
        let ended = calls.extract_if(.., |call| *call.caller == *caller);
        ended.map(|call| call.session).collect()
    }
}
