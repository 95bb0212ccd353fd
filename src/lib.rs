#![doc = include_str!("../README.md")]
//!
//! # The design
//!
#![doc = include_str!("house.svg")]
//!
//! **The engine is pure.** It has no clock, no randomness and no I/O: the time comes in with each [`Request`] and [`Event`],
//! and what is to be done goes out as a [`Decision`] or as [`Effect`]s. So a decision can be played again, a crash can be
//! simulated between any two steps, and the same bytes come out natively, in Node, in Bun and in a browser. JavaScript asks,
//! tells and stores; where it would have to decide, the engine is asked instead.
//!
//! **Two tables decide.** A request becomes [`facts::Facts`], a flat record that holds whatever a row may look at, and the
//! first row of [`table::RULES`] that fires decides. What happens to a prompt becomes a [`bootstrap::Moment`], and the first
//! row of [`bootstrap::TRANSITIONS`] that fires says what becomes of it. Both are data: the documentation is rendered from
//! them, [`explain::Look`] tells what each row saw, and a test walks every point of both.
//!
//! **A name is a session.** A slug belongs to a root, and [`id::derive_session_id`] makes the same id of both whenever it is
//! asked, so that a caller can be told of a child before the host has made it. The host draws an id of its own for the
//! session; both resolve, and so does each name that it had before, as long as it lives.
//!
//! **A decision sets aside, a fact spends.** A decision that lets a call through opens a ticket: the name is taken, the call
//! of the budget is set aside. `ticket.commit` spends it, `ticket.refund` gives it back, and what is decided twice with one
//! `callID` is decided once. A caller's budget is full again when its turn ends.
//!
//! **The host keeps the state.** Each session's record lies in its own metadata, as a `store` effect asked for; a restart
//! reads it with `session.created`, and nothing else has to outlive a process. A first prompt is in that record from before
//! the session exists until its message is in it. A process that dies leaves records that tell so: the next looks up what
//! came of each prompt, and reports what is lost.
//!
//! **What must hold** is looked at after every event of the simulations:
//!
//! | | |
//! |---|---|
//! | I1 | no session is resumed from under another root |
//! | I2 | what is spent and set aside never exceeds a budget |
//! | I3 | each result of a background task is told once, or reported lost |
//! | I4 | each kept prompt is accepted, or fails within its tries |
//! | I5 | a child is never allowed what its caller is denied |
//! | I6 | the same input gives the same decision, native, as WebAssembly and in JavaScript |
//! | I7 | events that come twice, late or out of order change no outcome |
//! | I8 | no child lies deeper than `max_depth` |
//! | I9 | no JSON makes it panic |
//! | I10 | a handle that a caller was given resolves as long as its session lives |
//!
//! ## The rooms
//!
//! | | |
//! |---|---|
//! | to decide | `engine` composes; `decision` is what is asked and answered; `gather` finds the `facts`; `table` decides; `outcome` carries it out; `explain` tells why; `call` knows a call again |
//! | what is known | `registry` is the tree of sessions; `places` and `map` are where they stand; `meet` and `gone` are how they come and go; `recent` is when they were used; `agent` has their agents' names |
//! | names | `id` derives and normalises; `handles` says what a handle stands for; `names` which are free; `alias` what other plugins call a session |
//! | calls | `ticket` is an open one; `ledger` opens and closes them; `budget` counts |
//! | prompts | `prompt` is what is asked; `bootstrap` is the table; `attempt` is what is told of one; `turn` is what a session has of them; `desk` says which may run; `dispatch` brings one to its first attempt; `news` carries out a row; `background` tells results |
//! | what goes by the host | `config` is the shape, `policy` what it comes to; `permission` evaluates rules; `inherit` passes them on to a child; `host` is what OpenCode itself must be set to |
//! | what is kept | `session` has the shapes; `keep` says when a record is out of date; `recall` takes in what a record says of prompts; `snapshot` and `saved` are the whole state as text |
//! | the boundary | `event` comes in, `effect` goes out; `read` reads JSON and complains by field; `error` has every message; `wasm` is the binding |
//!
//! What a room needs of another it imports; the binding imports the engine, the engine the tables, these nothing but facts.
//! Each room's first line says what it is: `cargo doc --document-private-items` shows them all.

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
pub mod explain;
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
mod names;
mod news;
mod outcome;
pub mod permission;
mod places;
pub mod policy;
pub mod prompt;
mod read;
mod recall;
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
