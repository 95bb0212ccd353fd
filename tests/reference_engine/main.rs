//! The engine against a model of it: plain lists and loops, written from the design alone.
//!
//! Both play the same random worlds, and after each step both must say the same. If a world shows a
//! difference, its steps are cut down to the few that matter before they are printed.
//! `REFERENCE_WORLDS` sets how many worlds are played, `REFERENCE_SEED` with which to begin.
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
mod lookup;
mod model;
mod names;
mod relevance;
mod rules;
mod text;
mod world;

use author::{Author, ROOTS};
use dice::Dice;
use rules::{Rules, rules};
use serde_json::Value;
use std::sync::atomic::{AtomicU64, Ordering};
use world::{Step, World};

const WORLDS: u64 = 600;
const STEPS: usize = 60;

type Wrong = (Value, Rules, Vec<Step>, String);

/// Plays a world. Gives the number of its requests, and the failure with its steps.
fn play(seed: u64) -> (u64, Option<Wrong>) {
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
    let mut requests = 0;
    for _ in 0..STEPS {
        let step = author.next(&world);
        steps.push(step.clone());
        requests += u64::from(matches!(step, Step::Decide(..)));
        if let Err(wrong) = world.run(&step) {
            return (requests, Some((config, rules, steps, wrong)));
        }
    }
    (requests, None)
}

fn fails(config: &Value, rules: &Rules, steps: &[Step]) -> Option<String> {
    let mut world = World::new(config, rules);
    steps.iter().find_map(|step| world.run(step).err())
}

/// Leaves out one step at a time, until each step matters.
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
fn both_engines_decide_alike() {
    let number = |name: &str, or: u64| {
        std::env::var(name).map_or(or, |text| text.parse().expect("a number"))
    };
    let (from, worlds) = (
        number("REFERENCE_SEED", 0),
        number("REFERENCE_WORLDS", WORLDS),
    );
    let (next, requests) = (AtomicU64::new(from), AtomicU64::new(0));
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let found: Vec<_> = std::thread::scope(|scope| {
        let work = || {
            loop {
                let seed = next.fetch_add(1, Ordering::Relaxed);
                if seed >= from + worlds {
                    return None;
                }
                let (asked, wrong) = play(seed);
                requests.fetch_add(asked, Ordering::Relaxed);
                if let Some(wrong) = wrong {
                    return Some((seed, wrong));
                }
            }
        };
        let running: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        let ended = running
            .into_iter()
            .filter_map(|thread| thread.join().unwrap());
        ended.collect()
    });
    if let Some((seed, (config, rules, steps, wrong))) = found.into_iter().next() {
        let (steps, wrong) = cut_down(&config, &rules, steps, wrong);
        let steps: Vec<String> = steps.iter().map(|step| format!("  {step}")).collect();
        panic!(
            "world {seed}: {wrong}\nconfig: {config}\n{}",
            steps.join("\n")
        );
    }
    let requests = requests.into_inner();
    println!(
        "reference_engine: {worlds} worlds, {} steps, {requests} requests, 0 disagree",
        worlds * STEPS as u64
    );
}
