//! Session ids, slugs, and the id that is derived from a slug.

use sha2::{Digest, Sha256};
use std::borrow::Cow;

/// The longest slug, in characters.
pub const SLUG_CHARS: usize = 64;
/// The longest handle made from a description, in characters, before a `-2` is added.
pub const HANDLE_CHARS: usize = 32;
/// The reserved word for the caller's most recently used session of an agent.
pub const LAST: &str = "last";

const ID_PREFIX: &str = "ses_";

/// What a caller wrote as `task_id`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TaskID<'a> {
    /// Neither an id nor a slug.
    Invalid,
    /// A session id, or text that was meant as one.
    Id(Cow<'a, str>),
    /// A slug, normalised.
    Slug(Cow<'a, str>),
    /// The reserved word `last`.
    Last,
}

impl<'a> TaskID<'a> {
    /// Reads a `task_id`: what begins with `ses_` is an id, anything else is a slug.
    ///
    /// Quotes and blanks around an id are dropped: models copy them along.
    ///
    /// ```
    /// use opencode_delegate::id::TaskID;
    /// assert_eq!(TaskID::read("`ses_01AB`"), TaskID::Id("ses_01AB".into()));
    /// assert_eq!(TaskID::read("Explore Auth"), TaskID::Slug("explore-auth".into()));
    /// assert_eq!(TaskID::read("LAST"), TaskID::Last);
    /// assert_eq!(TaskID::read("?!"), TaskID::Invalid);
    /// ```
    pub fn read(text: &'a str) -> Self {
        let bare = text.trim_matches(|c: char| !c.is_alphanumeric() && c != '_');
        if looks_like_id(bare) {
            return TaskID::Id(bare.into());
        }
        match normalize_slug(text) {
            None => TaskID::Invalid,
            Some(slug) if slug == LAST => TaskID::Last,
            Some(slug) => TaskID::Slug(slug),
        }
    }
}

fn looks_like_id(text: &str) -> bool {
    text.get(..ID_PREFIX.len())
        .is_some_and(|head| head.eq_ignore_ascii_case(ID_PREFIX))
}

/// What a caller can name a session by: what it writes is read as that slug.
pub(crate) fn name(text: &str) -> Option<Cow<'_, str>> {
    match TaskID::read(text) {
        TaskID::Slug(slug) => Some(slug),
        _ => None,
    }
}

/// What a child may be called: any name that is not in the form of a task's id, which is that of
/// another session, now or later.
pub(crate) fn own_name(text: &str) -> Option<Cow<'_, str>> {
    name(text).filter(|name| !is_task_id(name))
}

/// Gives the slug that a text stands for, or `None` where nothing usable is left or it is too long.
///
/// Lower-cases, keeps letters and digits of any script (Unicode's Alphabetic and Numeric), `_` and
/// `-`, maps every run of anything else to one hyphen, trims hyphens, and accepts 1 to
/// [`SLUG_CHARS`] characters. A text that is a slug already is borrowed.
///
/// ```
/// use opencode_delegate::id::normalize_slug;
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

