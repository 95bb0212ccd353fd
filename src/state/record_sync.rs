//! The records that the host stores of sessions, and whether they are outdated.
//!
//! A record is outdated from a change until the host is asked to store it. The host reports the outcome with
//! `record.stored` and `record.failed`. If a host reports neither, each record that it was asked to
//! store counts as stored. In either case a name stays protected from
//! the moment at which a reader may have it, stored or not.

use crate::names::{handle, own_name};
use crate::protocol::{Author, Effect, RECORD_VERSION, Record};
use crate::rules::allowance::Allowance;
use crate::rules::limits::MENDS;
use crate::state::entry::{RecordSync, Stored};
use crate::state::owners::name_owners;
use crate::state::prompt_queue::Unborn;
use crate::state::prompts::SessionPrompts;
use crate::state::registry::Registry;
use crate::state::slots::SessionKey;

impl RecordSync {
    /// Whether this engine has asked the host to store a record.
    pub(super) fn was_asked(&self) -> bool {
        self.stored != Stored::Never
    }
}

impl Registry {
    /// Notes that a session's record is outdated, and cannot wait.
    pub(crate) fn mark(&mut self, key: SessionKey) {
        self.mark_later(key);
        if let Some(entry) = self.get_mut(key) {
            entry.record.pressing = true;
        }
    }

    /// Notes that a session's record is outdated.
    pub(super) fn mark_later(&mut self, key: SessionKey) {
        let Some(entry) = self.get_mut(key) else {
            return;
        };
        entry.record.mends = 0;
        if !std::mem::replace(&mut entry.record.outdated, true) {
            self.outdated.push(key);
        }
    }

    /// Notes that another process stored a session's record without something that this engine knows. Two processes that
    /// do not learn from each other's records stop after some.
    pub(crate) fn mend(&mut self, key: SessionKey) {
        let mends = self.get(key).map_or(0, |entry| entry.record.mends);
        if mends < MENDS {
            self.mark(key);
            if let Some(entry) = self.get_mut(key) {
                entry.record.mends = mends + 1;
            }
        }
    }

    /// Notes that a reader gets a session's name: it must keep resolving, so the host is to store it. The record can
    /// wait if all of it could be found out again.
    pub(crate) fn protect_name(&mut self, key: SessionKey) {
        let Some(entry) = self.get(key) else {
            return;
        };
        if entry.record.has_name && !matches!(entry.record.stored, Stored::Later | Stored::Failed) {
            return;
        }
        let Some(slug) = entry.names.slug() else {
            return self.mark(key);
        };
        // The same name is made again, unless another session has it by then.
        let alone = self.unnamed.is_empty()
            && self.reading.is_empty()
            && !self.has_rival(self.root(key), slug);
        if alone
            && **slug == *handle(&entry.identity.description)
            && entry.allowance.is_none_or(|calls| calls.limit() == 0)
        {
            if !(entry.record.has_name && entry.record.stored == Stored::Later) {
                self.mark_later(key);
            }
        } else {
            self.mark(key);
        }
    }

    /// Whether another session may have a name after a restart: one that another plugin called so, or one with the same
    /// description.
    fn has_rival(&self, root: SessionKey, name: &str) -> bool {
        let second = format!("{name}-2");
        self.is_alias(root, name) || self.find_slug(root, &second).is_some()
    }

    /// Whether a reader may have the name of a session whose record can still be on its way.
    pub(super) fn has_unstored_name(&self, key: SessionKey) -> bool {
        self.get(key).is_some_and(|entry| {
            let record = &entry.record;
            record.outdated
                || matches!(
                    record.stored,
                    Stored::Asked | Stored::Later | Stored::Failed
                )
        })
    }

    /// Notes that a session has a name which no record holds.
    pub(crate) fn note_new_name(&mut self, key: SessionKey) {
        if let Some(entry) = self.get_mut(key) {
            entry.record.has_name = false;
        }
    }

    /// Whether a record holds the name of its session, as its name or as a former one.
    pub(crate) fn is_named_by(&self, key: SessionKey, record: &Record) -> bool {
        self.slug(key).is_some_and(|own| {
            let mut former = record.former.iter();
            let slug = record.slug.as_deref().and_then(own_name);
            slug.is_some_and(|slug| *slug == **own) || former.any(|(former, _)| former == own)
        })
    }

    /// Notes that the host's record of a session holds its name.
    pub(crate) fn note_name_in_record(&mut self, key: SessionKey) {
        if let Some(entry) = self.get_mut(key) {
            entry.record.has_name = true;
            if entry.record.stored == Stored::Later {
                entry.record.stored = Stored::Asked;
            }
        }
    }

    /// Notes whether the host's record of a session can be read.
    pub(crate) fn set_unreadable(&mut self, key: SessionKey, unreadable: bool) {
        if let Some(entry) = self.get_mut(key) {
            entry.record.unreadable = unreadable;
        }
    }

    /// Notes whether the host has stored the last record that it was asked for. A failed record is asked for again at
    /// the next change, the next reader of its name, or the end of the session's turn.
    pub(crate) fn note_stored(&mut self, key: SessionKey, stored: bool) {
        if let Some(entry) = self.get_mut(key)
            && entry.record.was_asked()
        {
            entry.record.stored = match stored {
                true => Stored::Yes,
                false => Stored::Failed,
            };
        }
    }

    /// Whether this engine has asked the host to store a record of a session.
    pub(crate) fn has_asked(&self, key: SessionKey) -> bool {
        self.get(key).is_some_and(|entry| entry.record.was_asked())
    }

