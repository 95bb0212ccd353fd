//! Readers of the fields that texts are filled with.

use crate::error::Wrong;
use crate::json::Field;

pub(super) fn add(text: &mut String, pieces: &[&str]) {
    for piece in pieces {
        text.push_str(piece);
    }
}

/// A field's text.
pub(super) fn text<'f>(given: &'f Field<'f>, key: &'f str) -> Result<&'f str, Wrong> {
    given.must(key)?.text()
}

/// A field's text, if there is one.
pub(super) fn some_text<'f>(given: &'f Field<'f>, key: &'f str) -> Result<Option<&'f str>, Wrong> {
    given.maybe(key)?.map(|text| text.text()).transpose()
}

/// Whether a list has anything in it.
pub(super) fn has(given: &Field<'_>, key: &str) -> Result<bool, Wrong> {
    Ok(given.must(key)?.list()?.next().is_some())
}
