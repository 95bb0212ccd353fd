//! The state as a snapshot holds it: the groups of each session, and the queues and calls beside the sessions.

use crate::error::Wrong;
use crate::json::{Field, Read, hex};
use crate::protocol::Decision;
use crate::rules::allowance::Allowance;
use crate::state::entry::{
    Activity, ContextUse, Identity, RecordSync, SessionEntry, SessionNames, is_default,
};
use crate::state::name_table::Holder;
use crate::state::prompt_queue::PromptQueue;
use crate::state::prompts::SessionPrompts;
use crate::state::registry::Registry;
use crate::state::slots::SessionKey;
use crate::state::tickets::Ticket;
use serde::Serialize;
use serde::ser::{SerializeSeq, SerializeStruct, Serializer};
use std::sync::Arc;

impl Serialize for Registry {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let calls = self.calls.list();
        let calls: Vec<_> = calls.map(|(key, call)| (hex(key), &**call)).collect();
        let unnamed: Vec<_> = self.unnamed.iter().map(|key| self.id(*key)).collect();
        let mut state = to.serialize_struct("Registry", 7)?;
        state.serialize_field("next_ticket", &self.tickets.next)?;
        state.serialize_field("sessions", &Sessions(self))?;
        state.serialize_field("tickets", &self.tickets.list().collect::<Vec<_>>())?;
        state.serialize_field("calls", &calls)?;
        state.serialize_field("deleted", &self.deleted.list().collect::<Vec<_>>())?;
        state.serialize_field("unnamed", &unnamed)?;
        state.serialize_field("queue", &self.queue)?;
        state.end()
    }
}

/// The sessions, each after its parent.
struct Sessions<'a>(&'a Registry);

impl Serialize for Sessions<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let registry = self.0;
        let mut list = to.serialize_seq(None)?;
        let roots = registry.roots().into_iter();
        for key in roots.flat_map(|root| registry.below(root)) {
            if let Some(entry) = registry.get(key) {
                list.serialize_element(&Session(registry, entry))?;
            }
        }
        list.end()
    }
}

struct Session<'a>(&'a Registry, &'a SessionEntry);

impl Serialize for Session<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let Session(registry, entry) = self;
        let parent = entry.links.parent.map(|parent| registry.id(parent));
        let agent = entry
            .links
            .agent
            .and_then(|agent| registry.agents.name(agent));
        let mut session = to.serialize_struct("Session", 9)?;
        session.serialize_field("identity", &entry.identity)?;
        if parent.is_some() {
            session.serialize_field("parent", &parent)?;
        }
        if agent.is_some() {
            session.serialize_field("agent", &agent)?;
        }
        if !is_default(&entry.names) {
            session.serialize_field("names", &entry.names)?;
        }
        session.serialize_field("activity", &entry.activity)?;
        if !is_default(&entry.context) {
            session.serialize_field("context", &entry.context)?;
        }
        if !is_default(&entry.record) {
            session.serialize_field("record", &entry.record)?;
        }
        if entry.allowance.is_some() {
            session.serialize_field("allowance", &entry.allowance)?;
        }
        if entry.prompts.is_some() {
            session.serialize_field("prompts", &entry.prompts)?;
        }
        session.end()
    }
}

impl Registry {
    /// Reads the state of a snapshot.
    pub(crate) fn of(saved: &Field<'_>) -> Result<Registry, Wrong> {
        let mut registry = Registry::default();
        for session in saved.must("sessions")?.list()? {
            registry.load_session(&session)?;
        }
        for id in saved.must("unnamed")?.list()? {
            if let Some(child) = registry.find(id.text()?) {
                registry.await_name(child);
            }
        }
        registry.tickets.next = saved.must("next_ticket")?.count()?;
        for pair in saved.must("tickets")?.list()? {
            let (number, ticket) = pair.pair()?;
            registry.load_call(number.count()?, Ticket::of(ticket)?);
        }
        for pair in saved.must("calls")?.list()? {
            let (key, call) = pair.pair()?;
            registry
                .calls
                .add(key.hex()?, Arc::new(Decision::of(call)?));
        }
        registry.queue = PromptQueue::of(saved.must("queue")?)?;
        for id in saved.must("deleted")?.list()? {
            registry.deleted.add(id.text()?.into());
        }
        Ok(registry)
    }

    /// Takes in a saved session, whose parent is there already.
    fn load_session(&mut self, saved: &Field<'_>) -> Result<(), Wrong> {
        let identity = Identity::of(saved.must("identity")?)?;
        let activity = Activity::of(saved.must("activity")?)?;
        let names = saved.given("names")?;
        let names = names.map_or(Ok(SessionNames::default()), SessionNames::of)?;
        let record = saved.given("record")?;
        let record = record.map_or(Ok(RecordSync::default()), RecordSync::of)?;
        let context = saved.given("context")?;
        let parent = saved.given("parent")?;
        let agent = saved.given("agent")?;
        let entry = SessionEntry {
            context: context.map_or(Ok(ContextUse::default()), ContextUse::of)?,
            allowance: saved.given("allowance")?.map(Allowance::of).transpose()?,
            prompts: saved
                .given("prompts")?
                .map(|prompts| SessionPrompts::of(prompts).map(Box::new))
                .transpose()?,
            ..SessionEntry::default()
        };
        let key = self.find_or_add(&identity.id);
        self.next_seq = self.next_seq.max(identity.seq.wrapping_add(1));
        let outdated = record.outdated;
        if let Some(known) = self.get_mut(key) {
            *known = SessionEntry {
                identity,
                activity,
                record,
                ..entry
            };
        }
        if outdated {
            self.outdated.push(key);
        }
        if let Some(parent) = parent {
            let parent = self.find_or_add(parent.text()?);
            self.link(key, parent);
        }
        if let Some(agent) = agent {
            self.set_agent(key, agent.text()?);
        }
        self.load_names(key, names);
        Ok(())
    }

    fn load_names(&mut self, key: SessionKey, names: SessionNames) {
        let root = self.root(key);
        for (slug, derived) in names.former.iter().chain(&names.own) {
            self.hold(root, slug, derived, Holder::Session(key));
        }
        for (name, since) in &names.aliases {
            self.index_alias(key, name, *since);
        }
        if let Some(entry) = self.get_mut(key) {
            entry.names = names;
        }
    }
}
