//! Decisions among many sessions. A decision must cost the same however many sessions there are.
//!
//! The limits check these decisions. The bench counts their instructions at two sizes.

use super::world::{ask, created, engine, id};
use opencode_delegate::{Decision, Engine, Event};

/// The text by which a call names a session.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Kind {
    /// A session's name.
    Name,
    /// A session's id.
    Id,
    /// A session's id, two letters of which are wrong.
    Mistyped,
    /// A name that is new.
    NewName,
    /// Nothing.
    Unnamed,
}

/// Every kind.
pub const KINDS: [Kind; 5] = [
    Kind::Name,
    Kind::Id,
    Kind::Mistyped,
    Kind::NewName,
    Kind::Unnamed,
];

/// An engine with so many roots, each with so many children.
pub fn family(roots: usize, below: usize) -> Engine {
    let mut engine = engine();
    for child in 0..roots * below {
        let root = id("r", child / below);
        if child % below == 0 {
            engine.apply(created(child, root.clone(), None, String::new()));
        }
        let part = format!("part {child}");
        engine.apply(created(child, id("c", child), Some(root), part));
    }
    engine
}

/// Decides so many calls of a kind, and refunds each.
pub fn decide(engine: &mut Engine, roots: usize, below: usize, kind: Kind, times: usize) {
    for call in 0..times {
        let child = call * 7919 % (roots * below);
        let (root, session) = (id("r", child / below), id("c", child));
        let (rule, given) = match kind {
            Kind::Name => ("R4", Some(format!("Part {child}"))),
            Kind::Id => ("R4", Some(session.clone())),
            Kind::Mistyped => ("R6", Some([&session[..20], "--", &session[22..]].concat())),
            Kind::NewName => ("R5", Some(format!("new-{call}"))),
            Kind::Unnamed => ("R12", None),
        };
        let request = ask(10_000 * kind as usize + call, &root, given.as_deref());
        let decision = engine.decide(&request).decision;
        assert_eq!(format!("{:?}", decision.rule()), rule, "{decision:?}");
        match &*decision {
            Decision::Resume { session_id, .. } => assert_eq!(&**session_id, session),
            Decision::Spawn { slug, .. } => assert!(given.is_none_or(|given| given == **slug)),
            _ => panic!("{decision:?}"),
        }
        let ticket = decision.ticket().unwrap();
        engine.apply(Event::Refund { now: 0, ticket });
    }
}
