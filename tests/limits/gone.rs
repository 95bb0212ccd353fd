//! The bytes that stay of deleted sessions.

use crate::ROOTS;
use crate::counting::{held, since};
use crate::world::{ask, created, deleted, engine, id};
use opencode_delegate::{Engine, Event};

/// The roots that fill the remembered calls and deleted sessions.
const FILLING: usize = 1_000;
const CHILDREN: usize = 5;

/// A root whose children are decided on, work, have aliases and make calls of their own.
fn live(engine: &mut Engine, root: usize) {
    engine.apply(created(root, id("r", root), None, String::new()));
    for child in CHILDREN * root..CHILDREN * (root + 1) {
        // Remembered decisions hold the name: each is as long as another.
        let (ours, name) = (id("r", root), format!("Part {child:08}"));
        let ticket = engine
            .decide(&ask(child, &ours, Some(&name)))
            .decision
            .ticket();
        let (now, session_id) = (child as u64, id("c", child));
        engine.apply(Event::Commit {
            now,
            ticket: ticket.unwrap(),
            session_id: session_id.clone(),
        });
        let alias = format!("exp-{}", child % CHILDREN);
        engine.apply(Event::Alias {
            now,
            session_id,
            alias,
        });
        // One call stays open.
        engine.decide(&ask(child, &id("c", child), None));
    }
}

fn die(engine: &mut Engine, root: usize) {
    engine.apply(deleted(0, id("r", root)));
}

/// Roots with children come and go, one after the other and all at once. Nothing is left of them once the tables have the
/// size that they had before.
pub fn dead_roots() -> String {
    let mut engine = engine();
    let mut next = 0;
    let mut alive = 0;
    let mut come_and_go = |one_by_one: usize, at_once: usize| {
        for root in next..next + one_by_one {
            live(&mut engine, root);
            die(&mut engine, root);
        }
        next += one_by_one;
        let (before, all) = (held(), next..next + at_once);
        all.clone().for_each(|root| live(&mut engine, root));
        alive = since(before);
        all.for_each(|root| die(&mut engine, root));
        next += at_once;
    };
    come_and_go(FILLING + ROOTS, ROOTS);
    let before = held();
    come_and_go(ROOTS, ROOTS);
    come_and_go(ROOTS, ROOTS);
    let held = since(before);
    assert_eq!(held, 0, "bytes are left of {alive}");
    assert!(engine.sessions(&id("r", next - 1)).is_empty());
    format!(
        "{ROOTS} roots of {CHILDREN} that took {} KB are deleted: {held} bytes held of dead roots",
        alive >> 10
    )
}
