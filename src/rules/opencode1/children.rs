//! A child's title, and which sessions have children.

use crate::error::{Code, DelegateError};
use crate::json_value::JsonValue;
use crate::one_line::alone;
use crate::parse::read;

/// The end of a child's title, after the agent's name.
const SUBAGENT: &str = " subagent)";

/// Gives the title of a child, as OpenCode's own task tool gives it: `<description> (@<agent> subagent)`.
///
/// Unlike there, the description is one line of at most 80 characters.
///
/// Source: OpenCode 1.18.33, `packages/opencode/src/tool/task.ts`, at the call that creates the child.
///
/// ```
/// use opencode_delegate::rules::opencode1::child_title;
/// assert_eq!(child_title("Explore auth", "explorer"), "Explore auth (@explorer subagent)");
/// ```
pub fn child_title(description: &str, agent: &str) -> String {
    [&alone(description), " (@", &alone(agent), SUBAGENT].concat()
}

/// Gives the description that a child's title holds; the whole title if it is not of [`child_title`]'s form.
///
/// An agent's name with a parenthesis in it is not found again. The text is not normalised.
///
/// Source: OpenCode 1.18.33, `packages/opencode/src/tool/task.ts`.
///
/// ```
/// use opencode_delegate::rules::opencode1::child_description;
/// assert_eq!(child_description("Explore (auth) (@explorer subagent)"), "Explore (auth)");
/// assert_eq!(child_description("Renamed by hand"), "Renamed by hand");
/// ```
pub fn child_description(title: &str) -> &str {
    let parts = title
        .strip_suffix(SUBAGENT)
        .and_then(|head| head.rsplit_once('('));
    let description = match parts {
        Some((description, agent)) if agent.starts_with('@') && !agent.contains(')') => {
            description.strip_suffix(' ')
        }
        _ => None,
    };
    description.unwrap_or(title)
}

/// Whether a session may have children, from the JSON of `{ permission?, record? }`. These are the session's own rules,
/// and its record, with its budget in calls.
///
/// OpenCode's task tool creates the child of an agent without a rule for `task` with a rule that denies `task` for `*`.
/// Such a session has no children. One with a budget in its record may have children from before that denial. So may one
/// with a record that gives no budget, which another program wrote.
///
/// Source: OpenCode 1.18.33, `packages/opencode/src/tool/task.ts`, at the call that creates the child.
///
/// ```
/// use opencode_delegate::rules::opencode1::may_have_children;
/// assert!(may_have_children("{}")?);
/// let denied = r#"[{"permission":"task","pattern":"*","action":"deny"}]"#;
/// assert!(!may_have_children(&format!(r#"{{"permission":{denied}}}"#))?);
/// assert!(may_have_children(&format!(r#"{{"permission":{denied},"record":{{"budget":2}}}}"#))?);
/// # Ok::<(), opencode_delegate::DelegateError>(())
/// ```
///
/// # Errors
/// `invalid_request` for a text that is not JSON. Another program may have written the fields: a rule of another form
/// denies nothing.
pub fn may_have_children(json: &str) -> Result<bool, DelegateError> {
    read(json, Code::InvalidRequest, |session| {
        let session = session.json();
        let record = session.get("record").filter(|record| !record.is_null());
        let budget = record.map(|record| record.get("budget").and_then(JsonValue::as_f64));
        let rules = session.get("permission").and_then(JsonValue::as_list);
        let denial = [("permission", "task"), ("pattern", "*"), ("action", "deny")];
        let denies = |rule: &JsonValue<'_>| {
            let mut fields = denial.iter();
            fields.all(|(key, word)| rule.get(key).and_then(JsonValue::as_str) == Some(*word))
        };
        let denied = rules.is_some_and(|rules| rules.iter().any(denies));
        Ok(!denied || budget.is_some_and(|budget| budget.is_none_or(|calls| calls > 0.0)))
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing)]

    use super::{child_description, child_title, may_have_children};
    use serde_json::json;

    #[test]
    fn a_title_gives_back_its_description() {
        for (description, agent) in [
            ("Explore auth", "explorer"),
            ("Explore (auth)", "größe"),
            ("A (@fixer subagent)", "explorer"),
            ("", ""),
        ] {
            let title = child_title(description, agent);
            assert_eq!(child_description(&title), description, "{title}");
        }
    }

    #[test]
    fn a_title_of_another_form_is_the_description() {
        for title in [
            "",
            "Explore auth",
            "Explore (@explorer)",
            "Explore (@explorer subagent) again",
            "Explore(@explorer subagent)",
            "Explore (@a(b) subagent)",
            "Explore (@explorer  agent)",
            " subagent)",
        ] {
            assert_eq!(child_description(title), title);
        }
    }

    #[test]
    fn only_a_denial_of_every_task_keeps_a_session_from_children() {
        let rule = |permission: &str, pattern: &str, action: &str| json!({"permission": permission, "pattern": pattern, "action": action});
        let denied = rule("task", "*", "deny");
        for (session, expected) in [
            (json!({}), true),
            (json!({"permission": null, "budget": null}), true),
            (json!({"permission": []}), true),
            (json!({"permission": [denied]}), false),
            (
                json!({"permission": [rule("task", "*", "allow"), denied]}),
                false,
            ),
            (
                json!({"permission": [denied, rule("task", "*", "allow")]}),
                false,
            ),
            (json!({"permission": [rule("task", "*", "ask")]}), true),
            (json!({"permission": [rule("task", "fixer", "deny")]}), true),
            (json!({"permission": [rule("*", "*", "deny")]}), true),
            (json!({"permission": [denied], "record": null}), false),
            (
                json!({"permission": [denied], "record": {"budget": 1}}),
                true,
            ),
            (
                json!({"permission": [denied], "record": {"budget": 0}}),
                false,
            ),
            (
                json!({"permission": [denied], "record": {"budget": "3"}}),
                true,
            ),
            (json!({"permission": [denied], "record": {"v": 99}}), true),
            (json!({"permission": [denied], "record": "record"}), true),
            (
                json!({"permission": ["deny", {"permission": "task"}]}),
                true,
            ),
        ] {
            let may = may_have_children(&session.to_string()).unwrap();
            assert_eq!(may, expected, "{session}");
        }
        assert!(may_have_children("{").is_err());
    }
}
