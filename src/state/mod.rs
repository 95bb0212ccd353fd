//! The state of an engine: sessions, names, calls and prompts.

mod agents;
mod aliases;
mod calls;
mod handles;
mod name_table;
mod prompt_queue;
mod prompts;
mod recency;
mod record_sync;
mod registry;
mod removal;
mod replay;
mod saved;
mod slots;
mod tickets;

pub use aliases::ALIASES;
pub use registry::{CANDIDATES, DELETED, NEAR_HANDLES};
pub use tickets::OPEN_TICKETS;

pub(crate) use prompt_queue::{Desk, Place, Unborn};
pub(crate) use prompts::{Lane, Turn};
pub(crate) use registry::{Holder, Registry};
pub(crate) use replay::{CallKey, Calls};
pub(crate) use saved::Saved;
pub(crate) use slots::At;
pub(crate) use tickets::{Goal, Joined, Ticket};
