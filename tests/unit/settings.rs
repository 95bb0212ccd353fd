//! The settings of OpenCode that agents with a budget need.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, missing_docs)]

use opencode_delegate::host_settings;
use serde_json::{Value, json};

fn settings(config: Value) -> Value {
    serde_json::to_value(host_settings(&config.to_string()).unwrap()).unwrap()
}

fn lead(fields: Value) -> Value {
    let mut lead = json!({"task_budget": 2});
    for (name, value) in fields.as_object().unwrap() {
        lead[name] = value.clone();
    }
    json!({"agent": {"lead": lead}})
}

#[test]
fn an_agent_with_a_budget_may_delegate() {
    for (config, expected) in [
        (json!({}), json!({"task": {}, "max_depth": 1})),
        (
            json!({"agent": {"lead": {"task_budget": 0}, "other": {}}}),
            json!({"task": {}, "max_depth": 1}),
        ),
        (
            json!({"agent": {"a": {"task_budget": 1}, "b": {}, "c": {"task_budget": 3}}}),
            json!({"task": {"a": "allow", "c": "allow"}, "subagent_depth": 3, "max_depth": 3}),
        ),
    ] {
        assert_eq!(settings(config.clone()), expected, "{config}");
    }
}

#[test]
fn the_task_rules_of_the_user_stand() {
    for (permission, expected) in [
        (json!({"task": "deny"}), json!({})),
        (json!({"task": {"explorer": "allow"}}), json!({})),
        (json!({"bash": "deny"}), json!({"lead": "allow"})),
        (json!({"*": "ask"}), json!({"lead": "ask"})),
        (json!({"*": "deny"}), json!({})),
        (json!({"*": {"*": "deny"}}), json!({})),
        (json!("ask"), json!({"lead": "ask"})),
        (json!("deny"), json!({})),
    ] {
        let own = lead(json!({"permission": permission}));
        assert_eq!(settings(own.clone())["task"], expected, "{own}");
        let mut global = lead(json!({}));
        global["permission"] = permission;
        assert_eq!(settings(global.clone())["task"], expected, "{global}");
    }
    // An agent's own rules come after those for all.
    let mut both = lead(json!({"permission": {"*": "allow"}}));
    both["permission"] = json!("deny");
    assert_eq!(settings(both)["task"], json!({"lead": "allow"}));
}

#[test]
fn an_unknown_setting_is_named() {
    for (config, field) in [
        (json!({"agent": 3}), "agent"),
        (
            json!({"agent": {"a": {"task_budget": -1}}}),
            "agent.a.task_budget",
        ),
        (lead(json!({"permission": 3})), "agent.lead.permission"),
        (
            lead(json!({"permission": {"bash": "maybe"}})),
            "agent.lead.permission.bash",
        ),
    ] {
        let error = host_settings(&config.to_string()).unwrap_err();
        assert_eq!(error.field.as_deref(), Some(field), "{config}");
        assert_eq!(error.to_string(), error.message);
    }
}
