//! Agents' names: each is held once, for as long as a session has that agent.

use crate::collections::{Map, Sorted};
use crate::state::slots::SessionKey;
use std::sync::Arc;

/// The number of an agent's name.
pub(super) type AgentNumber = u32;

/// The names of the agents that sessions have.
#[derive(Debug, Default)]
pub(super) struct Agents {
    numbers: Map<Arc<str>, AgentNumber>,
    /// Each name with the sessions that have it, by their numbers.
    names: Vec<(Arc<str>, Sorted<u32, SessionKey>)>,
    free: Vec<AgentNumber>,
}

impl Agents {
    pub(super) fn find(&self, agent: &str) -> Option<AgentNumber> {
        self.numbers.get(agent).copied()
    }

    pub(super) fn name(&self, number: AgentNumber) -> Option<&Arc<str>> {
        self.names.get(number as usize).map(|(name, _)| name)
    }

    /// The sessions that have a name, the youngest first.
    pub(super) fn youngest(&self, number: AgentNumber) -> impl Iterator<Item = SessionKey> {
        let sessions = self.names.get(number as usize);
        sessions
            .into_iter()
            .flat_map(|(_, sessions)| sessions.last_first().copied())
    }

    /// The number of a name, for one more session of that number and key.
    pub(super) fn add(&mut self, agent: &str, seq: u32, key: SessionKey) -> AgentNumber {
        let number = self.find(agent).unwrap_or_else(|| {
            let agent: Arc<str> = agent.into();
            let number = self.free.pop().unwrap_or_else(|| {
                self.names.push(Default::default());
                u32::try_from(self.names.len() - 1).unwrap_or(u32::MAX)
            });
            if let Some(entry) = self.names.get_mut(number as usize) {
                *entry = (agent.clone(), Sorted::default());
            }
            self.numbers.insert(agent, number);
            number
        });
        if let Some((_, sessions)) = self.names.get_mut(number as usize) {
            sessions.insert(seq, key);
        }
        number
    }

    /// Notes that a session no longer has an agent; a name without sessions is dropped.
    pub(super) fn remove(&mut self, number: AgentNumber, seq: u32) {
        let Some(entry) = self.names.get_mut(number as usize) else {
            return;
        };
        entry.1.remove(&seq);
        if entry.1.len() == 0 {
            let (agent, _) = std::mem::take(entry);
            self.numbers.remove(&agent);
            self.free.push(number);
        }
    }
}
