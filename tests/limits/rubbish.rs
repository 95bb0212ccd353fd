//! The bytes that stay of events and requests without a known session, ticket or type.

use crate::SLACK;
use crate::counting::{held, since};
use crate::world::{ask, created, deleted, engine, id};
use opencode_delegate::{Code, Decision, Engine, Event, Request};

const RUBBISH: usize = if cfg!(debug_assertions) {
    60_000
} else {
    1_000_000
};
/// The number of pieces that fills all that the engine remembers.
const FILLING: usize = 40_000;
/// The most bytes of an engine without a session. It holds 4 096 deleted sessions, 4 096 open calls of as many callers and
/// 1 024 remembered ones, in tables of twice that size.
const REMEMBERED: usize = 8 << 20;

/// An event or a request without a known session, ticket or type.
fn piece(engine: &mut Engine, round: usize, kind: usize) {
    let (now, unknown) = (round as u64, id("u", round));
    // Every second session asks itself.
    let caller = [&*unknown, "ses_c"][round % 2];
    let prompt = |kind: &str| {
        let text = format!(
            r#"{{"type":"{kind}","now":{now},"sessionID":"{unknown}","prompt_no":1,"attempt":1,"failure":{{"kind":"lost"}},"name":"E","message":"m","callerID":"{caller}","agent":"explorer","parts":[],"permission":[],"seed":"s","messageID":"m","delivered":true,"alias":"a{now}","status":"busy","tokens":1,"window":1,"ticket":{}}}"#,
            now | 1 << 31
        );
        Event::read(&text)
    };
    let event = match kind {
        0 => Event::Refund {
            now,
            ticket: round as u32 | 1 << 31,
        },
        1 => Event::Commit {
            now,
            ticket: round as u32 | 1 << 31,
            session_id: unknown,
        },
        2 | 3 => deleted(round, unknown),
        4 => prompt("prompt.kept").unwrap(),
        5 => prompt("prompt.failed").unwrap(),
        6 => prompt("prompt.accepted").unwrap(),
        7 => prompt("session.prompted").unwrap(),
        8 => prompt("task.delivered").unwrap(),
        9 => prompt("session.alias").unwrap(),
        10 => prompt("session.status").unwrap(),
        11 => prompt("session.usage").unwrap(),
        12 => {
            assert_eq!(
                prompt("session.rubbish").unwrap_err().code,
                Code::InvalidEvent
            );
            assert_eq!(Event::read(&unknown).unwrap_err().code, Code::InvalidEvent);
            return;
        }
        13 => {
            let request = Request {
                agent: unknown.clone().into(),
                ..ask(round, &unknown, None)
            };
            return assert!(matches!(
                *engine.decide(&request).decision,
                Decision::Deny { .. }
            ));
        }
        // The caller never comes back: the call stays open until 4 096 others are.
        14 => {
            return drop(
                engine
                    .decide(&ask(round, &unknown, Some(&format!("name {round}"))))
                    .decision,
            );
        }
        _ => {
            return drop(
                engine
                    .decide(&ask(round, &unknown, Some(&id("w", round))))
                    .decision,
            );
        }
    };
    engine.apply(event);
}

/// Rubbish takes the bytes of its remembered part, and more rubbish takes no more.
pub fn rubbish() -> String {
    let mut engine = engine();
    let before = held();
    (0..FILLING).for_each(|round| piece(&mut engine, round, round % 16));
    let mut half = |first: usize| {
        (first..first + RUBBISH / 2).for_each(|round| {
            // Decisions cost the most.
            let kinds = if round % 64 < 16 { 16 } else { 13 };
            piece(&mut engine, round, round % kinds);
        });
        since(before)
    };
    let (first, second) = (half(FILLING), half(FILLING + RUBBISH / 2));
    assert!(second <= REMEMBERED, "{second} bytes");
    let more = second.saturating_sub(first);
    assert!(more <= SLACK, "{more} bytes more");
    println!("The second half of the rubbish takes {more} bytes more");
    format!(
        "{RUBBISH} pieces of rubbish take no more than {} KB",
        second >> 10
    )
}

/// Repeated work makes nothing grow.
fn stays(mut done: impl FnMut(&mut Engine, usize)) {
    let mut engine = engine();
    (0..FILLING).for_each(|round| done(&mut engine, round));
    let before = held();
    (FILLING..2 * FILLING).for_each(|round| done(&mut engine, round));
    let grown = held().saturating_sub(before);
    assert!(grown <= SLACK, "{grown} bytes more");
}

#[test]
fn agents_of_unknown_callers_are_forgotten() {
    stays(|engine, call| {
        let (root, agent) = (id("u", call), format!("agent {call}"));
        let request = Request {
            caller_agent: Some(agent.into()),
            ..ask(call, &root, Some("?"))
        };
        engine.decide(&request);
    });
}

#[test]
fn an_unknown_session_that_asks_itself_is_forgotten() {
    stays(|engine, call| {
        let unknown = id("u", call);
        let event = format!(
            r#"{{"type":"prompt.kept","now":1,"sessionID":"{unknown}","callerID":"{unknown}","agent":"explorer","parts":[],"permission":[],"seed":"s"}}"#
        );
        engine.apply(Event::read(&event).unwrap());
    });
}

#[test]
fn children_that_come_and_go_in_one_turn_are_forgotten() {
    stays(|engine, call| {
        engine.apply(created(0, "ses_root".to_owned(), None, String::new()));
        let decision = engine.decide(&ask(call, "ses_root", None)).decision;
        let (now, session_id) = (call as u64, id("c", call));
        engine.apply(Event::Commit {
            now,
            ticket: decision.ticket().unwrap(),
            session_id: session_id.clone(),
        });
        engine.apply(Event::Deleted { now, session_id });
    });
}
