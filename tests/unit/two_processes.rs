//! Two processes that share a session: each stores the session's record, and reads what the other has stored.
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

/// Has an engine read the session with a record. Gives the record that it stores then, if it stores one.
fn read(engine: &mut Engine, record: &Value, alive: Option<bool>) -> Option<Value> {
    let session = json!({ "id": "ses_c", "parentID": "ses_root", "agent": "explorer", "record": record, "alive": alive });
    let event = json!({ "type": "session.created", "now": 5, "session": session });
    stored(&apply(engine, event))
}

/// The record that is stored last.
fn stored(effects: &[Effect]) -> Option<Value> {
    effects.iter().rev().find_map(|effect| match effect {
        Effect::Store { record, .. } => Some(json!(record)),
        _ => None,
    })
}

fn plain() -> Value {
    json!({ "v": 2, "slug": "auth", "id": "ses_b1eb_auth", "agent": "explorer", "description": "Look", "budget": 0,
        "used": 0, "tokens": 0, "window": 0, "lastUsed": 4 })
}

/// Asks a background prompt. Gives the record that is stored with its task.
fn ask(engine: &mut Engine, seed: &str) -> Value {
    let asked = json!({ "type": "prompt.kept", "now": 10, "sessionID": "ses_c", "callerID": "ses_root", "agent": "explorer",
        "background": true, "parts": [{ "type": "text", "text": "Look." }], "permission": [], "seed": seed });
    stored(&apply(engine, asked)).unwrap()
}

/// Answers the running prompt of a number. Gives the record that is stored with its end.
fn answer(engine: &mut Engine, number: u32) -> Value {
    for event in ["prompt.accepted", "prompt.answered"] {
        let of = json!({ "type": event, "now": 11, "sessionID": "ses_c", "prompt_no": number, "attempt": 1 });
        if let Some(record) = stored(&apply(engine, of)) {
            return record;
        }
    }
    panic!("no record of its end");
}

/// Reports that the result of a task was delivered.
fn deliver(engine: &mut Engine, number: u32) {
    let delivered = json!({ "type": "task.delivered", "now": 13, "sessionID": "ses_c", "prompt_no": number, "delivered": true });
    apply(engine, delivered);
}

fn with(record: &Value, changes: Value) -> Value {
    let mut record = record.clone();
    for (key, value) in changes.as_object().unwrap() {
        record[key] = value.clone();
    }
    record
}

fn prompt_numbers(record: &Value) -> Vec<u64> {
    let tasks = record["tasks"].as_array().into_iter().flatten();
    tasks
        .map(|task| task["prompt_no"].as_u64().unwrap())
        .collect()
}

/// An engine of process `1:1` that runs a task, and the record with it.
fn with_task() -> (Engine, Value) {
    let mut ours = engine("1:1");
    read(&mut ours, &plain(), None);
    let record = ask(&mut ours, "abcdefghijklmn");
    assert_eq!(record["process"], "1:1");
    (ours, record)
}

#[test]
fn a_record_names_its_writer_if_another_process_runs_its_prompts() {
    let (_, record) = with_task();
    assert_eq!(record["writer"], Value::Null);
    let mut theirs = engine("2:1");
    read(&mut theirs, &record, Some(true));
    let renamed =
        json!({ "type": "session.renamed", "now": 12, "sessionID": "ses_c", "name": "login" });
    let copy = stored(&apply(&mut theirs, renamed)).unwrap();
    assert_eq!(
        (&copy["process"], &copy["writer"]),
        (&json!("1:1"), &json!("2:1"))
    );
    // A record of which nothing is open names neither.
    let mut idle = engine("2:1");
    read(&mut idle, &plain(), None);
    let renamed =
        json!({ "type": "session.renamed", "now": 12, "sessionID": "ses_c", "name": "login" });
    let record = stored(&apply(&mut idle, renamed)).unwrap();
    assert_eq!(
        (&record["process"], &record["writer"]),
        (&Value::Null, &Value::Null)
    );
}

#[test]
fn a_task_that_the_copy_of_another_process_lacks_is_stored_again() {
    let (mut ours, record) = with_task();
    let older = with(&plain(), json!({ "process": "1:1" }));
    // An older record of its own lacks what its next write has.
    assert_eq!(read(&mut ours, &older, None), None);
    let copy = with(&older, json!({ "writer": "2:1" }));
    let again = read(&mut ours, &copy, None).unwrap();
    assert_eq!(again["tasks"], record["tasks"]);
    assert_eq!(read(&mut ours, &again, None), None);
}

#[test]
fn a_name_of_a_task_that_the_copy_of_another_process_lacks_is_stored_again() {
    let (mut ours, record) = with_task();
    answer(&mut ours, 1);
    deliver(&mut ours, 1);
    let second = ask(&mut ours, "bcdefghijklmno");
    assert_eq!(second["tasks"][0]["id"], record["tasks"][0]["id"]);
    let copy = with(&plain(), json!({ "process": "1:1", "writer": "2:1" }));
    let again = read(&mut ours, &copy, None).unwrap();
    assert_eq!(again["tasks"][0]["id"], record["tasks"][0]["id"]);
}

