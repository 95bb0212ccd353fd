//! The denials, and the one message of each.

use crate::error::Code;
use crate::one_line::{quotable, quoted_list};
use crate::protocol::{Dollars, Spent};
use std::fmt;

/// A denial with the names in its message. `Display` writes the message that the model reads.
#[derive(Clone, Debug)]
pub(crate) enum Denial<'a> {
    InvalidTaskId {
        given: &'a str,
    },
    UnknownAgent {
        agent: &'a str,
        nearest: Vec<&'a str>,
    },
    PermissionDenied {
        caller: &'a str,
        agent: &'a str,
    },
    NotOwner {
        session: &'a str,
    },
    DepthExceeded {
        max_depth: u32,
    },
    NoTaskBudget,
    TargetNotCallable {
        agent: &'a str,
    },
    BudgetExhausted {
        budget: u32,
    },
    ModelNotAllowed {
        model: &'a str,
        agent: &'a str,
        models: Vec<String>,
    },
    LimitReached {
        spent: Spent,
        max_cost: Dollars,
    },
    AgentMismatch {
        session: &'a str,
        owner: &'a str,
        agent: &'a str,
    },
    UnknownSession {
        session: &'a str,
    },
}

impl Denial<'_> {
    pub(crate) fn code(&self) -> Code {
        match self {
            Denial::InvalidTaskId { .. } => Code::InvalidTaskId,
            Denial::UnknownAgent { .. } => Code::UnknownAgent,
            Denial::PermissionDenied { .. } => Code::PermissionDenied,
            Denial::NotOwner { .. } => Code::NotOwner,
            Denial::DepthExceeded { .. } => Code::DepthExceeded,
            Denial::NoTaskBudget => Code::NoTaskBudget,
            Denial::TargetNotCallable { .. } => Code::TargetNotCallable,
            Denial::BudgetExhausted { .. } => Code::BudgetExhausted,
            Denial::ModelNotAllowed { .. } => Code::ModelNotAllowed,
            Denial::LimitReached { .. } => Code::LimitReached,
            Denial::AgentMismatch { .. } => Code::AgentMismatch,
            Denial::UnknownSession { .. } => Code::UnknownSession,
        }
    }
}

impl fmt::Display for Denial<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Denial::InvalidTaskId { given } => write!(
                f,
                "task_id \"{}\" is neither a session id nor a usable name. Give 1 to 64 letters, digits, \"_\" or \"-\", or leave task_id out.",
                quotable(given)
            ),
            Denial::UnknownAgent { agent, nearest } if nearest.is_empty() => {
                write!(f, "Unknown agent \"{}\". There is no agent to delegate to.", quotable(agent))
            }
            Denial::UnknownAgent { agent, nearest } => {
                write!(f, "Unknown agent \"{}\". The nearest are: {}.", quotable(agent), quoted_list(nearest))
            }
            Denial::PermissionDenied { caller, agent } => write!(
                f,
                "Agent \"{}\" may not delegate to \"{}\": its permission.task denies it. Choose another agent, or do the work in this session.",
                quotable(caller),
                quotable(agent)
            ),
            Denial::NotOwner { session } => write!(
                f,
                "Cannot resume session: not a child of caller session. Session \"{}\" is not owned by this caller. Name a session of your own, or give a new task_id to start one.",
                quotable(session)
            ),
            Denial::DepthExceeded { max_depth } => write!(
                f,
                "Delegation depth limit reached ({max_depth}). Do the work in this session, or return control to the caller."
            ),
            Denial::NoTaskBudget => f.write_str(
                "Caller has no task budget configured. Set task_budget > 0 on the calling agent to enable nested delegation.",
            ),
            Denial::TargetNotCallable { agent } => write!(
                f,
                "Target \"{}\" is not callable by subagents. Set callable_by_subagents: true on the target agent to enable.",
                quotable(agent)
            ),
            Denial::BudgetExhausted { budget } => write!(
                f,
                "Task budget exhausted ({budget}/{budget} calls). Return control to caller to continue."
            ),
            Denial::ModelNotAllowed { model, agent, models } if models.is_empty() => write!(
                f,
                "Agent \"{}\" lets no call choose a model, so it does not run on \"{}\". Leave model out.",
                quotable(agent),
                quotable(model)
            ),
            Denial::ModelNotAllowed { model, agent, models } => write!(
                f,
                "Agent \"{}\" does not run on model \"{}\". Give one of {}, or leave model out.",
                quotable(agent),
                quotable(model),
                quoted_list(models)
            ),
            Denial::LimitReached { spent, max_cost } => write!(
                f,
                "This conversation has spent {spent}, and its limit is {max_cost} (max_cost). Do the work in this session, or ask the user to raise max_cost."
            ),
            Denial::AgentMismatch { session, owner, agent } => write!(
                f,
                "Session \"{}\" belongs to agent \"{}\", not to \"{}\". Call it with subagent_type \"{}\", or give a new task_id to start another.",
                quotable(session),
                quotable(owner),
                quotable(agent),
                quotable(owner)
            ),
            Denial::UnknownSession { session } => write!(
                f,
                "There is no session \"{}\" to resume. Name one of the sessions that exist, or leave task_id out to start a new one.",
                quotable(session)
            ),
        }
    }
}
