//! The shape of the configuration, and how it is read.

use crate::error::{Code, DelegateError, Wrong};
use crate::json::{Field, read};
use crate::protocol::permission::{ACTIONS, HostRule, Precedence};
use crate::protocol::prompt::Model;
use serde::Serialize;
use std::collections::BTreeMap;

/// The configuration of an engine. Every field may be left out; an unknown one is refused by name.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
#[cfg_attr(target_arch = "wasm32", tsify(hashmap_as_object))]
pub struct Config {
    /// The agents that exist. Left out, any name is taken for an agent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub agents: Option<BTreeMap<String, AgentConfig>>,
    /// How deep a child may lie below its root; 3 unless given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_depth: Option<u32>,
    /// Who may use a slug: every agent under the root (unless given otherwise), or its caller alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub slug_scope: Option<SlugScope>,
    /// What becomes of a request that names another agent's session (R2); `deny` unless given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub on_agent_mismatch: Option<OnAgentMismatch>,
    /// What becomes of a named session whose context is full (R3); `compact` unless given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub on_context_full: Option<OnContextFull>,
    /// The share of the model's window over which a context is full, 0 to 1; 0.8 unless given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub context_limit: Option<f64>,
    /// How old a session may be that nobody asked for (R10, R11), in milliseconds; 1 800 000 unless given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resume_ttl_ms: Option<u64>,
    /// What an unnamed request does where the caller has a session of that agent (R11); `spawn` unless given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub same_agent: Option<SameAgent>,
    /// The least confidence at which an unnamed request resumes the best candidate (R10); `false` unless given.
    #[cfg_attr(target_arch = "wasm32", tsify(type = "false | number"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub auto_resume: Option<f64>,
    /// Which of an agent's permission rules decides; `most_specific` unless given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub precedence: Option<Precedence>,
    /// How many prompts may run at once under one root, and with one model; no limit unless given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_parallel: Option<u32>,
    /// How long a prompt may give no sign of life before it is aborted and tried again, in
    /// milliseconds, while no tool runs; 300 000 unless given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stall_ms: Option<u64>,
}

/// What stands on an agent in opencode.json.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
pub struct AgentConfig {
    /// How the agent may be used.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mode: Option<Mode>,
    /// The calls that a subagent session of this agent may make before it returns control; 0 unless given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub task_budget: Option<u32>,
    /// Whether subagents may delegate to this agent; `false` unless given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub callable_by_subagents: Option<bool>,
    /// The agent's permissions: `{ task: ... }` as in opencode.json, or the host's list of rules.
    #[cfg_attr(
        target_arch = "wasm32",
        tsify(type = "HostRule[] | { task?: Action | Record<string, Action> }")
    )]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub permission: Option<Vec<HostRule>>,
    /// The models that take over, in order, where the agent's own fails: each `provider/model`.
    #[cfg_attr(target_arch = "wasm32", tsify(type = "string[]"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fallback_models: Option<Vec<Model>>,
}

/// How an agent may be used, as in opencode.json.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
pub enum Mode {
    /// The user talks to it.
    Primary,
    /// Other agents delegate to it.
    Subagent,
    /// Both.
    All,
}

/// Who may use a slug.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
pub enum SlugScope {
    /// Every agent under the root.
    #[default]
    Root,
    /// The primary, and the caller that spawned the session.
    Caller,
}

/// What row R2 does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
pub enum OnAgentMismatch {
    /// Deny.
    #[default]
    Deny,
    /// Spawn a child of the agent that was asked for.
    Spawn,
    /// Resume the session under the agent that was asked for.
    Resume,
}

/// What row R3 does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
pub enum OnContextFull {
    /// Summarise, then resume.
    #[default]
    Compact,
    /// Resume as it is.
    Resume,
    /// Spawn a fresh child.
    Spawn,
}

/// What row R11 does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
pub enum SameAgent {
    /// Spawn.
    #[default]
    Spawn,
    /// Resume the most recent one.
    Resume,
}

