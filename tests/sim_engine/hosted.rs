//! Calls that OpenCode's own tool carries out.

use crate::calls::{Call, Stage};
use crate::feed::Came;
use crate::host::{By, Sid};
use crate::world::World;
use opencode_delegate::protocol::{QueuedCall, Status};
use opencode_delegate::{Decision, Event, RecoveredCall};

impl World {
    /// OpenCode's own tool runs the child.
    pub fn begin_hosted(&mut self, at: usize) {
        let call = self.calls[at].clone();
        let target = call.child.or(call.target);
        // No event has shown another process's deletion. The call finds its session gone, and is decided again.
        if let Some(target) = target.filter(|at| self.rules.apart && !self.alive(*at))
            && !call.orphan
        {
            self.give_back(at);
            self.meet_gone(call.slot, target);
            return self.start_call(call.slot, call.ask);
        }
        if let Some(target) = target
            && !call.proceeds
            && !self.queue(at, target)
        {
            return;
        }
        let child = match target {
            Some(target) if self.alive(target) => {
                if self.turn(call.slot, target).is_some() {
                    return;
                }
                target
            }
            // For an unknown id it starts a fresh session in silence.
            _ => self.make_child(
                call.slot,
                call.ask.caller,
                call.ask.agent,
                call.ask.description,
                None,
                None,
            ),
        };
        self.talk(child, By::Call(call.ask.no), call.slot);
        let Some(call) = self.calls.iter_mut().find(|it| it.ask.no == call.ask.no) else {
            return;
        };
        (call.child, call.stage) = (Some(child), Stage::Running);
    }

    /// Has a call wait for its session, as often as it comes. Whether it may proceed now.
    fn queue(&mut self, at: usize, target: Sid) -> bool {
        let call = self.calls[at].clone();
        if self.alive(target) {
            self.make_known(call.slot, target);
        }
        // An engine that was made since knows nothing of the calls that run.
        let runs = |it: &&Call| it.slot == call.slot && it.queued == Some(target) && it.proceeds;
        let running: Vec<Call> = self.calls.iter().filter(runs).cloned().collect();
        for other in running {
            self.enter(&other, target, true);
        }
        self.calls[at].queued = Some(target);
        let came = self.enter(&call, target, false);
        if came.held == Some(0) {
            // What runs there is looked up.
            let status = match self.turn(call.slot, target) {
                Some(_) => Status::Busy,
                None => Status::Idle,
            };
            let (now, session_id) = (self.now, self.host[target].id.clone());
            self.apply(
                call.slot,
                Event::Status {
                    now,
                    session_id,
                    status,
                },
            );
        }
        let call = self.calls.iter_mut().find(|it| it.ask.no == call.ask.no);
        let Some(call) = call else { return false };
        // An engine that does not know the session has nothing to say.
        call.proceeds |= came.held.is_none();
        call.proceeds
    }

    fn enter(&mut self, call: &Call, target: Sid, runs: bool) -> Came {
        let queued = QueuedCall {
            now: self.now,
            session_id: self.host[target].id.clone(),
            caller_id: self.host[call.ask.caller].id.clone(),
            message_id: Some(call.ask.message()),
            call_id: call.ask.call().to_owned(),
            joins: Some(matches!(&*call.decision, Decision::Join { .. })),
            runs: Some(runs),
        };
        self.apply(call.slot, Event::CallQueued(Box::new(queued)))
    }

    /// A call holds no other call back any more.
    pub fn leave(&mut self, call: &Call) {
        let Some(target) = call.queued else { return };
        if let Some(it) = self.calls.iter_mut().find(|it| it.ask.no == call.ask.no) {
            it.queued = None;
        }
        let (now, session_id) = (self.now, self.host[target].id.clone());
        let caller_id = self.host[call.ask.caller].id.clone();
        let message_id = Some(call.ask.message());
        let call_id = call.ask.call().to_owned();
        self.apply(
            call.slot,
            Event::CallEnded {
                now,
                session_id,
                caller_id,
                message_id,
                call_id,
            },
        );
    }

