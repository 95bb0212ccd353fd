//! The rules that a call passes on to a child session, beside the child's agent's own.

use crate::error::{Code, DelegateError};
use crate::json::Read;
use crate::parse::read;
use crate::protocol::rules;
use crate::protocol::{Action, ChildPermissions, HostRule};
use crate::rules::permission::matches;

/// Gives the rules that a call passes on to its child, from the JSON of `{ session, caller, agent, primary_tools?,
/// child_permissions?, resumed? }`.
///
/// `session` and `caller` are the rules of the calling session and of its agent, `agent` those of the child's agent.
/// `primary_tools` are the tools that OpenCode's configuration denies to subagents. With `child_permissions: "host"`,
/// the default, the result is that of OpenCode's own tool (1.18.33, `tool/task.ts`): the calling session's denials
/// and its rules for `external_directory`. It also denies `todowrite` and `task` to an agent without rules for them.
///
/// With `"caller"`, each denial of the calling agent is a denial here too. If a later rule of the caller makes an
/// exception, the child has it as far as its own agent allows it: in OpenCode the last matching rule decides, a
/// session's after its agent's.
///
/// `resumed` says that the child exists. OpenCode passes nothing on to such a child. With `"caller"`, the result is the
/// caller's denials with their exceptions, for [`narrowed_permission`](crate::narrowed_permission).
///
/// ```
/// use opencode_delegate::inherited_permission;
/// let given = |mode: &str| format!(r#"{{
///   "session": [],
///   "caller": [{{"permission":"*","pattern":"*","action":"allow"}},{{"permission":"edit","pattern":"*","action":"deny"}}],
///   "agent": [{{"permission":"*","pattern":"*","action":"allow"}}],
///   "child_permissions": "{mode}"
/// }}"#);
/// let denied = |mode: &str| {
///     let rules = inherited_permission(&given(mode))?;
///     Ok::<_, opencode_delegate::DelegateError>(rules.into_iter().map(|rule| rule.permission).collect::<Vec<_>>())
/// };
/// assert_eq!(denied("host")?, ["todowrite", "task", "delegate_*"]);
/// assert_eq!(denied("caller")?, ["edit", "todowrite", "task", "delegate_*"]);
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
        let mode: Option<ChildPermissions> = Read::maybe(&given, "child_permissions")?;
        let resumed: Option<bool> = Read::maybe(&given, "resumed")?;
        let strict = mode.unwrap_or_default() == ChildPermissions::Caller;
        let resumed = resumed == Some(true);
        let mut passed: Vec<HostRule> = Vec::new();
        let of_caller = caller.iter().filter(|_| strict).map(|rule| (rule, false));
        let of_session = session.iter().map(|rule| (rule, !resumed));
        for (rule, of_session) in of_caller.chain(of_session) {
            let folder = of_session && rule.permission == "external_directory";
            if rule.action == Action::Deny || folder {
                passed.push(rule.clone());
            } else if strict && passed.iter().any(|before| overlap(before, rule)) {
                match resumed {
                    true => passed.push(rule.clone()),
                    false => passed.extend(agent.iter().filter_map(|own| meet(own, rule))),
                }
            }
        }
        let speaks = |of: &str| agent.iter().any(|rule| rule.permission == of);
        if !speaks("todowrite") {
            passed.push(deny("todowrite"));
        }
        if !speaks("task") {
            // A session without the task tool has no child to read, cancel or list.
            passed.extend([deny("task"), deny("delegate_*")]);
        }
        if let Some(tools) = given.maybe("primary_tools")? {
            for tool in tools.list()? {
                passed.push(deny(tool.text()?));
            }
        }
        if resumed && !strict {
            passed.clear();
        }
        Ok(decisive(passed))
    })
}

/// The rules that decide something: the last match decides, so a rule that a later one covers decides nothing.
pub(super) fn decisive(rules: Vec<HostRule>) -> Vec<HostRule> {
    let mut once: Vec<HostRule> = Vec::new();
    for rule in rules.into_iter().rev() {
        if !once.iter().any(|later| covers_rule(later, &rule)) {
            once.push(rule);
        }
    }
    once.reverse();
    once
}

fn deny(permission: &str) -> HostRule {
    HostRule {
        permission: permission.to_owned(),
        pattern: "*".to_owned(),
        action: Action::Deny,
    }
}

/// Whether one pattern is known to match every text that another matches.
pub(super) fn covers(wide: &str, narrow: &str) -> bool {
    // A text may match without a tail of a blank and a star.
    let short = narrow.strip_suffix(" *");
    wide == narrow
        || (matches(wide, narrow)
            && short.is_none_or(|short| matches(wide, short))
            && !(wide.contains('?') && narrow.contains('*')))
}

/// Whether one rule is known to match everything that another matches.
pub(super) fn covers_rule(wide: &HostRule, narrow: &HostRule) -> bool {
    covers(&wide.permission, &narrow.permission) && covers(&wide.pattern, &narrow.pattern)
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

/// Whether two rules can match the same. It errs on the side of yes.
pub(super) fn overlap(a: &HostRule, b: &HostRule) -> bool {
    touch(&a.permission, &b.permission) && touch(&a.pattern, &b.pattern)
}

/// The child's own rule, narrowed to the subject of an exception of the caller. If the two cannot
/// be compared, a rule that does not allow is a denial as a whole.
pub(super) fn meet(own: &HostRule, exception: &HostRule) -> Option<HostRule> {
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
