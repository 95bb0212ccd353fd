//! The life of calls: opened by a decision, closed by an event of the host.

use crate::protocol::{Decision, Limits, Model};
use crate::relevance::{PROMPT_BYTES, head};
use crate::rules::policy::Policy;
use crate::state::name_table::Holder;
use crate::state::registry::Registry;
use crate::state::replay::CallKey;
use crate::state::slots::SessionKey;
use crate::state::tickets::{Goal, Joined, Ticket};
use crate::time::Millis;
use std::sync::Arc;

/// The target of a decided call.
pub(crate) enum Target {
    /// Prompt a session.
    Session(SessionKey),
    /// Create a child, under that name and its derived id.
    Child(Arc<str>, Arc<str>),
}

/// A call as it was decided.
pub(crate) struct NewCall<'a> {
    pub(crate) caller: SessionKey,
    pub(crate) target: Target,
    pub(crate) agent: &'a str,
    pub(crate) description: &'a str,
    pub(crate) prompt: &'a str,
    /// Whether a person made the call.
    pub(crate) by_user: bool,
    /// The message that makes the call, if the host names it.
    pub(crate) message: Option<&'a str>,
    /// The model that it asks for.
    pub(crate) model: Option<Model>,
    /// The limits that it asks for.
    pub(crate) limits: Option<Limits>,
    /// Whether the caller waits for the answer.
    pub(crate) waits: bool,
    pub(crate) key: CallKey,
}

/// A call of a lost engine that prompted a child.
pub(crate) struct RecoveredCall<'a> {
    pub(crate) caller: SessionKey,
    pub(crate) child: SessionKey,
    /// Whether the caller waits for the answer.
    pub(crate) waits: bool,
    pub(crate) agent: &'a str,
    pub(crate) description: &'a str,
}

impl Registry {
    /// The decision of a repeated call. A call for a session which is gone is refunded, and decided again.
    pub(crate) fn replay(&mut self, caller: SessionKey, call: CallKey) -> Option<Arc<Decision>> {
        let decision = self.calls.get(call)?;
        if let Decision::Join { session_id, .. } = &*decision
            && !self.is_joined(caller, session_id)
        {
            self.calls.forget(call);
            self.restore_join(caller, session_id);
            return None;
        }
        if let Some(number) = decision.ticket()
            && let Some(Goal::Prompt { session }) = self.tickets.get(number).map(|it| &it.goal)
            && self.find(session).is_none()
        {
            // The caller is in use, even if nothing else refers to it.
            self.take_back(number);
            return None;
        }
        Some(decision)
    }

    /// Whether a joined session is there, or about to be. Its derived id may stand for a session of another root since.
    fn is_joined(&self, caller: SessionKey, id: &str) -> bool {
        if self.find(id).is_some() {
            return true;
        }
        let holder = match self.find_id(id) {
            Some(Holder::Session(key)) => Some(key),
            Some(Holder::Ticket(number)) => {
                let call = self.tickets.to_create(number);
                call.and_then(|(caller, _)| self.find(caller))
            }
            None => None,
        };
        holder.is_some_and(|key| self.root(key) == self.root(caller))
    }

    /// Remembers the decision of a call.
    pub(crate) fn remember(&mut self, call: CallKey, decision: Arc<Decision>) {
        self.calls.add(call, decision);
    }

