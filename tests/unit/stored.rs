//! The facts that the engine learns of records: whether the host stored them, which process runs their prompts, and
//! which calls a lost engine decided.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    missing_docs
)]

use opencode_delegate::{Code, Decided, Decision, Effect, Engine, EngineOptions, Event, Request};
use serde_json::{Value, json};

fn apply(engine: &mut Engine, event: Value) -> Vec<Effect> {
    engine.apply(Event::read(&event.to_string()).unwrap())
}

fn ask(engine: &mut Engine, call: &str, more: Value) -> Decision {
    (*decide(engine, call, more).decision).clone()
}

fn decide(engine: &mut Engine, call: &str, more: Value) -> Decided {
    let mut request = json!({ "now": 10, "callID": call, "sessionID": "ses_root", "agent": "explorer",
        "description": "Explore auth", "prompt": "Look." });
    for (key, value) in more.as_object().unwrap() {
        request[key] = value.clone();
    }
    let request = Request::read(&request.to_string()).unwrap();
    engine.decide(&request)
}

/// The sessions whose records are to be stored.
fn stores(effects: &[Effect]) -> Vec<&str> {
    let mut ids = Vec::new();
    for effect in effects {
        if let Effect::Store { session_id, .. } = effect {
            ids.push(&**session_id);
        }
    }
    ids
}

/// An engine with a child that the host was asked to store.
fn with_child() -> Engine {
    let mut engine = Engine::new("{}").unwrap();
    let ticket = ask(&mut engine, "c1", json!({ "task_id": "auth" })).ticket();
    let effects = apply(
        &mut engine,
        json!({ "type": "ticket.commit", "now": 11, "ticket": ticket, "sessionID": "ses_c" }),
    );
    assert_eq!(stores(&effects), ["ses_c"]);
    apply(
        &mut engine,
        json!({ "type": "session.status", "now": 12, "sessionID": "ses_c", "status": "idle" }),
    );
    engine
}

/// The sessions that are stored after a caller reads the name again.
fn stored_after_reading(engine: &mut Engine) -> Vec<String> {
    let decided = decide(engine, "c2", json!({ "task_id": "auth" }));
    stores(&decided.effects)
        .into_iter()
        .map(str::to_owned)
        .collect()
}

#[test]
fn a_record_that_the_host_stored_is_not_asked_for_again() {
    let mut engine = with_child();
    let event = json!({ "type": "record.stored", "now": 13, "sessionID": "ses_c" });
    assert_eq!(apply(&mut engine, event), []);
    assert!(stored_after_reading(&mut engine).is_empty());
}

#[test]
fn a_host_that_does_not_answer_is_asked_once() {
    assert!(stored_after_reading(&mut with_child()).is_empty());
}

#[test]
fn a_record_that_failed_is_asked_for_with_the_next_reader_of_its_name() {
    let mut engine = with_child();
    let event = json!({ "type": "record.failed", "now": 13, "sessionID": "ses_c" });
    // Not at once: a host that cannot store would be asked for ever.
    assert_eq!(apply(&mut engine, event), []);
    let snapshot = engine.snapshot();
    let mut restored = Engine::restore(&snapshot, "{}").unwrap();
    assert_eq!(stored_after_reading(&mut restored), ["ses_c"]);
    assert_eq!(stored_after_reading(&mut engine), ["ses_c"]);
    assert!(stored_after_reading(&mut engine).is_empty());
}

#[test]
fn a_record_that_failed_is_asked_for_at_the_end_of_a_turn() {
    let mut engine = with_child();
    apply(
        &mut engine,
        json!({ "type": "record.failed", "now": 13, "sessionID": "ses_c" }),
    );
    let mut status = |now: u64, status: &str| {
        let event =
            json!({ "type": "session.status", "now": now, "sessionID": "ses_c", "status": status });
        stores(&apply(&mut engine, event)).len()
    };
    assert_eq!((status(14, "busy"), status(15, "idle")), (0, 1));
    assert_eq!((status(16, "busy"), status(17, "idle")), (0, 0));
}

#[test]
fn an_answer_about_an_unknown_record_changes_nothing() {
    let mut engine = with_child();
    let before = engine.snapshot();
    for kind in ["record.stored", "record.failed", "record.stored"] {
        apply(
            &mut engine,
            json!({ "type": kind, "now": 13, "sessionID": "ses_other" }),
        );
        apply(
            &mut engine,
            json!({ "type": kind, "now": 13, "sessionID": "ses_root" }),
        );
    }
    assert_eq!(engine.snapshot(), before);
}

fn created(process: &str) -> Value {
    json!({ "type": "session.created", "now": 5, "session": { "id": "ses_c", "parentID": "ses_root", "agent": "explorer",
        "alive": false, "record": { "v": 1, "slug": "auth", "id": "ses_b1eb_auth", "agent": "explorer",
        "description": "Explore auth", "budget": 0, "used": 0, "tokens": 0, "window": 0, "lastUsed": 4,
        "prompt": { "parts": [{ "type": "text", "text": "Look." }], "agent": "explorer", "models": [], "permission": [] },
        "messageID": "msg_000000384000abcdefghijklmn", "process": process } } })
}

fn checks(effects: &[Effect]) -> usize {
    let check = |effect: &&Effect| matches!(effect, Effect::Check { .. });
    effects.iter().filter(check).count()
}

