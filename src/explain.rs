//! Why a row of the table decides, and those before it do not: what each saw of a request.

use crate::config::SameAgent;
use crate::decision::Request;
use crate::engine::Engine;
use crate::error::DelegateError;
use crate::facts::{Caller, Facts, Found, Named};
use crate::gather::gather;
use crate::table::{RULES, RuleID};
use serde::Serialize;

/// What a row of the table saw of a request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
pub struct Look {
    /// The row.
    pub rule: RuleID,
    /// Whether its condition holds.
    pub holds: bool,
    /// What the condition is about, and how that is.
    #[cfg_attr(target_arch = "wasm32", tsify(type = "[string, string][]"))]
    pub facts: Vec<(&'static str, &'static str)>,
}

impl Engine {
    /// What each row of the table sees of a request, up to the one that decides: the last that is
    /// given, and the only one that holds. Nothing is set aside, and a call that is decided already is
    /// looked at as if it came now. It looks at a copy of the whole state: it is for people, not for
    /// every call.
    ///
    /// ```
    /// use opencode_delegate::{Engine, Request};
    /// let engine = Engine::new(r#"{"agents":{"explorer":{}}}"#)?;
    /// let request = Request::read(
    ///     r#"{"now":0,"callID":"c1","sessionID":"ses_root","agent":"explorr","description":"Look","prompt":"Look."}"#,
    /// )?;
    /// let looks = engine.explain(&request);
    /// assert_eq!(looks[0].facts, [("task_id", "left out")]);
    /// assert!(looks[1].holds && looks[1].facts == [("agent", "unknown")]);
    /// # Ok::<(), opencode_delegate::DelegateError>(())
    /// ```
    pub fn explain(&self, request: &Request<'_>) -> Vec<Look> {
        let Ok(mut copy) = self.copy() else {
            return Vec::new();
        };
        let spelled = copy.spell(request);
        let request = spelled.as_ref().unwrap_or(request);
        let caller = copy.enter(request);
        let facts = gather(request, caller, &copy.policy, &copy.registry).facts;
        let mut looks = Vec::new();
        for row in RULES {
            let holds = row.fires(&facts);
            let seen = looks_at(row.rule).iter().map(|fact| fact.of(&facts));
            looks.push(Look {
                rule: row.rule,
                holds,
                facts: seen.collect(),
            });
            if holds {
                break;
            }
        }
        looks
    }
}

/// A field of [`Facts`] that the condition of a row is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)] // each is the field of its name
pub enum Fact {
    Named,
    AgentKnown,
    Permitted,
    Found,
    TooDeep,
    Caller,
    Callable,
    Running,
    OtherAgent,
    Full,
    Near,
    Resumable,
    Best,
    Recent,
    SameAgent,
}

/// The facts that the condition of a row is about.
pub fn looks_at(rule: RuleID) -> &'static [Fact] {
    use Fact::*;
    match rule {
        RuleID::G1 | RuleID::R5 | RuleID::R9 => &[Named],
        RuleID::G2 => &[AgentKnown],
        RuleID::G3 => &[Permitted],
        RuleID::G4 => &[Found],
        RuleID::G5 => &[TooDeep],
        RuleID::G6 | RuleID::G8 => &[Caller],
        RuleID::G7 => &[Caller, Callable],
        RuleID::R1 => &[Named, Found, Running],
        RuleID::R2 => &[Named, Found, OtherAgent],
        RuleID::R3 => &[Named, Found, Full],
        RuleID::R4 | RuleID::R8 => &[Named, Found],
        RuleID::R6 => &[Named, Found, Near],
        RuleID::R7 => &[Named, Found, Resumable],
        RuleID::R10 => &[Named, Best],
        RuleID::R11 => &[Named, SameAgent, Recent],
        RuleID::R12 => &[],
    }
}

impl Fact {
    /// What it is called, and how it is, in words.
    pub fn of(self, facts: &Facts) -> (&'static str, &'static str) {
        let flag =
            |so: bool, words: (&'static str, &'static str)| if so { words.0 } else { words.1 };
        match self {
            Fact::Named => (
                "task_id",
                match facts.named {
                    Named::No => "left out",
                    Named::Invalid => "neither an id nor a name",
                    Named::Slug => "a name",
                    Named::Id => "an id",
                    Named::Last => "last",
                },
            ),
            Fact::AgentKnown => ("agent", flag(facts.agent_known, ("known", "unknown"))),
            Fact::Permitted => (
                "permission.task",
                flag(
                    facts.permitted,
                    ("does not deny the target", "denies the target"),
                ),
            ),
            Fact::Found => (
                "session",
                match facts.found {
                    Found::No => "none found",
                    Found::Foreign => "out of reach",
                    Found::Ours => "found",
                },
            ),
            Fact::TooDeep => (
                "child's depth",
                flag(facts.too_deep, ("over max_depth", "within max_depth")),
            ),
            Fact::Caller => (
                "caller",
                match facts.caller {
                    Caller::Primary => "a primary",
                    Caller::NoBudget => "a subagent without a budget",
                    Caller::Spent => "a subagent whose budget is spent",
                    Caller::Funded => "a subagent with calls left",
                },
            ),
            Fact::Callable => (
                "callable_by_subagents",
                flag(facts.callable, ("true", "false")),
            ),
            Fact::Running => ("its state", flag(facts.running, ("running", "not running"))),
            Fact::OtherAgent => (
                "its agent",
                flag(facts.other_agent, ("another's", "not another's")),
            ),
            Fact::Full => (
                "its context",
                flag(facts.full, ("over context_limit", "not over context_limit")),
            ),
            Fact::Near => (
                "nearly the same id",
                flag(facts.near, ("just one session", "none or several")),
            ),
            Fact::Resumable => (
                "caller's sessions",
                flag(facts.resumable, ("some to resume", "none to resume")),
            ),
            Fact::Best => (
                "auto_resume",
                flag(
                    facts.best,
                    ("one candidate qualifies", "off, or no candidate qualifies"),
                ),
            ),
            Fact::Recent => (
                "recent, idle session",
                flag(facts.recent, ("there is one", "none looked for, or none")),
            ),
            Fact::SameAgent => (
                "same_agent",
                match facts.same_agent {
                    SameAgent::Spawn => "spawn",
                    SameAgent::Resume => "resume",
                },
            ),
        }
    }
}

impl Engine {
    fn copy(&self) -> Result<Engine, DelegateError> {
        let mut copy = Engine::new("{}")?;
        copy.load(&self.snapshot())?;
        copy.policy = self.policy.clone();
        Ok(copy)
    }
}
