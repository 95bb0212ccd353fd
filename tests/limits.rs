//! The engine at its limits: how many sessions, how long a prompt, which names, and what it holds on to.
//!
//! Bytes are those that this test's allocator has given out and not got back, on the thread that asks.
//! In debug everything is a twentieth as much.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    missing_docs
)]

#[allow(dead_code)]
#[path = "oracle/dice.rs"]
mod dice;

use dice::Dice;
use opencode_delegate::id::{SLUG_CHARS, normalize_slug};
use opencode_delegate::{Code, Created, Decision, Effect, Engine, Event, Request};
use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::sync::Arc;
use std::time::Instant;

const SCALE: usize = if cfg!(debug_assertions) { 20 } else { 1 };
const SESSIONS: usize = 100_000 / SCALE;
const ROOTS: usize = 10_000 / SCALE;
const RUBBISH: usize = if cfg!(debug_assertions) {
    60_000
} else {
    1_000_000
};
/// So much of one kind fills what is remembered.
const FILLING: usize = 40_000;
/// What an engine may take that knows no session: 4 096 deleted ones, 4 096 open calls, each of another
/// caller, 1 024 remembered ones, and tables that are twice as large as that. A million pieces of
/// rubbish leave 6.6 MB; six millions, with more calls among them, leave what one leaves.
const REMEMBERED: usize = 8 << 20;

/// What a session may take, with its share of its root and of all tables: it is three quarters of that.
const BYTES_PER_SESSION: usize = 900;
/// What may be left, of what was let go of, beside room that is used again: tables that are fuller or
/// emptier, and the 4 096 deleted sessions, 4 096 open and 1 024 remembered calls being other ones.
const SLACK: usize = 256 << 10;
/// What a place in the registry takes that is free and waits for the next session: it is four hundred
/// bytes, and there may be more places than there ever were sessions.
const BYTES_PER_PLACE: usize = 700;
/// What a decision may take, the median, in nanoseconds, on a machine that does much else.
const FAST: u128 = if cfg!(debug_assertions) {
    1_000_000
} else {
    50_000
};

struct Counting;

thread_local! {
    static HELD: Cell<usize> = const { Cell::new(0) };
}

fn count(given: usize, returned: usize) {
    // What a thread frees when it is gone itself is nobody's.
    let _ = HELD.try_with(|held| held.set(held.get().wrapping_add(given).wrapping_sub(returned)));
}