#[test]
fn a_result_that_the_copy_of_another_process_holds_open_is_stored_again_as_delivered() {
    let (mut ours, record) = with_task();
    answer(&mut ours, 1);
    deliver(&mut ours, 1);
    let copy = with(&record, json!({ "writer": "2:1" }));
    let again = read(&mut ours, &copy, None).unwrap();
    assert_eq!(again["tasks"][0]["delivered"], true);
    // The other process takes that in, so that no one delivers the result again.
    let mut theirs = engine("2:1");
    read(&mut theirs, &record, Some(true));
    read(&mut theirs, &again, None);
    let task = theirs.session("ses_c").unwrap().task.unwrap();
    assert!(task.delivered);
}

#[test]
fn a_copy_with_the_first_prompt_of_a_new_session_makes_no_orphan() {
    let prompt = json!({ "parts": [{ "type": "text", "text": "Look." }], "agent": "explorer", "models": [], "permission": [] });
    let copy = json!({ "process": "1:1", "writer": "2:1", "prompt": prompt, "messageID": "msg_1" });
    let session = json!({ "id": "ses_c", "parentID": "ses_root", "record": with(&plain(), copy) });
    let event = json!({ "type": "session.created", "now": 5, "session": session });
    let effects = apply(&mut engine("1:1"), event);
    let check = |effect: &Effect| matches!(effect, Effect::Check { .. });
    assert!(!effects.iter().any(check));
}

#[test]
fn two_processes_that_learn_nothing_of_each_other_stop_storing() {
    let (mut ours, _) = with_task();
    let copy = with(&plain(), json!({ "process": "1:1", "writer": "2:1" }));
    let times = (0..100).filter(|_| read(&mut ours, &copy, None).is_some());
    assert_eq!(times.count(), 16);
    // A restored engine counts on.
    let process = Some("1:1".to_owned());
    let snapshot = ours.snapshot();
    let mut restored = Engine::restore_with(&snapshot, "{}", EngineOptions { process }).unwrap();
    assert_eq!(read(&mut restored, &copy, None), None);
    // What changes here is stored, and mended again.
    answer(&mut ours, 1);
    assert!(read(&mut ours, &copy, None).is_some());
}

/// Two engines that have each given number 1 to a task of its own, and their records.
fn with_one_number() -> [(Engine, Value); 2] {
    let tasks = [("1:1", "abcdefghijklmn"), ("2:1", "bcdefghijklmno")];
    let both = tasks.map(|(process, seed)| {
        let mut engine = engine(process);
        read(&mut engine, &plain(), None);
        let record = ask(&mut engine, seed);
        (engine, record)
    });
    let messages = both
        .each_ref()
        .map(|(_, record)| &record["tasks"][0]["messageID"]);
    assert_ne!(messages[0], messages[1]);
    both
}

#[test]
fn two_tasks_to_which_two_processes_gave_one_number_stay_apart() {
    let [(mut ours, first), (_, second)] = with_one_number();
    answer(&mut ours, 1);
    // The other process is alive, and this one has a result of its own to deliver.
    let both = read(&mut ours, &second, Some(true)).unwrap();
    assert_eq!(prompt_numbers(&both), [1, 2]);
    let messages = [0, 1].map(|at| &both["tasks"][at]["messageID"]);
    assert_eq!(
        messages,
        [
            &first["tasks"][0]["messageID"],
            &second["tasks"][0]["messageID"]
        ]
    );
    // A second read of either record changes no number.
    assert_eq!(read(&mut ours, &both, Some(true)), None);
    let again = read(&mut ours, &second, Some(true)).unwrap();
    assert_eq!(again["tasks"], both["tasks"]);
}

#[test]
fn a_task_keeps_the_number_of_its_own_process() {
    let [(mut ours, _), (mut theirs, second)] = with_one_number();
    answer(&mut ours, 1);
    let both = read(&mut ours, &second, Some(true)).unwrap();
    // There the task of the other process has number 2.
    assert_eq!(
        (&both["process"], &both["writer"]),
        (&json!("2:1"), &json!("1:1"))
    );
    assert_eq!(read(&mut theirs, &both, None), None);
    let record = answer(&mut theirs, 1);
    assert_eq!(
        record["tasks"][0]["messageID"],
        second["tasks"][0]["messageID"]
    );
    assert_eq!(record["tasks"][0]["state"], "completed");
}

#[test]
fn two_tasks_that_began_at_one_moment_keep_their_numbers() {
    let mut ours = engine("1:1");
    let task = |number: u32, state: &str, delivered: bool| json!({ "id": "bg_0ccf5107", "prompt_no": number, "callerID": "ses_root", "state": state, "since": 3, "delivered": delivered });
    let tasks = json!([task(1, "completed", true), task(2, "running", false)]);
    let record = with(&plain(), json!({ "process": "2:1", "tasks": tasks }));
    for _ in 0..2 {
        assert_eq!(read(&mut ours, &record, Some(true)), None);
        let last = ours.session("ses_c").unwrap().task.unwrap();
        assert_eq!((last.prompt_no, last.delivered), (2, false));
    }
}
