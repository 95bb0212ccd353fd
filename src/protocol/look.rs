//! What a row saw of a request.

use crate::protocol::decision::RuleID;
use serde::Serialize;

/// What a row of the table saw of a request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
pub struct Look {
    /// The row.
    pub rule: RuleID,
    /// Whether its condition holds.
    pub holds: bool,
    /// What the condition is about, and how that is.
    #[cfg_attr(target_arch = "wasm32", tsify(type = "[string, string][]"))]
    pub facts: Vec<(&'static str, &'static str)>,
}
