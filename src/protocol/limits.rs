//! The limits of a prompt: how long its session may work for it, and how much it may use.

use crate::error::Wrong;
use crate::json::{Field, Read};
use crate::protocol::spent::Dollars;
use crate::shape::shape;

shape! {
    /// How long a session may work for one prompt, and how much it and all sessions below it may use for it. At a limit the
    /// session is ended, and its answer so far is the result. The next prompt has fresh limits.
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
    pub config struct Limits {
        /// The time in milliseconds, from the moment at which the prompt is sent.
        timeout_ms: Option<u64> => given(least_one),
        /// The tokens: input, output, reasoning, and those that a cache read or wrote.
        max_tokens: Option<u64> => given(least_one),
        /// The cost in US dollars.
        max_cost: Option<Dollars> => given(some_cost),
        /// The steps of the session itself: a step is one answer of its model, tool calls included.
        max_steps: Option<u64> => given(least_one),
    }
}

/// Reads a whole number from 1 up.
pub(super) fn least_one(field: Field<'_>) -> Result<u64, Wrong> {
    let number = field.json().as_u64().filter(|number| *number > 0);
    number.ok_or_else(|| field.not("a whole number from 1 up"))
}

/// Reads a cost above 0, to a millionth.
pub(super) fn some_cost(field: Field<'_>) -> Result<Dollars, Wrong> {
    match Dollars::of(field)? {
        cost if cost == Dollars::default() => Err(field.not("a number above 0")),
        cost => Ok(cost),
    }
}

impl Limits {
    /// The tighter of two limits, each by itself.
    ///
    /// ```
    /// use opencode_delegate::protocol::Limits;
    /// let agent = Limits { max_steps: Some(9), max_tokens: Some(5_000), ..Limits::default() };
    /// let call = Limits { max_steps: Some(20), timeout_ms: Some(1_000), ..Limits::default() };
    /// let both = Limits { timeout_ms: Some(1_000), ..agent };
    /// assert_eq!(agent.and(call), both);
    /// ```
    pub fn and(self, other: Limits) -> Limits {
        Limits {
            timeout_ms: tighter(self.timeout_ms, other.timeout_ms),
            max_tokens: tighter(self.max_tokens, other.max_tokens),
            max_cost: tighter(self.max_cost, other.max_cost),
            max_steps: tighter(self.max_steps, other.max_steps),
        }
    }

    /// These, with another's in place of those that are absent.
    pub(crate) fn or(self, other: Limits) -> Limits {
        Limits {
            timeout_ms: self.timeout_ms.or(other.timeout_ms),
            max_tokens: self.max_tokens.or(other.max_tokens),
            max_cost: self.max_cost.or(other.max_cost),
            max_steps: self.max_steps.or(other.max_steps),
        }
    }
}

fn tighter<T: Ord>(one: Option<T>, other: Option<T>) -> Option<T> {
    match (one, other) {
        (Some(one), Some(other)) => Some(one.min(other)),
        (one, other) => one.or(other),
    }
}
