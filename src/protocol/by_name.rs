//! Values by name.

use crate::error::Wrong;
use crate::json::{Field, Read};
use crate::typescript::Ts;
use serde::{Serialize, Serializer};

/// Values by name: an object in JSON. A list has much less code than a tree.
///
/// ```
/// use opencode_delegate::Config;
/// let config = Config::read(r#"{"agents":{"helper":{"task_budget":3}}}"#)?;
/// let agents = config.agents.unwrap_or_default();
/// assert_eq!(agents.0.first().map(|(name, _)| &**name), Some("helper"));
/// # Ok::<(), opencode_delegate::DelegateError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ByName<T>(
    /// Each name, once, with its value.
    pub Vec<(String, T)>,
);

impl<T> Default for ByName<T> {
    fn default() -> Self {
        ByName(Vec::new())
    }
}

impl<T: Serialize> Serialize for ByName<T> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_map(self.0.iter().map(|(name, value)| (name, value)))
    }
}

impl<T: Read> Read for ByName<T> {
    fn of(field: Field<'_>) -> Result<Self, Wrong> {
        let mut all = Vec::new();
        for (name, value) in field.fields()? {
            all.push((name.to_owned(), T::of(value)?));
        }
        Ok(ByName(all))
    }
}

impl<T: Ts> Ts for ByName<T> {
    const HEAD: &'static str = "{ [name: string]: ";
    const NAME: &'static str = T::NAME;
    const TAIL: &'static str = " }";
}

#[cfg(test)]
impl<T: crate::samples::Sample> crate::samples::Sample for ByName<T> {
    fn sample(large: bool) -> Self {
        let one = || ("text".to_owned(), T::sample(large));
        ByName(large.then(one).into_iter().collect())
    }
}
