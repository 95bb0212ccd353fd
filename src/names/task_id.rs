//! The `task_id` of a caller. No other file parses one.

use crate::names::ids::{is_task_id, looks_like_id};
use crate::names::slug::normalize_slug;
use std::borrow::Cow;

/// The reserved word for the caller's most recently used session of an agent.
pub const LAST: &str = "last";

/// The words that models write into a field which they mean to leave out. No session has one of them as its name.
const NOTHING: [&str; 4] = ["new", "none", "null", "undefined"];

/// Whether a `task_id` is a word that stands for none.
///
/// ```
/// use opencode_delegate::names::names_nothing;
/// assert!(names_nothing("`New`"));
/// assert!(!names_nothing("new-login"));
/// ```
pub fn names_nothing(text: &str) -> bool {
    let word = text.trim_matches(|c: char| !c.is_alphanumeric());
    NOTHING
        .iter()
        .any(|nothing| nothing.eq_ignore_ascii_case(word))
}

/// The `task_id` of a caller, read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TaskID<'a> {
    /// Neither an id nor usable as a name.
    Invalid,
    /// A session id, or text that was meant as one.
    Id(Cow<'a, str>),
    /// A name, normalised.
    Slug(Cow<'a, str>),
    /// The reserved word `last`.
    Last,
}

impl<'a> TaskID<'a> {
    /// Reads a `task_id`: a text that begins with `ses_` is an id, any other text is a name.
    ///
    /// Quotes and blanks around an id are dropped: models copy them along.
    ///
    /// ```
    /// use opencode_delegate::names::TaskID;
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

/// Gives the kind of a `task_id`: `id`, `task` (the id of a background task), `last`, `name` or `invalid`.
///
/// Blanks around it are dropped; an empty text is `invalid`, though a request with an empty `task_id` names no session.
///
/// ```
/// use opencode_delegate::names::classify_task_id;
/// assert_eq!(classify_task_id("`ses_01AB`"), "id");
/// assert_eq!(classify_task_id("bg_0ccf5107"), "task");
/// assert_eq!(classify_task_id("Last"), "last");
/// assert_eq!(classify_task_id("Explore Auth"), "name");
/// assert_eq!(classify_task_id("?!"), "invalid");
/// ```
pub fn classify_task_id(text: &str) -> &'static str {
    match TaskID::read(text.trim()) {
        TaskID::Invalid => "invalid",
        TaskID::Id(_) => "id",
        TaskID::Slug(slug) if is_task_id(&slug) => "task",
        TaskID::Slug(_) => "name",
        TaskID::Last => "last",
    }
}

/// Whether a `task_id` is a session's own: an id, or its name. Any other name may be another plugin's.
///
/// ```
/// use opencode_delegate::names::is_own_task_id;
/// assert!(is_own_task_id("Explore Auth", Some("explore-auth")));
/// assert!(is_own_task_id("ses_01AB", None));
/// assert!(!is_own_task_id("exp-1", Some("explore-auth")));
/// ```
pub fn is_own_task_id(text: &str, slug: Option<&str>) -> bool {
    match TaskID::read(text.trim()) {
        TaskID::Id(_) => true,
        TaskID::Slug(name) => slug == Some(&*name),
        TaskID::Last | TaskID::Invalid => false,
    }
}

/// Whether a caller can name a session by a slug: a `task_id` of that text is read as that slug.
pub(crate) fn name(text: &str) -> Option<Cow<'_, str>> {
    match TaskID::read(text) {
        TaskID::Slug(slug) => Some(slug),
        _ => None,
    }
}

/// The name that a child may have: any that no call means otherwise. An id of a task names another session, now or later.
pub(crate) fn own_name(text: &str) -> Option<Cow<'_, str>> {
    name(text).filter(|name| !is_task_id(name) && !names_nothing(name))
}
