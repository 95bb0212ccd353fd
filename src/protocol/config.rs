//! The shape of the configuration, and how it is read.

use crate::error::{Code, DelegateError, Wrong};
use crate::json::{Field, Read, share};
use crate::parse::read_all;
use crate::protocol::by_name::ByName;
use crate::protocol::limits::{Limits, least_one};
use crate::protocol::permission::{Action, HostRule, Precedence};
use crate::protocol::prompt::Model;
use crate::protocol::spent::Dollars;
use crate::shape::shape;
use crate::words::words;

shape! {
    /// The configuration of an engine. Every field may be left out; an unknown one is refused by name.
    #[derive(Clone, Debug, Default, PartialEq)]
    pub config struct Config {
        /// The agents that exist. If this is left out, every name is an agent.
        agents: Option<ByName<AgentConfig>> => given,
        /// How deep a child may be below its root; 3 unless given.
        max_depth: Option<u32> => given,
        /// Who may use a name: every agent under the root (unless given otherwise), or its caller alone.
        slug_scope: Option<SlugScope> => given,
        /// Which sessions a call may resume (G4); `conversation` unless given. `children` is for hosts that resume a
        /// caller's own children alone.
        reach: Option<Reach> => given,
        /// The decision about a request that names another agent's session (R2); `deny` unless given.
        on_agent_mismatch: Option<OnAgentMismatch> => given,
        /// The decision about a named session whose context is full (R3); `compact` unless given.
        on_context_full: Option<OnContextFull> => given,
        /// The share of the model's window over which a context is full, 0 to 1; 0.8 unless given.
        context_limit: Option<f64> => given(share),
        /// How old a session that the call does not name may be (R10, R11), in milliseconds; 1 800 000 unless given.
        resume_ttl_ms: Option<u64> => given,
        /// The decision about an unnamed request whose caller has a session of that agent (R11); `spawn` unless given.
        same_agent: Option<SameAgent> => given,
        /// The least confidence at which an unnamed request resumes the best candidate (R10); `false` unless given.
        auto_resume: Option<f64> => flat(threshold) as "false | number",
        /// Which rules a child has beside its agent's own; `host` unless given. The engine creates no session: its host
        /// applies this.
        child_permissions: Option<ChildPermissions> => given,
        /// Which of an agent's permission rules decides; `most_specific` unless given.
        precedence: Option<Precedence> => given,
        /// The rule for calls by subagents whose agent has no `task_budget` (G3, G6, G7); `budget` unless given.
        nested_calls: Option<NestedCalls> => given,
        /// The rule for a call that asks for a model if its agent has no `models` (G9); `deny` unless given.
        unlisted_models: Option<UnlistedModels> => given,
        /// How much a conversation may cost, in US dollars: at that cost each new call is denied (G10); no limit unless given.
        max_cost: Option<Dollars> => given,
        /// The limits of each prompt, if its agent has none of that kind; no limit unless given.
        limits: Option<Limits> => given,
        /// How long a subagent waits for a person who may permit a tool, in milliseconds: then it gets a denial; no limit
        /// unless given.
        permission_timeout_ms: Option<u64> => given(least_one),
        /// How many prompts may run at once under one root, and with one model; no limit unless given.
        max_parallel: Option<u32> => given(limit),
        /// How long a prompt may give no sign of life while no tool runs, in milliseconds; 300 000 unless given. Then
        /// it is aborted and tried again.
        stall_ms: Option<u64> => given(least_one),
    }
}

shape! {
    /// The settings of an agent in opencode.json that bear on delegation.
    #[derive(Clone, Debug, Default, PartialEq)]
    pub config struct AgentConfig {
        /// How the agent may be used.
        mode: Option<Mode> => given,
        /// The calls that a subagent session of this agent may make for one delegation to it; 0 unless given.
        task_budget: Option<u32> => given,
        /// Whether subagents may delegate to this agent; `false` unless given.
        callable_by_subagents: Option<bool> => given,
        /// The agent's permissions: `{ task: ... }` as in opencode.json, or the host's list of rules.
        permission: Option<Vec<HostRule>> => given(permission) as "HostRule[] | { task?: Action | Record<string, Action> }",
        /// The models that take over, in order, if the agent's own fails: each `provider/model`.
        fallback_models: Option<Vec<Model>> => given(models) as "string[]",
        /// The models that a call may ask for, each `provider/model`; none unless given.
        models: Option<Vec<Model>> => given(models) as "string[]",
        /// The limits of each prompt to the agent; no limit unless given. A call may ask for less.
        limits: Option<Limits> => given,
    }
}

words! {
    /// How an agent may be used, as in opencode.json.
    pub enum Mode {
        /// The user talks to it.
        Primary = "primary",
        /// Other agents delegate to it.
        Subagent = "subagent",
        /// Both.
        All = "all",
    }
}

