//! The prompt queue as a host drives it.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    missing_docs
)]

use opencode_delegate::{Engine, Event, OPEN_TICKETS, Request, TaskState};
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

#[test]
fn the_oldest_of_too_many_waiting_calls_proceeds_and_a_notice_names_it() {
    let mut engine = Engine::new("{}").unwrap();
    asked(&mut engine, 10, "ses_a", false);
    let call = |number: usize| json!({ "type": "call.queued", "now": 20, "sessionID": "ses_a", "callerID": "ses_root", "callID": number.to_string() });
    let answers = |engine: &mut Engine, number| {
        let effects = engine.apply(Event::read(&call(number).to_string()).unwrap());
        let answers = effects.iter().map(|effect| {
            let effect = json!(effect);
            [&effect["type"], &effect["callID"]]
                .map(|text| text.as_str().unwrap().to_owned())
                .join(" ")
        });
        answers.collect::<Vec<_>>()
    };
    assert_eq!(answers(&mut engine, 0), ["proceed 0"]);
    for number in 1..OPEN_TICKETS {
        assert_eq!(answers(&mut engine, number), [format!("hold {number}")]);
    }
    assert!(engine.notices().is_empty());
    // The first call prompts the session already, so it is forgotten and the next one follows it.
    let over = OPEN_TICKETS;
    assert_eq!(
        answers(&mut engine, over),
        [format!("hold {over}"), "proceed 1".into()]
    );
    assert_eq!(engine.notices().len(), 1);
    let held = Engine::new("{}").map(|mut engine| {
        asked(&mut engine, 10, "ses_a", false);
        for number in 0..=OPEN_TICKETS {
            let queued = json!({ "type": "call.queued", "now": 20, "sessionID": "ses_a", "callerID": "ses_root", "callID": number.to_string(), "joins": true });
            let effects = engine.apply(Event::read(&queued.to_string()).unwrap());
            if number == OPEN_TICKETS {
                let proceeds = effects.iter().map(|effect| json!(effect)).filter(|effect| effect["type"] == "proceed");
                let proceeds: Vec<_> = proceeds.map(|effect| effect["callID"].clone()).collect();
                assert_eq!(proceeds, ["0"]);
            }
        }
        engine.notices()
    });
    let notices = held.unwrap();
    assert!(
        notices.len() == 1 && notices[0].contains("\"ses_a\""),
        "{notices:?}"
    );
}

#[test]
fn a_text_that_is_nested_too_deep_is_said_to_be() {
    let nested = |levels: usize| ["[".repeat(levels), "]".repeat(levels)].concat();
    let kept = |deep: &str| {
        format!(
            r#"{{"type":"prompt.kept","now":1,"callerID":"ses_r","agent":"a","permission":[],"parts":[{{"type":"]","deep":{deep}}}]}}"#
        )
    };
    let error = Event::read(&kept(&nested(150))).unwrap_err();
    assert_eq!(
        error.to_string(),
        "Invalid event: the text is nested deeper than 127 levels."
    );
    // The event, the list and the part are three levels.
    assert!(Event::read(&kept(&nested(124))).is_ok());
    assert!(
        Event::read(&kept(&nested(125)))
            .unwrap_err()
            .message
            .contains("127 levels")
    );
    for text in ["{", r#"["\"[", "#, "]]]"] {
        let error = Event::read(text).unwrap_err();
        assert_eq!(
            error.to_string(),
            "Invalid event: the text is not JSON.",
            "{text}"
        );
    }
    let long = format!("[\"{}", "[\\\"".repeat(200));
    assert!(Event::read(&long).unwrap_err().message.contains("not JSON"));
}

#[test]
fn a_record_with_an_impossible_prompt_number_is_unreadable_and_after_the_largest_the_first_is_free()
{
    let record = |number: u64| {
        let task = json!({ "id": "bg_00000001", "prompt_no": number, "callerID": "ses_root", "state": "completed", "since": 1, "delivered": true });
        json!({ "v": 2, "slug": "kept", "budget": 0, "used": 0, "tasks": [task] })
    };
    let last = u64::from(i32::MAX.unsigned_abs());
    for (number, readable) in [
        (0, false),
        (1, true),
        (last, true),
        (last + 1, false),
        (u64::from(u32::MAX), false),
        (1 << 40, false),
    ] {
        let mut engine = Engine::new("{}").unwrap();
        apply(
            &mut engine,
            json!({ "type": "session.created", "now": 1, "session": { "id": "ses_a", "parentID": "ses_root", "agent": "explorer", "record": record(number) } }),
        );
        let slug = engine.session("ses_a").unwrap().slug;
        assert_eq!(slug.as_deref() == Some("kept"), readable, "{number}");
        assert_eq!(engine.notices().is_empty(), readable, "{number}");
        let asked = json!({ "type": "prompt.kept", "now": 5, "sessionID": "ses_a", "callerID": "ses_root", "agent": "explorer", "parts": [], "permission": [] });
        let sent = apply(&mut engine, asked);
        // After the largest number, the first that is free is the next.
        let next = if readable && number < last {
            number + 1
        } else {
            1
        };
        assert!(
            sent.contains(&format!("send ses_a {next}")),
            "{number}: {sent:?}"
        );
    }
}
