//! The rules of a world: the configuration of its engines, and the faults of its host.

use crate::dice::Dice;
use crate::limits::{MAX_STEPS, MAX_TOKENS, TIMEOUT_MS};
use serde_json::json;

pub const AGENTS: [&str; 5] = ["lead", "helper", "explorer", "vault", "general"];

#[derive(Clone, Debug)]
pub struct Rules {
    pub config: String,
    /// By agent, in the order of `AGENTS`.
    pub budgets: [u32; 5],
    pub models: [usize; 5],
    pub max_depth: usize,
    pub max_parallel: usize,
    /// Whether two instances run on the host.
    pub two: bool,
    /// The number of calls of a hundred that the engine's own executor runs.
    pub delegate: usize,
    pub nested: bool,
    pub faults: bool,
    pub jumps: bool,
    pub crashes: bool,
    /// Whether every prompt fails in a way that another try can mend.
    pub storm: bool,
    /// Whether one of two instances is gone for good before the end.
    pub lonely: bool,
    /// Whether all inputs are recorded, to be played again.
    pub recorded: bool,
    /// Whether models and other programs write hostile texts and records.
    pub hostile: bool,
    /// Whether users fork sessions, and undo their messages.
    pub undoes: bool,
    /// Whether each prompt has limits.
    pub limits: bool,
    /// Whether the two instances are in two processes. Each hears the events of its own work alone.
    pub apart: bool,
}

impl Rules {
    pub fn new(seed: u64) -> Rules {
        let mut dice = Dice(seed ^ 0x5eed);
        let budgets = [1 + dice.below(3) as u32, 1 + dice.below(2) as u32, 0, 0, 0];
        let mut models = [0; 5];
        let mut agents = json!({});
        for (at, name) in AGENTS.iter().enumerate() {
            models[at] = *dice.pick(&[0, 0, 1, 2]);
            let fallback: Vec<String> = (0..models[at]).map(|n| format!("p/{n}")).collect();
            agents[name] = json!({
                "task_budget": budgets[at], "callable_by_subagents": *name != "vault", "fallback_models": fallback,
            });
        }
        let max_depth = *dice.pick(&[1, 2, 3, 3, 4]);
        let max_parallel = *dice.pick(&[0, 0, 1, 2]);
        let mut config = json!({
            "agents": agents, "max_depth": max_depth,
            "slug_scope": dice.pick(&["root", "root", "caller"]),
            "on_agent_mismatch": dice.pick(&["deny", "spawn", "resume"]),
            "on_context_full": dice.pick(&["compact", "resume", "spawn"]),
            "same_agent": dice.pick(&["spawn", "spawn", "resume"]),
            "resume_ttl_ms": dice.pick(&[1_000, 1_800_000]),
        });
        if max_parallel > 0 {
            config["max_parallel"] = json!(max_parallel);
        }
        // Dice of its own: the other rules of a seed stay.
        let limits = Dice(seed ^ 0x11317).percent(25);
        if limits {
            config["limits"] = json!({ "timeout_ms": TIMEOUT_MS, "max_tokens": MAX_TOKENS, "max_steps": MAX_STEPS });
            config["permission_timeout_ms"] = json!(1_000);
        }
        let two = dice.percent(30);
        Rules {
            config: config.to_string(),
            budgets,
            models,
            max_depth,
            max_parallel,
            two,
            delegate: *dice.pick(&[0, 50, 100, 100]),
            nested: dice.percent(75),
            faults: dice.percent(60),
            jumps: dice.percent(30),
            crashes: dice.percent(70),
            recorded: dice.percent(5),
            storm: dice.percent(5),
            lonely: dice.percent(40),
            undoes: dice.percent(60),
            hostile: dice.percent(30),
            limits,
            apart: two && dice.percent(50),
        }
    }

    /// The place of an agent in the lists. One that is not configured has what the last has: no budget.
    pub fn agent_index(agent: &str) -> usize {
        let known = AGENTS.iter().position(|name| *name == agent);
        known.unwrap_or(AGENTS.len() - 1)
    }

    /// The most tries of a prompt: each model once, the last twice more, and once more as `general`.
    pub fn attempts(&self, agent: &str) -> u32 {
        self.models[Rules::agent_index(agent)] as u32 + 1 + 2 + 1
    }
}
