//! A session becomes known, or is gone.

use crate::engine::Engine;
use crate::json::Field;
use crate::names::own_name;
use crate::one_line::quotable;
use crate::protocol::{self, Created, Record};
use crate::rules::limits::RECORD_LAG_MS;
use crate::rules::prompt_table::News;
use crate::state::{Owners, RecoveredCall, SessionKey};
use crate::time::Millis;
use std::sync::Arc;

impl Engine {
    /// Takes in that a session takes another's place: it has its names and its agent.
    pub(super) fn replaced(&mut self, id: &str, by: &str, now: Millis) {
        let (Some(from), Some(to)) = (self.registry.find(id), self.registry.find(by)) else {
            return;
        };
        if let Some(agent) = self.registry.agent(from).cloned()
            && !self.registry.has_agent(to)
        {
            self.registry.set_agent(to, &agent);
        }
        self.registry.hand_over_names(from, to);
        self.registry.hand_over_work(from, to);
        self.registry.note_use(to, now);
    }

    pub(super) fn created(&mut self, session: Created, now: Millis) {
        if self.registry.is_deleted(&session.id) {
            return;
        }
        let parent = session.parent_id.as_deref();
        if parent.is_some_and(|parent| self.registry.is_deleted(parent)) {
            // Each session below a deleted one was deleted with it.
            return match self.registry.find(&session.id) {
                Some(key) => self.deleted(key, now),
                None => self.registry.note_deleted(session.id.into()),
            };
        }
        let parent = session
            .parent_id
            .filter(|parent| !parent.is_empty())
            .map(|parent| self.registry.find_or_add(&parent));
        let key = self.registry.find_or_add(&session.id);
        let first = self.registry.confirm(key);
        if let Some(parent) = parent {
            self.registry.link(key, parent);
        }
        if let Some(spent) = session.spent {
            self.registry.note_spent(key, spent);
        }
        let record = session.record.as_ref().and_then(|stored| {
            let record = Record::of(Field::alone(stored));
            self.registry.set_unreadable(key, record.is_none());
            if record.is_none() {
                self.warn_unreadable(&session.id);
            }
            record
        });
        let stored = record.map(|mut record| {
            self.registry.match_call(key, &record);
            let wrote = self.is_own(&record) && (first || record.writer.is_none());
            let process = self.process.as_deref();
            let owners = Owners::of(
                &mut record,
                process,
                wrote,
                first,
                session.alive,
                session.living,
                session.outlived,
            );
            self.registry.remove_freed(key, &mut record);
            self.registry.number_as_known(key, &mut record.tasks);
            (record, owners)
        });
        let record = stored.as_ref().map(|(record, _)| record);
        let used = record.and_then(|record| record.last_used);
        let renamed = record.and_then(|record| record.renamed);
        let written = used.max(renamed);
        let explains = written.is_some_and(|at| now.saturating_sub(at) <= RECORD_LAG_MS);
        let recent = used.filter(|_| explains);
        self.registry.note_use(key, recent.unwrap_or(now));
        self.registry.note_renamed(key, renamed);
        // The host's own may be the agent of the last prompt.
        let recorded = record.and_then(|record| record.agent.as_ref());
        let agent = recorded.or(session.agent.as_ref());
        if let Some(agent) = agent.filter(|_| !self.registry.has_agent(key)) {
            self.registry.set_agent(key, agent);
        }
        let recorded = record.map(|record| &record.description);
        let recorded = recorded.filter(|recorded| !recorded.is_empty());
        if let Some(description) = recorded.or(session.description.as_ref()) {
            self.registry.describe(key, description);
        }
        if self.registry.parent(key).is_none() {
            return;
        }
        let prompt = session.prompt.as_deref().unwrap_or_default();
        self.registry.set_first_prompt(key, prompt);
        let files = session.files.unwrap_or_default();
        self.registry.touch(key, &files, "");
        if let (Some(record), true) = (record, first) {
            self.registry.take_record(key, record);
        }
        if let Some(record) = record.filter(|record| record.resumed > 0) {
            self.registry
                .count_resumed(key, record.resumed, record.saved);
        }
        let before = self.registry.known_names(key);
        self.name_created(key, record, session.slug.as_deref());
        if let Some((record, owners)) = &stored {
            self.registry.note_dispute(key, record);
            self.registry.learn_spawned(key, record);
            self.registry.learn_freed(key, record);
            for task in &record.tasks {
                self.registry.name_task(key, &task.id);
            }
            let names = before != self.registry.known_names(key);
            self.recover(key, record, first, names, owners);
        }
    }

