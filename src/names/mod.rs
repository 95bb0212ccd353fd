//! Names, ids and how near two of them are. Pure text: it imports nothing of this crate.

mod description;
mod edits;
mod ids;
mod message_id;
mod slug;
mod task_id;

pub use description::{HANDLE_CHARS, handle};
pub use ids::derive_session_id;
pub use slug::{SLUG_CHARS, normalize_slug};
pub use task_id::{LAST, TaskID, classify_task_id, is_own_task_id, names_nothing};

pub(crate) use edits::{edits, letters, may_be_near};
pub(crate) use ids::{derived_id, is_derived_under, is_task_id, root_digest, task_id};
pub(crate) use message_id::{message_id, part_id, part_of};
pub(crate) use task_id::{name, own_name};
