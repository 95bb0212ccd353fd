//! Readers of the fields that texts are filled with.

use crate::collections::in_order;
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

/// Which of some sessions were used most recently, by their times, without the first few of them. Of equal times the last
/// in the list is the latest.
pub(super) fn latest(used: &[u64], first: usize, most: usize) -> Vec<bool> {
    let order = in_order(used.len(), &|one, other| {
        (used.get(other), other).cmp(&(used.get(one), one))
    });
    let mut latest = vec![false; used.len()];
    for index in order.into_iter().skip(first).take(most) {
        if let Some(listed) = latest.get_mut(index) {
            *listed = true;
        }
    }
    latest
}

/// The ids of a list, to be looked up.
pub(super) struct Ids<'a> {
    ids: Vec<&'a str>,
    order: Vec<usize>,
}

impl<'a> Ids<'a> {
    pub(super) fn of(ids: Vec<&'a str>) -> Ids<'a> {
        let order = in_order(ids.len(), &|one, other| {
            (ids.get(one), one).cmp(&(ids.get(other), other))
        });
        Ids { ids, order }
    }

    /// The index of an id. Of the same ids the first counts.
    pub(super) fn find(&self, id: &str) -> Option<usize> {
        let own = |index: &usize| self.ids.get(*index).copied().unwrap_or_default();
        let at = self.order.partition_point(|index| own(index) < id);
        self.order.get(at).copied().filter(|index| own(index) == id)
    }
}
