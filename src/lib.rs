#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

mod agent;
mod alias;
mod attempt;
mod background;
pub mod bootstrap;
pub mod budget;
mod call;
mod config;
pub mod decision;
mod desk;
mod dispatch;
mod effect;
mod engine;
mod error;
mod event;
pub mod facts;
mod gather;
mod gone;
mod handles;
mod host;
pub mod id;
mod inherit;
mod keep;
mod ledger;
mod map;
mod meet;
mod news;
mod outcome;
pub mod permission;
pub mod policy;
pub mod prompt;
mod read;
mod recent;
mod registry;
mod saved;
pub mod session;
mod snapshot;
pub mod table;
mod ticket;
pub mod turn;
#[cfg(target_arch = "wasm32")]
mod wasm;

pub use alias::ALIASES;
pub use attempt::{Asked, Failure, OfPrompt};
pub use config::{AgentConfig, Config, Mode, OnAgentMismatch, OnContextFull, SameAgent, SlugScope};
pub use decision::{Decision, Request};
pub use effect::{Effect, Telling};
pub use engine::Engine;
pub use error::{Code, DelegateError};
pub use event::{Created, Event};
pub use host::{HostSettings, host_settings};
pub use inherit::inherited_permission;
pub use registry::{CANDIDATES, DELETED, NEAR_HANDLES};
pub use ticket::OPEN_TICKETS;
