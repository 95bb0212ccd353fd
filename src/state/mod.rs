//! The state of an engine: sessions, names, calls and prompts.
//!
//! A type's file knows nothing of [`Registry`]; the other files add the operations of the engine to it. Fields are
//! private to this folder.

// The types.
mod agents;
mod deleted;
mod entry;
mod extra;
mod history;
mod name_table;
mod open_calls;
mod prompt_life;
mod prompt_queue;
mod prompts;
mod quota;
mod registry;
mod replay;
mod scope;
mod slots;
mod tickets;

mod work;

// The operations of a registry.
mod activity;
mod aliases;
mod calls;
mod delegations;
mod elsewhere;
mod follow_ups;
mod handles;
mod host_calls;
mod made_names;
mod owners;
mod questions;
mod queueing;
mod quotas;
mod recency;
mod record_sync;
mod recovery;
mod removal;
mod snapshot;
mod spending;
mod stops;
mod task_numbers;
mod tasks;
mod tree;
mod undo;
mod view;

pub(crate) use calls::{NewCall, RecoveredCall, Target};
pub(crate) use follow_ups::Pool;
pub(crate) use name_table::Holder;
pub(crate) use owners::Owners;
pub(crate) use prompt_queue::{HostCall, PromptKey};
pub(crate) use prompts::{NewPrompt, QueuedPrompt};
pub(crate) use queueing::Queued;
pub(crate) use registry::Registry;
pub(crate) use replay::{CallKey, call_key};
pub(crate) use slots::SessionKey;
pub(crate) use view::Standing;
