//! Calls of the host's own tool: one at a time prompts a session, since the host gives two calls of one running session
//! each other's answers.

use crate::engine::Engine;
use crate::one_line::quotable;
use crate::protocol::{Effect, QueuedCall, Status};
use crate::rules::limits::OPEN_TICKETS;
use crate::state::HostCall;

impl Engine {
    /// Takes in a call that prompts a session or is to prompt one. A call that is known gets the same answer again.
    pub(super) fn call_queued(&mut self, call: &QueuedCall) {
        if let Some(queued) = self.registry.queue_host_call(call) {
            self.answer(&queued);
        }
        if let Some(oldest) = self.registry.overdue_host_call().cloned() {
            self.notices.push(format!(
                "More than {OPEN_TICKETS} calls wait for their sessions. The oldest, for session \"{}\", waits no longer: it may get the answer of another call.",
                quotable(&oldest.session)
            ));
            if !oldest.runs {
                self.proceed(&oldest);
            }
            self.call_ended(
                &oldest.session,
                &oldest.caller,
                oldest.message.as_deref(),
                &oldest.call_id,
            );
        }
    }

    /// Takes in that a call is over, or was given up.
    pub(super) fn call_ended(
        &mut self,
        session: &str,
        caller: &str,
        message: Option<&str>,
        call_id: &str,
    ) {
        if self
            .registry
            .end_host_call(session, caller, message, call_id)
        {
            self.advance_calls(session);
        }
    }

    /// Takes in that a session is idle: the calls that it made are over, and a call that joins it may proceed.
    pub(super) fn calls_at_rest(&mut self, id: &str) {
        for session in self.registry.end_host_calls_of(id) {
            self.advance_calls(&session);
        }
        // A prompt that waited for the end of the turn may run by now.
        let known = self.registry.find(id);
        let idle = known.is_some_and(|key| self.registry.status(key) == Status::Idle);
        if let Some(next) = self.registry.next_host_call(id).filter(|_| idle) {
            self.proceed(&next);
        }
    }

    /// Looks which call of a session comes next.
    pub(super) fn advance_calls(&mut self, session: &str) {
        if let Some(next) = self.registry.next_host_call(session) {
            self.answer(&next);
        }
    }

    fn answer(&mut self, call: &HostCall) {
        let behind = self.registry.host_calls_before(call);
        let known = self.registry.find(&call.session);
        // Only a report shows that the session is idle: a prompt may be on its way to it.
        let waits = behind > 0 || call.joins && known.is_some();
        if call.runs || !waits {
            return self.proceed(call);
        }
        self.acts.push(Effect::Hold {
            session_id: call.session.clone(),
            caller_id: call.caller.clone(),
            message_id: call.message.clone(),
            call_id: call.call_id.clone(),
            behind,
        });
    }

    fn proceed(&mut self, call: &HostCall) {
        self.registry.start_host_call(call);
        self.acts.push(Effect::Proceed {
            session_id: call.session.clone(),
            caller_id: call.caller.clone(),
            message_id: call.message.clone(),
            call_id: call.call_id.clone(),
        });
    }
}
