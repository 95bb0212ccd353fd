//! Calls that were decided: the same call gets the same decision and spends once.

use crate::collections::Map;
use crate::protocol::Decision;
use crate::protocol::Request;
use std::collections::VecDeque;
use std::sync::Arc;
use xxhash_rust::xxh64::Xxh64;

/// How many calls are remembered; a host repeats a call at once or not at all.
pub const CALLS: usize = 1024;

/// What a call is known by: its session and id, the turn it was made in (some models count their
/// calls anew in each) and all that it asks for, folded to the same 64 bits on every platform.
pub(crate) type CallKey = u64;

/// The last calls.
#[derive(Debug, Default)]
pub(crate) struct Calls {
    kept: Map<CallKey, Arc<Decision>>,
    order: VecDeque<CallKey>,
}

impl Calls {
    pub(crate) fn key(request: &Request<'_>, turn: u32) -> CallKey {
        let mut key = Xxh64::new(0);
        let texts = [
            Some(&*request.session_id),
            Some(&*request.call_id),
            Some(&*request.agent),
            Some(&*request.description),
            Some(&*request.prompt),
            request.task_id.as_deref(),
        ];
        for text in texts {
            let length = text.map_or(u64::MAX, |text| text.len() as u64);
            key.update(&length.to_le_bytes());
            key.update(text.unwrap_or_default().as_bytes());
        }
        key.update(&turn.to_le_bytes());
        key.update(&[u8::from(request.background == Some(true))]);
        key.digest()
    }

    /// The decision of a call that was decided before.
    pub(crate) fn replay(&self, key: CallKey) -> Option<Arc<Decision>> {
        self.kept.get(&key).cloned()
    }

    pub(crate) fn keep(&mut self, key: CallKey, decision: Arc<Decision>) {
        if self.kept.insert(key, decision).is_none() {
            self.order.push_back(key);
        }
        if self.order.len() > CALLS
            && let Some(oldest) = self.order.pop_front()
        {
            self.kept.remove(&oldest);
        }
    }

    /// The calls that are remembered, the oldest first.
    pub(crate) fn list(&self) -> impl Iterator<Item = (CallKey, &Arc<Decision>)> {
        self.order
            .iter()
            .filter_map(|key| self.kept.get(key).map(|decision| (*key, decision)))
    }

    /// Forgets a call that came to nothing, so that it can be decided anew.
    pub(crate) fn forget(&mut self, key: CallKey) {
        if self.kept.remove(&key).is_some() {
            self.order.retain(|kept| *kept != key);
        }
    }
}
