//! The sessions that a request may follow up, weighed.

use crate::protocol::{Author, Record};
use crate::relevance::{Profile, Weighed, weigh};
use crate::rules::limits::{LOOKED_AT, OTHERS};
use crate::state::registry::Registry;
use crate::state::slots::SessionKey;
use crate::state::work::Work;
use std::sync::Arc;

/// The sessions that are weighed for a request.
#[derive(Clone, Copy)]
pub(crate) struct Pool<'a> {
    pub(crate) caller: SessionKey,
    /// The agent; none if any will do.
    pub(crate) agent: Option<&'a str>,
    /// How many, the most recently used.
    pub(crate) most: usize,
    /// Whether only the caller's own children are.
    pub(crate) own: bool,
}

impl Registry {
    fn work_mut(&mut self, key: SessionKey) -> Option<&mut Work> {
        Some(self.get_mut(key)?.work.get_or_insert_default())
    }

    fn work(&self, key: SessionKey) -> Option<&Work> {
        self.get(key)?.work.as_deref()
    }

    /// Takes in the prompt that began a session.
    pub(crate) fn set_first_prompt(&mut self, key: SessionKey, prompt: &str) {
        let empty = prompt.is_empty();
        if !empty
            && self
                .work_mut(key)
                .is_some_and(|work| work.set_prompt(prompt))
        {
            self.forget_profile(key);
        }
    }

    /// Takes in files that a session read or changed.
    pub(crate) fn touch(&mut self, key: SessionKey, files: &[String], project: &str) {
        if self.parent(key).is_none() || files.is_empty() {
            return;
        }
        let Some(work) = self.work_mut(key) else {
            return;
        };
        let mut news = false;
        for file in files {
            news |= work.touch(file, project);
        }
        if news {
            self.forget_profile(key);
            self.mark_at_rest(key);
        }
    }

    /// Notes that a person's command or subtask spawned a session.
    pub(super) fn note_by_user(&mut self, key: SessionKey) {
        if let Some(work) = self.work_mut(key) {
            work.by_user = true;
        }
        self.mark_later(key);
    }

    /// Takes in the work of a session from its record.
    pub(super) fn take_work(&mut self, key: SessionKey, record: &Record) {
        let by_user = record.by == Some(Author::User);
        let none = record.files.is_empty() && record.hinted == 0 && record.hint_followed == 0;
        if none && !by_user {
            return;
        }
        if let Some(work) = self.work_mut(key) {
            for file in &record.files {
                work.touch(file, "");
            }
            work.by_user |= by_user;
            work.hinted = work.hinted.max(record.hinted);
            work.hint_followed = work.hint_followed.max(record.hint_followed);
        }
        self.forget_profile(key);
    }

    /// Gives a session that takes the place of another the first prompt of that one.
    pub(crate) fn hand_over_work(&mut self, from: SessionKey, to: SessionKey) {
        let work = self
            .work(from)
            .map(|work| (work.prompt.clone(), work.by_user));
        if let Some((prompt, by_user)) = work {
            self.set_first_prompt(to, &prompt);
            if by_user {
                self.note_by_user(to);
            }
        }
    }

    /// Notes that the description, the prompt or the files of a session have changed.
    pub(super) fn forget_profile(&mut self, key: SessionKey) {
        if let Some(entry) = self.get_mut(key) {
            entry.profile.take();
        }
    }

    /// The terms of a session's work. They are made when a request is first compared with it.
    fn profile(&self, key: SessionKey) -> Option<&Profile> {
        let entry = self.get(key)?;
        let description = &entry.identity.description;
        Some(entry.profile.get_or_init(|| {
            Box::new(match &entry.work {
                Some(work) => work.profile(description),
                None => Work::default().profile(description),
            })
        }))
    }

    /// Whether a session is weighed for requests of a caller: no command and no subtask of a person spawned it.
    fn is_weighed(&self, key: SessionKey, pool: &Pool<'_>) -> bool {
        !self.work(key).is_some_and(|work| work.by_user)
            && (!pool.own || self.parent(key) == Some(pool.caller))
    }

    /// The sessions of a pool, the best first. The index of each is that of its key.
    pub(crate) fn weigh(&self, request: &Profile, pool: &Pool<'_>) -> Vec<(SessionKey, Weighed)> {
        let recent = self.recent(pool.caller, pool.agent);
        let mut keys = Vec::new();
        let mut profiles = Vec::new();
        let recent = recent.take(LOOKED_AT);
        for key in recent.filter(|key| self.is_weighed(*key, pool)) {
            if keys.len() == pool.most {
                break;
            }
            if let Some(profile) = self.profile(key) {
                keys.push(key);
                profiles.push(profile);
            }
        }
        let others = self.youngest(pool.agent);
        let others = others.filter(|key| !keys.contains(key)).take(OTHERS);
        let others: Vec<&Profile> = others.filter_map(|key| self.profile(key)).collect();
        let weighed = weigh(request, &profiles, &others).into_iter();
        let of = |weighed: Weighed| Some((*keys.get(weighed.index)?, weighed));
        weighed.filter_map(of).collect()
    }

    /// The sessions of an agent in all conversations, the youngest first.
    fn youngest(&self, agent: Option<&str>) -> impl Iterator<Item = SessionKey> {
        let number = agent.and_then(|agent| self.agents.find(agent));
        let number = number.into_iter();
        number.flat_map(|number| self.agents.youngest(number))
    }

    /// Whether a session could be resumed unasked: it rests and was not stopped, its last answer was delivered, and the
    /// message that now calls did not spawn it.
    pub(crate) fn may_go_on(&self, key: SessionKey, message: Option<&str>) -> bool {
        let rests = !self.is_running(key) && !self.is_stopped(key);
        let Some(entry) = self.get(key).filter(|_| rests) else {
            return false;
        };
        let prompts = entry.prompts.as_deref();
        let delivered = prompts.is_none_or(|prompts| {
            prompts.queue.is_empty()
                && prompts.remote_queue.is_empty()
                && prompts.tasks.iter().all(|task| task.delivered)
        });
        let spawned = entry.history.as_deref().and_then(|it| it.spawned.as_ref());
        let now = spawned.is_some_and(|(spawned, _)| Some(&**spawned) == message);
        delivered && !now
    }

    /// Notes that a hint named a session to a caller.
    pub(crate) fn note_hint(&mut self, key: SessionKey, caller: SessionKey) {
        let to = self.id(caller);
        if let Some(work) = self.work_mut(key) {
            work.hinted = work.hinted.saturating_add(1);
            work.hint_to = Some(to);
        }
        self.mark_later(key);
    }

    /// Notes that a caller prompts a session. If a hint named it to that caller, the hint is over, and followed if the
    /// caller names the session.
    pub(crate) fn end_hint(&mut self, key: SessionKey, caller: SessionKey, named: bool) {
        let Some(entry) = self.get(key) else { return };
        let hinted = entry.work.as_ref().and_then(|work| work.hint_to.clone());
        if hinted.is_none_or(|to: Arc<str>| *to != *self.id_text(caller)) {
            return;
        }
        if let Some(work) = self.work_mut(key) {
            work.hint_to = None;
            work.hint_followed = work.hint_followed.saturating_add(u32::from(named));
        }
        self.mark_later(key);
    }
}
