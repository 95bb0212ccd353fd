//! The engine at its limits: how many sessions, how long a prompt, which names, and what it holds on to.
//!
//! In debug everything is a twentieth as much.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    missing_docs
)]

mod alike;
mod counting;
mod decisions;
#[allow(dead_code)]
#[path = "../reference_engine/dice.rs"]
mod dice;
mod gone;
mod names;
mod rubbish;
mod size;
mod world;

const SCALE: usize = if cfg!(debug_assertions) { 20 } else { 1 };
const SESSIONS: usize = 100_000 / SCALE;
const ROOTS: usize = 10_000 / SCALE;

/// What may be left, of what was let go of, beside room that is used again: tables that are fuller or
/// emptier, and the 4 096 deleted sessions, 4 096 open and 1 024 remembered calls being other ones.
const SLACK: usize = 256 << 10;

/// The sessions that are alike.
const ALIKE: usize = if cfg!(debug_assertions) {
    2_000
} else {
    10_000
};

/// Does the work on sessions that are alike. How its cost grows is measured in the bench.
fn alike() -> String {
    for (_, work) in alike::WORK {
        work(ALIKE, &mut |counted| counted());
    }
    alike::wrong_id(10 * ALIKE, &mut |counted| counted());
    format!("{ALIKE} sessions that are alike have a name each")
}

#[test]
fn figures() {
    let figures = [
        size::many(ROOTS, SESSIONS / ROOTS),
        size::many(1, SESSIONS),
        alike(),
        size::long_prompt(),
        names::characters(),
        rubbish::rubbish(),
        gone::dead_roots(),
    ];
    println!("limits: {}", figures.join("; "));
}
