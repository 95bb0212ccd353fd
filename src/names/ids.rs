//! Ids of sessions and of background tasks, and those that are derived from names.

use sha2::{Digest, Sha256};

const ID_PREFIX: &str = "ses_";

pub(crate) fn looks_like_id(text: &str) -> bool {
    text.get(..ID_PREFIX.len())
        .is_some_and(|head| head.eq_ignore_ascii_case(ID_PREFIX))
}

/// The hexadecimal SHA-256 of a root's id, from which derived ids take their prefix.
pub(crate) fn root_digest(root_id: &str) -> String {
    const HEX: [char; 16] = [
        '0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'd', 'e', 'f',
    ];
    let digit = |nibble: u8| HEX.get(usize::from(nibble)).copied().unwrap_or('0');
    Sha256::digest(root_id.as_bytes())
        .iter()
        .flat_map(|byte| [digit(byte >> 4), digit(byte & 15)])
        .collect()
}

/// The derived id with the first `digits` digits of a root's digest.
pub(crate) fn derived_id(digest: &str, digits: usize, slug: &str) -> String {
    [ID_PREFIX, digest.get(..digits).unwrap_or(digest), "_", slug].concat()
}

/// Whether a derived id has the digits of a root.
pub(crate) fn is_derived_under(root_id: &str, id: &str) -> bool {
    let digits = id.strip_prefix(ID_PREFIX).and_then(|id| id.split_once('_'));
    digits.is_some_and(|(digits, _)| root_digest(root_id).starts_with(digits))
}

const TASK_PREFIX: &str = "bg_";
const TASK_DIGITS: usize = 8;

/// The id of a session's background tasks: `bg_` and 8 hexadecimal digits of the SHA-256 of its
/// derived id.
pub(crate) fn task_id(derived: &str) -> String {
    let digest = root_digest(derived);
    [TASK_PREFIX, digest.get(..TASK_DIGITS).unwrap_or_default()].concat()
}

/// Whether a slug is in the form of a task's id.
pub(crate) fn is_task_id(slug: &str) -> bool {
    slug.strip_prefix(TASK_PREFIX).is_some_and(|digits| {
        let hex = |digit| matches!(digit, b'0'..=b'9' | b'a'..=b'f');
        digits.len() == TASK_DIGITS && digits.bytes().all(hex)
    })
}

/// Gives the id that a slug has under a root: `ses_<first 4 hex of SHA-256(root id)>_<slug>`.
///
/// Four digits collide between roots. An engine that knows both lengthens the prefix by four digits at a time until it
/// is free.
///
/// ```
/// use opencode_delegate::names::derive_session_id;
/// assert_eq!(derive_session_id("ses_root", "explore-auth"), "ses_b1eb_explore-auth");
/// ```
pub fn derive_session_id(root_id: &str, slug: &str) -> String {
    derived_id(&root_digest(root_id), 4, slug)
}

#[cfg(test)]
mod tests {
    use super::derive_session_id;

    #[test]
    fn the_derived_id_has_four_digits_of_the_roots_digest() {
        assert_eq!(derive_session_id("ses_root", "auth"), "ses_b1eb_auth");
        assert_eq!(derive_session_id("", "größe"), "ses_e3b0_größe");
    }
}
