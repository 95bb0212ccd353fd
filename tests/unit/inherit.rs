//! The denials that a child inherits from its caller: cases, and random worlds.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    missing_docs
)]

#[path = "../reference_engine/dice.rs"]
mod dice;

use dice::Dice;
use opencode_delegate::protocol::{Action, HostRule, Precedence};
use opencode_delegate::rules::permission::evaluate;
use opencode_delegate::{inherited_permission, narrowed_permission};
use serde_json::{Value, json};

/// Rules of a line: `permission pattern action`, one after another, separated by `;`. A pattern may
/// hold blanks.
fn rules(line: &str) -> Vec<HostRule> {
    let rule = |text: &str| {
        let (permission, rest) = text.split_once(' ').unwrap();
        let (pattern, action) = rest.rsplit_once(' ').unwrap();
        let action = match action {
            "allow" => Action::Allow,
            "ask" => Action::Ask,
            "deny" => Action::Deny,
            _ => panic!("{text}"),
        };
        HostRule {
            permission: permission.to_owned(),
            pattern: pattern.to_owned(),
            action,
        }
    };
    let texts = line.split(';').map(str::trim);
    texts.filter(|text| !text.is_empty()).map(rule).collect()
}

fn inherits(given: &Value) -> Vec<HostRule> {
    inherited_permission(&given.to_string()).unwrap()
}

fn narrows(agent: &[HostRule], held: &[HostRule], passed: &[HostRule]) -> Vec<HostRule> {
    let given = json!({ "agent": agent, "held": held, "passed": passed });
    narrowed_permission(&given.to_string()).unwrap()
}

/// Rules of an agent on both tools. An agent with such rules gets no denial of its own.
const OWN: &str = "task * allow; todowrite * allow";

struct Case {
    name: &'static str,
    session: &'static str,
    caller: &'static str,
    agent: &'static str,
    inherited: &'static str,
}

const CASES: &[Case] = &[
    Case {
        name: "A caller without denials passes none on",
        session: "",
        caller: "* * allow; bash rm* ask",
        agent: "* * allow",
        inherited: "",
    },
    Case {
        name: "A denial of the caller's agent is inherited",
        session: "",
        caller: "* * allow; edit * deny",
        agent: "* * allow",
        inherited: "edit * deny",
    },
    Case {
        name: "A denial of the calling session follows the denials of its agent",
        session: "bash * deny",
        caller: "edit * deny",
        agent: "* * allow",
        inherited: "edit * deny; bash * deny",
    },
    Case {
        name: "An exception is inherited as far as the child's own agent allows it",
        session: "",
        caller: "edit * deny; edit docs/* allow",
        agent: "edit * ask; edit docs/api/* allow",
        inherited: "edit * deny; edit docs/* ask; edit docs/api/* allow",
    },
    Case {
        name: "An exception without a rule of the child's agent is not inherited",
        session: "",
        caller: "edit * deny; edit docs/* allow",
        agent: "",
        inherited: "edit * deny",
    },
    Case {
        name: "A rule that asks is an exception too",
        session: "",
        caller: "* * deny; read * ask",
        agent: "* * allow",
        inherited: "* * deny; read * allow",
    },
    Case {
        name: "An exception of another permission than the denied one is not inherited",
        session: "",
        caller: "edit * deny; read * allow",
        agent: "* * allow",
        inherited: "edit * deny",
    },
    Case {
        name: "A later denial takes an exception back",
        session: "edit docs/* deny",
        caller: "edit * deny; edit docs/* allow",
        agent: "* * allow",
        inherited: "edit * deny; edit docs/* deny",
    },
    Case {
        name: "A denial of the child's agent that may overlap with an exception stands whole",
        session: "",
        caller: "bash * deny; bash *--help allow",
        agent: "bash * allow; bash rm* deny",
        inherited: "bash * deny; bash *--help allow; bash rm* deny",
    },
    Case {
        name: "An ask of the child's agent that may overlap with an exception denies",
        session: "",
        caller: "bash * deny; bash *--help allow",
        agent: "bash * allow; bash rm* ask",
        inherited: "bash * deny; bash *--help allow; bash rm* deny",
    },
    Case {
        name: "An ask of the child's agent about another permission stays an ask",
        session: "",
        caller: "edit * deny; edit docs/* allow",
        agent: "edit * allow; bash * ask",
        inherited: "edit * deny; edit docs/* allow",
    },
    Case {
        name: "Both slashes match alike",
        session: "",
        caller: r"edit * deny; edit src/*.rs allow",
        agent: r"edit * allow; edit src\*lib* deny",
        inherited: r"edit * deny; edit src/*.rs allow; edit src\*lib* deny",
    },
    Case {
        name: "A blank and a star match an empty end, and a blank and two stars do not",
        session: "",
        caller: "bash * deny; bash rm * allow",
        agent: "bash rm ** allow",
        inherited: "bash * deny; bash rm ** allow",
    },
    Case {
        name: "A folder that the calling session was given is inherited",
        session: "external_directory /tmp/* allow",
        caller: "",
        agent: "external_directory * ask",
        inherited: "external_directory /tmp/* allow",
    },
    Case {
        name: "Given and denied folders of the calling session are inherited in their order",
        session: "external_directory * deny; external_directory /tmp/* allow; external_directory /tmp/x deny",
        caller: "",
        agent: "external_directory * ask",
        inherited: "external_directory * deny; external_directory /tmp/* allow; external_directory /tmp/x deny",
    },
    Case {
        name: "A folder of the caller's agent is not inherited",
        session: "",
        caller: "external_directory /tmp/* allow",
        agent: "external_directory * ask",
        inherited: "",
    },
    Case {
        name: "A rule that a later one covers is left out",
        session: "edit * deny",
        caller: "edit * deny; bash rm* deny; bash * deny",
        agent: "* * allow",
        inherited: "bash * deny; edit * deny",
    },
];

