//! The facts of a request that the decision table may look at, as one flat record.

use crate::protocol::{OnAgentMismatch, OnContextFull, SameAgent};

/// How the caller named the session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Named {
    /// Not at all.
    No,
    /// By text that is neither an id nor usable as a name.
    Invalid,
    /// By a name.
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
    OutOfReach,
    /// It is, within reach.
    Ours,
}

/// The kind of caller, and whether its budget has calls left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Caller {
    /// A session without a parent; its calls are not counted.
    Primary,
    /// A subagent without a budget.
    NoBudget,
    /// A subagent without a budget, whose calls the host allows or denies by its own rules.
    OfHost,
    /// A subagent whose budget is spent.
    Spent,
    /// A subagent with calls left.
    Funded,
}

/// The agent of the session in question, beside the target.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Owner {
    /// The target itself, or none is known.
    Target,
    /// Another agent.
    Other,
    /// Another agent, which is gone from the configuration.
    Gone,
}

/// The facts of one request. Every field has finitely many values: the space is enumerated in the tests.
///
/// `running`, `owner` and `full` are about the session in question. That is the named one, or the near one if an
/// id is not found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Facts {
    /// How the session was named.
    pub named: Named,
    /// Whether the target agent exists.
    pub agent_known: bool,
    /// Whether the caller's `permission.task` does not deny the target, or the host decides that alone.
    pub permitted: bool,
    /// Whether the named session is there.
    pub found: Found,
    /// Whether a child of the caller would be deeper than `max_depth`.
    pub too_deep: bool,
    /// The kind of caller.
    pub caller: Caller,
    /// Whether subagents may call the target.
    pub callable: bool,
    /// Whether the call asks for no model, or for one that its agent may run on.
    pub model_allowed: bool,
    /// Whether the conversation has cost less than `max_cost`, or there is no such limit.
    pub affordable: bool,
    /// The session in question has a turn running, or one is about to start.
    pub running: bool,
    /// The agent that the session in question belongs to.
    pub owner: Owner,
    /// The context of the session in question is over `context_limit`.
    pub full: bool,
    /// The id was not found, and exactly one of the caller's sessions of that agent is within two edits of it.
    pub near: bool,
    /// The id was not found, and the caller has sessions to resume.
    pub resumable: bool,
    /// `auto_resume` is on, the description asks for no fresh look, and the best candidate qualifies: the caller's own,
    /// confident enough, well above the second, idle, with its last answer delivered, not of the same message, recent, not
    /// full.
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
    ModelAllowed,
    Affordable,
    Running,
    Owner,
    Full,
    Near,
    Resumable,
    Best,
    Recent,
    SameAgent,
}

impl Fact {
    /// Its name and its value, in words.
    pub fn of(self, facts: &Facts) -> (&'static str, &'static str) {
        let flag = |holds: bool, words: (&'static str, &'static str)| {
            if holds { words.0 } else { words.1 }
        };
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
                    Found::OutOfReach => "out of reach",
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
                    Caller::OfHost => "a subagent that follows the host's rules",
                    Caller::Spent => "a subagent whose budget is spent",
                    Caller::Funded => "a subagent with calls left",
                },
            ),
            Fact::Callable => (
                "callable_by_subagents",
                flag(facts.callable, ("true", "false")),
            ),
            Fact::ModelAllowed => (
                "model",
                flag(
                    facts.model_allowed,
                    ("left out, or allowed", "none of the agent's models"),
                ),
            ),
            Fact::Affordable => (
                "the conversation's cost",
                flag(
                    facts.affordable,
                    ("below max_cost, or unlimited", "at max_cost"),
                ),
            ),
            Fact::Running => ("its state", flag(facts.running, ("running", "not running"))),
            Fact::Owner => (
                "its agent",
                match facts.owner {
                    Owner::Target => "not another agent's",
                    Owner::Other => "another agent's",
                    Owner::Gone => "gone from the configuration",
                },
            ),
            Fact::Full => (
                "its context",
                flag(facts.full, ("over context_limit", "not over context_limit")),
            ),
            Fact::Near => (
                "nearly the same id",
                flag(facts.near, ("exactly one session", "none or several")),
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
                flag(facts.recent, ("there is one", "none, or not looked for")),
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