// SAFETY: every call goes to the system's allocator as it came.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count(layout.size(), 0);
        // SAFETY: the caller's promises are those that `System` wants.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, place: *mut u8, layout: Layout) {
        count(0, layout.size());
        // SAFETY: the same.
        unsafe { System.dealloc(place, layout) }
    }

    unsafe fn realloc(&self, place: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        count(size, layout.size());
        // SAFETY: the same.
        unsafe { System.realloc(place, layout, size) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

fn held() -> usize {
    HELD.with(Cell::get)
}

/// What is held more than before; a thread may also have freed what another made.
fn since(before: usize) -> usize {
    held()
        .wrapping_sub(before)
        .cast_signed()
        .max(0)
        .cast_unsigned()
}

const LETTERS: &[u8] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const CONFIG: &str = r#"{"agents":{"explorer":{},"fixer":{},"lead":{"task_budget":2,"callable_by_subagents":true}}}"#;

fn engine() -> Engine {
    Engine::new(CONFIG).unwrap()
}

fn created(now: usize, id: String, parent: Option<String>, description: String) -> Event {
    let session = Created {
        id,
        parent_id: parent,
        agent: Some("explorer".to_owned()),
        description: Some(description),
        prompt: None,
        slug: None,
        files: None,
        record: None,
        alive: None,
    };
    Event::Created {
        now: now as u64,
        session,
    }
}

fn deleted(now: usize, id: String) -> Event {
    Event::Deleted {
        now: now as u64,
        session_id: id,
    }
}

/// A call of a root, by its number.
fn ask<'a>(call: usize, root: &'a str, task_id: Option<&'a str>) -> Request<'a> {
    Request {
        now: 1_000_000_000 + call as u64,
        call_id: format!("call_{call}").into(),
        session_id: root.into(),
        caller_agent: Some("lead".into()),
        agent: "explorer".into(),
        description: "Look".into(),
        prompt: "Look.".into(),
        task_id: task_id.map(Into::into),
        background: None,
    }
}

/// An id as OpenCode makes them: 12 hexadecimal digits, and 14 letters and digits by chance.
fn id(kind: &str, number: usize) -> String {
    let mut dice = Dice((number as u64) << 8 | u64::from(kind.as_bytes()[0]));
    let time = dice.next() & 0xffff_ffff_ffff;
    let tail = (0..14).map(|_| char::from(*dice.pick(LETTERS)));
    format!("ses_{time:012x}{}", tail.collect::<String>())
}

/// The median of the times that something takes which is done so often, in nanoseconds: others run
/// on the machine too.
fn time(times: usize, mut done: impl FnMut(usize)) -> u128 {
    let mut spent: Vec<u128> = (0..times)
        .map(|round| {
            let start = Instant::now();
            done(round);
            start.elapsed().as_nanos()
        })
        .collect();
    spent.sort_unstable();
    spent[times / 2]
}

/// Times decisions in nanoseconds: by name, by id, by an id with two letters wrong, for a new name, and
/// without any.
fn decisions(engine: &mut Engine, roots: usize, below: usize) -> [u128; 5] {
    [("R4", 0), ("R4", 1), ("R6", 2), ("R5", 3), ("R12", 4)].map(|(rule, kind)| {
        // An id that is wrong is looked for among all that the caller could resume.
        let times = if kind == 2 { 50 } else { 2_000 };
        time(times, |call| {
            let child = call * 7919 % (roots * below);
            let (root, session) = (id("r", child / below), id("c", child));
            let given = match kind {
                0 => Some(format!("Part {child}")),
                1 => Some(session.clone()),
                2 => Some([&session[..20], "--", &session[22..]].concat()),
                3 => Some(format!("new-{call}")),
                _ => None,
            };
            let request = ask(10_000 * kind + call, &root, given.as_deref());
            let decision = engine.decide(&request);
            assert_eq!(format!("{:?}", decision.rule()), rule, "{decision:?}");
            match &*decision {
                Decision::Resume { session_id, .. } => assert_eq!(&**session_id, session),
                Decision::Spawn { slug, .. } => assert!(given.is_none_or(|given| given == **slug)),
                _ => panic!("{decision:?}"),
            }
            let ticket = decision.ticket().unwrap();
            engine.apply(Event::Refund { now: 0, ticket });
        })
    })
}

/// Many roots with many sessions: what they take, and how fast decisions are among them.
fn many(roots: usize, below: usize) -> String {
    let before = held();
    let mut engine = engine();
    let built = time(roots * below, |child| {
        if child % below == 0 {
            engine.apply(created(child, id("r", child / below), None, String::new()));
        }
        let parent = Some(id("r", child / below));
        engine.apply(created(
            child,
            id("c", child),
            parent,
            format!("part {child}"),
        ));
    });
    let bytes = since(before) / (roots * (below + 1));
    assert!(bytes <= BYTES_PER_SESSION, "{bytes} bytes a session");
    let spent = decisions(&mut engine, roots, below);
    for (kind, nanoseconds) in spent.iter().enumerate() {
        // A wrong id is held against that of each session.
        let fast = if kind == 2 {
            FAST + 200 * below as u128
        } else {
            FAST
        };
        assert!(*nanoseconds < fast, "kind {kind}: {nanoseconds} ns");
    }
    let spent = spent
        .map(|nanoseconds| format!("{:.1}", nanoseconds as f64 / 1e3))
        .join(", ");
    format!(
        "{roots} roots with {below} each: {bytes} bytes a session, {built} ns to take one in; by name, by id, by a wrong id, a new name, none: {spent} us"
    )
}

/// A prompt of a megabyte is kept until it was answered, and by a decision not at all.
fn long_prompt() -> String {
    let long = "é".repeat(500_000);
    let mut engine = engine();
    engine.apply(created(0, id("c", 0), Some(id("r", 0)), "part".to_owned()));
    let request = |call: usize, root| Request {
        prompt: (&*long).into(),
        ..ask(call, root, Some("part"))
    };
    let root = id("r", 0);
    let before = held();
    let decision = engine.decide(&request(0, &root));
    let ticket = decision.ticket().unwrap();
    assert!(
        since(before) < 4_096,
        "a decision keeps {} bytes",
        since(before)
    );
    let spent = time(20, |_| {
        assert_eq!(engine.decide(&request(0, &root)), decision)
    });
    let event = serde_json::json!({ "type": "prompt.kept", "now": 1, "ticket": ticket, "sessionID": id("c", 0), "callerID": root,
        "agent": "explorer", "parts": [{ "type": "text", "text": long }], "permission": [], "seed": "abc" });
    let effects = engine.apply(Event::read(&event.to_string()).unwrap());
    let sent = |effect: &Effect| matches!(effect, Effect::Send { message, .. } if message.parts[0]["text"] == *long);
    assert!(effects.iter().any(sent));
    drop((effects, event));
    let kept = since(before);
    assert!((1_000_000..1_100_000).contains(&kept), "kept: {kept}");
    let event = serde_json::json!({ "type": "prompt.answered", "now": 2, "sessionID": id("c", 0), "turn": 1, "attempt": 1 });
    engine.apply(Event::read(&event.to_string()).unwrap());
    let left = since(before);
    assert!(left < 8_192, "{left} bytes are left of an answered prompt");
    format!(
        "1 MB prompt: decided in {} us, {kept} bytes while it runs, {left} after",
        spent / 1_000
    )
}

/// Roots with children that come, work and go, one after the other and all at once: what is left.
fn dead_roots() -> String {
    let mut engine = engine();
    let live = |engine: &mut Engine, root: usize| {
        engine.apply(created(root, id("r", root), None, String::new()));
        for child in 5 * root..5 * root + 5 {
            let (ours, name) = (id("r", root), format!("Part {child}"));
            let decision = engine.decide(&ask(child, &ours, Some(&name)));
            let ticket = decision.ticket().unwrap();
            engine.apply(Event::Commit {
                now: child as u64,
                ticket,
                session_id: id("c", child),
            });
            let alias = format!("exp-{}", child % 5);
            engine.apply(Event::Alias {
                now: child as u64,
                session_id: id("c", child),
                alias,
            });
            // One call stays open.
            engine.decide(&ask(child, &id("c", child), None));
        }
    };
    // Until the graves and the remembered calls are full.
    let filled = 1_000;
    for root in 0..filled {
        live(&mut engine, root);
        engine.apply(deleted(0, id("r", root)));
    }
    let before = held();
    for root in filled..filled + ROOTS {
        live(&mut engine, root);
        engine.apply(deleted(0, id("r", root)));
    }
    let rolling = held().saturating_sub(before);
    assert!(
        rolling <= SLACK,
        "{rolling} bytes are left of {ROOTS} roots"
    );
    let mut rounds = [0; 2];
    let mut peak = 0;
    for (round, left) in rounds.iter_mut().enumerate() {
        let first = (round + 2) * 2 * ROOTS.max(filled);
        (first..first + ROOTS).for_each(|root| live(&mut engine, root));
        peak = since(before);
        (first..first + ROOTS).for_each(|root| drop(engine.apply(deleted(0, id("r", root)))));
        *left = held().saturating_sub(before);
    }
    let [first, second] = rounds;
    assert!(
        first <= 6 * ROOTS * BYTES_PER_PLACE + SLACK,
        "{first} bytes are left of {peak}"
    );
    assert!(
        second <= first + SLACK,
        "{second} bytes are left after {first}"
    );
    assert!(engine.sessions(&id("r", filled + 1)).is_empty());
    format!(
        "{ROOTS} roots of 5 that went one by one leave {rolling} bytes; {peak} bytes of as many at once leave {first}, again {second}"
    )
}

/// What is of no known session, ticket or type makes nothing grow, once what is remembered is full.
fn rubbish() -> String {
    let mut engine = engine();
    let (before, start) = (held(), Instant::now());
    (0..RUBBISH).for_each(|round| {
        let (now, unknown) = (round as u64, id("u", round));
        let prompt = |kind: &str| {
            let text = format!(
                r#"{{"type":"{kind}","now":{now},"sessionID":"{unknown}","turn":1,"attempt":1,"name":"Lost","message":"m","callerID":"{unknown}c","agent":"explorer","parts":[],"permission":[],"seed":"s","messageID":"m","told":true,"alias":"a{now}","status":"busy","tokens":1,"window":1,"ticket":{}}}"#,
                now | 1 << 31
            );
            Event::read(&text)
        };
        // Decisions are the dearest.
        let kind = if round % 64 < 16 { round % 16 } else { round % 13 };
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
            8 => prompt("task.told").unwrap(),
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
                return assert!(matches!(*engine.decide(&request), Decision::Deny { .. }));
            }
            // Of a caller that is never heard of again: the call stays open until 4 096 others are.
            14 => {
                return drop(engine.decide(&ask(round, &unknown, Some(&format!("name {round}")))));
            }
            _ => return drop(engine.decide(&ask(round, &unknown, Some(&unknown)))),
        };
        engine.apply(event);
    });
    let grown = since(before);
    assert!(grown <= REMEMBERED, "{grown} bytes");
    let nanoseconds = start.elapsed().as_nanos() / RUBBISH as u128;
    format!("{RUBBISH} pieces of rubbish, {nanoseconds} ns each, leave {grown} bytes")
}