#[test]
fn a_child_has_the_rules_of_each_case() {
    for case in CASES {
        let agent = [rules(case.agent), rules(OWN)].concat();
        let given = json!({
            "session": rules(case.session), "caller": rules(case.caller), "agent": agent,
            "child_permissions": "caller",
        });
        assert_eq!(inherits(&given), rules(case.inherited), "{}", case.name);
    }
}

#[test]
fn subagents_lack_the_tools_that_opencode_keeps_for_primaries() {
    let given = |agent: &str, tools: Value| {
        inherits(
            &json!({ "session": [], "caller": [], "agent": rules(agent), "primary_tools": tools }),
        )
    };
    let all = rules("todowrite * deny; task * deny; delegate_* * deny");
    assert_eq!(given("", Value::Null), all);
    assert_eq!(given("* * allow", Value::Null), all);
    assert_eq!(given("task x deny", Value::Null), all[..1]);
    assert_eq!(given("todowrite * ask", Value::Null), all[1..]);
    assert_eq!(given(OWN, json!(["bash"])), rules("bash * deny"));
}

#[test]
fn a_child_has_the_rules_that_opencode_passes_on() {
    let session = "edit docs/* deny; bash * allow; external_directory /tmp/* allow; read * ask";
    let given = |mode: Value, resumed: bool| {
        inherits(&json!({
            "session": rules(session), "caller": rules("* * deny; read * allow"), "agent": rules(OWN),
            "child_permissions": mode, "resumed": resumed,
        }))
    };
    let stock = rules("edit docs/* deny; external_directory /tmp/* allow");
    assert_eq!(given(Value::Null, false), stock);
    assert_eq!(given(json!("host"), false), stock);
    assert_eq!(given(json!("host"), true), []);
    let all = "* * deny; read * allow; edit docs/* deny; bash * allow; external_directory /tmp/* allow; read * ask";
    assert_eq!(
        given(json!("caller"), true),
        rules(all)[..1]
            .iter()
            .chain(&rules(all)[2..])
            .cloned()
            .collect::<Vec<_>>()
    );
}

/// The rules of a session, the rules that a call passes on, and the rules that are added. The agent may do everything.
const NARROWED: &[(&str, [&str; 3])] = &[
    ("A denial is added", ["", "edit * deny", "edit * deny"]),
    (
        "A denial in force is not added",
        ["edit * deny", "edit * deny", ""],
    ),
    (
        "A denial under a wider one is not added",
        ["* * deny; bash * allow", "edit a deny", ""],
    ),
    (
        "A denial that somebody lifted is added again",
        ["edit * deny; edit a allow", "edit * deny", "edit * deny"],
    ),
    (
        "A denial with its exception is added once",
        ["bash * deny; bash ls allow", "bash * deny; bash ls ask", ""],
    ),
    (
        "An exception lifts no denial of others",
        [
            "bash ls deny",
            "bash * deny; bash ls allow",
            "bash * deny; bash ls deny",
        ],
    ),
    (
        "An exception keeps an ask of others",
        [
            "bash * ask",
            "bash * deny; bash ls allow",
            "bash * deny; bash ls ask",
        ],
    ),
    (
        "An exception to a denial in force changes nothing",
        ["edit * deny", "edit * deny; edit docs/* allow", ""],
    ),
    (
        "A denial of others in the middle of an exception stays",
        [
            "bash ls /b deny",
            "bash * deny; bash ls * allow",
            "bash * deny; bash ls * allow; bash ls /b deny",
        ],
    ),
];