impl Config {
    /// Reads a configuration from JSON.
    ///
    /// # Errors
    /// `invalid_config`, with the path of the field, for a field that is unknown, of the wrong type
    /// or out of range.
    pub fn read(json: &str) -> Result<Config, DelegateError> {
        read(json, Code::InvalidConfig, |config| {
            config.only(&[
                "agents",
                "max_depth",
                "slug_scope",
                "on_agent_mismatch",
                "on_context_full",
                "context_limit",
                "resume_ttl_ms",
                "same_agent",
                "auto_resume",
                "precedence",
                "max_parallel",
                "stall_ms",
            ])?;
            let agents = config.given("agents")?;
            Ok(Config {
                agents: agents.map(AgentConfig::all).transpose()?,
                max_depth: config
                    .given("max_depth")?
                    .map(|depth| depth.count())
                    .transpose()?,
                slug_scope: config
                    .given("slug_scope")?
                    .map(|word| {
                        word.one_of(&[("root", SlugScope::Root), ("caller", SlugScope::Caller)])
                    })
                    .transpose()?,
                on_agent_mismatch: config
                    .given("on_agent_mismatch")?
                    .map(|word| {
                        word.one_of(&[
                            ("deny", OnAgentMismatch::Deny),
                            ("spawn", OnAgentMismatch::Spawn),
                            ("resume", OnAgentMismatch::Resume),
                        ])
                    })
                    .transpose()?,
                on_context_full: config
                    .given("on_context_full")?
                    .map(|word| {
                        word.one_of(&[
                            ("compact", OnContextFull::Compact),
                            ("resume", OnContextFull::Resume),
                            ("spawn", OnContextFull::Spawn),
                        ])
                    })
                    .transpose()?,
                context_limit: config
                    .given("context_limit")?
                    .map(|share| share.share(""))
                    .transpose()?,
                resume_ttl_ms: config
                    .given("resume_ttl_ms")?
                    .map(|ttl| ttl.whole())
                    .transpose()?,
                same_agent: config
                    .given("same_agent")?
                    .map(|word| {
                        word.one_of(&[("spawn", SameAgent::Spawn), ("resume", SameAgent::Resume)])
                    })
                    .transpose()?,
                auto_resume: config
                    .given("auto_resume")?
                    .filter(|threshold| !threshold.is_false())
                    .map(|threshold| threshold.share("false or "))
                    .transpose()?,
                precedence: config
                    .given("precedence")?
                    .map(Precedence::of)
                    .transpose()?,
                stall_ms: config
                    .given("stall_ms")?
                    .map(|wait| wait.whole())
                    .transpose()?,
                max_parallel: config
                    .given("max_parallel")?
                    .map(|limit| match limit.count()? {
                        0 => Err(limit.not("a whole number from 1 up")),
                        limit => Ok(limit),
                    })
                    .transpose()?,
            })
        })
    }
}

impl AgentConfig {
    fn all(agents: Field<'_>) -> Result<BTreeMap<String, AgentConfig>, Wrong> {
        let mut all = BTreeMap::new();
        for (name, agent) in agents.fields()? {
            all.insert(name.to_owned(), AgentConfig::of(agent)?);
        }
        Ok(all)
    }

    fn of(agent: Field<'_>) -> Result<AgentConfig, Wrong> {
        agent.only(&[
            "mode",
            "task_budget",
            "callable_by_subagents",
            "permission",
            "fallback_models",
        ])?;
        Ok(AgentConfig {
            mode: agent
                .given("mode")?
                .map(|word| {
                    word.one_of(&[
                        ("primary", Mode::Primary),
                        ("subagent", Mode::Subagent),
                        ("all", Mode::All),
                    ])
                })
                .transpose()?,
            task_budget: agent
                .given("task_budget")?
                .map(|budget| budget.count())
                .transpose()?,
            callable_by_subagents: agent
                .given("callable_by_subagents")?
                .map(|flag| flag.flag())
                .transpose()?,
            permission: agent.given("permission")?.map(permission).transpose()?,
            fallback_models: agent.given("fallback_models")?.map(models).transpose()?,
        })
    }
}

/// Reads a list of `provider/model`.
fn models(list: Field<'_>) -> Result<Vec<Model>, Wrong> {
    list.list()?
        .map(|model| {
            Model::parse(model.text()?).ok_or_else(|| model.not("a model, as provider/model"))
        })
        .collect()
}

/// Reads an agent's permissions: the host's list of rules, or `{ task: ... }` as in opencode.json.
fn permission(permission: Field<'_>) -> Result<Vec<HostRule>, Wrong> {
    if permission.is_list() {
        return permission.list()?.map(HostRule::of).collect();
    }
    permission.only(&["task"])?;
    let rule = |pattern: &str, action: Field<'_>| {
        let action = action.one_of(&ACTIONS)?;
        Ok(HostRule {
            permission: "task".to_owned(),
            pattern: pattern.to_owned(),
            action,
        })
    };
    match permission.given("task")? {
        None => Ok(Vec::new()),
        Some(each) if each.is_object() => each
            .fields()?
            .map(|(pattern, action)| rule(pattern, action))
            .collect(),
        Some(one) => Ok(vec![rule("*", one)?]),
    }
}
