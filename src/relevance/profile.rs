//! The terms of a request or a session, with their weights.

use crate::relevance::arithmetic::sqrt;
use crate::relevance::terms::{Term, Terms};
use crate::relevance::tokens;

/// The terms of a request or a session, to be weighed.
///
/// ```
/// use opencode_delegate::relevance::Profile;
/// let profile = Profile::of("Fix the tokens", "", ["src/auth/token.rs"].into_iter());
/// assert_eq!(profile.len(), 4); // fix, token, src, auth
/// ```
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Profile(Box<[Term]>);

impl Profile {
    /// The terms of a description, a prompt and the paths of files, relative to their project. Of the description the
    /// first 512 bytes count, twice; of the prompt the first 4 096; of each path the first
    /// [`PATH_BYTES`](crate::relevance::PATH_BYTES).
    pub fn of<'a>(
        description: &str,
        prompt: &str,
        paths: impl Iterator<Item = &'a str>,
    ) -> Profile {
        let mut terms = Terms::with(64);
        tokens::add_text(&mut terms, description, prompt);
        paths.for_each(|path| tokens::add_path(&mut terms, path));
        let mut list = terms.list;
        for term in &mut list {
            for count in [&mut term.text, &mut term.path] {
                *count = sqrt(u64::from(*count) << 16) as u32;
            }
        }
        Profile(list.into_boxed_slice())
    }

    /// The number of different terms.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether it has none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Term> {
        self.0.iter()
    }
}