#[test]
fn the_prompts_in_a_record_of_its_own_process_are_no_orphans() {
    let own = || {
        let process = Some("p1".to_owned());
        Engine::with("{}", EngineOptions { process }).unwrap()
    };
    assert_eq!(checks(&apply(&mut own(), created("p1"))), 0);
    assert_eq!(checks(&apply(&mut own(), created("p0"))), 1);
    // An engine without a name has no record of its own.
    let mut nameless = Engine::new("{}").unwrap();
    assert_eq!(checks(&apply(&mut nameless, created("p1"))), 1);
    let process = Some("p1".to_owned());
    let snapshot = Engine::new("{}").unwrap().snapshot();
    let mut restored = Engine::restore_with(&snapshot, "{}", EngineOptions { process }).unwrap();
    assert_eq!(checks(&apply(&mut restored, created("p1"))), 0);
}

#[test]
fn a_prompt_is_run_by_the_process_of_its_engine() {
    let process = Some("p1".to_owned());
    let mut engine = Engine::with("{}", EngineOptions { process }).unwrap();
    let ticket = ask(&mut engine, "c1", json!({})).ticket();
    let effects = apply(
        &mut engine,
        json!({ "type": "prompt.kept", "now": 11, "ticket": ticket, "callerID": "ses_root", "agent": "explorer",
            "parts": [{ "type": "text", "text": "Look." }], "permission": [], "seed": "abcdefghijklmn" }),
    );
    let process = effects.iter().find_map(|effect| match effect {
        Effect::Create { record, .. } => record.process.clone(),
        _ => None,
    });
    assert_eq!(process.as_deref(), Some("p1"));
}

const BUDGET: &str =
    r#"{"agents":{"lead":{"task_budget":2},"explorer":{"callable_by_subagents":true}}}"#;

fn used(engine: &Engine) -> u32 {
    engine.session("ses_lead").unwrap().used
}

fn recovered(name: Value) -> Value {
    json!({ "type": "call.recovered", "now": 20, "sessionID": "ses_c", "callerID": "ses_lead", "agent": "explorer",
        "description": "Explore auth", "name": name })
}

fn with_lead() -> Engine {
    let mut engine = Engine::new(BUDGET).unwrap();
    apply(
        &mut engine,
        json!({ "type": "session.created", "now": 1, "session": { "id": "ses_lead", "parentID": "ses_root", "agent": "lead" } }),
    );
    engine
}

#[test]
fn a_recovered_call_names_its_child_and_is_spent_once() {
    let mut engine = with_lead();
    let effects = apply(&mut engine, recovered(json!("auth")));
    let mut stored = stores(&effects);
    stored.sort_unstable();
    assert_eq!(stored, ["ses_c", "ses_lead"]);
    let child = engine.session("ses_c").unwrap();
    assert_eq!(child.slug.as_deref(), Some("auth"));
    assert_eq!(child.agent.as_deref(), Some("explorer"));
    assert_eq!(child.parent_id.as_deref(), Some("ses_lead"));
    assert_eq!(used(&engine), 1);
    // The same event again, before and after a restart.
    apply(&mut engine, recovered(json!("auth")));
    assert_eq!(used(&engine), 1);
    let mut restored = Engine::restore(&engine.snapshot(), BUDGET).unwrap();
    apply(&mut restored, recovered(json!("auth")));
    assert_eq!(used(&restored), 1);
    // Late, when another delegation to the caller has begun, it is void.
    apply(
        &mut engine,
        json!({ "type": "session.prompted", "now": 30, "sessionID": "ses_lead", "messageID": "msg_1" }),
    );
    apply(&mut engine, recovered(json!("auth")));
    assert_eq!(used(&engine), 0);
}

#[test]
fn a_recovered_call_of_a_resumed_child_leaves_its_name_alone() {
    let mut engine = with_lead();
    apply(
        &mut engine,
        json!({ "type": "session.created", "now": 2, "session": { "id": "ses_c", "parentID": "ses_lead", "agent": "explorer",
            "slug": "login" } }),
    );
    apply(&mut engine, recovered(Value::Null));
    let child = engine.session("ses_c").unwrap();
    assert_eq!(child.slug.as_deref(), Some("login"));
    assert_eq!(used(&engine), 1);
}

#[test]
fn a_recovered_call_brings_no_deleted_child_back() {
    let mut engine = with_lead();
    apply(
        &mut engine,
        json!({ "type": "session.deleted", "now": 3, "sessionID": "ses_c" }),
    );
    apply(&mut engine, recovered(json!("auth")));
    assert_eq!(engine.session("ses_c"), None);
    assert_eq!(used(&engine), 0);
}

#[test]
fn a_snapshot_of_another_version_is_refused_by_its_version() {
    for (text, said) in [
        (
            r#"{"v":1,"sum":"0123456789abcdef","state":{}}"#,
            "version 1",
        ),
        (r#"{"v":31,"sum":""}"#, "version 31"),
        ("{}", "does not begin"),
        ("", "does not begin"),
        (
            r#"{"v":2,"sum":"0123456789abcdef","state":{}}"#,
            "incomplete or was changed",
        ),
    ] {
        let error = Engine::restore(text, "{}").unwrap_err();
        assert_eq!(error.code, Code::CorruptSnapshot);
        assert!(error.message.contains(said), "{text}: {error}");
    }
}

#[test]
fn a_snapshot_of_the_version_before_is_read() {
    let before = r#"{"v":2,"sum":"aa5e780e9e58e2ee","state":{"registry":{"next_ticket":0,"sessions":[],"tickets":[],"calls":[],"deleted":[],"unnamed":[],"queue":{"waiting":[],"running":[],"unborn":[],"undelivered":[],"host_calls":[]}},"warned_unreadable":false}}"#;
    let engine = Engine::restore(before, "{}").unwrap();
    assert_eq!(engine.snapshot(), Engine::new("{}").unwrap().snapshot());
    let damaged = before.replace("false", "true");
    assert_eq!(
        Engine::restore(&damaged, "{}").unwrap_err().code,
        Code::CorruptSnapshot
    );
}
