//! The decision table over the whole space of facts.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    missing_docs
)]

use opencode_delegate::protocol::RuleID;
use opencode_delegate::rules::decision_table::{Outcome, RULES, Rule, decide};
use opencode_delegate::rules::facts::{Caller, Facts, Found, Named, Owner};
use opencode_delegate::{Code, OnAgentMismatch, OnContextFull, SameAgent};

const NAMED: [Named; 5] = [
    Named::No,
    Named::Invalid,
    Named::Slug,
    Named::Id,
    Named::Last,
];
const FOUND: [Found; 3] = [Found::No, Found::OutOfReach, Found::Ours];
const CALLER: [Caller; 5] = [
    Caller::Primary,
    Caller::NoBudget,
    Caller::OfHost,
    Caller::Spent,
    Caller::Funded,
];
const OWNER: [Owner; 3] = [Owner::Target, Owner::Other, Owner::Gone];
const ON_AGENT_MISMATCH: [OnAgentMismatch; 3] = [
    OnAgentMismatch::Deny,
    OnAgentMismatch::Spawn,
    OnAgentMismatch::Resume,
];
const ON_CONTEXT_FULL: [OnContextFull; 3] = [
    OnContextFull::Compact,
    OnContextFull::Resume,
    OnContextFull::Spawn,
];
const SAME_AGENT: [SameAgent; 2] = [SameAgent::Spawn, SameAgent::Resume];
/// The fields of `Facts` that hold or do not.
const FLAGS: usize = 12;

/// Every point of the space of facts: the digits of one number, the flags in base 2.
fn space() -> impl Iterator<Item = Facts> {
    let choices = NAMED.len() * FOUND.len() * CALLER.len() * OWNER.len();
    let options = ON_AGENT_MISMATCH.len() * ON_CONTEXT_FULL.len() * SAME_AGENT.len();
    (0..(choices * options) << FLAGS).map(|point| {
        let mut rest = point;
        let mut digit = |base: usize| {
            let digit = rest % base;
            rest /= base;
            digit
        };
        Facts {
            named: NAMED[digit(NAMED.len())],
            found: FOUND[digit(FOUND.len())],
            caller: CALLER[digit(CALLER.len())],
            owner: OWNER[digit(OWNER.len())],
            on_agent_mismatch: ON_AGENT_MISMATCH[digit(ON_AGENT_MISMATCH.len())],
            on_context_full: ON_CONTEXT_FULL[digit(ON_CONTEXT_FULL.len())],
            same_agent: SAME_AGENT[digit(SAME_AGENT.len())],
            agent_known: digit(2) == 1,
            permitted: digit(2) == 1,
            too_deep: digit(2) == 1,
            callable: digit(2) == 1,
            model_allowed: digit(2) == 1,
            affordable: digit(2) == 1,
            running: digit(2) == 1,
            full: digit(2) == 1,
            near: digit(2) == 1,
            resumable: digit(2) == 1,
            best: digit(2) == 1,
            recent: digit(2) == 1,
        }
    })
}

