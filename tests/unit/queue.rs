//! The prompt queue as a host drives it.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    missing_docs
)]

use opencode_delegate::{Engine, Event, Request, TaskState};
use serde_json::{Value, json};

fn apply(engine: &mut Engine, event: Value) -> Vec<String> {
    let effects = engine.apply(Event::read(&event.to_string()).unwrap());
    effects.iter().map(|effect| line(&json!(effect))).collect()
}

/// An effect in a few words.
fn line(effect: &Value) -> String {
    let text = |key: &str| effect[key].as_str().unwrap_or_default().to_owned();
    let number = effect["prompt_no"].as_u64();
    let number = number.map_or(String::new(), |number| format!(" {number}"));
    format!("{} {}{number}", text("type"), text("sessionID"))
}

/// The ticket of a call.
fn decide(engine: &mut Engine, now: u64, call: &str, description: &str, background: bool) -> u32 {
    let request = json!({ "now": now, "callID": call, "sessionID": "ses_root", "agent": "explorer",
        "description": description, "prompt": "Look.", "background": background });
    let request = Request::read(&request.to_string()).unwrap();
    engine.decide(&request).decision.ticket().unwrap()
}

/// A child with a prompt.
fn asked(engine: &mut Engine, now: u64, id: &str, background: bool) {
    let ticket = decide(engine, now, id, id, background);
    apply(
        engine,
        json!({ "type": "prompt.kept", "now": now, "ticket": ticket, "callerID": "ses_root", "agent": "explorer",
            "background": background, "parts": [], "permission": [] }),
    );
    apply(
        engine,
        json!({ "type": "ticket.commit", "now": now, "ticket": ticket, "sessionID": id }),
    );
}

#[test]
fn an_abort_cancels_background_prompts_that_were_asked_before() {
    let mut engine = Engine::new("{}").unwrap();
    asked(&mut engine, 10, "ses_a", true);
    asked(&mut engine, 10, "ses_b", false);
    asked(&mut engine, 30, "ses_c", true);
    let abort = json!({ "type": "session.aborted", "now": 20, "sessionID": "ses_root" });
    let effects = apply(&mut engine, abort.clone());
    assert_eq!(effects, ["store ses_a", "forget ses_a 1"]);
    let task = engine.session("ses_a").unwrap().task.unwrap();
    assert_eq!(task.state, TaskState::Cancelled);
    for open in ["ses_b", "ses_c"] {
        assert!(engine.session(open).unwrap().prompt.is_some(), "{open}");
    }
    assert!(apply(&mut engine, abort).is_empty());
}

#[test]
fn the_oldest_call_of_the_host_ends_when_too_many_are_open() {
    let mut engine = Engine::new("{}").unwrap();
    asked(&mut engine, 10, "ses_a", false);
    let queued = |number: usize| {
        json!({ "type": "call.queued", "now": 20, "sessionID": "ses_a", "callerID": "ses_root",
            "callID": format!("c{number}") })
    };
    assert_eq!(apply(&mut engine, queued(0)), ["proceed ses_a"]);
    for number in 1..4096 {
        assert_eq!(apply(&mut engine, queued(number)), ["hold ses_a"]);
    }
    let snapshot = engine.snapshot().len();
    assert_eq!(
        apply(&mut engine, queued(4096)),
        ["hold ses_a", "proceed ses_a"]
    );
    for number in 4097..5000 {
        apply(&mut engine, queued(number));
    }
    assert!(engine.snapshot().len() < snapshot + 10_000);
}
