//! The policy of an engine: its configuration, validated once, with every default filled in.

use crate::collections::{Map, in_order, sort_few};
use crate::error::DelegateError;
use crate::one_line::{quotable, quoted_list};
use crate::protocol::{Action, Precedence};
use crate::protocol::{
    AgentConfig, Config, Mode, NestedCalls, OnAgentMismatch, OnContextFull, Reach, SameAgent,
    SlugScope, UnlistedModels,
};
use crate::protocol::{Dollars, Limits, Model};
use crate::rules::limits::WARNED_BYTES;
use crate::rules::permission::{Ordered, TASK};
use std::sync::Arc;

/// How deep a child may be below its root, unless the configuration says otherwise.
pub const MAX_DEPTH: u32 = 3;

/// How many targets a notice about an agent names.
const NAMED_TARGETS: usize = 5;

/// The policy of an engine: a [`Config`] with every default filled in.
#[derive(Clone, Debug)]
pub struct Policy {
    agents: Option<Map<Arc<str>, Agent>>,
    pub(crate) max_depth: u32,
    pub(crate) slug_scope: SlugScope,
    pub(crate) reach: Reach,
    pub(crate) on_agent_mismatch: OnAgentMismatch,
    pub(crate) on_context_full: OnContextFull,
    pub(crate) context_limit: f64,
    pub(crate) resume_ttl_ms: u64,
    pub(crate) same_agent: SameAgent,
    pub(crate) auto_resume: Option<f64>,
    pub(crate) nested_calls: NestedCalls,
    unlisted_models: UnlistedModels,
    pub(crate) max_cost: Option<Dollars>,
    limits: Limits,
    pub(crate) permission_timeout_ms: Option<u64>,
    pub(crate) max_parallel: Option<u32>,
    pub(crate) stall_ms: u64,
}

#[derive(Clone, Debug)]
struct Agent {
    mode: Mode,
    budget: u32,
    callable: bool,
    rules: Ordered,
    /// Its rules in the other order of precedence, if that may decide a `task` differently.
    otherwise: Option<Ordered>,
    fallback_models: Vec<Model>,
    models: Vec<Model>,
    limits: Limits,
}

impl Policy {
    /// Reads a configuration from JSON.
    ///
    /// # Errors
    /// `invalid_config`, with the path of the field, for a field that is unknown, of the wrong type
    /// or out of range.
    pub fn read(json: &str) -> Result<Policy, DelegateError> {
        Config::read(json).map(Policy::from)
    }

    /// Whether an agent is known: every name is, if no agents were given.
    pub(crate) fn knows(&self, agent: &str) -> bool {
        self.agents
            .as_ref()
            .is_none_or(|agents| agents.contains_key(agent))
    }

    /// The calls that a subagent session of that agent may make.
    pub(crate) fn budget(&self, agent: &str) -> u32 {
        self.agent(agent).map_or(0, |agent| agent.budget)
    }

    /// Whether an agent is known, and whether subagents may delegate to it.
    pub(crate) fn target(&self, agent: &str) -> (bool, bool) {
        match &self.agents {
            None => (true, false),
            Some(agents) => match agents.get(agent) {
                None => (false, false),
                Some(agent) => (true, agent.callable),
            },
        }
    }

    /// Whether subagents may delegate to that agent.
    pub(crate) fn callable(&self, agent: &str) -> bool {
        self.agent(agent).is_some_and(|agent| agent.callable)
    }

    /// Whether the caller's own rules do not deny the target. A rule that asks the user is no denial: the host asks.
    pub(crate) fn permits(&self, caller: &str, permission: &str, target: &str) -> bool {
        self.agent(caller)
            .is_none_or(|agent| agent.rules.action(permission, target) != Action::Deny)
    }

    /// The models that take over if an agent's own fails.
    pub(crate) fn fallback_models(&self, agent: &str) -> &[Model] {
        self.agent(agent)
            .map_or(&[], |agent| &agent.fallback_models)
    }

    /// The models that a call to an agent may ask for.
    pub(crate) fn models(&self, agent: &str) -> &[Model] {
        self.agent(agent).map_or(&[], |agent| &agent.models)
    }

    /// The limits of a prompt to an agent.
    pub(crate) fn limits(&self, agent: &str) -> Limits {
        let own = self.agent(agent).map(|agent| agent.limits);
        own.unwrap_or_default().or(self.limits)
    }

    /// Whether a call to an agent may ask for a model.
    pub(crate) fn allows_model(&self, agent: &str, model: Option<&Model>) -> bool {
        match self.models(agent) {
            [] => self.unlisted_models == UnlistedModels::Host,
            models => model.is_some_and(|model| models.contains(model)),
        }
    }

    /// The agent that a name stands for, as the host spells it: plugins put invisible marks into names, to sort them. A
    /// name that is known, or stands for no agent or for several, is itself.
    pub(crate) fn spelled<'a>(&'a self, name: &'a str) -> &'a str {
        if self.knows(name) {
            return name;
        }
        let bare = visible(name);
        let mut same = self
            .agents
            .iter()
            .flat_map(Map::keys)
            .filter(|known| visible(known) == bare);
        match (same.next(), same.next()) {
            (Some(known), None) => known,
            _ => name,
        }
    }

