//! The life of calls: opened by a decision, closed by what the host tells.

use crate::protocol::Status;
use crate::rules::allowance::Allowance;
use crate::rules::policy::Policy;
use crate::state::registry::{Holder, Registry};
use crate::state::slots::At;
use crate::state::tickets::{Goal, OPEN_TICKETS, Ticket};
use crate::time::Millis;
use std::sync::Arc;

impl Registry {
    /// Opens a call of a caller, to prompt a session or to create one: sets the caller's budget aside,
    /// and the session's turn or the handle.
    pub(crate) fn open(&mut self, ticket: Ticket, caller: At, session: Option<At>) -> u32 {
        if self.tickets.open.len() >= OPEN_TICKETS
            && let Some((oldest, _)) = self.tickets.open.first_key_value()
        {
            let oldest = *oldest;
            self.refund(oldest);
        }
        let number = self.tickets.next;
        self.tickets.next = number.wrapping_add(1);
        if let Some(allowance) = &mut self.node_mut(caller).allowance {
            allowance.reserve();
        }
        match session {
            Some(at) => {
                self.node_mut(at).awaited += 1;
                if ticket.waits {
                    self.wait(caller, at);
                }
            }
            None => self.hold_for(number, &ticket),
        }
        self.tickets.insert(number, ticket);
        number
    }

    /// Holds what a ticket has a claim to: a new handle, or the turn of the session that it will prompt.
    pub(crate) fn hold_for(&mut self, number: u32, ticket: &Ticket) {
        match &ticket.goal {
            Goal::Spawn { .. } if ticket.given => {}
            Goal::Spawn { slug, derived } => {
                let caller = self.entry(&ticket.caller);
                let root = self.root(caller);
                self.hold(root, slug, derived, Holder::Ticket(number));
            }
            Goal::Prompt { session } => {
                if let Some(at) = self.find(session) {
                    self.node_mut(at).awaited += 1;
                }
            }
        }
    }

    /// Closes a call without effect, and with it those that had joined its child: each may be decided
    /// anew. An unknown ticket was settled before.
    pub(crate) fn refund(&mut self, number: u32) {
        let Some(ticket) = self.close(number) else {
            return;
        };
        if let (Goal::Prompt { session }, Some(caller)) = (&ticket.goal, self.find(&ticket.caller))
        {
            self.unwait(caller, session);
        }
        self.calls.forget(ticket.call);
        self.desk.unborn.remove(&number);
        if let Some(allowance) = self.allowance(&ticket.caller, ticket.turn) {
            allowance.refund();
        }
        for joined in &ticket.joined {
            self.calls.forget(joined.call);
            self.give_back(&joined.caller, joined.turn);
        }
        if let Some(caller) = self.find(&ticket.caller) {
            self.name_unnamed();
            self.drop_unused(caller);
        }
    }

    /// Gives back a call that was spent on a child which was never prompted.
    pub(crate) fn give_back(&mut self, caller: &str, turn: u32) {
        if let Some(allowance) = self.allowance(caller, turn) {
            allowance.restore();
            self.find(caller)
                .into_iter()
                .for_each(|caller| self.mark(caller));
        }
    }

    /// The turn of a caller in which it was told to join a session that it asks now.
    pub(crate) fn joined_in(&mut self, caller: At, session: At) -> u32 {
        let names = self.node(session).names();
        let id = self.node(session).id.clone();
        let node = self.node_mut(caller);
        let named = |joined: &Arc<str>| names.iter().any(|(_, name)| name == joined);
        let of = |joined: &Arc<str>| *joined == id || named(joined);
        match node.joins.iter().position(of) {
            Some(place) => {
                node.joins.remove(place);
                node.turn
            }
            // In an earlier one: what is given back of it is void.
            None => node.turn.wrapping_sub(1),
        }
    }

    /// A caller's budget, if the turn has not ended in which the call was made: what it had spent or
    /// set aside is void since.
    fn allowance(&mut self, caller: &str, turn: u32) -> Option<&mut Allowance> {
        let caller = self.find(caller)?;
        let node = self.node_mut(caller);
        if node.turn == turn {
            node.allowance.as_mut()
        } else {
            None
        }
    }