#[test]
fn a_session_is_only_narrowed() {
    let agent = rules("* * allow");
    for (name, lists) in NARROWED {
        let [held, passed, added] = lists.map(rules);
        assert_eq!(narrows(&agent, &held, &passed), added, "{name}");
    }
}

#[test]
fn four_hundred_changes_of_resumer_leave_a_handful_of_rules() {
    let callers = [
        "edit * deny",
        "bash * deny; bash echo * allow",
        "bash * allow; bash rm * deny",
        "* * deny; read * allow; bash * ask; edit docs/* allow",
    ];
    let agent = rules("* * allow; read *.env ask; external_directory * ask");
    let mut held = rules("webfetch * deny");
    for change in 0..400 {
        let added = narrows(&agent, &held, &rules(callers[change % callers.len()]));
        held.extend(added);
    }
    assert!(held.len() < 20, "{held:?}");
}

#[test]
fn an_invalid_field_is_named() {
    let wrong = [
        (json!({}), "session"),
        (json!({ "session": [], "agent": [] }), "caller"),
        (json!({ "session": [], "caller": [] }), "agent"),
        (
            json!({ "session": [], "caller": [], "agent": [{ "permission": "x", "pattern": "*" }] }),
            "agent.0.action",
        ),
        (
            json!({ "session": [], "caller": [], "agent": [], "child_permissions": "all" }),
            "child_permissions",
        ),
        (
            json!({ "session": [], "caller": [], "agent": [], "primary_tools": [1] }),
            "primary_tools.0",
        ),
    ];
    for (given, field) in wrong {
        let error = inherited_permission(&given.to_string()).unwrap_err();
        let error = serde_json::to_value(&error).unwrap();
        assert_eq!(
            (&error["code"], &error["field"]),
            (&json!("invalid_request"), &json!(field))
        );
    }
}

/// The pieces of the random rules. They match each other often, and wildcards treat some of them apart.
const PERMISSIONS: &[&str] = &["edit", "bash", "external_directory", "task", "todowrite"];
const PIECES: &[&str] = &["a", "b", "ab", "/", "\\", " ", "*", "*", "?", " *"];
const ACTIONS: &[Action] = &[Action::Allow, Action::Allow, Action::Ask, Action::Deny];

fn pattern(dice: &mut Dice) -> String {
    if dice.percent(30) {
        return "*".to_owned();
    }
    let pieces = 1 + dice.below(3);
    (0..pieces).map(|_| *dice.pick(PIECES)).collect()
}

fn some_rules(dice: &mut Dice, most: usize) -> Vec<HostRule> {
    (0..dice.below(most + 1))
        .map(|_| HostRule {
            permission: match dice.below(8) {
                0 => "*".to_owned(),
                1 => ["e*", "*d*", "?ash", "ta*"][dice.below(4)].to_owned(),
                _ => (*dice.pick(PERMISSIONS)).to_owned(),
            },
            pattern: pattern(dice),
            action: *dice.pick(ACTIONS),
        })
        .collect()
}

/// A permission and a text that are likely to match a rule of some list: its pattern's pieces, with letters
/// for wildcards.
fn deed(dice: &mut Dice, worlds: &[&[HostRule]]) -> (String, String) {
    let list = *dice.pick(worlds);
    let any = HostRule {
        permission: "*".to_owned(),
        pattern: "a b/ab".to_owned(),
        action: Action::Ask,
    };
    let rule = if list.is_empty() {
        &any
    } else {
        dice.pick(list)
    };
    let permission = match &*rule.permission {
        wild if wild.contains(['*', '?']) => *dice.pick(PERMISSIONS),
        permission => permission,
    };
    let pattern = &*rule.pattern;
    let short = pattern.strip_suffix(" *").filter(|_| dice.percent(50));
    let mut text = String::new();
    for c in short.unwrap_or(pattern).chars() {
        match c {
            '*' => {
                (0..dice.below(3)).for_each(|_| text.push_str(["a", "b", "/", " "][dice.below(4)]))
            }
            '?' => text.push_str(["a", "b", "/"][dice.below(3)]),
            c => text.push(c),
        }
    }
    (permission.to_owned(), text)
}