/// Makes the handle of a child that was given none, from its description.
///
/// Normalised, hyphens collapsed, cut at a word within [`HANDLE_CHARS`] characters. A description
/// that leaves nothing, or that nobody may be called by, gives `task`.
///
/// ```
/// use opencode_delegate::id::handle;
/// assert_eq!(handle("Explore auth - part 2"), "explore-auth-part-2");
/// assert_eq!(handle("Find every place where tokens are refreshed"), "find-every-place-where-tokens");
/// assert_eq!(handle("???"), "task");
/// ```
pub fn handle(description: &str) -> String {
    let mut handle = String::new();
    let mut room = HANDLE_CHARS;
    let lower = description.to_lowercase();
    for word in lower
        .split(|c: char| !c.is_alphanumeric() && c != '_')
        .filter(|word| !word.is_empty())
    {
        let long = word.chars().count();
        let hyphen = usize::from(!handle.is_empty());
        if long + hyphen > room {
            if handle.is_empty() {
                handle.extend(word.chars().take(room));
            }
            break;
        }
        if hyphen == 1 {
            handle.push('-');
        }
        handle.push_str(word);
        room -= long + hyphen;
    }
    if own_name(&handle).is_none() {
        "task".to_owned()
    } else {
        handle
    }
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
/// Four digits collide between roots; an engine that knows both lengthens the prefix by four digits
/// at a time until it is free.
///
/// ```
/// use opencode_delegate::id::derive_session_id;
/// assert_eq!(derive_session_id("ses_root", "explore-auth"), "ses_b1eb_explore-auth");
/// ```
pub fn derive_session_id(root_id: &str, slug: &str) -> String {
    derived_id(&root_digest(root_id), 4, slug)
}

/// The most edits between two names that are nearly the same.
const EDITS: usize = 2;

/// Whether names of these [`letters`] can be nearly the same: each edit changes at most two of them,
/// which rules out nearly every pair before the names are looked at.
pub(crate) fn may_be_near(a: u64, b: u64) -> bool {
    (a ^ b).count_ones() as usize <= 2 * EDITS
}

/// The edits between two names (insert, delete or replace a character), where they are two or fewer.
pub(crate) fn edits(a: &str, a_letters: u64, b: &str, b_letters: u64) -> Option<usize> {
    may_be_near(a_letters, b_letters)
        .then(|| edits_within(a, b, EDITS))
        .flatten()
}

/// The least edits between two texts, if they are no more than some. With what both begin with there
/// is none to save, so there are only three ways to go on at each letter that differs: among thousands
/// of like ids each is read about once.
fn edits_within(a: &str, b: &str, most: usize) -> Option<usize> {
    let (mut one, mut other) = (a.chars(), b.chars());
    let (a, b) = loop {
        let rest = (one.as_str(), other.as_str());
        match (one.next(), other.next()) {
            (None, None) => return Some(0),
            (Some(letter), Some(same)) if letter == same => {}
            _ => break rest,
        }
    };
    let less = most.checked_sub(1)?;
    let replaced = (one.as_str(), other.as_str());
    let ways = [replaced, (one.as_str(), b), (a, other.as_str())];
    let edits = ways.map(|(a, b)| edits_within(a, b, less));
    edits.into_iter().flatten().min().map(|edits| edits + 1)
}

/// The set of letters of a name, folded to 64 bits.
pub(crate) fn letters(name: &str) -> u64 {
    name.chars()
        .fold(0, |set, letter| set | 1 << (u32::from(letter) & 63))
}

#[cfg(test)]
mod tests {
    use super::{EDITS, derive_session_id, edits, letters, may_be_near};

    #[test]
    fn the_derived_id_has_four_digits_of_the_roots_digest() {
        assert_eq!(derive_session_id("ses_root", "auth"), "ses_b1eb_auth");
        assert_eq!(derive_session_id("", "größe"), "ses_e3b0_größe");
    }

    #[test]
    fn two_edits_change_four_letters_at_most() {
        for (a, b, near) in [
            ("", "", true),
            ("aaaa", "a", true),
            ("aabbccddee", "abcde", true),
            ("auth", "author", true),
            ("abcd", "efcd", true),
            ("abcd", "efgd", false),
            ("abcd", "", true),
            ("abcde", "", false),
        ] {
            assert_eq!(may_be_near(letters(a), letters(b)), near, "{a} {b}");
        }
    }

    #[test]
    fn edits_are_those_of_levenshtein_or_too_many() {
        // All words of up to six letters, of two that are written in one byte and in three.
        let words = (0..7).flat_map(|long| (0..1 << long).map(move |number| (long, number)));
        let letter = |yes: bool| if yes { '木' } else { 'a' };
        let word = |(long, number)| {
            (0..long)
                .map(|bit| letter(number >> bit & 1 == 1))
                .collect()
        };
        let words: Vec<String> = words.map(word).collect();
        for a in &words {
            for b in &words {
                let all = strsim::levenshtein(a, b);
                let near = edits(a, letters(a), b, letters(b));
                assert_eq!(near, Some(all).filter(|all| *all <= EDITS), "{a} {b}");
            }
        }
    }
}
