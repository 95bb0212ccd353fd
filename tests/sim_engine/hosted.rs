//! Calls that OpenCode's own tool carries out.

use crate::calls::{Call, Stage};
use crate::host::{Ask, By, Sid};
use crate::world::World;
use opencode_delegate::protocol::Status;
use opencode_delegate::{Created, Decision, Event};

impl World {
    /// OpenCode's own tool runs the child.
    pub fn begin_hosted(&mut self, at: usize) {
        let call = self.calls[at].clone();
        let target = call.child.or(call.target);
        let child = match target {
            Some(target) if self.alive(target) => {
                if self.host[target].busy.is_some() {
                    return;
                }
                target
            }
            // For an unknown id it starts a fresh session in silence.
            _ => self.make_child(
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
        if self.waits(child) && !self.dice.percent(10) {
            return;
        }
        if self.host[child].busy == Some(By::Call(call.ask.no)) {
            self.stop(child);
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
    }

    /// An engine that had reserved a name and a call is lost. Its successor recovers both.
    pub fn commit_again(&mut self, call: &Call, child: Sid) {
        let slot = call.slot;
        if !self.alive(child) || !self.alive(call.ask.caller) {
            return;
        }
        self.make_known(slot, call.ask.caller);
        let now = self.now;
        if let Decision::Spawn { slug, .. } = &*call.decision {
            let session = Created {
                id: self.host[child].id.clone(),
                parent_id: Some(self.host[call.ask.caller].id.clone()),
                agent: Some(call.ask.agent.to_owned()),
                description: Some(call.ask.description.to_owned()),
                prompt: None,
                slug: Some(slug.to_string()),
                files: None,
                record: None,
                alive: None,
            };
            self.apply(slot, Event::Created { now, session });
        }
        self.next += 1;
        let ask = Ask {
            no: self.next,
            task_id: Some(self.host[child].id.clone()),
            ..call.ask.clone()
        };
        let decision = self.decide(slot, &ask);
        if let Some(ticket) = decision.ticket() {
            let session_id = self.host[child].id.clone();
            self.apply(
                slot,
                Event::Commit {
                    now,
                    ticket,
                    session_id,
                },
            );
        }
        self.named(slot, child);
    }
}
