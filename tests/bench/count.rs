//! Operations of the core. Callgrind counts the instructions of each, which is one call of `counted`.
//! Prints each operation and its count, in the order of those calls.

use opencode_delegate::protocol::Status;
use opencode_delegate::{Engine, Event};
use std::hint::black_box;
use world::{KINDS, World, created, id};

const SESSIONS: usize = 1_000;
/// How often an operation is done, for no single call is typical.
const TIMES: usize = 100;

/// The function by which callgrind finds the operations.
#[inline(never)]
fn counted(operation: &mut dyn FnMut()) {
    black_box(operation)();
}

fn main() {
    let mut world = World::new(SESSIONS);
    for (kind, name, row) in KINDS {
        // Tables that grow once have grown after the first time.
        let calls = world.ask(kind, TIMES);
        let decided = world.decide(&calls);
        world.take_back(row, &decided);
        let calls = world.ask(kind, TIMES);
        let mut decided = Vec::new();
        counted(&mut || decided = world.decide(&calls));
        world.take_back(row, &decided);
        println!("decide/{name} {TIMES}");
    }
    let turns = (0..TIMES as u64).map(|turn| Event::Status {
        now: 600_000_000 + turn,
        session_id: id(0),
        status: if turn.is_multiple_of(2) {
            Status::Busy
        } else {
            Status::Idle
        },
    });
    apply("event/status", &mut world.engine, turns.collect());
    let created_events = (SESSIONS..SESSIONS + TIMES).map(created);
    apply("event/created", &mut world.engine, created_events.collect());
    let mut snapshot = String::new();
    counted(&mut || snapshot = world.engine.snapshot());
    println!("state/snapshot 1");
    let mut restored = None;
    counted(&mut || restored = Engine::restore(&snapshot, "{}").ok());
    println!("state/restore 1");
    assert_eq!(
        restored.map(|engine| engine.snapshot()).as_ref(),
        Some(&snapshot)
    );
}

fn apply(name: &str, engine: &mut Engine, events: Vec<Event>) {
    let times = events.len();
    let mut events = events.into_iter();
    counted(&mut || {
        for event in events.by_ref() {
            black_box(engine.apply(event));
        }
    });
    println!("{name} {times}");
}
