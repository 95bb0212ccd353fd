//! The tools that stay denied when another program prompts a session again.

use crate::error::{Code, DelegateError};
use crate::parse::read;
use crate::protocol::{Action, ByName, HostRule, rules};

/// Gives the `tools` of a prompt, from the JSON of `{ before?, held, tools }`, so that no attempt may do more than one before it.
///
/// `before` holds the tools of an earlier attempt of the same call: what they deny stays denied. `held` holds the rules of the
/// session: a tool that they deny stays denied unless `tools` names it. OpenCode takes the `tools` of a prompt for all that a
/// session is denied.
///
/// ```
/// use opencode_delegate::narrowed_tools;
/// let given = r#"{
///   "before": {"bash": false},
///   "held": [{"permission":"edit","pattern":"*","action":"deny"}],
///   "tools": {"task": false}
/// }"#;
/// let names: Vec<_> = narrowed_tools(given)?.0.into_iter().filter(|(_, on)| !on).map(|(name, _)| name).collect();
/// assert_eq!(names, ["task", "bash", "edit"]);
/// # Ok::<(), opencode_delegate::DelegateError>(())
/// ```
///
/// # Errors
/// `invalid_request`, with the field, for a value of another type.
pub fn narrowed_tools(json: &str) -> Result<ByName<bool>, DelegateError> {
    read(json, Code::InvalidRequest, |given| {
        let before: Option<ByName<bool>> = crate::json::Read::maybe(&given, "before")?;
        let held = rules(given.must("held")?)?;
        let mut tools: ByName<bool> = crate::json::Read::must(&given, "tools")?;
        for (name, on) in before.unwrap_or_default().0 {
            match tools.0.iter_mut().find(|(known, _)| *known == name) {
                Some((_, now)) => *now &= on,
                None if !on => tools.0.push((name, false)),
                None => {}
            }
        }
        for (place, rule) in held.iter().enumerate() {
            let lifted = held
                .iter()
                .skip(place + 1)
                .any(|later| later.permission == rule.permission && whole(later));
            let named = tools.0.iter().any(|(known, _)| *known == rule.permission);
            if rule.action == Action::Deny && whole(rule) && !lifted && !named {
                tools.0.push((rule.permission.clone(), false));
            }
        }
        Ok(tools)
    })
}

/// Whether a rule is about a tool as a whole.
fn whole(rule: &HostRule) -> bool {
    rule.pattern == "*" && !rule.permission.contains(['*', '?'])
}
