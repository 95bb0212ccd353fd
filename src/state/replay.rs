//! Calls that were decided: the same call gets the same decision and spends once.

use crate::collections::Map;
use crate::protocol::{Decision, Request};
use crate::rules::limits::CALLS;
use std::collections::VecDeque;
use std::sync::Arc;
use xxhash_rust::xxh64::Xxh64;

/// A call: its session, its message, its id and its arguments. They are folded to the same 64 bits on every platform.
pub(crate) type CallKey = u64;

/// The key of a call. The caller's turn takes the place of a message that the host does not name.
pub(crate) fn call_key(request: &Request<'_>, turn: u32) -> CallKey {
    let mut key = Xxh64::new(0);
    let mut add = |text: Option<&str>| {
        let length = text.map_or(u64::MAX, |text| text.len() as u64);
        key.update(&length.to_le_bytes());
        key.update(text.unwrap_or_default().as_bytes());
    };
    let texts = [
        Some(&*request.session_id),
        Some(&*request.call_id),
        Some(&*request.agent),
        Some(&*request.description),
        Some(&*request.prompt),
        request.task_id.as_deref(),
    ];
    texts.into_iter().for_each(&mut add);
    match request.message_id.as_deref() {
        Some(message) => add(Some(message)),
        None => key.update(&turn.to_le_bytes()),
    }
    key.update(&[u8::from(request.background == Some(true))]);
    if let Some(model) = request.model.as_deref() {
        key.update(model.as_bytes());
    }
    key.digest()
}

/// The last calls with their decisions.
#[derive(Debug, Default)]
pub(super) struct Calls {
    decisions: Map<CallKey, Arc<Decision>>,
    /// The oldest first.
    order: VecDeque<CallKey>,
}

impl Calls {
    pub(super) fn get(&self, key: CallKey) -> Option<Arc<Decision>> {
        self.decisions.get(&key).cloned()
    }

    pub(super) fn add(&mut self, key: CallKey, decision: Arc<Decision>) {
        if self.decisions.insert(key, decision).is_none() {
            self.order.push_back(key);
        }
        if self.order.len() > CALLS
            && let Some(oldest) = self.order.pop_front()
        {
            self.decisions.remove(&oldest);
        }
    }

    /// The oldest first.
    pub(super) fn list(&self) -> impl Iterator<Item = (CallKey, &Arc<Decision>)> {
        let decision = |key: &CallKey| self.decisions.get(key).map(|decision| (*key, decision));
        self.order.iter().filter_map(decision)
    }

    /// Forgets a call that was refunded, so that it can be decided again.
    pub(super) fn forget(&mut self, key: CallKey) {
        if self.decisions.remove(&key).is_some() {
            self.order.retain(|known| *known != key);
        }
    }
}
