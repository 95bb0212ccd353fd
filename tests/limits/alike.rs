//! Sessions that are alike. An operation on one session must cost the same however many others there are.
//!
//! The limits check the results of this work. The bench counts its instructions at two sizes.

use super::world::{ask, created, deleted, engine, id};
use opencode_delegate::protocol::SeenSession;
use opencode_delegate::rules::session_table;
use opencode_delegate::{Code, Decision, Engine, Event, OutlineLookup, Request, ResolveLookup};

const ROOT: &str = "ses_root";

/// Runs the part of the work that is counted.
pub type Counted<'a> = &'a mut dyn FnMut(&mut dyn FnMut());

/// Work on so many sessions: one operation for each of them.
pub type Work = fn(usize, Counted<'_>);

/// The work by its name.
pub const WORK: [(&str, Work); 8] = [
    ("described alike", described_alike),
    ("spawned alike", spawned_alike),
    ("waiting for names", unnamed),
    ("of one alias", with_one_alias),
    ("named beside aliases", named_beside_aliases),
    ("deleted", deleted_one_by_one),
    ("outlined", outlined),
    ("in a table", in_a_table),
];

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

fn alias(engine: &mut Engine, number: usize, alias: String) {
    engine.apply(Event::Alias {
        now: number as u64,
        session_id: id("c", number),
        alias,
    });
}

/// Every child has the same description, so each takes the next number.
fn described_alike(sessions: usize, counted: Counted<'_>) {
    let mut engine = engine();
    counted(&mut || (0..sessions).for_each(|number| child(&mut engine, number, "Look")));
    let last = engine.session(&id("c", sessions - 1)).unwrap();
    assert_eq!(last.slug.as_deref(), Some(&*format!("look-{sessions}")));
}

/// Some of the spawned children are deleted again: the next ones take their names.
fn spawned_alike(sessions: usize, counted: Counted<'_>) {
    let mut engine = engine();
    counted(&mut || {
        for number in 0..sessions {
            let decision = engine.decide(&ask(number, ROOT, None)).decision;
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
        }
    });
    // The root is one of them.
    assert_eq!(engine.sessions(ROOT).len(), 1 + sessions - sessions / 8);
}

/// While a call is open, new children wait for their names.
fn unnamed(sessions: usize, counted: Counted<'_>) {
    let mut engine = engine();
    let open = engine
        .decide(&ask(0, ROOT, None))
        .decision
        .ticket()
        .unwrap();
    counted(&mut || (0..sessions).for_each(|number| child(&mut engine, number, "Look")));
    let last = id("c", sessions - 1);
    assert_eq!(engine.session(&last).unwrap().slug, None);
    engine.apply(Event::Refund {
        now: 0,
        ticket: open,
    });
    assert!(engine.session(&last).unwrap().slug.is_some());
}

/// Every child asks for the alias of the first.
fn with_one_alias(sessions: usize, counted: Counted<'_>) {
    let mut engine = family(sessions);
    counted(&mut || {
        (0..sessions).for_each(|number| alias(&mut engine, number, "exp-1".to_owned()));
    });
    let first = engine
        .resolve(&ResolveLookup::of(&ask(0, ROOT, Some("exp-1"))))
        .unwrap();
    assert_eq!(*first.id, *id("c", 0));
}

/// The next names of the children are aliases of other children.
fn named_beside_aliases(sessions: usize, counted: Counted<'_>) {
    let mut engine = family(sessions);
    for number in 0..sessions {
        alias(&mut engine, number, format!("see-{}", number + 2));
    }
    counted(&mut || {
        for number in 0..sessions {
            let request = Request {
                description: "See".into(),
                ..ask(number, ROOT, None)
            };
            assert!(engine.decide(&request).decision.ticket().is_some());
        }
    });
}

fn deleted_one_by_one(sessions: usize, counted: Counted<'_>) {
    let mut engine = family(sessions);
    counted(&mut || {
        for number in 0..sessions {
            engine.apply(deleted(number, id("c", number * 7919 % sessions)));
        }
    });
    assert!(engine.sessions(ROOT).is_empty());
}

/// A wrong id among siblings whose ids begin and end like it. It is compared with each sibling, once.
pub fn wrong_id(siblings: usize, counted: Counted<'_>) {
    let mut engine = engine();
    let id = |number: usize| format!("ses_0123456789ab{number:06}WXYZwxyz");
    for number in 0..siblings {
        let part = format!("part {number}");
        engine.apply(created(number, id(number), Some(ROOT.to_owned()), part));
    }
    let mut decision = None;
    let request = ask(0, ROOT, Some("ses_0123456789abbaabbaWXYZwxyz"));
    counted(&mut || decision = Some(engine.decide(&request).decision));
    let unknown = matches!(
        decision.as_deref(),
        Some(Decision::Deny {
            code: Code::UnknownSession,
            ..
        })
    );
    assert!(unknown, "{decision:?}");
}

/// The host knows something of each session, and a person sees each.
fn outlined(sessions: usize, counted: Counted<'_>) {
    let engine = family(sessions);
    let seen = (0..sessions).rev().map(|number| SeenSession {
        session_id: id("c", number),
        failed: number % 2 == 1,
        ..SeenSession::default()
    });
    let lookup = OutlineLookup {
        session_id: ROOT.into(),
        now: 0,
        most: Some(sessions as u32),
        seen: seen.collect(),
    };
    let mut outline = None;
    counted(&mut || outline = Some(engine.outline(&lookup)));
    let outline = outline.unwrap();
    let last = outline.rows.last().unwrap();
    assert_eq!(outline.rows.len(), sessions);
    assert_eq!(last.place, format!("{sessions} of {sessions}"));
    let failed = format!("{sessions} subagents · {} failed", sessions / 2);
    assert_eq!(outline.summary, failed);
}

/// A table lists the sessions that were used last.
fn in_a_table(sessions: usize, counted: Counted<'_>) {
    let known = family(sessions).sessions(ROOT);
    let mut table = String::new();
    counted(&mut || table = session_table(&known, 0));
    let all = format!(
        ": {sessions} sessions, the most recently used first. Give another page for the others."
    );
    assert!(table.ends_with(&all), "{table}");
}
