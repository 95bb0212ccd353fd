//! The settings of OpenCode that nested delegation needs.

use crate::error::{Code, DelegateError, Wrong};
use crate::json::{Field, Read};
use crate::parse::read;
use crate::protocol::{Action, ByName, HostRule, Precedence};
use crate::rules::permission::evaluate;
use crate::shape::shape;

/// How deep OpenCode allows subagents if its configuration does not say.
const SUBAGENT_DEPTH: u64 = 1;

shape! {
    /// The settings to add to opencode.json, so that the agents with a budget can delegate from a subagent session.
    ///
    /// In OpenCode, subagents launch nothing until `subagent_depth` is raised. Only a subagent with a `task` permission
    /// of its own gets the task tool.
    #[derive(Clone, Debug, Default, PartialEq, Eq)]
    pub write struct HostSettings {
        /// The `subagent_depth` to set; none if the user set it, or no agent has a budget.
        subagent_depth: Option<u64> => maybe,
        /// The depth that both the option and OpenCode allow, for a program that runs children in OpenCode's place.
        max_depth: u64 => must,
        /// The `permission.task` to add, by agent, in the order of their names.
        task: ByName<Action> => must,
    }
}

/// Gives the settings that nested delegation needs, from the JSON of `{ agent?, permission?, subagent_depth?,
/// max_depth? }`. The fields are as in opencode.json, and `max_depth` is the plugin's option.
///
/// An agent without a budget gets nothing. Neither does an agent whose own or global permissions name `task`, or deny
/// everything.
///
/// ```
/// use opencode_delegate::host_settings;
/// let settings = host_settings(r#"{"agent":{"lead":{"task_budget":3},"helper":{}}}"#)?;
/// assert_eq!(settings.subagent_depth, Some(3));
/// assert_eq!(settings.task.0.len(), 1);
/// assert_eq!(host_settings("{}")?.subagent_depth, None);
/// # Ok::<(), opencode_delegate::DelegateError>(())
/// ```
///
/// # Errors
/// `invalid_config`, with the field, for a budget that is not a whole number from 0 up.
pub fn host_settings(json: &str) -> Result<HostSettings, DelegateError> {
    read(json, Code::InvalidConfig, |config| {
        let mut settings = HostSettings::default();
        let global = config
            .maybe("permission")?
            .map(|all| rules(&all))
            .transpose()?
            .unwrap_or_default();
        let agents = config.maybe("agent")?;
        let agents = agents.as_ref().map(Field::fields).transpose()?;
        let mut nested = false;
        for (name, agent) in agents.into_iter().flatten() {
            let budget = agent
                .maybe("task_budget")?
                .map(|budget| budget.count())
                .transpose()?;
            if budget.unwrap_or(0) == 0 {
                continue;
            }
            nested = true;
            let own = agent
                .maybe("permission")?
                .map(|own| rules(&own))
                .transpose()?;
            let rules = [global.clone(), own.unwrap_or_default()].concat();
            if rules.iter().any(|rule| rule.permission == "task") {
                continue;
            }
            // If the user says nothing, an agent has every permission: that is OpenCode's own default.
            let all = HostRule {
                permission: "*".into(),
                pattern: "*".into(),
                action: Action::Allow,
            };
            let rules = [vec![all], rules].concat();
            let action = evaluate(&rules, "task", "*", Precedence::LastMatch);
            if action != Action::Deny {
                let task = &mut settings.task.0;
                let place = task.partition_point(|(before, _)| &**before < name);
                task.insert(place, (name.to_owned(), action));
            }
        }
        let ours = match config.maybe("max_depth")? {
            Some(depth) => depth.whole()?,
            None => u64::from(crate::rules::policy::MAX_DEPTH),
        };
        let theirs = config.maybe("subagent_depth")?;
        let theirs = theirs.map(|depth| depth.amount()).transpose()?;
        if nested && theirs.is_none() {
            settings.subagent_depth = Some(ours);
        }
        let theirs = theirs.or(settings.subagent_depth);
        settings.max_depth = ours.min(theirs.unwrap_or(SUBAGENT_DEPTH));
        Ok(settings)
    })
}

/// The rules of a `permission` in opencode.json, in the order in which OpenCode flattens them.
fn rules(permission: &Field<'_>) -> Result<Vec<HostRule>, Wrong> {
    let rule = |permission: &str, pattern: &str, action: &Field<'_>| {
        let action = Action::of(*action)?;
        Ok::<_, Wrong>(HostRule {
            permission: permission.to_owned(),
            pattern: pattern.to_owned(),
            action,
        })
    };
    if !permission.is_object() {
        return Ok(vec![rule("*", "*", permission)?]);
    }
    let mut rules = Vec::new();
    for (name, entry) in permission.fields()? {
        if entry.is_object() {
            for (pattern, action) in entry.fields()? {
                rules.push(rule(name, pattern, &action)?);
            }
        } else {
            rules.push(rule(name, "*", &entry)?);
        }
    }
    Ok(rules)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::host_settings;

    #[test]
    fn no_deeper_than_both_allow() {
        let lead = r#""agent":{"lead":{"task_budget":1}}"#;
        for (config, depth) in [
            ("{}".to_owned(), 1),
            (r#"{"max_depth":5}"#.to_owned(), 1),
            (r#"{"subagent_depth":2}"#.to_owned(), 2),
            (r#"{"subagent_depth":9}"#.to_owned(), 3),
            (r#"{"subagent_depth":0}"#.to_owned(), 0),
            (r#"{"subagent_depth":2,"max_depth":0}"#.to_owned(), 0),
            // If a budget needs more than OpenCode's own 1, more is set.
            (format!("{{{lead}}}"), 3),
            (format!("{{{lead},\"max_depth\":2}}"), 2),
            (format!("{{{lead},\"subagent_depth\":1}}"), 1),
        ] {
            assert_eq!(host_settings(&config).unwrap().max_depth, depth, "{config}");
        }
    }
}
