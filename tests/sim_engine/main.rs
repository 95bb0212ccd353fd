//! A deterministic simulation of the engine on a host that does its worst: many roots, nested calls,
//! prompts that fail, clocks that jump, events that are lost, doubled or late, processes that die between
//! any two steps, two instances at once. The invariants are checked after every event.
//!
//! If a world breaks an invariant, its steps are cut down to those that matter, and printed.
//! `SIM_WORLDS` sets how many worlds are played, `SIM_STEPS` how long each is, `SIM_SEED` with which to begin.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    missing_docs
)]

mod apart;
mod calls;
mod decide;
mod delegated;
#[path = "../reference_engine/dice.rs"]
mod dice;
mod end;
mod faults;
mod feed;
mod found;
mod heard;
mod history;
mod host;
mod hosted;
mod hostile;
mod instance;
mod life;
mod limits;
mod loss;
mod names;
mod notices;
mod prompts;
mod reading;
mod rules;
mod step;
mod texts;
mod twins;
mod watch;
mod work;
mod world;

use dice::Dice;
use rules::Rules;
use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Instant;
use step::Step;
use world::{Count, World};

thread_local! {
    /// The location of the last panic.
    static LOCATION: Cell<String> = const { Cell::new(String::new()) };
}

const WORLDS: u64 = 150;
const STEPS: u64 = 250;

/// Plays the steps of a world. Gives the failure, and the number of steps before it.
fn play(seed: u64, rules: &Rules, steps: &[Step], count: &mut Count) -> Option<(String, usize)> {
    let mut reached = 0;
    let mut so_far = Count::default();
    let played = catch_unwind(AssertUnwindSafe(|| {
        let mut world = World::new(seed, rules, false);
        for step in steps {
            reached += 1;
            world.run(*step);
            if world.wrong.is_some() {
                break;
            }
        }
        if world.wrong.is_none() {
            world.drain();
        }
        so_far = world.count;
        world.wrong
    }));
    count.events += so_far.events;
    count.decisions += so_far.decisions;
    count.crashes += so_far.crashes;
    match played {
        Ok(wrong) => wrong.map(|wrong| (wrong, reached)),
        Err(panic) => {
            let text = panic
                .downcast_ref::<String>()
                .cloned()
                .or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()));
            let (text, location) = (text.unwrap_or_default(), LOCATION.take());
            Some((format!("I9: {text} at {location}"), reached))
        }
    }
}

/// Leaves out steps in ever smaller pieces, while the same invariant is broken.
fn cut_down(seed: u64, rules: &Rules, steps: Vec<Step>, wrong: &str) -> Vec<Step> {
    let which = wrong.split(':').next().unwrap_or_default().to_owned();
    let mut steps = steps;
    let mut piece = steps.len() / 2;
    while piece > 0 {
        let mut at = 0;
        let mut cut = false;
        while at < steps.len() {
            let mut fewer = steps.clone();
            fewer.drain(at..(at + piece).min(steps.len()));
            match play(seed, rules, &fewer, &mut Count::default()) {
                Some((still, reached)) if still.starts_with(&which) => {
                    fewer.truncate(reached);
                    (steps, cut) = (fewer, true);
                }
                _ => at += piece,
            }
        }
        if !cut || piece > 1 {
            piece /= 2;
        }
    }
    steps
}

/// The log of a world, step by step.
fn story(seed: u64, rules: &Rules, steps: &[Step]) -> String {
    let mut world = World::new(seed, rules, true);
    let outcome = catch_unwind(AssertUnwindSafe(|| {
        for step in steps {
            world.run(*step);
        }
        if world.wrong.is_none() {
            world.drain();
        }
    }));
    let mut log = world.log.unwrap_or_default();
    if outcome.is_err() {
        log.push("!! it panics".to_owned());
    }
    let wrong = log.iter().position(|line| line.starts_with("!!"));
    log.truncate(wrong.map_or(log.len(), |wrong| wrong + 1));
    log.join("\n")
}

fn steps(seed: u64, count: u64) -> Vec<Step> {
    let mut dice = Dice(seed ^ 0x57e9);
    (0..count).map(|_| Step::draw(&mut dice)).collect()
}

#[test]
fn the_invariants_hold_after_every_event() {
    let number = |name: &str, or: u64| {
        std::env::var(name).map_or(or, |text| text.parse().expect("a number"))
    };
    let (from, worlds) = (number("SIM_SEED", 0), number("SIM_WORLDS", WORLDS));
    let length = number("SIM_STEPS", STEPS);
    let began = Instant::now();
    let mut count = Count::default();
    let mut found = Vec::new();
    std::panic::set_hook(Box::new(|panic| {
        let location = panic
            .location()
            .map(|it| format!("{}:{}", it.file(), it.line()));
        LOCATION.set(location.unwrap_or_default());
    }));
    for seed in from..from + worlds {
        let (rules, steps) = (Rules::new(seed), steps(seed, length));
        if let Some((wrong, reached)) = play(seed, &rules, &steps, &mut count) {
            found.push((seed, rules, steps[..reached].to_vec(), wrong));
        }
    }
    let took = began.elapsed().as_secs_f64();
    println!(
        "sim_engine: {worlds} worlds, {} events, {} decisions, {} crashes, {:.0} events a second, {} violations",
        count.events,
        count.decisions,
        count.crashes,
        count.events as f64 / took,
        found.len()
    );
    let mut all: Vec<String> = Vec::new();
    for (seed, rules, _, wrong) in &found {
        let two = match (rules.two, rules.apart) {
            (_, true) => " (two apart)",
            (true, _) => " (two)",
            _ => "",
        };
        all.push(format!("world {seed}{two}: {wrong}"));
    }
    if let Some((seed, rules, steps, wrong)) = found.into_iter().next() {
        let steps = cut_down(seed, &rules, steps, &wrong);
        let story = story(seed, &rules, &steps);
        drop(std::panic::take_hook());
        all.truncate(40);
        panic!(
            "{}\nworld {seed} (SIM_SEED={seed} SIM_WORLDS=1 SIM_STEPS={length}), {} steps: {}\n{story}",
            all.join("\n"),
            steps.len(),
            rules.config
        );
    }
}
