//! A session that two processes prompt: its record names the one, and beside it the other, whose prompt still waits.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    missing_docs
)]

use opencode_delegate::{Effect, Engine, EngineOptions, Event};
use serde_json::{Value, json};

fn engine(process: &str) -> Engine {
    let process = Some(process.to_owned());
    let mut engine = Engine::with("{}", EngineOptions { process }).unwrap();
    let root = json!({ "type": "session.created", "now": 1, "session": { "id": "ses_root" } });
    apply(&mut engine, root);
    engine
}

fn apply(engine: &mut Engine, event: Value) -> Vec<Effect> {
    engine.apply(Event::read(&event.to_string()).unwrap())
}

/// Has an engine read the session with a record. `living` are the processes beside its own that are alive.
fn read(
    engine: &mut Engine,
    record: &Value,
    alive: Option<bool>,
    living: Option<&[&str]>,
) -> Vec<Effect> {
    let session = json!({ "id": "ses_c", "parentID": "ses_root", "agent": "explorer", "record": record, "alive": alive,
        "living": living });
    apply(
        engine,
        json!({ "type": "session.created", "now": 5, "session": session }),
    )
}

/// The record that is stored last.
fn stored(effects: &[Effect]) -> Option<Value> {
    effects.iter().rev().find_map(|effect| match effect {
        Effect::Store { record, .. } => Some(json!(record)),
        _ => None,
    })
}

/// The messages of the prompts that are to be looked up.
fn looked_up(effects: &[Effect]) -> Vec<Option<&str>> {
    let checks = effects.iter().filter_map(|effect| match effect {
        Effect::Check { message_id, .. } => Some(message_id.as_deref()),
        _ => None,
    });
    checks.collect()
}

/// The texts that a prompt sends.
fn sent(effects: &[Effect]) -> Vec<&str> {
    let message = effects.iter().find_map(|effect| match effect {
        Effect::Send { message, .. } => Some(message),
        _ => None,
    });
    let parts = &message.expect("it is sent").parts;
    parts
        .iter()
        .map(|part| part["text"].as_str().unwrap())
        .collect()
}

/// Asks a prompt that its caller waits for.
fn ask(engine: &mut Engine, text: &str) -> Vec<Effect> {
    let asked = json!({ "type": "prompt.kept", "now": 10, "sessionID": "ses_c", "callerID": "ses_root", "agent": "explorer",
        "parts": [{ "type": "text", "text": text }], "permission": [], "seed": "abcdefghijklmn" });
    apply(engine, asked)
}

/// Asks a background prompt. Gives the record with its task.
fn ask_task(engine: &mut Engine) -> Value {
    let asked = json!({ "type": "prompt.kept", "now": 10, "sessionID": "ses_c", "callerID": "ses_root", "agent": "explorer",
        "background": true, "parts": [{ "type": "text", "text": "Test." }], "permission": [], "seed": "bcdefghijklmno" });
    stored(&apply(engine, asked)).unwrap()
}

/// A record with a first prompt that process `5:5` is to send.
fn waiting() -> Value {
    let prompt = json!({ "parts": [{ "type": "text", "text": "Look." }], "agent": "explorer", "models": [], "permission": [] });
    json!({ "v": 2, "slug": "auth", "id": "ses_b1eb_auth", "agent": "explorer", "description": "Look", "budget": 0,
        "used": 0, "tokens": 0, "window": 0, "lastUsed": 4, "prompt": prompt, "messageID": "msg_1", "process": "5:5" })
}

/// An engine of process `4:4` that prompts the session too, and the record that it stores.
fn second() -> (Engine, Value) {
    let mut second = engine("4:4");
    read(&mut second, &waiting(), Some(true), None);
    let record = ask_task(&mut second);
    assert_eq!(record["process"], "4:4");
    (second, record)
}

#[test]
fn a_record_names_the_process_of_a_prompt_that_another_one_is_to_send() {
    let (mut second, record) = second();
    assert_eq!(record["prompt"]["parts"][0]["text"], "Look.");
    assert_eq!(record["messageID"], "msg_1");
    assert_eq!(record["prompt"]["process"], "5:5");
    // What a process stores of itself names no other.
    let own = ask_task(&mut engine_with_session("5:5"));
    assert_eq!(own["prompt"], Value::Null);
    // It holds until that process has sent the prompt.
    let mut gone = waiting();
    gone.as_object_mut()
        .unwrap()
        .retain(|key, _| !["prompt", "messageID", "process"].contains(&key.as_str()));
    read(&mut second, &gone, None, None);
    let renamed =
        json!({ "type": "session.renamed", "now": 12, "sessionID": "ses_c", "name": "login" });
    let record = stored(&apply(&mut second, renamed)).unwrap();
    assert_eq!(record["prompt"], Value::Null);
}

