#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

pub mod budget;
mod call;
mod config;
pub mod decision;
mod engine;
mod error;
mod event;
pub mod facts;
mod gather;
mod handles;
mod host;
pub mod id;
mod keep;
mod ledger;
mod map;
mod meet;
mod outcome;
pub mod permission;
pub mod policy;
mod read;
mod recent;
mod registry;
mod saved;
pub mod session;
mod snapshot;
pub mod table;
mod ticket;
#[cfg(target_arch = "wasm32")]
mod wasm;

pub use config::{AgentConfig, Config, Mode, OnAgentMismatch, OnContextFull, SameAgent, SlugScope};
pub use decision::{Decision, Request};
pub use engine::Engine;
pub use error::{Code, DelegateError};
pub use event::{Created, Effect, Event};
pub use host::{HostSettings, host_settings};
pub use registry::{CANDIDATES, DELETED, NEAR_HANDLES};
pub use ticket::OPEN_TICKETS;
