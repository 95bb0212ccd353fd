//! Sessions that are alike: what is done to one does not go through all others.

use crate::FAST;
use crate::world::{ask, created, deleted, engine, id, time};
use opencode_delegate::{Code, Decision, Engine, Event, Request, ResolveLookup};

const ALIKE: usize = if cfg!(debug_assertions) {
    2_000
} else {
    10_000
};
/// What a sibling may take of a wrong id that is held against it, in nanoseconds.
const FAST_SIBLING: u128 = if cfg!(debug_assertions) {
    20_000
} else {
    4_000
};
const ROOT: &str = "ses_root";

fn child(engine: &mut Engine, number: usize, description: &str) {
    let event = created(
        number,
        id("c", number),
        Some(ROOT.to_owned()),
        description.to_owned(),
    );
    engine.apply(event);
}

/// An engine with so many children of one description.
fn family(children: usize) -> Engine {
    let mut engine = engine();
    (0..children).for_each(|number| child(&mut engine, number, "Look"));
    engine
}

fn described_alike() -> u128 {
    let mut engine = engine();
    let spent = time(ALIKE, |number| child(&mut engine, number, "Look"));
    let last = engine.session(&id("c", ALIKE - 1)).unwrap();
    assert_eq!(last.slug.as_deref(), Some(&*format!("look-{ALIKE}")));
    spent
}

/// Those that are spawned, of which some are deleted again: their names are given to the next.
fn spawned_alike() -> u128 {
    let mut engine = engine();
    time(ALIKE, |number| {
        let decision = engine.decide(&ask(number, ROOT, None));
        let ticket = decision.ticket().unwrap();
        let (now, session_id) = (number as u64, id("c", number));
        engine.apply(Event::Commit {
            now,
            ticket,
            session_id,
        });
        if number % 8 == 7 {
            engine.apply(deleted(number, id("c", number - 5)));
        }
    })
}

/// While a call is open, children wait for their names.
fn unnamed() -> u128 {
    let mut engine = engine();
    let open = engine.decide(&ask(0, ROOT, None)).ticket().unwrap();
    let spent = time(ALIKE, |number| child(&mut engine, number, "Look"));
    let last = id("c", ALIKE - 1);
    assert_eq!(engine.session(&last).unwrap().slug, None);
    engine.apply(Event::Refund {
        now: 0,
        ticket: open,
    });
    assert!(engine.session(&last).unwrap().slug.is_some());
    spent
}

fn with_one_alias() -> u128 {
    let mut engine = family(ALIKE);
    let spent = time(ALIKE, |number| {
        let (now, session_id) = (number as u64, id("c", number));
        let alias = "exp-1".to_owned();
        engine.apply(Event::Alias {
            now,
            session_id,
            alias,
        });
    });
    let first = engine
        .resolve(&ResolveLookup::of(&ask(0, ROOT, Some("exp-1"))))
        .unwrap();
    assert_eq!(*first.id, *id("c", 0));
    spent
}

/// Whose names differ in a number that is others' alias.
fn named_beside_aliases() -> u128 {
    let mut engine = family(ALIKE);
    for number in 0..ALIKE {
        let (now, session_id) = (number as u64, id("c", number));
        let alias = format!("see-{}", number + 2);
        engine.apply(Event::Alias {
            now,
            session_id,
            alias,
        });
    }
    time(ALIKE, |number| {
        let request = Request {
            description: "See".into(),
            ..ask(number, ROOT, None)
        };
        assert!(engine.decide(&request).ticket().is_some());
    })
}

fn deleted_one_by_one() -> u128 {
    let mut engine = family(ALIKE);
    let spent = time(ALIKE, |number| {
        drop(engine.apply(deleted(number, id("c", number * 7919 % ALIKE))))
    });
    assert!(engine.sessions(ROOT).is_empty());
    spent
}

/// A wrong id among ten times as many that begin and end like it: nanoseconds by sibling.
fn wrong_id() -> u128 {
    let mut engine = engine();
    let id = |number: usize| format!("ses_0123456789ab{number:06}WXYZwxyz");
    for number in 0..10 * ALIKE {
        let part = format!("part {number}");
        engine.apply(created(number, id(number), Some(ROOT.to_owned()), part));
    }
    let spent = time(20, |call| {
        let decision = engine.decide(&ask(call, ROOT, Some("ses_0123456789abbaabbaWXYZwxyz")));
        let unknown = matches!(
            &*decision,
            Decision::Deny {
                code: Code::UnknownSession,
                ..
            }
        );
        assert!(unknown, "{decision:?}");
    });
    spent / (10 * ALIKE) as u128
}

pub fn alike() -> String {
    let spent = [
        ("described alike", described_alike()),
        ("spawned alike", spawned_alike()),
        ("waiting for names", unnamed()),
        ("of one alias", with_one_alias()),
        ("named beside aliases", named_beside_aliases()),
        ("deleted", deleted_one_by_one()),
    ];
    for (kind, nanoseconds) in spent {
        assert!(nanoseconds < FAST, "{kind}: {nanoseconds} ns each");
    }
    let of_sibling = wrong_id();
    assert!(of_sibling < FAST_SIBLING, "{of_sibling} ns a sibling");
    let [named, ..] = spent.map(|(kind, nanoseconds)| {
        println!("{kind}: {nanoseconds} ns each");
        nanoseconds as f64 / 1e3
    });
    println!("{of_sibling} ns for each sibling of a wrong id");
    format!("each of {ALIKE} alike is named in {named:.1} us")
}
