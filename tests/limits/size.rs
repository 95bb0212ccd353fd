//! The bytes that sessions and prompts take.

use crate::counting::{held, since};
use crate::decisions;
use crate::world::{ask, created, engine, id};
use opencode_delegate::{Effect, Event, JsonValue, Request};

/// The most bytes of a session, with its share of its root and of all tables. Measured are nine tenths of that.
const BYTES_PER_SESSION: usize = 1_000;

/// Many roots with many sessions: the bytes that they take, and the decisions among them.
pub fn many(roots: usize, below: usize) -> String {
    let before = held();
    let mut engine = decisions::family(roots, below);
    let bytes = since(before) / (roots * (below + 1));
    assert!(bytes <= BYTES_PER_SESSION, "{bytes} bytes a session");
    for kind in decisions::KINDS {
        // A wrong id is compared with every session that the caller could resume.
        let times = if kind == decisions::Kind::Mistyped {
            50
        } else {
            2_000
        };
        decisions::decide(&mut engine, roots, below, kind, times);
    }
    format!(
        "{} sessions under {roots} root{} take {bytes} bytes each",
        roots * below,
        if roots == 1 { "" } else { "s" }
    )
}

/// A prompt of a megabyte is held until it is answered. A decision holds nothing of it.
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
        "a decision holds {} bytes",
        since(before)
    );
    for _ in 0..20 {
        assert_eq!(engine.decide(&request(0, &root)).decision, decision);
    }
    let event = serde_json::json!({ "type": "prompt.kept", "now": 1, "ticket": ticket, "sessionID": id("c", 0), "callerID": root,
        "agent": "explorer", "parts": [{ "type": "text", "text": long }], "permission": [], "seed": "abc" });
    let effects = engine.apply(Event::read(&event.to_string()).unwrap());
    let sent = |effect: &Effect| matches!(effect, Effect::Send { message, .. } if message.parts[0].get("text").and_then(JsonValue::as_str) == Some(&*long));
    assert!(effects.iter().any(sent));
    drop((effects, event));
    let held = since(before);
    assert!((1_000_000..1_100_000).contains(&held), "held: {held}");
    let event = serde_json::json!({ "type": "prompt.answered", "now": 2, "sessionID": id("c", 0), "prompt_no": 1, "attempt": 1 });
    engine.apply(Event::read(&event.to_string()).unwrap());
    let left = since(before);
    assert!(left < 8_192, "{left} bytes are left of an answered prompt");
    format!("a prompt of 1 MB takes {held} bytes while it runs, {left} after")
}
