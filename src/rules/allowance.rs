//! The calls that a subagent session may make, and those that it has made.

use crate::error::Wrong;
use crate::json::{Field, Read};
use serde::Serialize;

/// The budget of one subagent session for one delegation to it, in calls: the limit, the spent ones and the reserved ones.
///
/// `used + reserved` never exceeds `limit` through [`reserve`](Allowance::reserve). The limit is the
/// one that held when the session was spawned.
///
/// ```
/// use opencode_delegate::rules::allowance::Allowance;
/// let mut calls = Allowance::new(1, 0);
/// assert!(calls.reserve());
/// assert!(!calls.reserve());
/// calls.refund();
/// assert!(calls.reserve());
/// calls.commit();
/// assert!(calls.is_spent());
/// calls.reset();
/// assert!(!calls.is_spent());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Allowance {
    limit: u32,
    used: u32,
    reserved: u32,
}

impl Allowance {
    /// A budget of `limit` calls of which `used` are spent.
    pub fn new(limit: u32, used: u32) -> Self {
        Allowance {
            limit,
            used: used.min(limit),
            reserved: 0,
        }
    }

    /// The calls that the session may make for one delegation to it.
    pub fn limit(&self) -> u32 {
        self.limit
    }

    /// The calls that it has made.
    pub fn used(&self) -> u32 {
        self.used
    }

    /// Whether a call was made or is reserved.
    pub fn is_charged(&self) -> bool {
        self.used > 0 || self.reserved > 0
    }

    /// Whether nothing is left to reserve.
    pub fn is_spent(&self) -> bool {
        self.used.saturating_add(self.reserved) >= self.limit
    }

    /// Reserves a call; `false` if the budget is spent.
    pub fn reserve(&mut self) -> bool {
        let left = !self.is_spent();
        self.reserved += u32::from(left);
        left
    }

    /// Turns a reserved call into a spent one.
    pub fn commit(&mut self) {
        if self.reserved > 0 {
            self.reserved -= 1;
            self.used += 1;
        }
    }

    /// Refunds a reserved call.
    pub fn refund(&mut self) {
        self.reserved = self.reserved.saturating_sub(1);
    }

    /// Spends a call that cannot be refunded later; `false` if the budget is spent.
    pub fn spend(&mut self) -> bool {
        let left = !self.is_spent();
        self.used += u32::from(left);
        left
    }

    /// Refunds a spent call.
    pub fn restore(&mut self) {
        self.used = self.used.saturating_sub(1);
    }

    /// Fills the budget again for a new delegation: the reserved calls belong to the last one. Gives whether a call was
    /// spent.
    pub fn reset(&mut self) -> bool {
        self.reserved = 0;
        std::mem::take(&mut self.used) > 0
    }
}

impl Read for Allowance {
    fn of(allowance: Field<'_>) -> Result<Allowance, Wrong> {
        Ok(Allowance {
            limit: Read::must(&allowance, "limit")?,
            used: Read::must(&allowance, "used")?,
            reserved: Read::must(&allowance, "reserved")?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::Allowance;

    #[test]
    fn only_reserved_calls_are_counted() {
        let mut calls = Allowance::new(2, 0);
        calls.commit();
        calls.refund();
        assert_eq!((calls.used(), calls.is_spent()), (0, false));
        assert!(calls.reserve() && calls.reserve() && !calls.reserve());
        calls.refund();
        calls.commit();
        assert_eq!((calls.used(), calls.is_spent()), (1, false));
        assert!(calls.spend() && !calls.spend());
        calls.restore();
        assert_eq!(calls.used(), 1);
    }

    #[test]
    fn a_reset_says_whether_anything_was_spent() {
        let mut calls = Allowance::new(2, 1);
        assert!(calls.reserve() && calls.is_spent());
        assert!(calls.reset());
        assert_eq!((calls.used(), calls.is_spent()), (0, false));
        assert!(calls.reserve());
        assert!(!calls.reset());
        assert!(calls.reserve() && calls.reserve());
    }
}
