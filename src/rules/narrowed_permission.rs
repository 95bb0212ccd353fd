//! The rules that keep a session within the denials of its callers.

use crate::error::{Code, DelegateError};
use crate::parse::read;
use crate::protocol::rules;
use crate::protocol::{Action, HostRule};
use crate::rules::child_permission::{covers, covers_rule, decisive, meet, overlap};

/// The most rules that one call adds to a session with their exceptions. Beyond it, the exceptions are left out.
const MOST: usize = 200;

/// Gives the rules to add to a session so that it may do nothing that a call denies it, from the JSON of
/// `{ agent, held, passed }`.
///
/// `agent` and `held` are the rules of the session's agent and its own, `passed` those that the call passes on
/// ([`inherited_permission`](crate::inherited_permission)). A session is only ever narrowed. The added rules allow nothing
/// that it was denied or asked about before, in our rules and in those of others. A denial that is in force is not added again.
///
/// ```
/// use opencode_delegate::{HostRule, narrowed_permission};
/// let narrowed = |held: &str| narrowed_permission(&format!(r#"{{
///   "agent": [{{"permission":"*","pattern":"*","action":"allow"}}],
///   "held": {held},
///   "passed": [{{"permission":"bash","pattern":"*","action":"deny"}},{{"permission":"bash","pattern":"ls *","action":"allow"}}]
/// }}"#));
/// let actions = |rules: Vec<HostRule>| rules.iter().map(|rule| rule.action.word()).collect::<Vec<_>>();
/// assert_eq!(actions(narrowed("[]")?), ["deny", "allow"]);
/// assert_eq!(narrowed(r#"[{"permission":"bash","pattern":"*","action":"deny"}]"#)?, []);
/// # Ok::<(), opencode_delegate::DelegateError>(())
/// ```
///
/// # Errors
/// `invalid_request`, with the field, for a list that is missing or a rule that is none.
pub fn narrowed_permission(json: &str) -> Result<Vec<HostRule>, DelegateError> {
    read(json, Code::InvalidRequest, |given| {
        let agent = rules(given.must("agent")?)?;
        let held = rules(given.must("held")?)?;
        let passed = rules(given.must("passed")?)?;
        Ok(narrow(&[agent, held].concat(), passed))
    })
}

/// One list that denies all that two calls deny: each was passed on to the same session.
pub(crate) fn both_passed(first: Vec<HostRule>, second: Vec<HostRule>) -> Vec<HostRule> {
    let any = HostRule {
        permission: "*".to_owned(),
        pattern: "*".to_owned(),
        action: Action::Allow,
    };
    let mut held = vec![any];
    held.extend(first);
    let added = narrow(&held, second);
    held.drain(..1);
    held.extend(added);
    decisive(held)
}

/// The rules to add to those that hold. Each exception of the caller is met with those, so it lifts none of them.
fn narrow(held: &[HostRule], passed: Vec<HostRule>) -> Vec<HostRule> {
    let passed = decisive(passed);
    let mut denials: Vec<HostRule> = Vec::new();
    let mut added: Vec<HostRule> = Vec::new();
    for (place, rule) in passed.iter().enumerate() {
        let later = passed.get(place + 1..).unwrap_or_default();
        if rule.action != Action::Deny {
            if denials.iter().any(|before| overlap(before, rule)) {
                added.extend(held.iter().filter_map(|own| meet(own, rule)));
            }
        } else if !is_in_force(held, rule, later) {
            denials.push(rule.clone());
            added.push(rule.clone());
        }
    }
    let added = decisive(added);
    match added.len() > MOST {
        true => denials,
        false => added,
    }
}

/// Whether the rules that hold deny all that a denial denies, but for the caller's later exceptions. It errs on the
/// side of no.
fn is_in_force(held: &[HostRule], denial: &HostRule, later: &[HostRule]) -> bool {
    for (place, rule) in held.iter().enumerate().rev() {
        let denies = rule.action == Action::Deny;
        if !denies && overlap(rule, denial) {
            let mut exceptions = later.iter().filter(|other| other.action != Action::Deny);
            let excepted = exceptions.any(|exception| covers_rule(exception, rule));
            // A later denial covers all that the two rules share.
            let denied = held.iter().skip(place + 1).any(|after| {
                let either = |of: fn(&HostRule) -> &str| {
                    covers(of(after), of(rule)) || covers(of(after), of(denial))
                };
                after.action == Action::Deny && either(|r| &r.permission) && either(|r| &r.pattern)
            });
            if !excepted && !denied {
                return false;
            }
        }
        if covers_rule(rule, denial) {
            return true;
        }
    }
    false
}
