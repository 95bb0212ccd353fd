//! Rules of OpenCode 1, as read in version 1.18.33, that this package follows or undoes.

mod answers;
mod background;
mod children;
mod errors;
mod result_parts;
mod usage;

pub use answers::{PromptReading, read_answer};
pub use background::background_result;
pub use children::{child_description, child_title, may_have_children};
pub use errors::{AttemptFailure, read_error};
pub use result_parts::{SEED_CHARS, holds_result};
pub use usage::context_tokens;
