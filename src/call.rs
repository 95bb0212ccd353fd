//! Calls that were decided: the same call gets the same decision and spends once.

use crate::decision::{Decision, Request};
use crate::error::DelegateError;
use crate::read::Field;
use crate::registry::Map;
use serde::Serialize;
use std::collections::VecDeque;
use std::hash::BuildHasher;
use std::sync::Arc;

/// How many calls are remembered; a host repeats a call at once or not at all.
pub const CALLS: usize = 1024;

/// A decided call.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Call {
    /// The caller's turn. Some models count their calls anew in each turn.
    pub(crate) turn: u32,
    /// What was asked, folded: a call of the same id that asks for something else is another call.
    pub(crate) asked: u64,
    pub(crate) decision: Arc<Decision>,
}

impl Call {
    pub(crate) fn of(call: Field<'_>) -> Result<Call, DelegateError> {
        Ok(Call {
            turn: call.must("turn")?.count()?,
            asked: call.must("asked")?.whole()?,
            decision: Arc::new(Decision::of(call.must("decision")?)?),
        })
    }
}

/// The last calls.
#[derive(Debug, Default)]
pub(crate) struct Calls {
    pub(crate) kept: Map<Arc<str>, Call>,
    pub(crate) order: VecDeque<Arc<str>>,
}

impl Calls {
    /// The key of a call: its id is only unique within its session.
    pub(crate) fn key(request: &Request<'_>) -> Arc<str> {
        [&request.session_id, "\n", &request.call_id]
            .concat()
            .into()
    }

    /// What a request asks for, folded to 64 bits.
    pub(crate) fn asked(request: &Request<'_>) -> u64 {
        foldhash::fast::FixedState::default().hash_one((
            &request.agent,
            &request.description,
            &request.prompt,
            &request.task_id,
            &request.background,
        ))
    }

    /// The decision of a call that was decided before, in this turn and for the same.
    pub(crate) fn replay(&self, key: &str, turn: u32, asked: u64) -> Option<Arc<Decision>> {
        let call = self.kept.get(key)?;
        (call.turn == turn && call.asked == asked).then(|| call.decision.clone())
    }

    pub(crate) fn keep(&mut self, key: Arc<str>, call: Call) {
        if self.kept.insert(key.clone(), call).is_none() {
            self.order.push_back(key);
        }
        if self.order.len() > CALLS
            && let Some(oldest) = self.order.pop_front()
        {
            self.kept.remove(&oldest);
        }
    }

    /// The calls that are remembered, the oldest first.
    pub(crate) fn list(&self) -> Vec<(Arc<str>, Call)> {
        self.order
            .iter()
            .filter_map(|key| self.kept.get(key).map(|call| (key.clone(), call.clone())))
            .collect()
    }

    /// Forgets a call that came to nothing, so that it can be decided anew.
    pub(crate) fn forget(&mut self, key: &str) {
        if self.kept.remove(key).is_some() {
            self.order.retain(|kept| **kept != *key);
        }
    }
}