    /// Gives a child the names that its record or the host gives it, and its budget.
    fn name_created(&mut self, key: SessionKey, record: Option<&Record>, given: Option<&str>) {
        for (name, since) in record.iter().flat_map(|record| &record.aliases) {
            self.registry.give_alias(key, name, *since, false);
        }
        // A record that another program copied from under another root gives no former name here.
        let here = record
            .filter(|record| !record.former.is_empty() && self.registry.is_of_root(key, record));
        for (slug, derived) in here.iter().flat_map(|record| &record.former) {
            self.registry.give_former(key, slug, derived);
        }
        let named = self.registry.slug(key).is_some();
        self.registry.grant(key, &self.policy);
        let own = record.and_then(|record| record.slug.as_deref());
        let derived = record.and_then(|record| record.id.as_deref());
        // A name that was made up before the session's own is known has no reader: it is no former name.
        let mut former = record.iter().flat_map(|record| &record.former);
        let is_former = |slug: &Arc<str>| former.any(|(former, _)| former == slug);
        let made_up =
            self.registry.may_yield(key) && !self.registry.slug(key).is_some_and(is_former);
        match own.or(given).and_then(own_name) {
            Some(slug) if !self.registry.is_called(key, &slug) => {
                if made_up {
                    self.registry.drop_name(key);
                }
                let announced = self.registry.take_over(key, &slug, derived);
                self.registry
                    .give_name(key, &slug, derived.or(announced.as_deref()));
                if self.registry.slug(key).is_none_or(|own| **own != *slug) {
                    // No reader knows the name that it has instead.
                    self.registry.note_new_name(key);
                }
                if own.is_none() || named {
                    self.registry.mark(key);
                }
                self.registry.name_unnamed();
            }
            None if self.registry.slug(key).is_none() && !self.registry.waits_for_name(key) => {
                self.registry.name_or_wait(key);
            }
            _ => {}
        }
        // The record may have a name that stands for another session here, and this session a made-up one.
        if record.is_some_and(|record| self.registry.is_named_by(key, record)) {
            self.registry.note_name_in_record(key);
        }
    }

    /// Takes in that a call which a lost engine decided has prompted a child.
    pub(super) fn recovered(&mut self, call: protocol::RecoveredCall) {
        let now = call.now;
        if let Some(name) = call.name {
            let child = Created {
                id: call.session_id.clone(),
                parent_id: Some(call.caller_id.clone()),
                agent: Some(call.agent.clone()),
                description: Some(call.description.clone()),
                slug: Some(name),
                ..Created::default()
            };
            self.created(child, now);
        }
        if self.registry.is_deleted(&call.session_id) {
            return;
        }
        let Some(child) = self.registry.find(&call.session_id) else {
            return;
        };
        let caller = self.registry.find_or_add(&call.caller_id);
        self.registry.note_call(caller, None, &self.policy, now);
        self.registry.recover_call(
            &RecoveredCall {
                caller,
                child,
                waits: call.background != Some(true),
                agent: &call.agent,
                description: &call.description,
            },
            now,
            &self.policy,
        );
        self.registry.remove_unused(caller);
    }

    /// Whether a record's prompts are run by this process.
    fn is_own(&self, record: &Record) -> bool {
        self.process.is_some() && record.process == self.process
    }

    /// Says once that records of other versions stay as they are.
    fn warn_unreadable(&mut self, id: &str) {
        if !std::mem::replace(&mut self.warned_unreadable, true) {
            self.notices.push(format!(
                "Session \"{}\" has a metadata.delegate that this version cannot read. opencode-delegate leaves such metadata unchanged. The names and budgets of these sessions end with this process.",
                quotable(id)
            ));
        }
    }

    /// Takes in that a session is gone, and with it all below it: their prompts end.
    pub(super) fn deleted(&mut self, key: SessionKey, now: Millis) {
        let gone = self.registry.below(key);
        let mut prompts = Vec::new();
        for key in &gone {
            let numbers = self.registry.stop_prompts(*key);
            prompts.extend(numbers.into_iter().map(|number| (*key, number)));
        }
        for (key, prompt_no) in prompts {
            self.happened(key, prompt_no, None, News::Deleted, now);
        }
        let gone: Vec<_> = gone.into_iter().map(|key| self.registry.id(key)).collect();
        self.deliver_last(&gone, now);
        for id in &gone {
            self.registry.forget_prompts(id);
        }
        self.registry.remove(key);
        for id in &gone {
            self.advance_calls(id);
        }
        self.send_waiting(now);
    }
}
