//! The rules of a configuration, and a random one.

use crate::author::AGENTS;
use crate::dice::Dice;
use crate::text::wild;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// The budget, whether subagents may call it, and its rules about targets.
pub type Agent = (u64, bool, Vec<(String, &'static str)>);

#[derive(Clone, Debug, Default)]
pub struct Rules {
    pub agents: BTreeMap<String, Agent>,
    pub last_match: bool,
    pub max_depth: usize,
    pub caller_scope: bool,
    pub host_decides_nesting: bool,
    pub mismatch: &'static str,
    pub context_full: &'static str,
    pub context_limit: f64,
    pub ttl: u64,
    pub same_agent_resumes: bool,
    pub auto_resume: Option<f64>,
    /// The models that calls to an agent may ask for, and whether an agent without any takes each.
    pub models: BTreeMap<String, Vec<&'static str>>,
    pub any_unlisted: bool,
    /// The cost of a root that denies further calls, in cents.
    pub max_cost: Option<u64>,
}

/// The models of the agents that have any.
pub const MODELS: [&str; 2] = ["a/one", "a/two/b"];

impl Rules {
    /// Whether an agent is gone from the configuration.
    pub fn is_gone(&self, agent: &str) -> bool {
        !self.agents.is_empty() && !self.agents.contains_key(agent)
    }

    /// Whether a call to an agent may ask for a model.
    pub fn runs_on(&self, agent: &str, model: &str) -> bool {
        match self.models.get(agent) {
            Some(models) if !models.is_empty() => models.contains(&model),
            _ => self.any_unlisted,
        }
    }

    pub fn denies(&self, caller: &str, target: &str) -> bool {
        let Some((_, _, rules)) = self.agents.get(caller) else {
            return false;
        };
        let chars = |text: &str| text.chars().collect::<Vec<char>>();
        let mut decisive: Option<&(String, &str)> = None;
        for rule in rules {
            if !wild(&chars(&rule.0), &chars(target)) {
                continue;
            }
            // The rule with more letters beside its wildcards is the more specific.
            let letters = |rule: &str| rule.chars().filter(|c| !"*?".contains(*c)).count();
            let later = decisive.is_none_or(|so_far| letters(&rule.0) >= letters(&so_far.0));
            if self.last_match || later {
                decisive = Some(rule);
            }
        }
        decisive.is_some_and(|rule| rule.1 == "deny")
    }
}

pub fn rules(dice: &mut Dice) -> (Value, Rules) {
    let mut rules = Rules {
        last_match: dice.percent(30),
        max_depth: *dice.pick(&[0, 1, 2, 3, 3, 3, 3, 3, 5, 5, 5, 5]),
        caller_scope: dice.percent(30),
        host_decides_nesting: dice.percent(30),
        mismatch: dice.pick::<&str>(&["deny", "deny", "spawn", "resume"]),
        context_full: dice.pick::<&str>(&["compact", "compact", "resume", "spawn"]),
        context_limit: *dice.pick(&[0.8, 0.8, 0.0, 0.5, 1.0]),
        ttl: *dice.pick(&[0, 100, 1000, 1_800_000]),
        same_agent_resumes: dice.percent(30),
        auto_resume: *dice.pick(&[None, None, Some(0.0), Some(0.5)]),
        any_unlisted: dice.percent(20),
        max_cost: *dice.pick(&[None, None, None, Some(0), Some(40)]),
        ..Rules::default()
    };
    let mut agents = json!({});
    if dice.percent(90) {
        for name in AGENTS {
            let budget = *dice.pick(&[0, 1, 2, 3, 9, 9]);
            let callable = dice.percent(80);
            let models: Vec<&str> = dice.pick(&[&[] as &[&str], &["a/one"], &MODELS]).to_vec();
            let mut list: Vec<(String, &str)> = Vec::new();
            let mut task = json!({});
            for _ in 0..*dice.pick(&[0, 0, 0, 0, 0, 1, 2, 3]) {
                let pattern =
                    *dice.pick(&["*", "explorer", "explore*", "*er", "fix*", "explorer?"]);
                let action = *dice.pick(&["allow", "deny", "ask"]);
                if list.iter().all(|(known, _)| known != pattern) {
                    list.push((pattern.to_owned(), action));
                    task[pattern] = json!(action);
                }
            }
            let host: Value = list
                .iter()
                .map(|(pattern, action)| json!({ "permission": "task", "pattern": pattern, "action": action }))
                .collect();
            agents[name] = json!({
                "mode": "all", "task_budget": budget, "callable_by_subagents": callable,
                "models": models,
                "permission": if dice.percent(50) { host } else { json!({ "task": task }) },
            });
            rules.models.insert(name.to_owned(), models);
            rules
                .agents
                .insert(name.to_owned(), (budget, callable, list));
        }
    }
    let mut config = json!({
        "max_depth": rules.max_depth,
        "slug_scope": if rules.caller_scope { "caller" } else { "root" },
        "nested_calls": if rules.host_decides_nesting { "host" } else { "budget" },
        "on_agent_mismatch": rules.mismatch, "on_context_full": rules.context_full,
        "context_limit": rules.context_limit, "resume_ttl_ms": rules.ttl,
        "same_agent": if rules.same_agent_resumes { "resume" } else { "spawn" },
        "auto_resume": rules.auto_resume.map_or(json!(false), |least| json!(least)),
        "unlisted_models": if rules.any_unlisted { "host" } else { "deny" },
        "precedence": if rules.last_match { "last_match" } else { "most_specific" },
    });
    if let Some(cents) = rules.max_cost {
        config["max_cost"] = json!(cents as f64 / 100.0);
    }
    if !rules.agents.is_empty() {
        config["agents"] = agents;
    }
    (config, rules)
}
