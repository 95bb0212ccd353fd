//! Names in the form in which sessions have them.

use std::borrow::Cow;

/// The longest slug, in characters.
pub const SLUG_CHARS: usize = 64;

/// Gives the slug of a text, or `None` if no usable character is left or the slug is too long.
///
/// Lower-cases the text. Keeps letters and digits of any script (Unicode's Alphabetic and Numeric), `_` and `-`. Each
/// run of other characters becomes one hyphen, and hyphens at the ends are trimmed. A slug has 1 to [`SLUG_CHARS`]
/// characters. A text that is a slug already is borrowed.
///
/// ```
/// use opencode_delegate::names::normalize_slug;
/// assert_eq!(normalize_slug("Explore: the Auth!").as_deref(), Some("explore-the-auth"));
/// assert_eq!(normalize_slug("  ..."), None);
/// ```
pub fn normalize_slug(text: &str) -> Option<Cow<'_, str>> {
    let bytes = text.as_bytes();
    let plain = bytes
        .iter()
        .all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'_' | b'-'));
    if plain && bytes.first() != Some(&b'-') && bytes.last() != Some(&b'-') {
        return (1..=SLUG_CHARS)
            .contains(&bytes.len())
            .then_some(Cow::Borrowed(text));
    }
    let mut slug = String::with_capacity(text.len().min(4 * SLUG_CHARS));
    let mut gap = false;
    for c in text.to_lowercase().chars() {
        if c.is_alphanumeric() || c == '_' || c == '-' {
            slug.push(c);
            gap = false;
        } else if !gap {
            slug.push('-');
            gap = true;
        }
    }
    let slug = slug.trim_matches('-');
    (1..=SLUG_CHARS)
        .contains(&slug.chars().count())
        .then(|| Cow::Owned(slug.to_owned()))
}
