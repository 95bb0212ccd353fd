#![cfg_attr(doctest, doc = include_str!("../docs/engine.md"))]
//! Decides each OpenCode delegation: resume or spawn, under which name, and whether the caller may.
//!
//! In OpenCode, an agent hands work to a subagent, which works in a child session. This crate decides each such
//! request, and keeps the state that the decisions need. It keeps each child's prompt until the child's session holds
//! it. The npm package `opencode-delegate` runs it as WebAssembly.
//!
//! **The engine is pure.** It has no clock, no randomness and no I/O. Time comes in with each [`Request`] and
//! [`Event`]. A [`Decision`] and [`Effect`]s go out, for the host to carry out.
//!
//! # Layers
//!
//! A module imports only from modules below its own; a test reads the imports.
//!
//! | module | subject |
//! |---|---|
//! | `wasm` | the binding: it converts, and nothing else |
//! | [`Engine`] | decides requests, applies events, answers queries |
//! | `state` | sessions, names, calls and prompts that the engine knows |
//! | [`rules`] | the decision table, the prompt table and the other rules, as pure functions |
//! | [`protocol`] | each shape that crosses the boundary, with its reader |
//! | [`relevance`] | which session a request follows up |
//! | [`names`] | names, ids, and how near two of them are |
//! | `unions`, `shape`, `words`, `typescript` | one description of a shape gives its type, reader, writer and TypeScript, and what people write has a JSON Schema |
//! | `one_line` | the form in which a text of others stands within another text |
//! | `parse`, `json`, `json_value`, `time`, `error`, `collections` | support |
//!
//! # Example
//!
//! ```
//! use opencode_delegate::{Decision, Engine, Request};
//!
//! let mut engine = Engine::new(r#"{"agents":{"explorer":{}}}"#)?;
//! let request = Request::read(
//!     r#"{"now":0,"callID":"c1","sessionID":"ses_root","agent":"explorer","description":"Explore auth","prompt":"Read."}"#,
//! )?;
//! let decided = engine.decide(&request);
//! assert!(matches!(&*decided.decision, Decision::Spawn { slug, .. } if &**slug == "explore-auth"));
//! # Ok::<(), opencode_delegate::DelegateError>(())
//! ```

#![forbid(unsafe_code)]

mod collections;
mod engine;
mod error;
mod json;
#[cfg(test)]
mod json_schema;
mod json_value;
pub mod names;
mod one_line;
mod parse;
pub mod protocol;
pub mod relevance;
pub mod rules;
#[cfg(test)]
mod samples;
mod shape;
mod state;
mod time;
mod typescript;
mod unions;
#[cfg(target_arch = "wasm32")]
mod wasm;
mod words;

pub use engine::{Engine, EngineOptions};
pub use error::{Code, DelegateError};
pub use json_value::JsonValue;
pub use protocol::{
    Action, AgentConfig, AttemptRef, Author, ByName, Candidate, ChildPermissions, Config, Created,
    Decided, Decision, Delivery, Effect, Event, FailedAttempt, Failure, HostRule, KeptPrompt,
    ListLookup, Look, Message, Mode, Model, NestedCalls, OnAgentMismatch, OnContextFull, Outline,
    OutlineLookup, OutlineRow, Precedence, Prompt, PromptState, RankLookup, Reach, Record,
    RecoveredCall, Request, ResolveLookup, RowState, RuleID, SameAgent, SeenSession, Session,
    SlugScope, Status, SteerLookup, Steering, Task, TaskState, UnlistedModels,
};
pub use rules::limits::{ALIASES, CANDIDATES, DELETED, NEAR_HANDLES, OPEN_TICKETS};
pub use rules::{
    HostSettings, host_settings, inherited_permission, narrowed_permission, narrowed_tools,
};
pub use time::Millis;
