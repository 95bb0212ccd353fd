//! The facts of open calls.

use crate::protocol::{Limits, Model, Place};
use crate::state::registry::Registry;
use crate::state::slots::SessionKey;
use crate::state::tickets::{Goal, Ticket};
use std::sync::Arc;

impl Registry {
    /// The agent that an open call asks for.
    pub(crate) fn call_agent(&self, number: u32) -> Option<&str> {
        self.tickets.get(number).map(|ticket| &*ticket.agent)
    }

    /// The caller of an open call.
    pub(crate) fn call_owner(&self, number: u32) -> Option<SessionKey> {
        self.find(&self.tickets.get(number)?.caller)
    }

    /// The delegation to the caller in which an open call was decided.
    pub(crate) fn call_delegation(&self, number: u32) -> Option<u32> {
        self.tickets.get(number).map(|ticket| ticket.delegation)
    }

    /// The caller of an open call.
    pub(crate) fn call_caller(&self, number: u32) -> Option<Arc<str>> {
        Some(self.tickets.get(number)?.caller.clone())
    }

    /// Whether an open call is a delegation to a session that has not begun yet: the message of its prompt may have come
    /// before its commit.
    pub(crate) fn is_to_begin(&self, number: u32, key: SessionKey) -> bool {
        let id = self.id(key);
        self.tickets.get(number).is_some_and(|ticket| {
            let asked = matches!(&ticket.goal, Goal::Prompt { session } if *session == id);
            asked && ticket.before == self.delegation(key)
        })
    }

    /// Notes the part of an open call in its caller's messages.
    pub(crate) fn note_call_part(&mut self, number: u32, part: &str) {
        if let Some(ticket) = self.tickets.get_mut(number) {
            ticket.part = part.into();
        }
    }

    /// The place of an open call in its caller's messages.
    pub(crate) fn call_place(&self, number: u32) -> Option<Place> {
        let ticket = self.tickets.get(number)?;
        Some((ticket.message.clone()?, ticket.part.clone()))
    }

    /// The limits that an open call asks for.
    pub(crate) fn call_limits(&self, number: u32) -> Option<Limits> {
        self.tickets.get(number)?.limits
    }

    /// The model that an open call asks for.
    pub(crate) fn call_model(&self, number: u32) -> Option<Model> {
        self.tickets.get(number)?.model.clone()
    }

    /// The open call that is to create a child: its caller, and the child's name, derived id and description.
    pub(crate) fn call_to_create(&self, number: u32) -> Option<[Arc<str>; 4]> {
        let ticket = self.tickets.get(number)?;
        let Goal::Spawn { slug, derived } = &ticket.goal else {
            return None;
        };
        let description = ticket.description.clone();
        Some([
            ticket.caller.clone(),
            slug.clone(),
            derived.clone(),
            description,
        ])
    }

    /// Whether a call of a session is open.
    pub(super) fn has_open_call(&self, caller: SessionKey) -> bool {
        let id = self.id(caller);
        self.tickets.about(&id).any(|(_, open)| open.caller == id)
    }

    /// How many open calls will prompt a session.
    pub(super) fn prompting(&self, id: &str) -> u32 {
        let prompts =
            |open: &Ticket| matches!(&open.goal, Goal::Prompt { session } if **session == *id);
        let numbers = self.tickets.about(id).filter(|(_, open)| prompts(open));
        u32::try_from(numbers.count()).unwrap_or(u32::MAX)
    }

    /// Whether a call of a session is open that is to create a child.
    pub(super) fn creates(&self, caller: SessionKey) -> bool {
        let id = self.id(caller);
        self.tickets
            .about(&id)
            .any(|(_, open)| open.caller == id && matches!(open.goal, Goal::Spawn { .. }))
    }
}