    /// Opens a call, and gives its ticket: reserves a call of the caller's budget, and the session's turn or the name.
    pub(crate) fn open_call(&mut self, call: NewCall<'_>) -> u32 {
        let (caller, turn) = (self.id(call.caller), self.turn(call.caller));
        let delegation = self.delegation(call.caller);
        let before = match call.target {
            Target::Session(key) => self.delegation(key),
            Target::Child(..) => 0,
        };
        let agent = self.agent_name(call.agent);
        if let Some(oldest) = self.tickets.overdue() {
            self.refund(oldest);
        }
        let number = self.tickets.next_number();
        let prompt = match call.target {
            Target::Child(..) => head(call.prompt, PROMPT_BYTES).to_owned(),
            Target::Session(_) => String::new(),
        };
        let goal = match call.target {
            Target::Child(slug, derived) => {
                let caller = self.find_or_add(&caller);
                let root = self.root(caller);
                self.hold(root, &slug, &derived, Holder::Ticket(number));
                Goal::Spawn { slug, derived }
            }
            Target::Session(key) => {
                let session = self.get_mut(key).map_or_else(Arc::default, |entry| {
                    entry.activity.awaited += 1;
                    entry.identity.id.clone()
                });
                Goal::Prompt { session }
            }
        };
        if let Some(entry) = self.get_mut(call.caller) {
            if let Some(allowance) = &mut entry.allowance {
                allowance.reserve();
            }
            if let (Goal::Prompt { session }, true) = (&goal, call.waits) {
                entry.activity.waits.insert(session.clone(), ());
            }
        }
        let ticket = Ticket {
            caller,
            turn,
            delegation,
            before,
            goal,
            yielded: false,
            child: None,
            agent,
            description: call.description.into(),
            prompt,
            by_user: call.by_user,
            message: call.message.map(Into::into),
            part: Arc::default(),
            model: call.model,
            limits: call.limits,
            waits: call.waits,
            call: call.key,
            joined: Vec::new(),
        };
        self.tickets.insert(number, ticket);
        number
    }

    /// Takes in an open call of a snapshot, with its reservations.
    pub(super) fn load_call(&mut self, number: u32, ticket: Ticket) {
        match &ticket.goal {
            Goal::Spawn { .. } if ticket.yielded => {}
            Goal::Spawn { slug, derived } => {
                let caller = self.find_or_add(&ticket.caller);
                let root = self.root(caller);
                self.hold(root, slug, derived, Holder::Ticket(number));
            }
            Goal::Prompt { session } => {
                if let Some(entry) = self.find(session).and_then(|key| self.get_mut(key)) {
                    entry.activity.awaited += 1;
                }
            }
        }
        self.tickets.insert(number, ticket);
    }

    /// Adds a call to the open call that is to create its session. Gives the ids of that session as far as they are
    /// known, or `None` if there is no such open call.
    pub(crate) fn join_call(
        &mut self,
        number: u32,
        caller: SessionKey,
        waits: bool,
        call: CallKey,
    ) -> Option<(Arc<str>, Option<Arc<str>>)> {
        let joined = Joined {
            caller: self.id(caller),
            turn: self.turn(caller),
            delegation: self.delegation(caller),
            waits,
            call,
        };
        self.tickets.join(number, joined)
    }

    /// Closes a call without effect, and with it those that had joined its child: each can be decided again. An
    /// unknown ticket was closed before.
    pub(crate) fn refund(&mut self, number: u32) {
        if let Some(caller) = self.take_back(number) {
            self.remove_unused(caller);
        }
    }

    /// Closes a call without effect. Gives its caller, which may be of no more use.
    fn take_back(&mut self, number: u32) -> Option<SessionKey> {
        let ticket = self.close(number)?;
        if let (Goal::Prompt { session }, Some(caller)) = (&ticket.goal, self.find(&ticket.caller))
        {
            self.unwait(caller, session);
        }
        self.calls.forget(ticket.call);
        self.queue.unborn.remove(&number);
        if let Some(allowance) = self.budget_of(&ticket.caller, ticket.delegation) {
            allowance.refund();
        }
        for joined in &ticket.joined {
            self.calls.forget(joined.call);
            self.restore_call(&joined.caller, joined.delegation);
        }
        let caller = self.find(&ticket.caller)?;
        self.name_unnamed();
        Some(caller)
    }

