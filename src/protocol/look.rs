//! What a row saw of a request.

use crate::protocol::decision::RuleID;
use crate::shape::shape;

shape! {
    /// What a row of the table saw of a request.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub write struct Look {
        /// The row.
        rule: RuleID => must,
        /// Whether its condition holds.
        holds: bool => must,
        /// What the condition is about, and how that is.
        facts: Vec<(&'static str, &'static str)> => must,
    }
}
