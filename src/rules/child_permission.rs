//! The denials that a child has from its caller.

use crate::error::{Code, DelegateError};
use crate::json::read;
use crate::protocol::rules;
use crate::protocol::{Action, HostRule};
use crate::rules::permission::matches;

/// Gives the rules of a child session beside its agent's own, from the JSON of `{ session, caller, agent,
/// primary_tools?, held? }`.
///
/// `session` and `caller` are the rules of the calling session and of its agent, `agent` those of the child's agent.
/// `primary_tools` are the tools that OpenCode's configuration denies to subagents. `held` are the rules of a session
/// that is to be resumed: then the result has only the rules to add.
///
/// In OpenCode the last matching rule decides, a session's after its agent's. So each denial of the caller
/// is a denial here. If a later rule of the caller makes an exception, the child has it as far as its own agent allows
/// it. OpenCode's own tool adds further rules: those of the calling session for `external_directory`. It also denies
/// `todowrite` and `task` to an agent without rules for them.
///
/// ```
/// use opencode_delegate::inherited_permission;
/// let rules = inherited_permission(r#"{
///   "session": [],
///   "caller": [{"permission":"*","pattern":"*","action":"allow"},{"permission":"edit","pattern":"*","action":"deny"}],
///   "agent": [{"permission":"*","pattern":"*","action":"allow"}]
/// }"#)?;
/// let denied: Vec<&str> = rules.iter().map(|rule| &*rule.permission).collect();
/// assert_eq!(denied, ["edit", "todowrite", "task", "delegate_*"]);
/// # Ok::<(), opencode_delegate::DelegateError>(())
/// ```
///
/// # Errors
/// `invalid_request`, with the field, for a list that is missing or a rule that is none.
pub fn inherited_permission(json: &str) -> Result<Vec<HostRule>, DelegateError> {
    read(json, Code::InvalidRequest, |given| {
        let session = rules(given.must("session")?)?;
        let caller = rules(given.must("caller")?)?;
        let agent = rules(given.must("agent")?)?;
        let mut inherited: Vec<HostRule> = Vec::new();
        let of_caller = caller.iter().map(|rule| (rule, false));
        let of_session = session.iter().map(|rule| (rule, true));
        for (rule, of_session) in of_caller.chain(of_session) {
            let given = of_session && rule.permission == "external_directory";
            if rule.action == Action::Deny || given {
                inherited.push(rule.clone());
            } else if inherited.iter().any(|before| overlap(before, rule)) {
                inherited.extend(agent.iter().filter_map(|own| meet(own, rule)));
            }
        }
        let speaks = |of: &str| agent.iter().any(|rule| rule.permission == of);
        if !speaks("todowrite") {
            inherited.push(deny("todowrite"));
        }
        if !speaks("task") {
            // A session without the task tool has no child to read, cancel or list.
            inherited.extend([deny("task"), deny("delegate_*")]);
        }
        if let Some(tools) = given.maybe("primary_tools")? {
            for tool in tools.list()? {
                inherited.push(deny(tool.text()?));
            }
        }
        // The last match decides, so a rule that a later one covers says nothing.
        let mut once: Vec<HostRule> = Vec::new();
        for rule in inherited.into_iter().rev() {
            let covered = |later: &HostRule| {
                covers(&later.permission, &rule.permission) && covers(&later.pattern, &rule.pattern)
            };
            if !once.iter().any(covered) {
                once.push(rule);
            }
        }
        once.reverse();
        let Some(held) = given.maybe("held")?.map(rules).transpose()? else {
            return Ok(once);
        };
        let whole = [agent, once.clone()].concat();
        // The agent's own rules restore the permissions that another caller's rules took away.
        Ok(if held == once || held.ends_with(&whole) {
            Vec::new()
        } else {
            whole
        })
    })
}

fn deny(permission: &str) -> HostRule {
    HostRule {
        permission: permission.to_owned(),
        pattern: "*".to_owned(),
        action: Action::Deny,
    }
}

/// Whether one pattern is known to match every text that another matches.
fn covers(wide: &str, narrow: &str) -> bool {
    // A text may match without a tail of a blank and a star.
    let short = narrow.strip_suffix(" *");
    wide == narrow
        || (matches(wide, narrow)
            && short.is_none_or(|short| matches(wide, short))
            && !(wide.contains('?') && narrow.contains('*')))
}

/// Whether two patterns can match the same text. It errs on the side of yes.
fn touch(a: &str, b: &str) -> bool {
    let head = |text: &str| {
        let head = text.split(['*', '?']).next().unwrap_or("");
        head.replace('\\', "/")
    };
    let (a, b) = (head(a), head(b));
    a.starts_with(&b) || b.starts_with(&a)
}

fn overlap(a: &HostRule, b: &HostRule) -> bool {
    touch(&a.permission, &b.permission) && touch(&a.pattern, &b.pattern)
}

/// The child's own rule, narrowed to the subject of an exception of the caller. If the two cannot
/// be compared, a rule that does not allow is a denial as a whole.
fn meet(own: &HostRule, exception: &HostRule) -> Option<HostRule> {
    let narrow = |own: &str, other: &str| {
        if covers(own, other) {
            Some(other.to_owned())
        } else if covers(other, own) {
            Some(own.to_owned())
        } else {
            None
        }
    };
    let permission = narrow(&own.permission, &exception.permission);
    let pattern = narrow(&own.pattern, &exception.pattern);
    match (permission, pattern) {
        (Some(permission), Some(pattern)) => Some(HostRule {
            permission,
            pattern,
            action: own.action,
        }),
        _ if own.action != Action::Allow && overlap(own, exception) => Some(HostRule {
            action: Action::Deny,
            ..own.clone()
        }),
        _ => None,
    }
}