    /// Closes a call with the child that was prompted. An unknown ticket was closed before: only the child's name is
    /// protected then, as its caller reads it. A name that the host has, or was asked to store, stays as it is: the commit may
    /// be a repeated one.
    pub(crate) fn commit(&mut self, number: u32, id: &str, now: Millis, policy: &Policy) {
        let Some(ticket) = self.close(number) else {
            let child = self.find(id).filter(|key| self.may_yield(*key));
            if let Some(child) = child.filter(|key| self.slug(*key).is_some()) {
                self.protect_name(child);
            }
            return;
        };
        if let Some(allowance) = self.budget_of(&ticket.caller, ticket.delegation) {
            allowance.commit();
        }
        let caller = self.find_or_add(&ticket.caller);
        // An id that comes again is a new session only if the host takes ids from us.
        if matches!(&ticket.goal, Goal::Spawn { derived, .. } if **derived == *id) {
            self.deleted.remove(id);
        } else if self.is_deleted(id) {
            self.mark(caller);
            self.name_unnamed();
            self.remove_unused(caller);
            return;
        }
        let child = self.find_or_add(id);
        self.link(child, caller);
        self.introduce(child, &ticket.agent, &ticket.description, policy);
        if self.slug(child).is_none() {
            match &ticket.goal {
                Goal::Spawn { slug, derived } => self.give_name(child, slug, Some(derived)),
                Goal::Prompt { .. } => self.make_name(child),
            }
            self.note_new_name(child);
        }
        if let Goal::Spawn { .. } = &ticket.goal {
            self.set_first_prompt(child, &ticket.prompt);
            if ticket.by_user {
                self.note_by_user(child);
            }
            if let Some(message) = ticket.message {
                self.note_created(child, caller, (message, ticket.part));
            }
        }
        self.choose_model(child, ticket.model);
        self.protect_name(child);
        self.note_prompt(child, now);
        if let Goal::Prompt { session } = &ticket.goal {
            let (times, saved) = self.resumed(child);
            let held = self.context_held(child);
            self.count_resumed(child, times.saturating_add(1), saved.saturating_add(held));
            if **session != *id {
                self.unwait(caller, session);
            }
        }
        if ticket.waits && self.turn(caller) == ticket.turn {
            self.wait(caller, child);
        }
        for joined in ticket.joined.into_iter().filter(|joined| joined.waits) {
            if let Some(waiting) = self.find(&joined.caller)
                && self.turn(waiting) == joined.turn
            {
                self.wait(waiting, child);
            }
        }
        if self.allowance(caller).is_some() {
            self.mark(caller);
        }
        self.name_unnamed();
    }

    /// Takes in that a call which a lost engine decided has prompted a child: it is spent, once.
    pub(crate) fn recover_call(&mut self, call: &RecoveredCall<'_>, now: Millis, policy: &Policy) {
        let (caller, child) = (call.caller, call.child);
        self.introduce(child, call.agent, call.description, policy);
        self.make_name(child);
        self.protect_name(child);
        self.note_prompt(child, now);
        let id = self.id(child);
        let (news, present) = self.note_recovered(caller, &id, now);
        if news {
            self.spend(caller);
            if call.waits && present {
                self.wait(caller, child);
            }
        }
        self.name_unnamed();
    }

    /// Notes the data of a child from the call that prompted it.
    fn introduce(&mut self, child: SessionKey, agent: &str, description: &str, policy: &Policy) {
        self.confirm(child);
        self.describe(child, description);
        // A session whose agent is gone goes on as the agent that was asked for.
        let gone = self.agent(child).is_some_and(|own| !policy.knows(own));
        if gone || !self.has_agent(child) {
            self.set_agent(child, agent);
        }
        if gone {
            self.mark(child);
        }
        self.grant(child, policy);
    }

    fn close(&mut self, number: u32) -> Option<Ticket> {
        let ticket = self.tickets.remove(number)?;
        match &ticket.goal {
            Goal::Spawn { slug, derived } => {
                if let Some(caller) = self.find(&ticket.caller) {
                    let root = self.root(caller);
                    if self.find_slug(root, slug) == Some(Holder::Ticket(number)) {
                        self.release(root, slug, derived);
                    }
                }
            }
            Goal::Prompt { session } => {
                if let Some(entry) = self.find(session).and_then(|key| self.get_mut(key)) {
                    let activity = &mut entry.activity;
                    activity.awaited = activity.awaited.saturating_sub(1);
                }
            }
        }
        Some(ticket)
    }

    /// Refunds the calls of a session that is gone. A call that was to prompt it waits for it no more, and stays reserved:
    /// the host may run that call in a new session.
    pub(super) fn refund_calls_of(&mut self, id: &str) {
        let open = self.tickets.about(id);
        let open: Vec<_> = open
            .map(|(number, it)| (number, it.caller.clone()))
            .collect();
        for (number, caller) in open {
            if *caller == *id {
                self.refund(number);
            } else if let Some(caller) = self.find(&caller) {
                self.unwait(caller, id);
            }
        }
    }
}
