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

fn report(work: &str, sessions: usize, operations: usize) {
    println!(
        "{}@{sessions} {operations}",
        work.replace([' ', ','], "-").replace("--", "-")
    );
}
