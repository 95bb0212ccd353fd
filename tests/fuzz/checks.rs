//! The properties that hold for any text: the fuzzer runs them, and `tests/unit/regressions.rs` repeats its finds.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    dead_code
)]

use opencode_delegate::{
    Code, DelegateError, Effect, Engine, Event, RankLookup, Request, ResolveLookup,
};
use serde_json::Value;
use sha2::{Digest, Sha256};

/// Checks the code of an error.
fn is(error: &DelegateError, code: Code) {
    assert_eq!(error.code, code, "{error}");
}

fn refused<T>(read: Result<T, DelegateError>, code: Code) -> Option<T> {
    read.map_err(|error| is(&error, code)).ok()
}

/// A configuration is refused, or makes an engine that decides.
pub fn config(text: &str) {
    let Some(mut engine) = refused(Engine::new(text), Code::InvalidConfig) else {
        return;
    };
    engine.notices();
    let config: Value = serde_json::from_str(text).unwrap();
    let agents = config["agents"].as_object().cloned().unwrap_or_default();
    for (call, agent) in agents.keys().take(4).chain([&String::new()]).enumerate() {
        let request = Request {
            now: 0,
            call_id: call.to_string().into(),
            message_id: None,
            by: None,
            session_id: "ses_root".into(),
            caller_agent: agents.keys().next_back().map(Into::into),
            agent: agent.into(),
            description: agent.into(),
            prompt: "".into(),
            task_id: None,
            background: None,
            permission: None,
            model: None,
            limits: None,
        };
        let decision = engine.decide(&request).decision;
        assert_eq!(engine.decide(&request).decision, decision);
    }
    whole(&engine, text);
}

/// A request is refused or decided. A repeated one gets the same decision, and each name is valid.
pub fn request(text: &str) {
    let Some(request) = refused(Request::read(text), Code::InvalidRequest) else {
        return;
    };
    let again = serde_json::to_string(&request).unwrap();
    assert_eq!(Request::read(&again).unwrap(), request);
    for config in [
        "{}",
        r#"{"agents":{"explorer":{"task_budget":1}},"same_agent":"resume"}"#,
    ] {
        let mut engine = Engine::new(config).unwrap();
        for id in ["ses_one", "ses_two"] {
            let event = format!(
                r#"{{"type":"session.created","now":1,"session":{{"id":"{id}","parentID":"ses_root","agent":"explorer","slug":"auth"}}}}"#
            );
            engine.apply(Event::read(&event).unwrap());
        }
        let asked = |of: &str| Request {
            session_id: of.to_owned().into(),
            ..request.clone()
        };
        for caller in [&*request.session_id, "ses_root", "ses_one"] {
            let request = asked(caller);
            engine.rank(&RankLookup::of(&request));
            engine.resolve(&ResolveLookup::of(&request));
            let decision = engine.decide(&request).decision;
            assert_eq!(engine.decide(&request).decision, decision);
            assert!(serde_json::to_string(&decision).unwrap().len() < 4_000 + 8 * (text.len()));
        }
        whole(&engine, config);
    }
}

/// A history has one event or request a line, and its first line is the configuration. A restored engine goes on
/// like the first one.
pub fn events(text: &str) {
    let mut lines = text.lines();
    let config = lines.next().unwrap_or_default();
    let Some(mut engine) = refused(Engine::new(config), Code::InvalidConfig) else {
        return;
    };
    let lines: Vec<&str> = lines.take(200).collect();
    let mut other: Option<Engine> = None;
    for (at, line) in lines.iter().enumerate() {
        if at == lines.len() / 2 {
            other = Some(Engine::restore(&engine.snapshot(), config).unwrap());
        }
        match Event::read(line) {
            Ok(event) => {
                let effects = engine.apply(event.clone());
                if let Some(other) = &mut other {
                    assert_eq!(
                        in_order(effects),
                        in_order(other.apply(event)),
                        "line {at}: {line}"
                    );
                }
            }
            Err(error) => {
                is(&error, Code::InvalidEvent);
                let Some(request) = refused(Request::read(line), Code::InvalidRequest) else {
                    continue;
                };
                engine.rank(&RankLookup::of(&request));
                engine.resolve(&ResolveLookup::of(&request));
                let decision = engine.decide(&request).decision;
                assert_eq!(engine.decide(&request).decision, decision);
                if let Some(other) = &mut other {
                    assert_eq!(
                        other.decide(&request).decision,
                        decision,
                        "line {at}: {line}"
                    );
                }
            }
        }
        budgets(&engine);
    }
    let snapshot = whole(&engine, config);
    if let Some(other) = other {
        assert_eq!(unnumbered(&snapshot), unnumbered(&other.snapshot()));
    }
}