/// An engine that has read the session without a prompt.
fn engine_with_session(process: &str) -> Engine {
    let mut engine = engine(process);
    let mut plain = waiting();
    plain
        .as_object_mut()
        .unwrap()
        .retain(|key, _| !["prompt", "messageID", "process"].contains(&key.as_str()));
    read(&mut engine, &plain, None, None);
    engine
}

#[test]
fn a_process_that_takes_over_leaves_the_waiting_prompt_of_a_third_one() {
    let (_, record) = second();
    let mut next = engine("4:6");
    let effects = read(&mut next, &record, Some(false), Some(&["5:5"]));
    // The task of the process that is gone is looked up alone.
    let task = record["tasks"][0]["messageID"].as_str();
    assert_eq!(looked_up(&effects), [task]);
    // A second read changes nothing.
    let effects = read(&mut next, &record, Some(false), Some(&["5:5"]));
    assert_eq!(looked_up(&effects), [None; 0]);
    let effects = ask(&mut next, "Go on.");
    assert_eq!(sent(&effects), ["Go on."]);
    let record = stored(&effects).unwrap();
    assert_eq!(record["prompt"]["parts"][0]["text"], "Look.");
    assert_eq!(
        (&record["prompt"]["process"], &record["process"]),
        (&json!("5:5"), &json!("4:6"))
    );
}

#[test]
fn a_waiting_prompt_is_sent_along_if_both_processes_are_gone() {
    let (_, record) = second();
    let mut next = engine("4:6");
    let effects = read(&mut next, &record, Some(false), Some(&[]));
    let task = record["tasks"][0]["messageID"].as_str();
    assert_eq!(looked_up(&effects), [Some("msg_1"), task]);
    let effects = ask(&mut next, "Go on.");
    assert_eq!(sent(&effects), ["Look.", "Go on."]);
    assert_eq!(stored(&effects).unwrap()["prompt"]["process"], Value::Null);
}

#[test]
fn a_waiting_prompt_is_looked_up_once_its_process_is_gone_too() {
    let (_, record) = second();
    let mut next = engine("4:6");
    read(&mut next, &record, Some(false), Some(&["5:5"]));
    let effects = read(&mut next, &record, Some(false), Some(&[]));
    assert_eq!(looked_up(&effects), [Some("msg_1")]);
    assert_eq!(sent(&ask(&mut next, "Go on.")), ["Look.", "Go on."]);
}

#[test]
fn a_process_takes_over_the_prompt_that_its_own_record_leaves_to_one_that_is_gone() {
    let (mut second, record) = second();
    // While that one is alive, a read of its own record changes nothing.
    let effects = read(&mut second, &record, None, Some(&["5:5"]));
    assert!(effects.is_empty(), "{effects:?}");
    let snapshot = second.snapshot();
    let process = Some("4:4".to_owned());
    let mut second = Engine::restore_with(&snapshot, "{}", EngineOptions { process }).unwrap();
    let effects = read(&mut second, &record, None, Some(&[]));
    assert_eq!(looked_up(&effects), [Some("msg_1")]);
    let effects = read(&mut second, &record, None, Some(&[]));
    assert_eq!(looked_up(&effects), [None; 0]);
    let record = stored(&ask(&mut second, "Go on.")).unwrap();
    let parts = record["prompt"]["parts"].as_array().unwrap();
    assert_eq!(
        (parts.len(), &record["prompt"]["process"]),
        (2, &json!(null))
    );
}

#[test]
fn a_process_keeps_its_prompt_that_the_record_of_another_one_holds() {
    let (_, record) = second();
    let mut first = engine_with_session("5:5");
    ask(&mut first, "Go on.");
    for event in ["prompt.accepted", "prompt.answered"] {
        let of =
            json!({ "type": event, "now": 11, "sessionID": "ses_c", "prompt_no": 1, "attempt": 1 });
        apply(&mut first, of);
    }
    // It has sent that prompt long ago: it neither leaves it to the other process nor takes it over from that.
    read(&mut first, &record, Some(true), Some(&[]));
    let effects = read(&mut first, &record, Some(false), Some(&[]));
    let task = record["tasks"][0]["messageID"].as_str();
    assert_eq!(looked_up(&effects), [task]);
    assert_eq!(sent(&ask(&mut first, "More.")), ["More."]);
}

#[test]
fn a_host_that_does_not_say_who_is_alive_has_the_process_of_the_record_stand_for_all() {
    let (_, record) = second();
    let mut next = engine("4:6");
    let effects = read(&mut next, &record, Some(false), None);
    assert_eq!(looked_up(&effects).len(), 2);
    let mut next = engine("4:6");
    let effects = read(&mut next, &record, Some(true), None);
    assert_eq!(looked_up(&effects).len(), 0);
}
