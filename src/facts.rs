//! What the table may look at: a flat record of what is so about one request.

use crate::config::{OnAgentMismatch, OnContextFull, SameAgent};

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
