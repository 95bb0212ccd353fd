//! When each session was used, in the scope of every caller that may resume it.

use crate::state::registry::Registry;
use crate::state::scope::Use;
use crate::state::slots::SessionKey;
use crate::time::Millis;
use std::cmp::Reverse;
use std::collections::BTreeSet;

impl Registry {
    /// Notes that a session was used, unless a later use is known.
    pub(crate) fn note_use(&mut self, key: SessionKey, now: Millis) {
        let Some(entry) = self.get_mut(key) else {
            return;
        };
        let before = entry.activity.last_used;
        if now <= before {
            return;
        }
        entry.activity.last_used = now;
        let (parent, agent, seq) = (entry.links.parent, entry.links.agent, entry.identity.seq);
        let of = |at| (Reverse(at), Reverse(seq), key);
        for owner in self.owners(parent) {
            let Some(owner) = self.get_mut(owner) else {
                continue;
            };
            let recent = &mut owner.scope.get_or_insert_default().recent;
            for agent in std::iter::once(None).chain(agent.map(Some)) {
                if let Some(list) = recent.or_default(agent) {
                    list.remove(&of(before));
                    list.insert(of(now));
                }
            }
        }
    }

    pub(crate) fn set_agent(&mut self, key: SessionKey, agent: &str) {
        let Some(entry) = self.get(key) else {
            return;
        };
        let (seq, before) = (entry.identity.seq, entry.links.agent);
        if before.is_some() && before == self.agents.find(agent) {
            return;
        }
        let number = self.agents.add(agent, seq, key);
        self.remove_use(key);
        if let Some(entry) = self.get_mut(key) {
            entry.links.agent = Some(number);
        }
        self.add_use(key);
        if let Some(before) = before {
            self.agents.remove(before, seq);
        }
    }

    /// Moves each later time back to the new time of the clock: the next use counts as later.
    pub(crate) fn set_back(&mut self, now: Millis) {
        let known: Vec<SessionKey> = self.ids.values().copied().collect();
        for key in &known {
            let Some(entry) = self.get_mut(*key) else {
                continue;
            };
            if let Some(extra) = &mut entry.extra {
                extra.set_back(now);
            }
            let prompts = entry.prompts.as_deref_mut();
            for prompt in prompts.into_iter().flat_map(|prompts| &mut prompts.queue) {
                prompt.asked_at = prompt.asked_at.min(now);
            }
        }
        let latest = known
            .iter()
            .filter_map(|key| self.get(*key))
            .map(|entry| (&entry.activity, &entry.context))
            .map(|(it, context)| {
                it.status_at
                    .max(it.delegated_at)
                    .max(it.stopped_at)
                    .max(it.released_at)
                    .max(context.at)
            })
            .max();
        let ahead = latest.unwrap_or_default().saturating_add(1);
        let ahead = ahead.saturating_sub(now);
        if ahead == 0 {
            return;
        }
        for key in known {
            self.remove_use(key);
            if let Some(entry) = self.get_mut(key) {
                let activity = &mut entry.activity;
                let times = [
                    &mut activity.last_used,
                    &mut activity.status_at,
                    &mut activity.delegated_at,
                    &mut activity.stopped_at,
                    &mut activity.released_at,
                    &mut entry.context.at,
                ];
                let replaced = activity.replaced.as_mut();
                let before = replaced.map(|replaced| &mut replaced.delegated_at);
                for time in times.into_iter().chain(before) {
                    *time = time.saturating_sub(ahead);
                }
            }
            self.add_use(key);
        }
    }

    /// The callers that may resume the children of a session: its root, and itself if that is another session.
    fn owners(&self, parent: Option<SessionKey>) -> impl Iterator<Item = SessionKey> + use<> {
        let root = parent.map(|parent| self.root(parent));
        root.into_iter()
            .chain(parent.filter(|parent| Some(*parent) != root))
    }

    pub(super) fn add_use(&mut self, key: SessionKey) {
        let Some((agent, last)) = self.last_use(key) else {
            return;
        };
        for owner in self.owners(self.parent(key)) {
            let Some(owner) = self.get_mut(owner) else {
                continue;
            };
            let recent = &mut owner.scope.get_or_insert_default().recent;
            for agent in std::iter::once(None).chain(agent.map(Some)) {
                if let Some(list) = recent.or_default(agent) {
                    list.insert(last);
                }
            }
        }
    }

    pub(super) fn remove_use(&mut self, key: SessionKey) {
        let Some((agent, last)) = self.last_use(key) else {
            return;
        };
        for owner in self.owners(self.parent(key)) {
            let Some(scope) = self.get_mut(owner).and_then(|owner| owner.scope.as_mut()) else {
                continue;
            };
            for agent in [None, agent] {
                let Some(list) = scope.recent.get_mut(&agent) else {
                    continue;
                };
                list.remove(&last);
                if list.is_empty() {
                    scope.recent.remove(&agent);
                }
            }
        }
    }

    fn last_use(&self, key: SessionKey) -> Option<(Option<u32>, Use)> {
        let entry = self.get(key)?;
        let (used, seq) = (entry.activity.last_used, entry.identity.seq);
        Some((entry.links.agent, (Reverse(used), Reverse(seq), key)))
    }

    /// The sessions that a caller may resume, of one agent or of all, the most recently used first. An undone session is
    /// none of them: only its id names it.
    pub(crate) fn recent(
        &self,
        caller: SessionKey,
        agent: Option<&str>,
    ) -> impl Iterator<Item = SessionKey> {
        let list = self.used_by(caller, agent);
        let keys = list.into_iter().flatten().map(|(_, _, key)| *key);
        let all = !self.children_only && !self.undos;
        keys.filter(move |key| all || self.is_resumable(*key, caller))
    }

    /// How many sessions [`Registry::recent`] gives.
    pub(crate) fn count_recent(&self, caller: SessionKey, agent: Option<&str>) -> usize {
        match self.children_only || self.undos {
            true => self.recent(caller, agent).count(),
            false => self.used_by(caller, agent).map_or(0, BTreeSet::len),
        }
    }

    /// The uses of the sessions in a caller's scope, of one agent or of all.
    fn used_by(&self, caller: SessionKey, agent: Option<&str>) -> Option<&BTreeSet<Use>> {
        let agent = match agent {
            Some(agent) => Some(self.agents.find(agent)?),
            None => None,
        };
        let scope = self.get(caller)?.scope.as_ref()?;
        scope.recent.get(&agent)
    }

    // Most engines need no look at a session: a call with a mistyped id would take one at each.
    #[inline(never)]
    fn is_resumable(&self, key: SessionKey, caller: SessionKey) -> bool {
        (!self.children_only || self.parent(key) == Some(caller)) && !self.is_undone(key)
    }

    /// The sessions that a caller may resume, in the order in which they became known.
    pub(crate) fn resumable(&self, caller: SessionKey) -> Vec<SessionKey> {
        self.oldest_first(self.recent(caller, None).collect())
    }
}
