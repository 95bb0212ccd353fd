//! The engine remembers exactly as many calls, sessions and aliases as it promises.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    missing_docs
)]

use opencode_delegate::protocol::RuleID;
use opencode_delegate::{ALIASES, DELETED, Decision, Engine, Event, Request};

/// The id of a child with the name "look" on a host that takes ids.
const ID: &str = "ses_b1eb_look";
/// The calls that are remembered, as README says.
const CALLS: usize = 1024;

fn created(id: &str, parent: Option<&str>) -> Event {
    let parent_id = parent
        .map(|id| format!(",\"parentID\":\"{id}\""))
        .unwrap_or_default();
    let session = format!(r#"{{"id":"{id}","agent":"explorer"{parent_id}}}"#);
    let event = format!(r#"{{"type":"session.created","now":1,"session":{session}}}"#);
    Event::read(&event).unwrap()
}

fn deleted(id: &str) -> Event {
    let session_id = id.to_owned();
    Event::Deleted { now: 2, session_id }
}

fn asked(call: usize) -> Request<'static> {
    Request {
        now: 3,
        call_id: format!("call_{call}").into(),
        message_id: None,
        by: None,
        session_id: "ses_root".into(),
        caller_agent: None,
        agent: "explorer".into(),
        description: "Look".into(),
        prompt: "Look.".into(),
        task_id: None,
        background: None,
        permission: None,
        model: None,
        limits: None,
    }
}

fn slug(decision: &Decision) -> &str {
    match decision {
        Decision::Spawn { slug, .. } => slug,
        other => panic!("{other:?}"),
    }
}

/// Whether a session is accepted. One that is known to be gone is not.
fn comes(engine: &mut Engine, id: &str) -> bool {
    engine.apply(created(id, None));
    engine.session(id).is_some()
}

#[test]
fn exactly_the_last_calls_are_remembered() {
    // A remembered call is decided as before. Any other takes the next name.
    for (others, again) in [
        (0, "look"),
        (CALLS - 1, "look"),
        (CALLS, &*format!("look-{}", CALLS + 2)),
    ] {
        let mut engine = Engine::new("{}").unwrap();
        let first = engine.decide(&asked(0)).decision;
        assert_eq!(slug(&first), "look");
        for call in 1..=others {
            assert_ne!(slug(&engine.decide(&asked(call)).decision), "look");
        }
        assert_eq!(
            slug(&engine.decide(&asked(0)).decision),
            again,
            "after {others} others"
        );
    }
}

#[test]
fn a_refunded_call_frees_its_entry_for_another() {
    let mut engine = Engine::new("{}").unwrap();
    for call in 0..CALLS {
        engine.decide(&asked(call));
    }
    for call in [CALLS, CALLS + 1] {
        // Its removal leaves the others alone.
        let ticket = engine.decide(&asked(call)).decision.ticket().unwrap();
        engine.apply(Event::Refund { now: 4, ticket });
    }
    // Two were removed for space. The rest is there, also after a restore.
    let mut engine = Engine::restore(&engine.snapshot(), "{}").unwrap();
    for call in 2..CALLS {
        let expected = format!("look-{}", call + 1);
        assert_eq!(slug(&engine.decide(&asked(call)).decision), expected);
    }
}

#[test]
fn exactly_the_last_deleted_sessions_are_remembered() {
    for (others, forgotten) in [(0, false), (DELETED - 1, false), (DELETED, true)] {
        let mut engine = Engine::new("{}").unwrap();
        engine.apply(created("ses_first", None));
        engine.apply(deleted("ses_first"));
        for other in 0..others {
            engine.apply(deleted(&format!("ses_{other}")));
        }
        assert_eq!(
            comes(&mut engine, "ses_first"),
            forgotten,
            "after {others} others"
        );
    }
}

#[test]
fn a_reused_id_is_a_live_session() {
    let mut engine = Engine::new("{}").unwrap();
    engine.apply(created(ID, Some("ses_root")));
    engine.apply(deleted(ID));
    let ticket = engine.decide(&asked(1)).decision.ticket().unwrap();
    engine.apply(Event::Commit {
        now: 4,
        ticket,
        session_id: ID.into(),
    });
    engine.apply(created(ID, Some("ses_root")));
    assert_eq!(engine.session(ID).unwrap().slug.as_deref(), Some("look"));
    // The other deleted session stays gone. The reused one is gone after it is deleted again.
    for id in ["ses_b", ID] {
        engine.apply(deleted(id));
        assert!(!comes(&mut engine, id), "{id}");
    }
    for other in 0..DELETED - 2 {
        engine.apply(deleted(&format!("ses_{other}")));
    }
    assert!(!comes(&mut engine, "ses_b"));
    assert!(!comes(&mut engine, ID));
    engine.apply(deleted("ses_last"));
    assert!(comes(&mut engine, "ses_b"));
    assert!(!comes(&mut engine, ID));
}

#[test]
fn exactly_the_last_aliases_are_remembered() {
    let mut engine = Engine::new("{}").unwrap();
    engine.apply(created(ID, Some("ses_root")));
    let mut call = 0;
    let mut known = |engine: &mut Engine, alias: &str| {
        call += 1;
        let task_id = Some(alias.to_owned().into());
        let decision = engine
            .decide(&Request {
                task_id,
                ..asked(call)
            })
            .decision;
        let ticket = decision.ticket().unwrap();
        engine.apply(Event::Refund { now: 5, ticket });
        decision.rule() == RuleID::R4
    };
    for number in 0..=ALIASES {
        let (session_id, alias) = (ID.into(), format!("helper-number-{number}"));
        engine.apply(Event::Alias {
            now: number as u64,
            session_id,
            alias: alias.clone(),
        });
        assert_eq!(known(&mut engine, &alias), number < ALIASES, "{alias}");
    }
    engine.apply(deleted(ID));
    assert!(!known(&mut engine, "helper-number-1"));
}

#[test]
fn a_result_of_a_session_that_is_deleted_with_its_caller_is_dropped() {
    let mut engine = Engine::new("{}").unwrap();
    let undelivered = |engine: &Engine| {
        let snapshot = engine.snapshot();
        let results = snapshot.split_once("\"undelivered\":").unwrap().1;
        results.split_once(']').unwrap().0.to_owned()
    };
    engine.apply(created("ses_t", Some("ses_root")));
    for event in [
        r#"{"type":"session.status","now":1,"sessionID":"ses_root","status":"busy"}"#,
        r#"{"type":"prompt.kept","now":1,"sessionID":"ses_t","callerID":"ses_root","agent":"explorer","background":true,
            "parts":[{"type":"text","text":"Look."}],"permission":[],"seed":"abcdefghijklmn"}"#,
        r#"{"type":"prompt.answered","now":1,"sessionID":"ses_t","prompt_no":1,"attempt":1}"#,
    ] {
        engine.apply(Event::read(event).unwrap());
    }
    assert_eq!(undelivered(&engine), r#"[["ses_t",1"#);
    engine.apply(deleted("ses_root"));
    assert_eq!(undelivered(&engine), "[");
}
