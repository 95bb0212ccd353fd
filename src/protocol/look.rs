//! The facts that a row saw of a request.

use crate::protocol::decision::RuleID;
use crate::shape::shape;

shape! {
    /// The facts that a row of the table saw of a request.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub write struct Look {
        /// The row.
        rule: RuleID => must,
        /// Whether its condition holds.
        holds: bool => must,
        /// The facts of the condition, each with its value in words.
        facts: Vec<(&'static str, &'static str)> => must,
    }
}
