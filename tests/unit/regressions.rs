//! What the fuzzer once found, and what must hold for it: `tests/fuzz/regressions`, a file named after its target.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    missing_docs
)]

#[path = "../fuzz/checks.rs"]
mod checks;

use std::panic::catch_unwind;

/// What was found and still fails. Who mends it takes it from here.
const OPEN: [&str; 0] = [];

#[test]
fn what_was_found_once_is_not_found_again() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fuzz/regressions");
    let mut wrong = Vec::new();
    let mut ran = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        let name = entry.file_name().into_string().unwrap();
        let text = std::fs::read_to_string(entry.path()).unwrap();
        let check = match name.split('-').next() {
            Some("config") => checks::config,
            Some("request") => checks::request,
            Some("events") => checks::events,
            Some("snapshot") => checks::snapshot,
            _ => panic!("{name}: of no target"),
        };
        ran += 1;
        if catch_unwind(|| check(&text)).is_err() != OPEN.contains(&&*name) {
            wrong.push(name);
        }
    }
    println!("{ran} regressions, {} of them open", OPEN.len());
    assert!(
        ran > 0 && wrong.is_empty(),
        "these fail, or no longer do: {wrong:?}"
    );
}
