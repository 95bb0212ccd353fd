//! The same work at two sizes, so that its instructions show how the cost grows with the number of sessions.
//!
//! Each piece of work is one call of `counted`. Prints in the order of those calls the work, the number of sessions and
//! the number of operations.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

#[path = "../limits/alike.rs"]
mod alike;
#[path = "../limits/decisions.rs"]
mod decisions;
#[allow(dead_code)]
#[path = "../reference_engine/dice.rs"]
mod dice;
#[allow(dead_code)]
#[path = "../limits/world.rs"]
mod world;

use decisions::{KINDS, Kind};
use opencode_delegate::Engine;
use opencode_delegate::rules::permission::matches;
use serde_json::{Map, json};
use std::hint::black_box;

/// The numbers of sessions.
const SIZES: [usize; 2] = [1_000, 8_000];
/// How often a kind of call is decided.
const TIMES: usize = 100;

/// The function in which callgrind counts.
#[inline(never)]
fn counted(operation: &mut dyn FnMut()) {
    black_box(operation)();
}

fn main() {
    for size in SIZES {
        let config = agents(size);
        counted(&mut || drop(black_box(Engine::new(&config))));
        report("agents and their rules", size, size);
        // Each part is found late, and the last one is not there.
        let (pattern, text) = ("*ab".repeat(size), "aab".repeat(size));
        counted(&mut || assert!(!matches(&format!("{pattern}c"), black_box(&text))));
        report("a long wildcard", size, size);
    }
    for sessions in SIZES {
        for (name, work) in alike::WORK {
            work(sessions, &mut |done| counted(done));
            report(name, sessions, sessions);
        }
        alike::wrong_id(sessions, &mut |done| counted(done));
        report("id unlike all", sessions, 1);
        for (shape, roots) in [("one root", 1), ("many roots", sessions / 10)] {
            let below = sessions / roots;
            let mut engine = None;
            counted(&mut || engine = Some(decisions::family(roots, below)));
            report(&format!("taken in, {shape}"), sessions, sessions);
            let mut engine = engine.unwrap();
            for kind in KINDS {
                // Tables that grow once have grown after the first time.
                decisions::decide(&mut engine, roots, below, kind, TIMES);
                counted(&mut || decisions::decide(&mut engine, roots, below, kind, TIMES));
                let wide = kind == Kind::Mistyped && roots == 1;
                let name = if wide {
                    "id mistyped"
                } else {
                    &format!("{kind:?}, {shape}").to_lowercase()
                };
                report(name, sessions, TIMES);
            }
        }
    }
}

/// A configuration of agents with rules as OpenCode has them. For each, one target is decided by the order of precedence.
fn agents(number: usize) -> String {
    let agent = |index: usize| {
        let rule = |permission: &str, pattern: &str, action: &str| json!({ "permission": permission, "pattern": pattern, "action": action });
        let mut rules = vec![
            rule("*", "*", "allow"),
            rule("doom_loop", "*", "ask"),
            rule("external_directory", "*", "ask"),
        ];
        rules.extend((0..12).map(|tool| rule(&format!("tool_{tool}"), "*", "deny")));
        rules.push(rule("task", &format!("agent-{index}"), "deny"));
        rules.push(rule("task", "agent-*", "allow"));
        (
            format!("agent-{index}"),
            json!({ "mode": "subagent", "permission": rules }),
        )
    };
    let agents: Map<String, serde_json::Value> = (0..number).map(agent).collect();
    json!({ "agents": agents }).to_string()
}

fn report(work: &str, sessions: usize, operations: usize) {
    println!(
        "{}@{sessions} {operations}",
        work.replace([' ', ','], "-").replace("--", "-")
    );
}