/// The table once more, as plain conditions in its order.
fn plainly(f: &Facts) -> (RuleID, Outcome) {
    use Outcome::{Compact, Deny, Join, Resume, Spawn};
    let subagent = f.caller != Caller::Primary && f.caller != Caller::OfHost;
    let id = f.named == Named::Id;
    let slug = f.named == Named::Slug;
    let last = f.named == Named::Last;
    let there = f.found == Found::Ours && (id || slug || last);
    let missing = f.found == Found::No;
    if f.named == Named::Invalid {
        (RuleID::G1, Deny(Code::InvalidTaskId))
    } else if !f.agent_known {
        (RuleID::G2, Deny(Code::UnknownAgent))
    } else if !f.permitted {
        (RuleID::G3, Deny(Code::PermissionDenied))
    } else if f.found == Found::OutOfReach {
        (RuleID::G4, Deny(Code::NotOwner))
    } else if f.too_deep {
        (RuleID::G5, Deny(Code::DepthExceeded))
    } else if subagent && f.caller == Caller::NoBudget {
        (RuleID::G6, Deny(Code::NoTaskBudget))
    } else if subagent && !f.callable {
        (RuleID::G7, Deny(Code::TargetNotCallable))
    } else if subagent && f.caller == Caller::Spent {
        (RuleID::G8, Deny(Code::BudgetExhausted))
    } else if !f.model_allowed {
        (RuleID::G9, Deny(Code::ModelNotAllowed))
    } else if !f.affordable {
        (RuleID::G10, Deny(Code::LimitReached))
    } else if there
        && f.running
        && (f.owner != Owner::Other || f.on_agent_mismatch == OnAgentMismatch::Resume)
    {
        (RuleID::R1, Join)
    } else if there && f.owner == Owner::Other {
        let outcome = match f.on_agent_mismatch {
            OnAgentMismatch::Deny => Deny(Code::AgentMismatch),
            OnAgentMismatch::Spawn => Spawn,
            OnAgentMismatch::Resume => Resume,
        };
        (RuleID::R2, outcome)
    } else if there && f.full {
        let outcome = match f.on_context_full {
            OnContextFull::Compact => Compact,
            OnContextFull::Resume => Resume,
            OnContextFull::Spawn => Spawn,
        };
        (RuleID::R3, outcome)
    } else if there && !last {
        (RuleID::R4, Resume)
    } else if slug && missing {
        (RuleID::R5, Spawn)
    } else if id && missing && f.near {
        (RuleID::R6, if f.running { Join } else { Resume })
    } else if id && missing && f.resumable {
        (RuleID::R7, Deny(Code::UnknownSession))
    } else if id && missing {
        (RuleID::R8, Spawn)
    } else if last {
        (RuleID::R9, if there { Resume } else { Spawn })
    } else if f.best {
        (RuleID::R10, Resume)
    } else if f.same_agent == SameAgent::Resume && f.recent {
        (RuleID::R11, Resume)
    } else {
        (RuleID::R12, Spawn)
    }
}

#[test]
fn the_table_gives_what_its_conditions_say() {
    for facts in space() {
        let row = decide(&facts);
        assert_eq!(
            (row.rule, row.then(&facts)),
            plainly(&facts),
            "at {facts:?}"
        );
    }
}

/// The decision of the table without one row.
fn without(gone: RuleID, facts: &Facts) -> Option<&'static Rule> {
    RULES
        .iter()
        .find(|row| row.rule != gone && row.fires(facts))
}

#[test]
fn each_row_decides_points_that_no_other_row_decides_alike() {
    // R12 would decide the same at these points. Only the name and the notice differ.
    let only_told_apart = [RuleID::R5, RuleID::R8];
    let mut reached = vec![0_usize; RULES.len()];
    let mut alone: Vec<Option<Facts>> = vec![None; RULES.len()];
    for facts in space() {
        let at = RULES.iter().position(|row| row.fires(&facts));
        let at = at.unwrap_or_else(|| panic!("no row fires at {facts:?}"));
        let row = &RULES[at];
        assert_eq!(decide(&facts).rule, row.rule, "at {facts:?}");
        reached[at] += 1;
        if alone[at].is_none() {
            let outcome = without(row.rule, &facts).map(|other| other.then(&facts));
            if outcome != Some(row.then(&facts)) {
                alone[at] = Some(facts);
            }
        }
    }
    for (at, row) in RULES.iter().enumerate() {
        println!(
            "{:?} decides {} points, alone: {:?}",
            row.rule, reached[at], alone[at]
        );
        assert!(reached[at] > 0, "{:?} is never reached", row.rule);
        let apart = only_told_apart.contains(&row.rule);
        assert_eq!(
            alone[at].is_none(),
            apart,
            "{:?}: other rows would decide all its points alike",
            row.rule
        );
    }
    assert_eq!(reached.iter().sum::<usize>(), space().count());
    println!(
        "table: {} points, {} rows, each decides some that no other would but {only_told_apart:?}, 0 undecided",
        space().count(),
        RULES.len()
    );
}

#[test]
fn each_row_stands_once_and_gates_come_first() {
    let names: Vec<String> = RULES.iter().map(|row| format!("{:?}", row.rule)).collect();
    let gates = (1..=10).map(|number| format!("G{number}"));
    let rest = (1..=12).map(|number| format!("R{number}"));
    assert_eq!(names, gates.chain(rest).collect::<Vec<_>>());
}

#[test]
fn gates_deny_and_two_rows_after_them_can_deny() {
    let may_deny = [RuleID::R2, RuleID::R7];
    for facts in space() {
        let row = decide(&facts);
        let gate = format!("{:?}", row.rule).starts_with('G');
        match row.then(&facts) {
            Outcome::Deny(_) => assert!(gate || may_deny.contains(&row.rule), "at {facts:?}"),
            _ => assert!(!gate, "at {facts:?}"),
        }
    }
}