words! {
    /// Who may use a name.
    pub enum SlugScope: Root {
        /// Every agent under the root.
        Root = "root",
        /// The primary, and the caller that spawned the session.
        Caller = "caller",
    }
}

words! {
    /// Which sessions a call may resume.
    pub enum Reach: Conversation {
        /// Those of its conversation, and those that the caller's own messages name.
        Conversation = "conversation",
        /// The caller's own children.
        Children = "children",
    }
}

words! {
    /// The rules that a child has beside its agent's own.
    pub enum ChildPermissions: Host {
        /// Those that OpenCode passes on.
        Host = "host",
        /// Those, and every denial of its callers.
        Caller = "caller",
    }
}

words! {
    /// The decision of row R2.
    pub enum OnAgentMismatch: Deny {
        /// Deny.
        Deny = "deny",
        /// Spawn a child of the agent that was asked for.
        Spawn = "spawn",
        /// Resume the session under the agent that was asked for.
        Resume = "resume",
    }
}

words! {
    /// The decision of row R3.
    pub enum OnContextFull: Compact {
        /// Summarise, then resume.
        Compact = "compact",
        /// Resume as it is.
        Resume = "resume",
        /// Spawn a fresh child.
        Spawn = "spawn",
    }
}

words! {
    /// The decision of row R11.
    pub enum SameAgent: Spawn {
        /// Spawn.
        Spawn = "spawn",
        /// Resume the most recent one.
        Resume = "resume",
    }
}

words! {
    /// The rule for calls by subagents whose agent has no `task_budget`.
    pub enum NestedCalls: Budget {
        /// Deny them (G6).
        Budget = "budget",
        /// Leave it to the host and its plugins whether a subagent may call a target: G3, G6 and G7 do not fire.
        Host = "host",
    }
}

words! {
    /// The rule for a call that asks for a model if its agent has no `models`.
    pub enum UnlistedModels: Deny {
        /// Deny it (G9).
        Deny = "deny",
        /// Leave it to the host: G9 does not fire.
        Host = "host",
    }
}

impl Config {
    /// Reads a configuration from JSON.
    ///
    /// ```
    /// use opencode_delegate::Config;
    /// let config = Config::read(r#"{"max_depth":2,"agents":{"helper":{"task_budget":3}}}"#)?;
    /// assert_eq!(config.max_depth, Some(2));
    /// let error = Config::read(r#"{"max_depth":-1,"agents":{"helper":{"task_budget":-1}}}"#).unwrap_err();
    /// assert_eq!(error.field.as_deref(), Some("agents.helper.task_budget"));
    /// assert!(error.message.ends_with(" Field \"max_depth\": expected a whole number from 0 up, got -1."));
    /// # Ok::<(), opencode_delegate::DelegateError>(())
    /// ```
    ///
    /// # Errors
    /// `invalid_config`, with the path of the first field that is unknown, of the wrong type or out of range. The message
    /// names each such field.
    pub fn read(json: &str) -> Result<Config, DelegateError> {
        read_all(json, Code::InvalidConfig, Config::of)
    }
}

/// Reads the least confidence for R10: `false` is none.
fn threshold(field: Option<Field<'_>>) -> Result<Option<f64>, Wrong> {
    let threshold = field.filter(|threshold| !threshold.is(false));
    threshold
        .map(|threshold| threshold.share("false or "))
        .transpose()
}

/// Reads a limit: at least 1.
fn limit(field: Field<'_>) -> Result<u32, Wrong> {
    Ok(u32::try_from(least_one(field)?).unwrap_or(u32::MAX))
}

/// Reads a list of `provider/model`.
fn models(list: Field<'_>) -> Result<Vec<Model>, Wrong> {
    list.each(|model| {
        Model::parse(model.text()?).ok_or_else(|| model.not("a model, as provider/model"))
    })
}

/// Reads an agent's permissions: the host's list of rules, or `{ task: ... }` as in opencode.json.
fn permission(permission: Field<'_>) -> Result<Vec<HostRule>, Wrong> {
    if permission.is_list() {
        return Vec::of(permission);
    }
    permission.only(&["task"])?;
    let rule = |pattern: &str, action: Field<'_>| {
        Ok(HostRule {
            permission: "task".to_owned(),
            pattern: pattern.to_owned(),
            action: Action::of(action)?,
        })
    };
    match permission.given("task")? {
        None => Ok(Vec::new()),
        Some(each) if each.is_object() => each
            .fields()?
            .into_iter()
            .map(|(pattern, action)| rule(pattern, action))
            .collect(),
        Some(one) => Ok(vec![rule("*", one)?]),
    }
}
