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

mod counting;
#[allow(dead_code)]
#[path = "../reference_engine/dice.rs"]
mod dice;
mod gone;
mod names;
mod rubbish;
mod size;
mod speed;
mod world;

const SCALE: usize = if cfg!(debug_assertions) { 20 } else { 1 };
const SESSIONS: usize = 100_000 / SCALE;
const ROOTS: usize = 10_000 / SCALE;

/// What may be left, of what was let go of, beside room that is used again: tables that are fuller or
/// emptier, and the 4 096 deleted sessions, 4 096 open and 1 024 remembered calls being other ones.
const SLACK: usize = 256 << 10;
/// What one thing that is done may take, the median or the mean, in nanoseconds, on a machine that does
/// much else.
const FAST: u128 = if cfg!(debug_assertions) {
    1_000_000
} else {
    50_000
};

#[test]
fn figures() {
    let figures = [
        size::many(ROOTS, SESSIONS / ROOTS),
        size::many(1, SESSIONS),
        speed::alike(),
        size::long_prompt(),
        names::characters(),
        rubbish::rubbish(),
        gone::dead_roots(),
    ];
    println!("limits: {}", figures.join("; "));
}
