//! When each session was used, by who may resume it.

use crate::protocol::Candidate;
use crate::state::registry::{CANDIDATES, Registry};
use crate::state::slots::At;
use crate::time::Millis;
use std::cmp::Reverse;

impl Registry {
    /// Notes that a session was used, unless a later use is known.
    pub(crate) fn used(&mut self, at: At, now: Millis) {
        if now > self.node(at).last_used {
            self.forget_use(at);
            self.node_mut(at).last_used = now;
            self.note_use(at);
        }
    }

    /// Has no turn and no count lie later than a time to which the clock was set back: what comes then is
    /// later all the same.
    pub(crate) fn set_back(&mut self, now: Millis) {
        let known: Vec<At> = self.ids.values().copied().collect();
        let latest = |at: &At| {
            let node = self.node(*at);
            node.status_at.max(node.usage_at)
        };
        let ahead = known.iter().map(latest).max().unwrap_or_default();
        let ahead = ahead.saturating_add(1).saturating_sub(now);
        if ahead == 0 {
            return;
        }
        for at in known {
            self.forget_use(at);
            let node = self.node_mut(at);
            for time in [&mut node.last_used, &mut node.status_at, &mut node.usage_at] {
                *time = time.saturating_sub(ahead);
            }
            self.note_use(at);
        }
    }

    /// The callers that may resume a session: its root, and its parent where that is another.
    fn owners(&self, at: At) -> impl Iterator<Item = At> + use<> {
        let parent = self.node(at).parent;
        let root = parent.map(|_| self.root(at));
        root.into_iter()
            .chain(parent.filter(|parent| Some(*parent) != root))
    }

    pub(crate) fn note_use(&mut self, at: At) {
        let node = self.node(at);
        let (agent, place) = (node.agent, (Reverse(node.last_used), Reverse(node.seq), at));
        for owner in self.owners(at) {
            let recent = &mut self.node_mut(owner).scope.get_or_insert_default().recent;
            recent.entry(None).or_default().insert(place);
            if agent.is_some() {
                recent.entry(agent).or_default().insert(place);
            }
        }
    }

    pub(crate) fn forget_use(&mut self, at: At) {
        let node = self.node(at);
        let (agent, place) = (node.agent, (Reverse(node.last_used), Reverse(node.seq), at));
        for owner in self.owners(at) {
            let Some(scope) = &mut self.node_mut(owner).scope else {
                continue;
            };
            for key in [None, agent] {
                let Some(list) = scope.recent.get_mut(&key) else {
                    continue;
                };
                list.remove(&place);
                if list.is_empty() {
                    scope.recent.remove(&key);
                }
            }
        }
    }

    /// The sessions that a caller may resume, of one agent or of all, the most recently used first.
    pub(crate) fn recent(&self, caller: At, agent: Option<&str>) -> impl Iterator<Item = At> {
        let key = match agent {
            Some(agent) => self.agents.find(agent).map(Some),
            None => Some(None),
        };
        let list = key.and_then(|key| self.node(caller).scope.as_ref()?.recent.get(&key));
        list.into_iter().flatten().map(|(_, _, at)| *at)
    }

    /// The sessions of an agent that a caller could resume, the most recently used first.
    pub(crate) fn candidates(&self, caller: At, agent: &str) -> Vec<Candidate> {
        self.recent(caller, Some(agent))
            .take(CANDIDATES)
            .map(|at| self.candidate(at))
            .collect()
    }

    pub(crate) fn candidate(&self, at: At) -> Candidate {
        let node = self.node(at);
        Candidate {
            session_id: node.id.clone(),
            slug: node.slug.clone(),
            agent: self.agent(at).cloned().unwrap_or_default(),
            description: node.description.clone(),
            confidence: 0.0,
            last_used: node.last_used,
        }
    }
}
