//! Readers of the fields that texts are filled with.

use crate::error::Wrong;
use crate::json::Field;
use std::cmp::Reverse;

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

/// Which of some sessions were used most recently, by their times. Of equal times the last in the list is the latest.
pub(super) fn latest(used: &[u64], most: usize) -> Vec<bool> {
    let mut order: Vec<usize> = (0..used.len()).collect();
    order.sort_unstable_by_key(|index| Reverse((used.get(*index), *index)));
    let mut latest = vec![false; used.len()];
    for index in order.into_iter().take(most) {
        if let Some(listed) = latest.get_mut(index) {
            *listed = true;
        }
    }
    latest
}