    /// One call at a time prompts a session.
    pub fn proceed(&mut self, slot: usize, session_id: &str, message_id: Option<&str>) {
        let target = self.ids[session_id];
        let call = self.calls.iter_mut().find(|it| {
            it.slot == slot && it.queued == Some(target) && message_id == Some(&it.ask.message())
        });
        let Some(call) = call.filter(|call| !call.proceeds) else {
            return;
        };
        call.proceeds = true;
        let no = call.ask.no;
        // A call is over with the turn that made it. The instance that reads the end of the turn gives the call up next.
        let other = self.calls.iter().find(|it| {
            let runs = self.turn(slot, it.ask.caller).is_some();
            it.slot == slot && it.queued == Some(target) && it.proceeds && it.ask.no != no && runs
        });
        let other = other.map(|it| it.ask.no);
        // Each call for a session that is gone gets a session of its own.
        self.must(other.is_none() || !self.alive(target), "I4", || {
            format!("c{no} and c{other:?} prompt {session_id} at once")
        });
    }

    /// Shows the child of a call in its part, or ends its turn.
    pub fn end_hosted(&mut self, at: usize) {
        let call = self.calls[at].clone();
        let child = call.child.unwrap();
        if !call.committed {
            self.commit(&call, child);
            return;
        }
        if call.ask.background {
            return self.drop_call(call.ask.no);
        }
        if self.waits(call.slot, child) && !self.dice.percent(10) {
            return;
        }
        if self.turn(call.slot, child) == Some(&By::Call(call.ask.no)) {
            self.stop(call.slot, child);
        }
        let (now, session_id) = (self.now, self.host[child].id.clone());
        let status = Status::Idle;
        self.apply(
            call.slot,
            Event::Status {
                now,
                session_id,
                status,
            },
        );
        self.drop_call(call.ask.no);
    }

    pub fn commit(&mut self, call: &Call, child: Sid) {
        let slot = call.slot;
        let (now, session_id) = (self.now, self.host[child].id.clone());
        if let Some(call) = self.calls.iter_mut().find(|it| it.ask.no == call.ask.no) {
            call.committed = true;
        }
        self.births.insert(call.ask.no, child);
        self.name_in_part(slot, call.ask.caller, call.ask.no, child);
        let Some(ticket) = call.ticket else { return };
        if call.orphan {
            return self.commit_again(call, child);
        }
        self.apply(
            slot,
            Event::Commit {
                now,
                ticket,
                session_id,
            },
        );
        self.named(slot, child);
        // The first prompt of a child is its call's: later calls wait for that.
        let call = self.calls.iter_mut().find(|it| it.ask.no == call.ask.no);
        if let Some(call) = call.filter(|it| it.queued.is_none()) {
            (call.queued, call.proceeds) = (Some(child), true);
            let call = call.clone();
            self.enter(&call, child, true);
        }
    }

    /// An engine that had reserved a name and a call is lost. Its successor recovers both.
    pub fn commit_again(&mut self, call: &Call, child: Sid) {
        let slot = call.slot;
        if !self.alive(child) || !self.alive(call.ask.caller) {
            return;
        }
        self.make_known(slot, call.ask.caller);
        self.make_known(slot, child);
        let name = match &*call.decision {
            Decision::Spawn { slug, .. } => Some(slug.to_string()),
            _ => None,
        };
        let recovered = RecoveredCall {
            now: self.now,
            session_id: self.host[child].id.clone(),
            caller_id: self.host[call.ask.caller].id.clone(),
            agent: call.ask.agent.to_owned(),
            description: call.ask.description.to_owned(),
            name,
            background: Some(call.ask.background),
        };
        self.apply(slot, Event::Recovered(Box::new(recovered)));
        self.named(slot, child);
    }
}
