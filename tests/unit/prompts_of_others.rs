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
        .map(|part| part.get("text").unwrap().as_str().unwrap())
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

/// A record without a prompt that waits: process `5:5` runs a task.
fn with_task() -> Value {
    let mut record = waiting();
    let fields = record.as_object_mut().unwrap();
    fields.retain(|key, _| !["prompt", "messageID"].contains(&key.as_str()));
    fields.insert("tasks".to_owned(), json!([task(1, "running", "msg_1")]));
    record
}

fn task(number: u32, state: &str, message: &str) -> Value {
    json!({ "id": "bg_0ccf5107", "prompt_no": number, "callerID": "ses_root", "state": state, "since": number, "messageID": message,
        "delivered": false })
}

/// The numbers of the tasks of a record, each with the process that is named for it.
fn owners(record: &Value) -> Vec<(u64, Option<&str>)> {
    let tasks = record["tasks"].as_array().unwrap().iter();
    tasks
        .map(|task| {
            (
                task["prompt_no"].as_u64().unwrap(),
                task["process"].as_str(),
            )
        })
        .collect()
}

/// The tasks whose results are delivered to a user's message of the root.
fn delivered(engine: &mut Engine) -> Vec<String> {
    let prompted = json!({ "type": "session.prompted", "now": 20, "sessionID": "ses_root", "messageID": "msg_user" });
    let effects = apply(engine, prompted);
    let results = effects.iter().filter_map(|effect| match effect {
        Effect::Deliver {
            prompt_no,
            state,
            to: Some(_),
            ..
        } => Some(format!("{prompt_no} {}", json!(state).as_str().unwrap())),
        _ => None,
    });
    results.collect()
}

#[test]
fn a_record_names_the_process_of_each_task_that_is_not_its_own() {
    let mut second = engine("4:4");
    read(&mut second, &with_task(), Some(true), None);
    let record = ask_task(&mut second);
    assert_eq!(record["process"], "4:4");
    assert_eq!(owners(&record), [(1, Some("5:5")), (2, None)]);
    // A process that stores the record of another one names itself in its own tasks.
    let mut third = engine("6:6");
    read(&mut third, &record, Some(false), Some(&["5:5"]));
    let lost = json!({ "type": "prompt.failed", "now": 12, "sessionID": "ses_c", "prompt_no": 2, "attempt": 0,
        "failure": { "kind": "lost" } });
    let copy = stored(&apply(&mut third, lost)).unwrap();
    assert_eq!(
        (&copy["process"], &copy["writer"]),
        (&json!("4:4"), &json!("6:6"))
    );
    assert_eq!(owners(&copy), [(1, Some("5:5")), (2, Some("6:6"))]);
    assert_eq!(delivered(&mut third), ["2 failed"]);
    // A fourth one that reads it delivers nothing of either.
    let mut fourth = engine("7:7");
    let effects = read(&mut fourth, &copy, Some(false), Some(&["5:5", "6:6"]));
    assert_eq!(looked_up(&effects), [None; 0]);
    assert_eq!(delivered(&mut fourth), [""; 0]);
}

#[test]
fn a_process_that_takes_over_leaves_the_tasks_of_a_third_one() {
    let mut record = with_task();
    record["process"] = json!("4:4");
    record["tasks"] = json!([
        task(1, "running", "msg_1"),
        task(2, "completed", "msg_2"),
        task(3, "completed", "msg_3")
    ]);
    for at in [0, 1] {
        record["tasks"][at]["process"] = json!("5:5");
    }
    let mut next = engine("4:6");
    let effects = read(&mut next, &record, Some(false), Some(&["5:5"]));
    assert_eq!(looked_up(&effects), [None; 0]);
    assert_eq!(delivered(&mut next).len(), 1);
    // Once that one is gone too, it takes them over.
    let effects = read(&mut next, &record, Some(false), Some(&[]));
    assert_eq!(looked_up(&effects), [Some("msg_1")]);
    let mut next = engine("4:6");
    read(&mut next, &record, Some(true), Some(&["5:5"]));
    assert_eq!(delivered(&mut next).len(), 0);
    read(&mut next, &record, Some(false), Some(&[]));
    assert_eq!(delivered(&mut next).len(), 2);
}

#[test]
fn a_process_takes_over_the_tasks_that_its_own_record_leaves_to_one_that_is_gone() {
    let mut record = with_task();
    record["tasks"] = json!([task(1, "running", "msg_1"), task(2, "completed", "msg_2")]);
    let mut second = engine("4:4");
    read(&mut second, &record, Some(true), None);
    let record = ask_task(&mut second);
    assert_eq!(
        owners(&record),
        [(1, Some("5:5")), (2, Some("5:5")), (3, None)]
    );
    let effects = read(&mut second, &record, None, Some(&["5:5"]));
    assert!(effects.is_empty(), "{effects:?}");
    let effects = read(&mut second, &record, None, Some(&[]));
    assert_eq!(looked_up(&effects), [Some("msg_1")]);
    assert_eq!(delivered(&mut second), ["2 idle"]);
}

#[test]
fn a_task_that_its_own_process_has_delivered_is_left_to_it_no_more() {
    let mut second = engine("4:4");
    read(&mut second, &with_task(), Some(true), None);
    let record = ask_task(&mut second);
    // The other one has delivered it, and has asked another task since.
    let mut theirs = with_task();
    theirs["tasks"] = json!([task(2, "running", "msg_2")]);
    read(&mut second, &theirs, Some(true), None);
    let cancelled = json!({ "type": "prompt.cancelled", "now": 12, "sessionID": "ses_c", "prompt_no": 2, "attempt": 1 });
    let after = stored(&apply(&mut second, cancelled)).unwrap();
    assert_eq!(owners(&record), [(1, Some("5:5")), (2, None)]);
    assert_eq!(owners(&after), [(2, None)]);
}

/// Has an engine read a record of a living process. `outlived` are earlier instances of the engine's own process.
fn read_beside(engine: &mut Engine, record: &Value, outlived: Option<&[&str]>) -> Vec<Effect> {
    let session = json!({ "id": "ses_c", "parentID": "ses_root", "agent": "explorer", "record": record, "alive": true,
        "living": [], "outlived": outlived });
    apply(
        engine,
        json!({ "type": "session.created", "now": 5, "session": session }),
    )
}

#[test]
fn an_instance_takes_over_the_tasks_of_an_earlier_one_of_its_process() {
    let mut record = with_task();
    record["process"] = json!("4:4");
    record["tasks"] = json!([task(1, "running", "msg_1"), task(2, "lost", "msg_2")]);
    for at in [0, 1] {
        record["tasks"][at]["process"] = json!("5:5");
    }
    for outlived in [None, Some(["6:1"].as_slice())] {
        let mut other = engine("6:6");
        let effects = read_beside(&mut other, &record, outlived);
        assert_eq!(looked_up(&effects), [None; 0]);
        assert_eq!(delivered(&mut other), [""; 0]);
    }
    let mut next = engine("5:6");
    let effects = read_beside(&mut next, &record, Some(&["5:5"]));
    assert_eq!(looked_up(&effects), [Some("msg_1")]);
    assert_eq!(delivered(&mut next), ["2 failed"]);
    // A second reading of the record looks nothing up again.
    let effects = read_beside(&mut next, &record, Some(&["5:5"]));
    assert_eq!(looked_up(&effects), [None; 0]);
    assert_eq!(delivered(&mut next), [""; 0]);
}
