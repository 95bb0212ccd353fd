//! What the table may look at: a flat record of what is so about one request.

use crate::protocol::RuleID;
use crate::protocol::{OnAgentMismatch, OnContextFull, SameAgent};

/// How the caller named the session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Named {
    /// Not at all.
    No,
    /// By text that is neither an id nor a slug.
    Invalid,
    /// By a slug.
    Slug,
    /// By an id.
    Id,
    /// As `last`.
    Last,
}

/// Whether the named session is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Found {
    /// It is not.
    No,
    /// It is, out of the caller's reach: another root's, not the caller's to name, or one that waits
    /// for the caller.
    Foreign,
    /// It is, within reach.
    Ours,
}

/// Who calls, and what is left of its budget.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Caller {
    /// A session without a parent; its calls are not counted.
    Primary,
    /// A subagent without a budget.
    NoBudget,
    /// A subagent whose budget is spent.
    Spent,
    /// A subagent with calls left.
    Funded,
}

/// What is so about one request. Every field has finitely many values: the space is enumerated in the tests.
///
/// `running`, `other_agent` and `full` are about the session in question: the one that was named, or
/// for an id that is not found the near one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Facts {
    /// How the session was named.
    pub named: Named,
    /// Whether the target agent exists.
    pub agent_known: bool,
    /// Whether the caller's `permission.task` lets it call the target.
    pub permitted: bool,
    /// Whether the named session is there.
    pub found: Found,
    /// Whether a child of the caller would be deeper than `max_depth`.
    pub too_deep: bool,
    /// Who calls.
    pub caller: Caller,
    /// Whether subagents may call the target.
    pub callable: bool,
    /// The session in question has a turn running, or one is about to start.
    pub running: bool,
    /// The session in question belongs to another agent than the target.
    pub other_agent: bool,
    /// The context of the session in question is over `context_limit`.
    pub full: bool,
    /// The id was not found, and exactly one of the caller's sessions of that agent is within two edits of it.
    pub near: bool,
    /// The id was not found, and the caller has sessions to resume.
    pub resumable: bool,
    /// `auto_resume` is on and the best candidate qualifies: confident enough, idle, recent, not full.
    pub best: bool,
    /// The caller has a session of that agent that is idle, recent and not full.
    pub recent: bool,
    /// The option.
    pub on_agent_mismatch: OnAgentMismatch,
    /// The option.
    pub on_context_full: OnContextFull,
    /// The option.
    pub same_agent: SameAgent,
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
