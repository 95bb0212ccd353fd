//! The use that models made of tokens and money.

use crate::error::Wrong;
use crate::json::{Field, Read, amount};
use crate::shape::shape;
use crate::typescript::Ts;
use serde::{Serialize, Serializer};
use std::fmt;

/// The parts that an amount of money is counted in: a dollar has a million.
const PARTS: f64 = 1_000_000.0;

/// An amount of US dollars, to a millionth: sums of it are exact.
///
/// ```
/// use opencode_delegate::protocol::Dollars;
/// assert_eq!(Dollars::from(1.304).to_string(), "$1.30");
/// assert_eq!(Dollars::from(0.004).to_string(), "under $0.01");
/// assert_eq!(Dollars::from(-1.0), Dollars::default());
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Dollars(u64);

impl From<f64> for Dollars {
    /// The nearest amount; a number below 0 is none.
    fn from(dollars: f64) -> Dollars {
        // The cast keeps within the bounds of the type.
        Dollars((dollars * PARTS).round() as u64)
    }
}

impl fmt::Display for Dollars {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let cents = self.0.saturating_add(5_000) / 10_000;
        match (self.0, cents) {
            (1.., 0) => f.write_str("under $0.01"),
            _ => write!(f, "${}.{:02}", cents / 100, cents % 100),
        }
    }
}

impl Serialize for Dollars {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_f64(self.0 as f64 / PARTS)
    }
}

impl Read for Dollars {
    fn of(field: Field<'_>) -> Result<Self, Wrong> {
        let dollars = field.json().as_f64().filter(|dollars| *dollars >= 0.0);
        let dollars = dollars.ok_or_else(|| field.not("a number from 0 up"))?;
        Ok(Dollars::from(dollars))
    }
}

impl Ts for Dollars {
    const NAME: &'static str = "number";
}

shape! {
    /// The tokens that models used, and their cost.
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
    pub read struct Spent {
        /// All tokens: input, output, reasoning, and those that a cache read or wrote.
        tokens: u64 => must(amount),
        /// Their cost in US dollars, to a millionth; 0 if the model has no price.
        cost: Dollars => must,
    }
}

impl Spent {
    /// Both together.
    pub(crate) fn and(self, other: Spent) -> Spent {
        Spent {
            tokens: self.tokens.saturating_add(other.tokens),
            cost: Dollars(self.cost.0.saturating_add(other.cost.0)),
        }
    }

    /// The rise from an earlier figure to this one; of a figure that fell, none.
    pub(crate) fn since(self, before: Spent) -> Spent {
        Spent {
            tokens: self.tokens.saturating_sub(before.tokens),
            cost: Dollars(self.cost.0.saturating_sub(before.cost.0)),
        }
    }

    /// This, unless it is nothing.
    pub(crate) fn some(self) -> Option<Spent> {
        Some(self).filter(|spent| *spent != Spent::default())
    }
}

impl fmt::Display for Spent {
    /// The cost, if there is one, and the tokens, as in `$0.08, 7786 tokens`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.cost != Dollars::default() {
            write!(f, "{}, ", self.cost)?;
        }
        write!(f, "{} tokens", self.tokens)
    }
}
