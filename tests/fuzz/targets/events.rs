#![no_main]

#[path = "../checks.rs"]
mod checks;
#[path = "../mutate.rs"]
mod mutate;

use libfuzzer_sys::{fuzz_mutator, fuzz_target, fuzzer_mutate};

fuzz_target!(|text: &str| checks::events(text));

// Most changes leave a history valid JSON, for the parser refuses random bytes.
fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| {
    let history = data.get(..size).map(String::from_utf8_lossy);
    let changed = history.and_then(|history| mutate::history(&history, seed));
    match changed {
        Some(text) if text.len() <= max_size.min(data.len()) => {
            data[..text.len()].copy_from_slice(text.as_bytes());
            text.len()
        }
        _ => fuzzer_mutate(data, size, max_size),
    }
});