/// Any text is refused, or it is the snapshot of the engine that it gives. A changed text with the right sum does
/// no harm.
pub fn snapshot(text: &str) {
    let restored = Engine::restore(text, "{}");
    if let Some(engine) = refused(restored, Code::CorruptSnapshot) {
        assert_eq!(engine.snapshot(), text);
    }
    // A fuzzer cannot guess the sum. With the right one the state itself is read.
    let state = text
        .split_once(r#","state":"#)
        .map_or(text, |(_, state)| state);
    let state = state.strip_suffix('}').unwrap_or(state);
    let digest = Sha256::digest(state.as_bytes());
    let sum: String = digest
        .iter()
        .take(8)
        .map(|byte| format!("{byte:02x}"))
        .collect();
    let forged = format!(r#"{{"v":1,"sum":"{sum}","state":{state}}}"#);
    if let Some(mut engine) = refused(Engine::restore(&forged, "{}"), Code::CorruptSnapshot) {
        let written = engine.snapshot();
        let again = Engine::restore(&written, "{}").unwrap();
        if again.snapshot() == written {
            for line in AFTER {
                match Event::read(line) {
                    Ok(event) => drop(engine.apply(event)),
                    Err(_) => drop(engine.decide(&Request::read(line).unwrap()).decision),
                }
            }
        }
    }
}

/// An event that may come after a snapshot.
const AFTER: [&str; 5] = [
    r#"{"now":9,"callID":"c","sessionID":"ses_root","agent":"explorer","description":"d","prompt":"p","task_id":"auth"}"#,
    r#"{"type":"session.status","now":99999,"sessionID":"ses_root","status":"idle"}"#,
    r#"{"type":"ticket.commit","now":99999,"ticket":0,"sessionID":"ses_c"}"#,
    r#"{"type":"session.deleted","now":99999,"sessionID":"ses_c"}"#,
    r#"{"type":"session.deleted","now":99999,"sessionID":"ses_root"}"#,
];

/// An engine's snapshot gives the same engine.
fn whole(engine: &Engine, config: &str) -> String {
    let snapshot = engine.snapshot();
    let restored = Engine::restore(&snapshot, config).unwrap();
    assert_eq!(restored.snapshot(), snapshot);
    snapshot
}

fn state(snapshot: &str) -> Value {
    serde_json::from_str::<Value>(snapshot).unwrap()["state"]["registry"].take()
}

/// No session spends more calls than its budget has.
fn budgets(engine: &Engine) {
    for session in state(&engine.snapshot())["sessions"].as_array().unwrap() {
        let Some(budget) = session["allowance"].as_object() else {
            continue;
        };
        let count = |key: &str| budget[key].as_u64().unwrap();
        assert!(
            count("used") + count("reserved") <= count("limit"),
            "{session}"
        );
    }
}

/// The effects, with those that store a record in the order of their sessions. That order does not matter.
fn in_order(effects: Vec<Effect>) -> (Vec<Effect>, Vec<Effect>) {
    let (mut stores, acts): (Vec<Effect>, Vec<Effect>) = effects
        .into_iter()
        .partition(|effect| matches!(effect, Effect::Store { .. }));
    stores.sort_by_key(|effect| serde_json::to_string(effect).unwrap());
    (stores, acts)
}

/// A state without the numbers of its sessions, of which only the order matters.
fn unnumbered(snapshot: &str) -> Value {
    let mut state = state(snapshot);
    for session in state["sessions"].as_array_mut().unwrap() {
        session["identity"]["seq"].take();
    }
    state
}
