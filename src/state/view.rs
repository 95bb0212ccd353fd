//! Sessions and candidates as they cross the boundary.

use crate::protocol::{Candidate, PromptState, Session};
use crate::rules::allowance::Allowance;
use crate::state::registry::Registry;
use crate::state::slots::SessionKey;

/// The caller, for the facts of its call.
#[derive(Clone, Copy)]
pub(crate) struct Standing {
    pub(crate) root: SessionKey,
    /// How far it is below its root.
    pub(crate) depth: u32,
    pub(crate) is_subagent: bool,
    pub(crate) allowance: Option<Allowance>,
}

impl Registry {
    pub(crate) fn standing(&self, key: SessionKey) -> Option<Standing> {
        let entry = self.get(key)?;
        let parent = entry.links.parent;
        Some(Standing {
            root: parent.map_or(key, |parent| self.root(parent)),
            depth: entry.links.depth,
            is_subagent: parent.is_some(),
            allowance: entry.allowance,
        })
    }

    pub(crate) fn session(&self, key: SessionKey) -> Option<Session> {
        let entry = self.get(key)?;
        let prompts = entry.prompts.as_deref();
        // An orphan does not run: it is sent with the next prompt of the session.
        let live = prompts.into_iter().flat_map(|prompts| &prompts.queue);
        let live =
            live.filter(|prompt| !prompt.is_orphaned() || prompt.state != PromptState::Created);
        let extra = entry.extra.as_deref();
        Some(Session {
            id: entry.identity.id.clone(),
            parent_id: entry.links.parent.map(|parent| self.id(parent)),
            root_id: self.id(self.root(key)),
            depth: entry.links.depth,
            agent: self.agent(key).cloned(),
            description: entry.identity.description.clone(),
            slug: entry.names.slug().filter(|_| !self.is_undone(key)).cloned(),
            derived_id: entry.names.derived().cloned(),
            status: entry.activity.status,
            last_used: entry.activity.last_used,
            tokens: entry.context.tokens,
            window: entry.context.window,
            spent: entry.spending.own.some(),
            spent_below: entry.spending.below.some(),
            limit: extra.and_then(|extra| extra.quota.as_ref()?.unfinished()),
            asks: extra.is_some_and(|extra| !extra.questions.is_empty()),
            budget: entry.allowance.map(|allowance| allowance.limit()),
            used: entry.allowance.map_or(0, |allowance| allowance.used()),
            resumed: extra.map_or(0, |extra| extra.resumed),
            saved: extra.map_or(0, |extra| extra.saved),
            prompt: live.clone().next().map(|prompt| prompt.state),
            waiting: live.count().saturating_sub(1),
            task: prompts.and_then(|prompts| prompts.tasks.last()).cloned(),
        })
    }

    pub(crate) fn candidate(&self, key: SessionKey, confidence: u32) -> Option<Candidate> {
        let entry = self.get(key)?;
        Some(Candidate {
            session_id: entry.identity.id.clone(),
            slug: entry.names.slug().cloned(),
            agent: self.agent(key).cloned().unwrap_or_default(),
            description: entry.identity.description.clone(),
            confidence: f64::from(confidence) / 1000.0,
            last_used: entry.activity.last_used,
        })
    }
}
