//! Texts that the fuzzer has found, in `tests/fuzz/regressions`. Each file is named after its target.
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

/// The files that still fail.
const OPEN: [&str; 0] = [];

#[test]
fn each_regression_of_the_fuzzer_holds() {
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