    /// The three agents that one may delegate to whose names are nearest to a name, the nearest first.
    pub(crate) fn nearest<'a>(&'a self, name: &str) -> Vec<&'a str> {
        let mut nearest: Vec<(usize, &str)> = Vec::new();
        for (known, agent) in self.agents.iter().flatten() {
            if agent.mode != Mode::Primary {
                let distance = strsim::levenshtein(known, &quotable(name));
                nearest.push((distance, &**known));
                sort_few(&mut nearest, |one, other| one > other);
                nearest.truncate(3);
            }
        }
        nearest.into_iter().map(|(_, known)| known).collect()
    }

    /// Notices about the configured agents for which the two orders of precedence disagree.
    pub(crate) fn warnings(&self) -> Vec<String> {
        let agents: Vec<_> = self.agents.iter().flatten().collect();
        let name = |index: usize| agents.get(index).map(|(name, _)| &***name);
        let order = in_order(agents.len(), &|one, other| name(one).cmp(&name(other)));
        let mut warnings = Vec::new();
        let mut left = WARNED_BYTES;
        for (caller, agent) in order.iter().filter_map(|index| agents.get(*index)) {
            let Some(otherwise) = &agent.otherwise else {
                continue;
            };
            let rules = &agent.rules;
            let mut differ: Vec<&str> = Vec::new();
            for target in order.iter().filter_map(|index| name(*index)) {
                let bytes = rules.task_bytes(target.len()) + otherwise.task_bytes(target.len());
                let Some(less) = left.checked_sub(bytes) else {
                    warnings.push(format!("The permission.task rules of agent \"{}\" and of those after it were not compared: there are too many. The stricter rule decides.", quotable(caller)));
                    return warnings;
                };
                left = less;
                if rules.action(TASK, target) != otherwise.action(TASK, target) {
                    differ.push(target);
                }
                if differ.len() == NAMED_TARGETS {
                    break;
                }
            }
            if !differ.is_empty() {
                warnings.push(format!(
                    "Agent \"{}\": for {}, the most specific permission.task rule and the last matching one disagree. opencode-delegate applies the most specific rule, OpenCode the last one. The stricter one decides.",
                    quotable(caller),
                    quoted_list(&differ)
                ));
            }
        }
        warnings
    }

    fn agent(&self, name: &str) -> Option<&Agent> {
        self.agents.as_ref()?.get(name)
    }
}

/// The visible part of a name: without blanks around it, control characters and those of no width.
fn visible(name: &str) -> String {
    let unseen = |c: &char| {
        c.is_control()
            || matches!(*c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2060}'..='\u{2064}' | '\u{feff}')
    };
    let seen: String = name.chars().filter(|c| !unseen(c)).collect();
    seen.trim().to_owned()
}

impl Agent {
    fn new(config: AgentConfig, precedence: Precedence) -> Agent {
        let rules = config.permission.unwrap_or_default();
        let otherwise = (precedence == Precedence::MostSpecific)
            .then(|| Ordered::new(&rules, Precedence::LastMatch));
        let rules = Ordered::new(&rules, precedence);
        Agent {
            mode: config.mode.unwrap_or(Mode::All),
            budget: config.task_budget.unwrap_or(0),
            callable: config.callable_by_subagents.unwrap_or(false),
            otherwise: otherwise.filter(|other| !rules.is_same_for_task(other)),
            rules,
            fallback_models: config.fallback_models.unwrap_or_default(),
            models: config.models.unwrap_or_default(),
            limits: config.limits.unwrap_or_default(),
        }
    }
}

impl Default for Policy {
    fn default() -> Self {
        Config::default().into()
    }
}

impl From<Config> for Policy {
    fn from(config: Config) -> Self {
        let precedence = config.precedence.unwrap_or_default();
        Policy {
            agents: config.agents.map(|agents| {
                let agents = agents.0.into_iter();
                let agent =
                    |(name, agent): (String, _)| (name.into(), Agent::new(agent, precedence));
                agents.map(agent).collect()
            }),
            max_depth: config.max_depth.unwrap_or(MAX_DEPTH),
            slug_scope: config.slug_scope.unwrap_or_default(),
            reach: config.reach.unwrap_or_default(),
            on_agent_mismatch: config.on_agent_mismatch.unwrap_or_default(),
            on_context_full: config.on_context_full.unwrap_or_default(),
            context_limit: config.context_limit.unwrap_or(0.8),
            resume_ttl_ms: config.resume_ttl_ms.unwrap_or(1_800_000),
            same_agent: config.same_agent.unwrap_or_default(),
            auto_resume: config.auto_resume,
            nested_calls: config.nested_calls.unwrap_or_default(),
            unlisted_models: config.unlisted_models.unwrap_or_default(),
            max_cost: config.max_cost,
            limits: config.limits.unwrap_or_default(),
            permission_timeout_ms: config.permission_timeout_ms,
            max_parallel: config.max_parallel,
            stall_ms: config.stall_ms.unwrap_or(300_000),
        }
    }
}
