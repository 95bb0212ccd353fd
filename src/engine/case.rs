//! A request on its way from the row that decides it to a decision.

use crate::engine::lookup::View;
use crate::protocol::{Model, Request};
use crate::rules::decision_table::Rule;
use crate::state::{CallKey, SessionKey};
use std::sync::Arc;

/// A request with the row that decides it.
pub(super) struct Case<'a> {
    pub(super) rule: &'static Rule,
    pub(super) request: &'a Request<'a>,
    pub(super) view: &'a View<'a>,
    pub(super) caller: SessionKey,
    pub(super) root: SessionKey,
    pub(super) key: CallKey,
}

impl Case<'_> {
    /// Whether the caller waits for the answer.
    pub(super) fn waits(&self) -> bool {
        self.request.background != Some(true)
    }

    /// The model that the call asks for.
    pub(super) fn model(&self) -> Option<Model> {
        self.request.model.as_deref().and_then(Model::parse)
    }

    /// The agent that the call prompts a session as: a call that gives none goes to the session's own.
    pub(super) fn agent<'a>(&'a self, own: Option<&'a Arc<str>>) -> &'a str {
        match (&*self.request.agent, own) {
            ("", Some(own)) => own,
            (agent, _) => agent,
        }
    }
}