    /// Closes a call with the child that was prompted. An unknown ticket was settled before: there is
    /// nothing to it but that its caller is told of the child.
    pub(crate) fn commit(&mut self, number: u32, id: &str, now: Millis, policy: &Policy) {
        let Some(ticket) = self.close(number) else {
            if let Some(child) = self.find(id).filter(|at| self.node(*at).slug.is_some()) {
                self.tell(child);
            }
            return;
        };
        if let Some(allowance) = self.allowance(&ticket.caller, ticket.turn) {
            allowance.commit();
        }
        let caller = self.entry(&ticket.caller);
        // An id that comes again is a new session only where the host takes ids from us.
        if matches!(&ticket.goal, Goal::Spawn { derived, .. } if **derived == *id) {
            self.exhume(id);
        } else if self.is_buried(id) {
            self.mark(caller);
            self.name_unnamed();
            self.drop_unused(caller);
            return;
        }
        let child = self.entry(id);
        self.link(child, caller);
        let node = self.node_mut(child);
        node.told = true;
        if node.description.is_empty() {
            node.description = ticket.description;
        }
        if !self.has_agent(child) {
            self.set_agent(child, &ticket.agent);
        }
        self.grant(child, policy);
        if self.node(child).slug.is_none() {
            match &ticket.goal {
                Goal::Spawn { slug, derived } => self.give_name(child, slug, Some(derived)),
                Goal::Prompt { .. } => self.make_name(child),
            }
            self.node_mut(child).kept = false;
        }
        self.tell(child);
        self.prompted(child, now);
        if let Goal::Prompt { session } = &ticket.goal
            && **session != *id
        {
            self.unwait(caller, session);
        }
        if ticket.waits && self.node(caller).turn == ticket.turn {
            self.wait(caller, child);
        }
        for joined in ticket.joined.into_iter().filter(|joined| joined.waits) {
            if let Some(waiting) = self.find(&joined.caller)
                && self.node(waiting).turn == joined.turn
            {
                self.wait(waiting, child);
            }
        }
        if self.node(caller).allowance.is_some() {
            self.mark(caller);
        }
        self.name_unnamed();
    }

    /// Gives a subagent session the budget of its agent, where it has none yet.
    pub(crate) fn grant(&mut self, at: At, policy: &Policy) {
        if self.node(at).parent.is_some() && self.node(at).allowance.is_none() {
            let budget = self.agent(at).map(|agent| policy.budget(agent));
            self.node_mut(at).allowance = budget.map(|budget| Allowance::new(budget, 0));
        }
    }

    /// Notes that a session makes a call: it is in a turn, whether or not that was told.
    pub(crate) fn calls_out(&mut self, at: At, now: Millis) {
        let node = self.node_mut(at);
        node.part = true;
        if node.status == Status::Idle && now >= node.status_at {
            (node.status, node.status_at) = (Status::Busy, now);
        }
    }

    /// Notes that a session was handed a prompt.
    pub(crate) fn prompted(&mut self, at: At, now: Millis) {
        self.used(at, now);
        let node = self.node_mut(at);
        node.part = true;
        if now >= node.status_at {
            node.status = Status::Busy;
            node.status_at = now;
        }
    }

    /// Notes that a caller's turn waits for a session.
    pub(crate) fn wait(&mut self, caller: At, at: At) {
        let awaited = self.node(at).id.clone();
        self.node_mut(caller).waits.insert(awaited);
    }

    /// Notes that a call came to nothing for which its caller's turn waited for a session: it goes on
    /// waiting for it where another of its calls is handed to that.
    fn unwait(&mut self, caller: At, session: &str) {
        let node = self.node(caller);
        let lane = self
            .find(session)
            .and_then(|at| self.node(at).lane.as_deref());
        let mut turns = lane.iter().flat_map(|lane| &lane.turns);
        let waits = turns.any(|turn| turn.caller == node.id && !turn.background)
            || node.joins.iter().any(|joined| **joined == *session);
        if !waits {
            self.node_mut(caller).waits.remove(session);
        }
    }

    fn close(&mut self, number: u32) -> Option<Ticket> {
        let ticket = self.tickets.remove(number)?;
        match &ticket.goal {
            Goal::Spawn { slug, derived } => {
                if let Some(caller) = self.find(&ticket.caller) {
                    let root = self.root(caller);
                    if self.find_slug(root, slug) == Some(Holder::Ticket(number)) {
                        self.let_go(root, slug, derived);
                    }
                }
            }
            Goal::Prompt { session } => {
                if let Some(at) = self.find(session) {
                    let node = self.node_mut(at);
                    node.awaited = node.awaited.saturating_sub(1);
                }
            }
        }
        Some(ticket)
    }

    /// Drops the calls of a session that is gone, and those that were to prompt it.
    pub(crate) fn void_tickets_of(&mut self, id: &str) {
        let void: Vec<u32> = self.tickets.about(id).map(|(number, _)| number).collect();
        for number in void {
            self.refund(number);
        }
    }

    /// Whether a call of that session is open which is to create a child.
    pub(crate) fn spawns(&self, caller: &str) -> bool {
        self.tickets
            .about(caller)
            .any(|(_, open)| &*open.caller == caller && matches!(open.goal, Goal::Spawn { .. }))
    }
}
