//! The facts that each row of the table shows in an explanation.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    missing_docs
)]

use opencode_delegate::rules::decision_table::RULES;
use opencode_delegate::rules::facts::{Caller, Fact, Facts, Found, Named, Owner};
use opencode_delegate::{Engine, OnAgentMismatch, OnContextFull, Request, SameAgent};
use serde_json::json;
use std::collections::HashMap;

/// Every point of the space of facts, but for the two options that no condition is about.
fn space() -> Vec<Facts> {
    let named = [
        Named::No,
        Named::Invalid,
        Named::Slug,
        Named::Id,
        Named::Last,
    ];
    let found = [Found::No, Found::OutOfReach, Found::Ours];
    let caller = [
        Caller::Primary,
        Caller::NoBudget,
        Caller::OfHost,
        Caller::Spent,
        Caller::Funded,
    ];
    let same_agent = [SameAgent::Spawn, SameAgent::Resume];
    let mut points = Vec::new();
    let owner = [Owner::Target, Owner::Other, Owner::Gone];
    for point in 0..(5 * 3 * 5 * 2 * 3) << 12 {
        let (flags, rest) = (point & 0xfff, point >> 12);
        let flag = |at: usize| (flags >> at) & 1 == 1;
        points.push(Facts {
            named: named[rest % 5],
            found: found[rest / 5 % 3],
            caller: caller[rest / 15 % 5],
            same_agent: same_agent[rest / 75 % 2],
            owner: owner[rest / 150],
            agent_known: flag(0),
            permitted: flag(1),
            too_deep: flag(2),
            callable: flag(3),
            running: flag(4),
            full: flag(5),
            near: flag(6),
            resumable: flag(7),
            best: flag(8),
            recent: flag(9),
            model_allowed: flag(10),
            affordable: flag(11),
            on_agent_mismatch: OnAgentMismatch::Deny,
            on_context_full: OnContextFull::Compact,
        });
    }
    points
}

/// Whether these facts alone, in the words of the explanation, settle if a row's condition holds.
fn settles(facts: &[Fact], row: usize, space: &[Facts]) -> bool {
    let mut seen: HashMap<Vec<&str>, bool> = HashMap::new();
    space.iter().all(|point| {
        let words = facts.iter().map(|fact| fact.of(point).1).collect();
        let holds = RULES[row].fires(point);
        *seen.entry(words).or_insert(holds) == holds
    })
}

#[test]
fn each_row_shows_exactly_the_facts_that_settle_it() {
    let space = space();
    for (at, row) in RULES.iter().enumerate() {
        let facts = row.looks_at;
        assert!(settles(facts, at, &space), "{:?} looks at more", row.rule);
        for out in facts {
            let fewer: Vec<Fact> = facts.iter().copied().filter(|fact| fact != out).collect();
            assert!(
                !settles(&fewer, at, &space),
                "{:?} does not look at {out:?}",
                row.rule
            );
        }
    }
}

#[test]
fn explanations_end_with_the_deciding_row_and_reserve_nothing() {
    let config = r#"{"agents":{"explorer":{},"fixer":{},"lead":{"task_budget":1}}}"#;
    let mut engine = Engine::new(config).unwrap();
    let child = json!({"type": "session.created", "now": 1, "session":
        {"id": "ses_e", "parentID": "ses_root", "agent": "explorer", "description": "Read", "slug": "auth"}});
    engine.apply(opencode_delegate::Event::read(&child.to_string()).unwrap());
    for (index, (fields, row, facts)) in [
        (json!({}), "R12", vec![]),
        (
            json!({"task_id": "auth"}),
            "R4",
            vec![("task_id", "a name"), ("session", "found")],
        ),
        (
            json!({"task_id": "auth"}),
            "R1",
            vec![
                ("task_id", "a name"),
                ("session", "found"),
                ("its state", "running"),
                ("its agent", "not another agent's"),
            ],
        ),
        (
            json!({"task_id": "!"}),
            "G1",
            vec![("task_id", "neither an id nor a name")],
        ),
        (json!({"agent": "nobody"}), "G2", vec![("agent", "unknown")]),
        (
            json!({"agent": "fi\u{200b}xer", "task_id": "mend"}),
            "R5",
            vec![("task_id", "a name")],
        ),
        (
            json!({"sessionID": "ses_e", "callerAgent": "explorer"}),
            "G6",
            vec![("caller", "a subagent without a budget")],
        ),
        (
            json!({"sessionID": "ses_other", "task_id": "auth", "agent": "explorer"}),
            "R5",
            vec![("task_id", "a name")],
        ),
        (
            json!({"sessionID": "ses_other", "task_id": "ses_e"}),
            "G4",
            vec![("session", "out of reach")],
        ),
    ]
    .into_iter()
    .enumerate()
    {
        let mut request = json!({"now": 2, "callID": format!("c{index}"), "sessionID": "ses_root",
            "agent": "explorer", "description": "Work", "prompt": "Work."});
        request
            .as_object_mut()
            .unwrap()
            .extend(fields.as_object().unwrap().clone());
        let request = Request::read(&request.to_string()).unwrap();
        let before = engine.snapshot();
        let looks = engine.explain(&request);
        assert_eq!(engine.snapshot(), before, "case {index}");
        assert_eq!(engine.explain(&request), looks, "case {index}");
        let names: Vec<String> = looks
            .iter()
            .map(|look| format!("{:?}", look.rule))
            .collect();
        let rows: Vec<String> = RULES.iter().map(|row| format!("{:?}", row.rule)).collect();
        assert_eq!(names, rows[..names.len()], "case {index}");
        let last = looks.last().unwrap();
        assert!(
            looks.iter().all(|look| look.holds == (look == last)),
            "case {index}"
        );
        assert_eq!(
            (names.last().unwrap().as_str(), &last.facts),
            (row, &facts),
            "case {index}"
        );
        assert_eq!(
            format!("{:?}", engine.decide(&request).decision.rule()),
            row,
            "case {index}"
        );
    }
}
