//! The engine at its limits: many sessions, long prompts, names of any script, and the memory that it holds.
//!
//! A debug build tries a twentieth of each.
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

/// The bytes that may stay after a full release. Tables vary in their load. The 4 096 deleted sessions, the 4 096 open
/// and the 1 024 remembered calls vary too.
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
fn the_engine_stays_within_its_limits() {
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
