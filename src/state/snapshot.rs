//! The state as a snapshot holds it: the groups of each session, and the queues and calls beside the sessions.

use crate::collections::is_default;
use crate::error::Wrong;
use crate::json::{Field, Read, hex};
use crate::protocol::Decision;
use crate::state::entry::{ContextUse, Identity, RecordSync, SessionEntry, SessionNames, Spending};
use crate::state::extra::Extra;
use crate::state::history::History;
use crate::state::name_table::Holder;
use crate::state::prompts::SessionPrompts;
use crate::state::registry::Registry;
use crate::state::slots::SessionKey;
use crate::state::work::Work;
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
        if !self.reading.is_empty() {
            let reading: Vec<_> = self.reading.iter().map(|key| self.id(*key)).collect();
            state.serialize_field("reading", &reading)?;
        }
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
        let mut session = to.serialize_struct("Session", 13)?;
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
        if !is_default(&entry.spending) {
            session.serialize_field("spending", &entry.spending)?;
        }
        if !is_default(&entry.record) {
            session.serialize_field("record", &entry.record)?;
        }
        if entry.history.is_some() {
            session.serialize_field("history", &entry.history)?;
        }
        if entry.allowance.is_some() {
            session.serialize_field("allowance", &entry.allowance)?;
        }
        if entry.prompts.is_some() {
            session.serialize_field("prompts", &entry.prompts)?;
        }
        if entry.extra.is_some() {
            session.serialize_field("extra", &entry.extra)?;
        }
        if entry.work.is_some() {
            session.serialize_field("work", &entry.work)?;
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
        for id in <Vec<Arc<str>>>::must(saved, "unnamed")? {
            if let Some(child) = registry.find(&id) {
                registry.await_name(child);
            }
        }
        let reading: Option<Vec<Arc<str>>> = Read::given(saved, "reading")?;
        for id in reading.unwrap_or_default() {
            registry.reading.extend(registry.find(&id));
        }
        registry.tickets.next = Read::must(saved, "next_ticket")?;
        for (number, ticket) in Read::must(saved, "tickets").map(<Vec<_>>::into_iter)? {
            registry.load_call(number, ticket);
        }
        for pair in saved.must("calls")?.list()? {
            let (key, call) = pair.pair()?;
            registry
                .calls
                .add(key.hex()?, Arc::new(Decision::of(call)?));
        }
        registry.queue = Read::must(saved, "queue")?;
        for id in <Vec<Arc<str>>>::must(saved, "deleted")? {
            registry.deleted.add(id);
        }
        Ok(registry)
    }

    /// Takes in a saved session, whose parent is there already.
    fn load_session(&mut self, saved: &Field<'_>) -> Result<(), Wrong> {
        let identity = Identity::must(saved, "identity")?;
        let names: Option<SessionNames> = Read::given(saved, "names")?;
        let record: Option<RecordSync> = Read::given(saved, "record")?;
        let record = record.unwrap_or_default();
        let outdated = record.outdated;
        let entry = SessionEntry {
            activity: Read::must(saved, "activity")?,
            context: ContextUse::given(saved, "context")?.unwrap_or_default(),
            record,
            history: History::given(saved, "history")?.map(Box::new),
            allowance: Read::given(saved, "allowance")?,
            prompts: SessionPrompts::given(saved, "prompts")?.map(Box::new),
            extra: Extra::given(saved, "extra")?.map(Box::new),
            work: Work::given(saved, "work")?.map(Box::new),
            ..SessionEntry::default()
        };
        self.undos |= entry.history.as_ref().is_some_and(|it| it.undoes());
        let parent: Option<Arc<str>> = Read::given(saved, "parent")?;
        let agent: Option<Arc<str>> = Read::given(saved, "agent")?;
        let key = self.find_or_add(&identity.id);
        self.next_seq = self.next_seq.max(identity.seq.wrapping_add(1));
        if let Some(known) = self.get_mut(key) {
            *known = SessionEntry { identity, ..entry };
        }
        if outdated {
            self.outdated.push(key);
        }
        if let Some(parent) = parent {
            let parent = self.find_or_add(&parent);
            self.link(key, parent);
        }
        // The sessions above it have its use saved as theirs.
        let spending = Spending::given(saved, "spending")?.unwrap_or_default();
        if let Some(entry) = self.get_mut(key) {
            entry.spending = spending;
        }
        if let Some(agent) = agent {
            self.set_agent(key, &agent);
        }
        self.load_names(key, names.unwrap_or_default());
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
