//! A request on its way from the row that decides it to a decision.

use crate::engine::lookup::View;
use crate::protocol::Request;
use crate::rules::decision_table::Rule;
use crate::state::{CallKey, SessionKey};

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
}
