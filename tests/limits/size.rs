//! How many sessions, and how long a prompt.

use crate::FAST;
use crate::counting::{held, since};
use crate::world::{ask, created, engine, id, time};
use opencode_delegate::{Decision, Effect, Engine, Event, Request};

/// What a session may take, with its share of its root and of all tables: it is three quarters of that.
const BYTES_PER_SESSION: usize = 900;

/// The nanoseconds of decisions: by name, by id, by an id with two letters wrong, for a new name, and
/// without any.
fn decisions(engine: &mut Engine, roots: usize, below: usize) -> [u128; 5] {
    [("R4", 0), ("R4", 1), ("R6", 2), ("R5", 3), ("R12", 4)].map(|(rule, kind)| {
        // An id that is wrong is looked for among all that the caller could resume.
        let times = if kind == 2 { 50 } else { 2_000 };
        time(times, |call| {
            let child = call * 7919 % (roots * below);
            let (root, session) = (id("r", child / below), id("c", child));
            let given = match kind {
                0 => Some(format!("Part {child}")),
                1 => Some(session.clone()),
                2 => Some([&session[..20], "--", &session[22..]].concat()),
                3 => Some(format!("new-{call}")),
                _ => None,
            };
            let request = ask(10_000 * kind + call, &root, given.as_deref());
            let decision = engine.decide(&request).decision;
            assert_eq!(format!("{:?}", decision.rule()), rule, "{decision:?}");
            match &*decision {
                Decision::Resume { session_id, .. } => assert_eq!(&**session_id, session),
                Decision::Spawn { slug, .. } => assert!(given.is_none_or(|given| given == **slug)),
                _ => panic!("{decision:?}"),
            }
            let ticket = decision.ticket().unwrap();
            engine.apply(Event::Refund { now: 0, ticket });
        })
    })
}

/// Many roots with many sessions: what they take, and how fast decisions are among them.
pub fn many(roots: usize, below: usize) -> String {
    let before = held();
    let mut engine = engine();
    let built = time(roots * below, |child| {
        if child % below == 0 {
            engine.apply(created(child, id("r", child / below), None, String::new()));
        }
        let parent = Some(id("r", child / below));
        engine.apply(created(
            child,
            id("c", child),
            parent,
            format!("part {child}"),
        ));
    });
    let bytes = since(before) / (roots * (below + 1));
    assert!(bytes <= BYTES_PER_SESSION, "{bytes} bytes a session");
    let spent = decisions(&mut engine, roots, below);
    for (kind, nanoseconds) in spent.iter().enumerate() {
        // A wrong id is held against that of each session.
        let fast = if kind == 2 {
            FAST + 200 * below as u128
        } else {
            FAST
        };
        assert!(*nanoseconds < fast, "kind {kind}: {nanoseconds} ns");
    }
    println!("{roots} roots of {below}: {built} ns to take one in, {spent:?} to decide");
    let [named, ..] = spent.map(|nanoseconds| nanoseconds as f64 / 1e3);
    format!(
        "{} sessions under {roots} root{} take {bytes} bytes each and are decided upon in {named:.1} us",
        roots * below,
        if roots == 1 { "" } else { "s" }
    )
}

/// A prompt of a megabyte is kept until it was answered, and by a decision not at all.
pub fn long_prompt() -> String {
    let long = "é".repeat(500_000);
    let mut engine = engine();
    engine.apply(created(0, id("c", 0), Some(id("r", 0)), "part".to_owned()));
    let request = |call: usize, root| Request {
        prompt: (&*long).into(),
        ..ask(call, root, Some("part"))
    };
    let root = id("r", 0);
    let before = held();
    let decision = engine.decide(&request(0, &root)).decision;
    let ticket = decision.ticket().unwrap();
    assert!(
        since(before) < 4_096,
        "a decision keeps {} bytes",
        since(before)
    );
    let spent = time(20, |_| {
        assert_eq!(engine.decide(&request(0, &root)).decision, decision)
    });
    let event = serde_json::json!({ "type": "prompt.kept", "now": 1, "ticket": ticket, "sessionID": id("c", 0), "callerID": root,
        "agent": "explorer", "parts": [{ "type": "text", "text": long }], "permission": [], "seed": "abc" });
    let effects = engine.apply(Event::read(&event.to_string()).unwrap());
    let sent = |effect: &Effect| matches!(effect, Effect::Send { message, .. } if message.parts[0]["text"] == *long);
    assert!(effects.iter().any(sent));
    drop((effects, event));
    let kept = since(before);
    assert!((1_000_000..1_100_000).contains(&kept), "kept: {kept}");
    let event = serde_json::json!({ "type": "prompt.answered", "now": 2, "sessionID": id("c", 0), "prompt_no": 1, "attempt": 1 });
    engine.apply(Event::read(&event.to_string()).unwrap());
    let left = since(before);
    assert!(left < 8_192, "{left} bytes are left of an answered prompt");
    println!("a prompt of 1 MB takes {kept} bytes while it runs, {left} after");
    format!("a prompt of 1 MB is decided in {} us", spent / 1_000)
}