#[test]
fn figures() {
    let start = Instant::now();
    let figures = [
        many(ROOTS, SESSIONS / ROOTS),
        many(1, SESSIONS),
        long_prompt(),
        dead_roots(),
        rubbish(),
    ];
    println!(
        "{}; {:.1} s in all",
        figures.join("; "),
        start.elapsed().as_secs_f64()
    );
}

/// What is done to an engine makes nothing grow.
fn stays(mut done: impl FnMut(&mut Engine, usize)) {
    let mut engine = engine();
    (0..FILLING).for_each(|round| done(&mut engine, round));
    let before = held();
    (FILLING..2 * FILLING).for_each(|round| done(&mut engine, round));
    let grown = held().saturating_sub(before);
    assert!(grown <= SLACK, "{grown} bytes more");
}

#[test]
fn agents_of_unknown_callers_are_let_go_of() {
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
fn an_unknown_session_that_asks_itself_is_let_go_of() {
    stays(|engine, call| {
        let unknown = id("u", call);
        let event = format!(
            r#"{{"type":"prompt.kept","now":1,"sessionID":"{unknown}","callerID":"{unknown}","agent":"explorer","parts":[],"permission":[],"seed":"s"}}"#
        );
        engine.apply(Event::read(&event).unwrap());
    });
}

/// Words of many scripts, and what they are as a name.
const NAMES: [(&str, Option<&str>); 30] = [
    ("Explore: the Auth!", Some("explore-the-auth")),
    ("Größe ÄNDERN", Some("größe-ändern")),
    ("ΑΣΣΟΣ", Some("ασσος")),
    ("Привет Мир", Some("привет-мир")),
    ("Հայերեն", Some("հայերեն")),
    ("ქართული", Some("ქართული")),
    ("مصادقة ١٢٣", Some("مصادقة-١٢٣")),
    ("\u{202e}אימות\u{202c}", Some("אימות")),
    ("ܣܘܪܝܝܐ", Some("ܣܘܪܝܝܐ")),
    ("አማርኛ", Some("አማርኛ")),
    ("தமிழ", Some("தமிழ")),
    ("探索 認証", Some("探索-認証")),
    ("テスト_1", Some("テスト_1")),
    ("한국어 시험", Some("한국어-시험")),
    ("ᏣᎳᎩ", Some("ꮳꮃꭹ")),
    ("ᚠᚢᚦ", Some("ᚠᚢᚦ")),
    ("𐐀𐐁", Some("𐐨𐐩")),
    ("𝔄𝔲𝔱𝔥", Some("𝔄𝔲𝔱𝔥")),
    ("𠀀𠀁", Some("𠀀𠀁")),
    ("ǅ", Some("ǆ")),
    ("Ⅻ ½ ²", Some("ⅻ-½-²")),
    ("e\u{301}te\u{301}", Some("e-te")),
    ("👩‍👩‍👧 family 🇩🇪", Some("family")),
    ("a\u{200b}b\u{feff}c\u{0}d", Some("a-b-c-d")),
    ("x\u{fffd}\u{fffd}y", Some("x-y")),
    ("\u{fffd}", None),
    ("👩‍👩‍👧🇩🇪", None),
    ("\u{301}\u{202e}\u{2028}", None),
    (" \t\r\n", None),
    ("", None),
];

#[test]
fn names_of_any_script_stand_for_their_session() {
    let mut engine = engine();
    for (number, (given, name)) in NAMES.iter().enumerate() {
        let decision = engine.decide(&ask(number, "ses_root", Some(given)));
        match (&*decision, name) {
            (
                Decision::Deny {
                    code: Code::InvalidTaskId,
                    ..
                },
                None,
            ) => continue,
            (Decision::Spawn { slug, .. }, Some(name)) => assert_eq!(&**slug, *name),
            _ => panic!("{given:?} is {decision:?}"),
        }
        let (ticket, child) = (decision.ticket().unwrap(), id("c", number));
        engine.apply(Event::Commit {
            now: 0,
            ticket,
            session_id: child.clone(),
        });
        engine = Engine::restore(&engine.snapshot(), CONFIG).unwrap();
        for again in [*given, name.unwrap(), &*format!("«{given}»")] {
            let found = engine.resolve(&ask(0, "ses_root", Some(again))).unwrap();
            assert_eq!(*found.id, *child, "{again:?}");
        }
    }
    // Half of a pair is no text in JSON; a host puts U+FFFD in its place.
    for half in ["\\ud800", "\\udc00\\ud800", "\\ud83d"] {
        let text = format!(
            r#"{{"now":0,"callID":"c","sessionID":"s","agent":"explorer","description":"d","prompt":"p","task_id":"{half}"}}"#
        );
        assert_eq!(Request::read(&text).unwrap_err().code, Code::InvalidRequest);
    }
}

#[test]
fn every_character_is_kept_or_a_hyphen() {
    let mut kept = 0;
    for c in (char::MIN..=char::MAX).step_by(if SCALE == 1 { 1 } else { 7 }) {
        let Some(name) = normalize_slug(&format!("x{c}y")).map(|name| name.into_owned()) else {
            panic!("{c:?} leaves no name");
        };
        assert_eq!(normalize_slug(&name).as_deref(), Some(&*name), "{c:?}");
        kept += usize::from(!name.contains('-') && c != '-');
        // As many as fit, and one more.
        let long: String = std::iter::repeat_n(c, SLUG_CHARS).collect();
        let lower = long.to_lowercase().chars().count();
        let letter = !name.contains('-') && lower == SLUG_CHARS;
        assert!(
            !letter || normalize_slug(&long).is_some_and(|name| name.chars().count() == SLUG_CHARS)
        );
        assert!(!letter || normalize_slug(&[&*long, "x"].concat()).is_none());
    }
    println!("{kept} characters can stand in a name");
    let mut engine = engine();
    for c in ['x', 'é', '探', 'ع', '𠀀'] {
        let long: Arc<str> = std::iter::repeat_n(c, SLUG_CHARS)
            .collect::<String>()
            .into();
        let before = engine.decide(&ask(0, "ses_root", Some(&long)));
        assert!(
            matches!(&*before, Decision::Spawn { slug, .. } if *slug == long),
            "{before:?}"
        );
        let description = Request {
            description: (&*long).into(),
            ..ask(1, "ses_root", None)
        };
        let cut = engine.decide(&description);
        assert!(
            matches!(&*cut, Decision::Spawn { slug, .. } if slug.chars().count() == 32),
            "{cut:?}"
        );
        let longer = [&*long, "x"].concat();
        let after = engine.decide(&ask(2, "ses_root", Some(&longer)));
        assert!(
            matches!(
                &*after,
                Decision::Deny {
                    code: Code::InvalidTaskId,
                    ..
                }
            ),
            "{after:?}"
        );
    }
}
