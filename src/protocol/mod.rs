//! Every shape that crosses the boundary, with its reader and its types for TypeScript.

mod attempt;
mod by_name;
mod config;
mod decision;
mod effect;
mod event;
mod host_call;
mod limits;
mod look;
mod lookup;
mod outline;
mod permission;
mod prompt;
mod record;
mod request;
mod session;
mod spent;
mod steering;
mod task;

pub use attempt::{AttemptRef, FailedAttempt, Failure, KeptPrompt};
pub use by_name::ByName;
pub use config::{
    AgentConfig, ChildPermissions, Config, Mode, NestedCalls, OnAgentMismatch, OnContextFull,
    Reach, SameAgent, SlugScope, UnlistedModels,
};
pub use decision::{Decided, Decision, RuleID};
pub use effect::{Delivery, Effect};
pub use event::{Created, Event, RecoveredCall, UserMessage};
pub use host_call::QueuedCall;
pub use limits::Limits;
pub use look::Look;
pub use lookup::{ListLookup, RankLookup, ResolveLookup, SteerLookup};
pub use outline::{Outline, OutlineLookup, OutlineRow, RowState, SeenSession};
pub use permission::{Action, HostRule, Precedence};
pub use prompt::{Message, Model, Prompt, PromptState};
pub use record::{Names, Place, RECORD_VERSION, Record};
pub use request::{Author, Request};
#[cfg(target_arch = "wasm32")]
pub(crate) use request::{stated, stated_task_id};
pub use session::{Candidate, Session, Status};
pub use spent::{Dollars, Spent};
pub use steering::Steering;
pub use task::{Task, TaskState};

pub(crate) use prompt::rules;
pub(crate) use task::LAST_PROMPT_NO;
