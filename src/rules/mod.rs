//! The rules: pure functions and tables over the shapes of the protocol. No state.

pub mod allowance;
mod child_permission;
pub mod decision_table;
mod denial;
pub mod facts;
mod failure;
pub mod limits;
mod narrowed_permission;
mod narrowed_tools;
mod opencode_config;
pub mod permission;
pub mod policy;
pub mod prompt_table;
pub mod recovery_table;

pub use child_permission::inherited_permission;
pub use narrowed_permission::narrowed_permission;
pub use narrowed_tools::narrowed_tools;
pub use opencode_config::{HostSettings, host_settings};

pub(crate) use denial::Denial;

pub mod opencode1;
mod wording;

pub(crate) use failure::{news, sentence};
pub(crate) use narrowed_permission::both_passed;
pub use wording::{
    is_answered, outline, session_diagram, session_list, session_table, wording, wording_kinds,
};
