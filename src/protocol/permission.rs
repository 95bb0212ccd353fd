//! Permission rules.

use crate::error::Wrong;
use crate::json::Field;
use serde::Serialize;

/// What a rule does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
pub enum Action {
    /// Go ahead.
    Allow,
    /// The host asks the user.
    Ask,
    /// Refused.
    Deny,
}

pub(crate) const ACTIONS: [(&str, Action); 3] = [
    ("allow", Action::Allow),
    ("ask", Action::Ask),
    ("deny", Action::Deny),
];

/// A rule as OpenCode lists it on an agent: both `permission` and `pattern` may hold wildcards.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
pub struct HostRule {
    /// The permission, such as `task`.
    pub permission: String,
    /// What it is about; for `task` the name of the target agent.
    pub pattern: String,
    /// What the rule does.
    pub action: Action,
}

/// Which of the rules that match decides.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
pub enum Precedence {
    /// The most specific match; ties go to the last.
    #[default]
    MostSpecific,
    /// The last match: OpenCode's own order.
    LastMatch,
}

impl HostRule {
    pub(crate) fn of(rule: Field<'_>) -> Result<HostRule, Wrong> {
        rule.only(&["permission", "pattern", "action"])?;
        Ok(HostRule {
            permission: rule.must("permission")?.text()?.to_owned(),
            pattern: rule.must("pattern")?.text()?.to_owned(),
            action: rule.must("action")?.one_of(&ACTIONS)?,
        })
    }
}

impl Precedence {
    pub(crate) fn of(word: Field<'_>) -> Result<Precedence, Wrong> {
        word.one_of(&[
            ("most_specific", Precedence::MostSpecific),
            ("last_match", Precedence::LastMatch),
        ])
    }
}
