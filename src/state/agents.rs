//! Agents' names: each is kept once, for as long as a session has that agent.

use crate::collections::Map;
use crate::state::registry::Registry;
use crate::state::slots::At;
use std::sync::Arc;

/// An agent's name, interned.
pub(crate) type Name = u32;

/// The names of the agents that sessions have.
#[derive(Debug, Default)]
pub(crate) struct Agents {
    known: Map<Arc<str>, Name>,
    /// Each with the number of sessions that have it.
    places: Vec<(Arc<str>, usize)>,
    free: Vec<Name>,
}

impl Agents {
    pub(crate) fn find(&self, agent: &str) -> Option<Name> {
        self.known.get(agent).copied()
    }

    fn text(&self, name: Name) -> Option<&Arc<str>> {
        self.places.get(name as usize).map(|place| &place.0)
    }

    fn take(&mut self, agent: &str) -> Name {
        let name = self.find(agent).unwrap_or_else(|| {
            let agent: Arc<str> = agent.into();
            let name = self.free.pop().unwrap_or_else(|| {
                self.places.push(Default::default());
                u32::try_from(self.places.len() - 1).unwrap_or(u32::MAX)
            });
            if let Some(place) = self.places.get_mut(name as usize) {
                *place = (agent.clone(), 0);
            }
            self.known.insert(agent, name);
            name
        });
        if let Some(place) = self.places.get_mut(name as usize) {
            place.1 += 1;
        }
        name
    }

    fn let_go(&mut self, name: Name) {
        let Some(place) = self.places.get_mut(name as usize) else {
            return;
        };
        place.1 = place.1.saturating_sub(1);
        if place.1 == 0 {
            let (agent, _) = std::mem::take(place);
            self.known.remove(&agent);
            self.free.push(name);
        }
    }
}

impl Registry {
    pub(crate) fn agent(&self, at: At) -> Option<&Arc<str>> {
        self.agents.text(self.node(at).agent?)
    }

    /// An agent's name, shared where it is known.
    pub(crate) fn name(&self, agent: &str) -> Arc<str> {
        let known = self.agents.find(agent);
        let known = known.and_then(|name| self.agents.text(name));
        known.cloned().unwrap_or_else(|| agent.into())
    }

    pub(crate) fn has_agent(&self, at: At) -> bool {
        self.node(at).agent.is_some()
    }

    pub(crate) fn is_agent(&self, at: At, agent: &str) -> bool {
        self.agent(at).is_some_and(|own| &**own == agent)
    }

    pub(crate) fn set_agent(&mut self, at: At, agent: &str) {
        let name = self.agents.take(agent);
        self.forget_use(at);
        let before = self.node_mut(at).agent.replace(name);
        self.note_use(at);
        before.into_iter().for_each(|name| self.agents.let_go(name));
    }

    /// Lets go of the agent of a session that is gone.
    pub(crate) fn drop_agent(&mut self, at: At) {
        if let Some(name) = self.node_mut(at).agent.take() {
            self.agents.let_go(name);
        }
    }
}
