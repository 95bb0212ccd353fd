//! Which session a request follows up: five integer features of words, paths and recency, with fixed weights.
//!
//! Source of the rule: `followups.md` of this project's design, fitted on 599 episodes of five repositories and judged on
//! others. All arithmetic is of whole numbers, so the same texts give the same bits natively and as WebAssembly.
//!
//! Scores are in Q16 and features in Q8: the whole number is the value times 65 536, or times 256.

mod arithmetic;
mod fresh;
mod paths;
mod profile;
mod score;
mod terms;
mod tokens;

pub use fresh::wants_fresh;
pub use paths::{PATH_BYTES, project_path};
pub use profile::Profile;
pub use score::{MARGIN, Weighed, weigh};
pub use terms::TERMS;
pub(crate) use tokens::{PROMPT as PROMPT_BYTES, head};