fn answer(rules: &[HostRule], permission: &str, text: &str) -> Action {
    evaluate(rules, permission, text, Precedence::LastMatch)
}

const WORLDS: usize = 50_000;
const TURNS: usize = 1_000;
const DEEDS: usize = 6;

#[test]
fn no_child_may_do_more_than_its_caller_or_its_agent() {
    let mut dice = Dice(3);
    let (mut denied, mut exceptions) = (0_usize, 0_usize);
    for world in 0..WORLDS {
        let (session, caller, agent) = (
            some_rules(&mut dice, 3),
            some_rules(&mut dice, 4),
            some_rules(&mut dice, 4),
        );
        let given = json!({ "session": session, "caller": caller, "agent": agent, "child_permissions": "caller" });
        let inherited = inherits(&given);
        let callers = [caller.clone(), session.clone()].concat();
        let child = [agent.clone(), inherited.clone()].concat();
        // In every fourth world the session is resumed, and the rules of others stand before.
        let resumed = (world % 4 == 0).then(|| {
            let before = [agent.clone(), some_rules(&mut dice, 5)].concat();
            let mut asked = given.clone();
            asked["resumed"] = json!(true);
            let added = narrows(&[], &before, &inherits(&asked));
            (before.clone(), [before, added].concat())
        });
        for _ in 0..DEEDS {
            let (permission, text) = deed(&mut dice, &[&session, &caller, &agent]);
            let permission = &*permission;
            let at = || {
                format!("world {world}: {permission} {text:?}\n{given}\n{inherited:?}\n{resumed:?}")
            };
            let [callers, alone, child] =
                [&callers, &agent, &child].map(|rules| answer(rules, permission, &text));
            if callers == Action::Deny {
                denied += 1;
                assert_eq!(child, Action::Deny, "{}", at());
                if let Some((_, rules)) = &resumed {
                    assert_eq!(answer(rules, permission, &text), Action::Deny, "{}", at());
                }
            } else if child == Action::Allow {
                let hits = |rule: &HostRule| {
                    rule.action == Action::Deny
                        && answer(std::slice::from_ref(rule), permission, &text) == Action::Deny
                };
                exceptions += usize::from(inherited.iter().any(hits));
            }
            if let Some(both) = &resumed {
                let [before, since] =
                    [&both.0, &both.1].map(|rules| rank(answer(rules, permission, &text)));
                assert!(since >= before, "{}", at());
            }
            let given = |rule: &HostRule| {
                rule.permission == permission
                    && answer(
                        &[HostRule {
                            action: Action::Deny,
                            ..rule.clone()
                        }],
                        permission,
                        &text,
                    ) == Action::Deny
            };
            if permission != "external_directory" || !session.iter().any(given) {
                assert!(rank(child) >= rank(alone), "{}", at());
            }
        }
    }
    println!("{WORLDS} worlds, {denied} denials, {exceptions} exceptions");
    assert!(denied > WORLDS / 2 && exceptions > WORLDS / 100);
}

fn rank(action: Action) -> u8 {
    match action {
        Action::Allow => 0,
        Action::Ask => 1,
        Action::Deny => 2,
    }
}

#[test]
fn callers_that_take_turns_narrow_a_session_once_each() {
    let mut dice = Dice(5);
    let (mut added, mut again) = (0, 0);
    for world in 0..TURNS {
        let agent = some_rules(&mut dice, 4);
        let callers: Vec<_> = (0..3).map(|_| some_rules(&mut dice, 5)).collect();
        let mut held = some_rules(&mut dice, 2);
        for round in 0..5 {
            for passed in &callers {
                let more = narrows(&agent, &held, passed);
                assert!(
                    round < 3 || more.is_empty(),
                    "world {world}: {agent:?}\n{callers:?}\n{held:?}\n{more:?}"
                );
                added += usize::from(!more.is_empty());
                again += usize::from(round > 0 && !more.is_empty());
                held.extend(more);
                assert_eq!(
                    narrows(&agent, &held, passed),
                    [],
                    "world {world}: {agent:?}\n{passed:?}\n{held:?}"
                );
            }
        }
    }
    println!("{added} narrowed, {again} again");
    assert!(added > TURNS && again < added / 20);
}
