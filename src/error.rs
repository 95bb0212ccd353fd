//! The closed set of codes, and the one message of each.

use crate::words::words;
use serde::Serialize;
use std::fmt;

words! {
    /// Why a delegation was denied, or why a call of the engine failed.
    pub enum Code {
        /// G1: `task_id` is neither an id nor a usable name.
        InvalidTaskId = "invalid_task_id",
        /// G2: no agent has that name.
        UnknownAgent = "unknown_agent",
        /// G3: the caller's `permission.task` denies the target.
        PermissionDenied = "permission_denied",
        /// G4: the named session is out of the caller's reach.
        NotOwner = "not_owner",
        /// G5: the child would be deeper than `max_depth`.
        DepthExceeded = "depth_exceeded",
        /// G6: the caller is a subagent without a `task_budget`.
        NoTaskBudget = "no_task_budget",
        /// G7: the target is not `callable_by_subagents`.
        TargetNotCallable = "target_not_callable",
        /// G8: the caller's budget is spent.
        BudgetExhausted = "budget_exhausted",
        /// G9: the call asks for a model that is none of its agent's `models`.
        ModelNotAllowed = "model_not_allowed",
        /// G10: the conversation has cost `max_cost`.
        LimitReached = "limit_reached",
        /// R2: the named session belongs to another agent.
        AgentMismatch = "agent_mismatch",
        /// R7: no session has that id, but others can be resumed.
        UnknownSession = "unknown_session",
        /// The configuration has a field that is unknown or out of range.
        InvalidConfig = "invalid_config",
        /// The request lacks a field or has one of the wrong type.
        InvalidRequest = "invalid_request",
        /// The event is of no known type, or lacks a field.
        InvalidEvent = "invalid_event",
        /// The text is not a whole snapshot of this version.
        CorruptSnapshot = "corrupt_snapshot",
        /// The WebAssembly module trapped; the engine that was called is lost.
        EngineTrap = "engine_trap",
    }
}

/// An error that crosses the boundary: a stable code, a message, and the field at fault.
///
/// ```
/// use opencode_delegate::{Code, Engine};
/// let error = Engine::new(r#"{"max_depth":-1}"#).unwrap_err();
/// assert_eq!(error.code, Code::InvalidConfig);
/// assert_eq!(error.field.as_deref(), Some("max_depth"));
/// assert_eq!(error.to_string(), "Invalid configuration, field \"max_depth\": expected a whole number from 0 up, got -1.");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DelegateError {
    /// The stable code.
    pub code: Code,
    /// The fault and the next step, in a sentence or two.
    pub message: String,
    /// The path of the first field at fault, such as `agents.helper.task_budget`. The message names each.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
}

impl DelegateError {
    /// An error about one field of a value that was handed in.
    pub(crate) fn at(code: Code, field: impl Into<String>, wrong: impl fmt::Display) -> Self {
        let field = field.into();
        let what = match code {
            Code::InvalidConfig => "configuration",
            Code::InvalidEvent => "event",
            _ => "request",
        };
        let message = if field.is_empty() || field == "." {
            format!("Invalid {what}: {wrong}.")
        } else {
            format!("Invalid {what}, field \"{field}\": {wrong}.")
        };
        DelegateError {
            code,
            message,
            field: Some(field),
        }
    }

    /// The error about all fields at fault.
    pub(crate) fn of_all(faults: Vec<Wrong>) -> Self {
        let mut all = String::new();
        let mut first = None;
        for fault in faults {
            match fault.message.split_once(", f") {
                Some((_, more)) if first.is_some() => {
                    all.push_str(" F");
                    all.push_str(more);
                }
                _ => all.push_str(&fault.message),
            }
            first = first.or(fault.field);
        }
        DelegateError {
            code: Code::InvalidConfig,
            message: all,
            field: first,
        }
    }

    /// The error for a text that is no whole snapshot.
    pub(crate) fn corrupt(wrong: impl fmt::Display) -> Self {
        DelegateError {
            code: Code::CorruptSnapshot,
            message: format!(
                "The snapshot cannot be restored: {wrong}. Make a new engine and give it the host's sessions."
            ),
            field: None,
        }
    }
}

/// The error about a field, on its way up through the readers; boxed, because it is returned often.
pub(crate) type Wrong = Box<DelegateError>;

impl fmt::Display for DelegateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for DelegateError {}
