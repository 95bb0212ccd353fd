//! The names that an engine accepts.

use crate::SCALE;
use crate::world::{CONFIG, ask, engine, id};
use opencode_delegate::names::{SLUG_CHARS, normalize_slug};
use opencode_delegate::{Code, Decision, Engine, Event, Request, ResolveLookup};
use std::sync::Arc;

/// Words of many scripts, each with its name.
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
fn names_of_any_script_resume_their_session() {
    let mut engine = engine();
    for (number, (given, name)) in NAMES.iter().enumerate() {
        let decision = engine
            .decide(&ask(number, "ses_root", Some(given)))
            .decision;
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
            let found = engine
                .resolve(&ResolveLookup::of(&ask(0, "ses_root", Some(again))))
                .unwrap();
            assert_eq!(*found.id, *child, "{again:?}");
        }
    }
    // Half of a pair is no text in JSON. A host replaces it with U+FFFD.
    for half in ["\\ud800", "\\udc00\\ud800", "\\ud83d"] {
        let text = format!(
            r#"{{"now":0,"callID":"c","sessionID":"s","agent":"explorer","description":"d","prompt":"p","task_id":"{half}"}}"#
        );
        assert_eq!(Request::read(&text).unwrap_err().code, Code::InvalidRequest);
    }
}

/// Every character stays in a name, or becomes a hyphen.
pub fn characters() -> String {
    let mut accepted = 0;
    for c in (char::MIN..=char::MAX).step_by(if SCALE == 1 { 1 } else { 7 }) {
        let Some(name) = normalize_slug(&format!("x{c}y")).map(|name| name.into_owned()) else {
            panic!("{c:?} leaves no name");
        };
        assert_eq!(normalize_slug(&name).as_deref(), Some(&*name), "{c:?}");
        accepted += usize::from(!name.contains('-') && c != '-');
        // As many as fit, and one more.
        let long: String = std::iter::repeat_n(c, SLUG_CHARS).collect();
        let lower = long.to_lowercase().chars().count();
        let letter = !name.contains('-') && lower == SLUG_CHARS;
        assert!(
            !letter || normalize_slug(&long).is_some_and(|name| name.chars().count() == SLUG_CHARS)
        );
        assert!(!letter || normalize_slug(&[&*long, "x"].concat()).is_none());
    }
    format!("{accepted} characters may stand in a name")
}

#[test]
fn the_longest_name_is_accepted_and_a_longer_one_refused() {
    let mut engine = engine();
    for c in ['x', 'é', '探', 'ع', '𠀀'] {
        let long: Arc<str> = std::iter::repeat_n(c, SLUG_CHARS)
            .collect::<String>()
            .into();
        let before = engine.decide(&ask(0, "ses_root", Some(&long))).decision;
        assert!(
            matches!(&*before, Decision::Spawn { slug, .. } if *slug == long),
            "{before:?}"
        );
        let description = Request {
            description: (&*long).into(),
            ..ask(1, "ses_root", None)
        };
        let cut = engine.decide(&description).decision;
        assert!(
            matches!(&*cut, Decision::Spawn { slug, .. } if slug.chars().count() == 32),
            "{cut:?}"
        );
        let longer = [&*long, "x"].concat();
        let after = engine.decide(&ask(2, "ses_root", Some(&longer))).decision;
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
