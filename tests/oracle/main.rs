//! The engine against a model of it: plain lists and loops, written from the design alone.
//!
//! Random worlds are played to both at once, and after each step both must say the same. The steps of
//! a world that tells them apart are cut down to the few that matter before they are printed.
//! `ORACLE_WORLDS` sets how many worlds are played, `ORACLE_SEED` with which to begin.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    missing_docs
)]

mod apply;
mod author;
mod decide;
mod dice;
mod model;
mod rules;
mod text;
mod world;

use author::{Author, ROOTS};
use dice::Dice;
use rules::{Rules, rules};
use serde_json::Value;
use world::{Step, World};

const WORLDS: u64 = 600;
const STEPS: usize = 60;

/// Plays a world; what went wrong, and after which steps.
fn play(seed: u64) -> Option<(Value, Rules, Vec<Step>, String)> {
    let mut dice = Dice(seed);
    let (config, rules) = rules(&mut dice);
    let collide = dice.percent(30);
    let roots = if collide {
        ROOTS.to_vec()
    } else {
        vec!["ses_root", "ses_root7464"]
    };
    let takes_ids = dice.percent(20);
    let mut author = Author {
        dice,
        now: 1000,
        ids: 0,
        names: 0,
        last: None,
        roots,
        takes_ids,
    };
    let mut world = World::new(&config, &rules);
    let mut steps = Vec::new();
    for _ in 0..STEPS {
        let step = author.next(&world);
        steps.push(step.clone());
        if let Err(wrong) = world.run(&step) {
            return Some((config, rules, steps, wrong));
        }
    }
    None
}

fn fails(config: &Value, rules: &Rules, steps: &[Step]) -> Option<String> {
    let mut world = World::new(config, rules);
    steps.iter().find_map(|step| world.run(step).err())
}

/// Leaves out what does not matter, one step at a time, until all matters.
fn cut_down(config: &Value, rules: &Rules, steps: Vec<Step>, wrong: String) -> (Vec<Step>, String) {
    let (mut steps, mut wrong) = (steps, wrong);
    let mut at = 0;
    while at < steps.len() {
        let mut fewer = steps.clone();
        fewer.remove(at);
        if let Some(still) = fails(config, rules, &fewer) {
            (steps, wrong, at) = (fewer, still, 0);
        } else {
            at += 1;
        }
    }
    (steps, wrong)
}

#[test]
fn the_engine_and_the_model_agree() {
    let number = |name: &str, or: u64| {
        std::env::var(name).map_or(or, |text| text.parse().expect("a number"))
    };
    let from = number("ORACLE_SEED", 0);
    for seed in from..from + number("ORACLE_WORLDS", WORLDS) {
        let Some((config, rules, steps, wrong)) = play(seed) else {
            continue;
        };
        let (steps, wrong) = cut_down(&config, &rules, steps, wrong);
        let steps: Vec<String> = steps.iter().map(|step| format!("  {step}")).collect();
        panic!(
            "world {seed}: {wrong}\nconfig: {config}\n{}",
            steps.join("\n")
        );
    }
}
