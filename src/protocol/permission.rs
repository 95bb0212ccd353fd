//! Permission rules.

use crate::shape::shape;
use crate::words::words;

words! {
    /// The action of a rule.
    pub enum Action {
        /// Go ahead.
        Allow = "allow",
        /// The host asks the user.
        Ask = "ask",
        /// Refused.
        Deny = "deny",
    }
}

shape! {
    /// A rule as OpenCode lists it on an agent: both `permission` and `pattern` may hold wildcards.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub strict struct HostRule {
        /// The permission, such as `task`.
        permission: String => must,
        /// The subject of the permission; for `task` the name of the target agent.
        pattern: String => must,
        /// The action if the rule decides.
        action: Action => must,
    }
}

words! {
    /// Which of the rules that match decides.
    pub enum Precedence: MostSpecific {
        /// The most specific match; ties go to the last.
        MostSpecific = "most_specific",
        /// The last match: OpenCode's own order.
        LastMatch = "last_match",
    }
}