    /// The records that the host is to store: those that are outdated. `process` is that of this engine.
    pub(crate) fn take_outdated(&mut self, process: Option<&str>) -> Vec<Effect> {
        let outdated = std::mem::take(&mut self.outdated);
        let mut effects = Vec::new();
        for key in outdated {
            let Some(entry) = self.get_mut(key) else {
                continue;
            };
            let record = &mut entry.record;
            let had_name = record.has_name && record.stored != Stored::Later;
            record.has_name |= entry.names.own.is_some();
            let pressing = std::mem::take(&mut record.pressing);
            if !std::mem::take(&mut record.outdated) {
                continue;
            }
            record.stored = match pressing || had_name {
                true => Stored::Asked,
                false => Stored::Later,
            };
            let stores = entry.identity.confirmed
                && entry.links.parent.is_some()
                && !entry.record.unreadable;
            if stores && let Some(mut record) = self.record(key, process) {
                let elsewhere = record.process.is_some() && record.process.as_deref() != process;
                record.writer = process.filter(|_| elsewhere).map(str::to_owned);
                effects.push(Effect::Store {
                    session_id: self.id(key),
                    record: Box::new(record),
                    later: !pressing,
                });
            }
        }
        effects
    }

    /// The prompt of a session that the host reports before its call is committed.
    pub(super) fn unborn(&self, key: SessionKey) -> Option<&Unborn> {
        let mut unborn = self.queue.unborn.iter();
        let id = &self.get(key)?.identity.id;
        let of = |number: u32| {
            let ticket = self.tickets.get(number);
            ticket.is_some_and(|ticket| ticket.child.as_ref() == Some(id))
        };
        unborn
            .find(|(number, _)| of(**number))
            .map(|(_, unborn)| unborn)
    }

    /// The record of a session. `engine` is the process of this engine.
    fn record(&self, key: SessionKey, engine: Option<&str>) -> Option<Record> {
        let entry = self.get(key)?;
        let prompts = entry.prompts.as_deref();
        let history = entry.history.as_deref();
        let work = entry.work.as_deref();
        // The record has the prompt of a new child from the first moment.
        let unborn = self.unborn(key);
        let first = unborn.map(|unborn| &unborn.prompt);
        let prompt = first.or_else(|| prompts.and_then(SessionPrompts::in_record));
        let mut tasks = prompts
            .map(|prompts| prompts.tasks.clone())
            .unwrap_or_default();
        tasks.extend(unborn.and_then(|unborn| unborn.task.clone()));
        let open = tasks.iter().any(|task| !task.delivered);
        let process = match unborn {
            Some(unborn) => unborn.process.clone(),
            None => prompts
                .filter(|_| prompt.is_some() || open)
                .and_then(|prompts| prompts.process.clone()),
        };
        name_owners(&mut tasks, process.as_deref(), engine);
        // The name of a task in the record stands with the task.
        let former = entry.names.former.iter().chain(&entry.names.elsewhere);
        let former = former.filter(|(name, _)| tasks.iter().all(|task| *task.id != **name));
        let text = |text: &std::sync::Arc<str>| text.to_string();
        Some(Record {
            v: RECORD_VERSION,
            slug: entry.names.slug().map(text),
            id: entry.names.derived().map(text),
            agent: self.agent(key).map(text),
            description: entry.identity.description.to_string(),
            budget: entry.allowance.map_or(0, |allowance| allowance.limit()),
            used: entry.allowance.map_or(0, |allowance| allowance.used()),
            former: former.cloned().collect(),
            aliases: entry.names.aliases.clone(),
            resumed: entry.extra.as_ref().map_or(0, |extra| extra.resumed),
            saved: entry.extra.as_ref().map_or(0, |extra| extra.saved),
            tokens: entry.context.tokens,
            window: entry.context.window,
            model: entry.context.model.as_deref().cloned(),
            last_used: Some(entry.activity.last_used),
            renamed: entry.names.renamed,
            spawned: history.and_then(|history| history.spawned.clone()),
            undone: history
                .map(|history| history.undone)
                .filter(|undone| *undone),
            freed: history.map_or_else(Vec::new, |history| history.freed.clone()),
            by: work.filter(|work| work.by_user).map(|_| Author::User),
            files: work.map_or_else(Vec::new, |work| work.files.clone()),
            hinted: work.map_or(0, |work| work.hinted),
            hint_followed: work.map_or(0, |work| work.hint_followed),
            prompt: prompt.map(|prompt| prompt.stored(process.as_deref())),
            message_id: prompt.and_then(|prompt| prompt.message_id.clone()),
            process,
            // The engine that gives the record out knows its own process.
            writer: None,
            tasks,
        })
    }

    /// Takes in the record of a session that the host reports for the first time.
    pub(crate) fn take_record(&mut self, key: SessionKey, record: &Record) {
        self.undos |= record.undone == Some(true);
        self.take_work(key, record);
        if let Some(entry) = self.get_mut(key) {
            entry.record.has_name = record.slug.as_deref().and_then(own_name).is_some();
            entry.allowance = Some(Allowance::new(record.budget, record.used));
            if record.spawned.is_some() {
                let history = entry.history.get_or_insert_default();
                history.spawned = record.spawned.clone();
                history.undone = record.undone == Some(true);
                history.freed = record.freed.clone();
            }
            entry.context.model = record.model.clone().map(Box::new);
            if entry.context.at == 0 {
                (entry.context.tokens, entry.context.window) = (record.tokens, record.window);
            }
        }
    }
}
