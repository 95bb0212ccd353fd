//! Reading JSON that comes from outside: every complaint names the field that it is about.
//!
//! The readers go over a value that borrows from its text: derived deserializers would name no field, and the wasm would
//! hold one for each type.

use crate::collections::{Map, Sorted};
use crate::error::{Code, DelegateError, Wrong};
use crate::json_value::JsonValue;
use crate::one_line::quotable;
use crate::words::Words;
use std::borrow::Cow;
use std::fmt::Write;
use std::sync::Arc;

/// A type that is read from a field.
pub(crate) trait Read: Sized {
    fn of(field: Field<'_>) -> Result<Self, Wrong>;

    /// Reads the field of that name, which must be there. One function a type, not one a field: the wasm is smaller.
    #[inline(never)]
    fn must(of: &Field<'_>, key: &str) -> Result<Self, Wrong> {
        Self::of(of.must(key)?)
    }

    /// Reads the field of that name, if it is there and not `null`.
    #[inline(never)]
    fn maybe(of: &Field<'_>, key: &str) -> Result<Option<Self>, Wrong> {
        of.maybe(key)?.map(Self::of).transpose()
    }

    /// Reads the field of that name, if it is there.
    #[inline(never)]
    fn given(of: &Field<'_>, key: &str) -> Result<Option<Self>, Wrong> {
        of.given(key)?.map(Self::of).transpose()
    }
}

/// Reads each type by a method of [`Field`].
macro_rules! read_by {
    ($($type:ty: $method:ident),* $(,)?) => {
        $(impl Read for $type {
            fn of(field: Field<'_>) -> Result<Self, Wrong> {
                Ok(field.$method()?.into())
            }
        })*
    };
}

read_by! { String: text, Arc<str>: text, bool: flag, u32: count, u64: whole }

impl Read for JsonValue<'static> {
    fn of(field: Field<'_>) -> Result<Self, Wrong> {
        Ok(field.value.to_static())
    }
}

impl Read for Cow<'_, str> {
    fn of(field: Field<'_>) -> Result<Self, Wrong> {
        String::of(field).map(Cow::Owned)
    }
}

impl<T: Read> Read for Vec<T> {
    fn of(field: Field<'_>) -> Result<Self, Wrong> {
        field.each(T::of)
    }
}

impl<K: Read + Ord, V: Read> Read for Sorted<K, V> {
    fn of(field: Field<'_>) -> Result<Self, Wrong> {
        let mut all = Sorted::default();
        for (key, value) in <Vec<(K, V)>>::of(field)? {
            all.insert(key, value);
        }
        Ok(all)
    }
}

impl<A: Read, B: Read> Read for (A, B) {
    fn of(field: Field<'_>) -> Result<Self, Wrong> {
        let (a, b) = field.pair()?;
        Ok((A::of(a)?, B::of(b)?))
    }
}

impl<T: Words> Read for T {
    fn of(field: Field<'_>) -> Result<Self, Wrong> {
        field.one_of(T::WORDS)
    }
}

/// Reads a time or an amount.
#[inline(never)]
pub(crate) fn amount(field: Field<'_>) -> Result<u64, Wrong> {
    field.amount()
}

/// Reads a number from 0 to 1.
pub(crate) fn share(field: Field<'_>) -> Result<f64, Wrong> {
    field.share("")
}

/// A value and its path.
#[derive(Clone, Copy)]
pub(crate) struct Field<'a> {
    code: Code,
    above: Option<&'a Field<'a>>,
    key: &'a str,
    /// Its index, if it is in a list.
    index: Option<usize>,
    value: &'a JsonValue<'a>,
}

impl<'a> Field<'a> {
    /// A value without a path: its complaints are not shown.
    pub(crate) fn alone(value: &'a JsonValue<'a>) -> Field<'a> {
        Field::root(value, Code::InvalidEvent)
    }

    pub(crate) fn root(value: &'a JsonValue<'a>, code: Code) -> Field<'a> {
        Field {
            code,
            above: None,
            key: "",
            index: None,
            value,
        }
    }

    /// The field of that name, which must be there.
    pub(crate) fn must(&'a self, key: &'a str) -> Result<Field<'a>, Wrong> {
        self.given(key)?
            .ok_or_else(|| self.at(key, &JsonValue::Null).wrong("the field is missing"))
    }

    /// The field of that name, if it is there at all: `null` is a value like any other.
    pub(crate) fn given(&'a self, key: &'a str) -> Result<Option<Field<'a>>, Wrong> {
        self.object()?;
        Ok(self.value.get(key).map(|value| self.at(key, value)))
    }

    /// The field of that name, if it is there and not `null`.
    pub(crate) fn maybe(&'a self, key: &'a str) -> Result<Option<Field<'a>>, Wrong> {
        Ok(self.given(key)?.filter(|field| !field.value.is_null()))
    }

    /// Reads the field of that name, which must be there.
    #[inline(never)]
    pub(crate) fn must_by<T>(
        &self,
        key: &str,
        by: fn(Field<'_>) -> Result<T, Wrong>,
    ) -> Result<T, Wrong> {
        by(self.must(key)?)
    }

    /// Reads the field of that name, if it is there.
    #[inline(never)]
    pub(crate) fn given_by<T>(
        &self,
        key: &str,
        by: fn(Field<'_>) -> Result<T, Wrong>,
    ) -> Result<Option<T>, Wrong> {
        self.given(key)?.map(by).transpose()
    }

    /// Refuses fields of other names.
    pub(crate) fn only(&self, keys: &[&str]) -> Result<(), Wrong> {
        match self
            .object()?
            .iter()
            .find(|(key, _)| !keys.contains(&&**key))
        {
            None => Ok(()),
            Some((key, value)) => {
                let known = keys.join(", ");
                Err(self
                    .at(key, value)
                    .wrong(&format!("the field is unknown; known fields are: {known}")))
            }
        }
    }

    /// The fields in the order in which they were written, each name once.
    pub(crate) fn fields(&'a self) -> Result<Vec<(&'a str, Field<'a>)>, Wrong> {
        let mut fields: Vec<(&'a str, Field<'a>)> = Vec::new();
        let mut places: Map<&'a str, usize> = Map::default();
        for (key, value) in self.object()? {
            let key = &**key;
            let place = *places.entry(key).or_insert(fields.len());
            let field = (key, self.at(key, value));
            match fields.get_mut(place) {
                Some(before) => *before = field,
                None => fields.push(field),
            }
        }
        Ok(fields)
    }

    /// The elements of a list.
    pub(crate) fn list(&'a self) -> Result<impl Iterator<Item = Field<'a>>, Wrong> {
        let list = self.value.as_list().ok_or_else(|| self.not("a list"))?;
        let at = |(index, value)| Field {
            index: Some(index),
            ..self.at("", value)
        };
        Ok(list.iter().enumerate().map(at))
    }

    /// The elements of a list, each read. A loop has less code than `collect` into a `Result`.
    pub(crate) fn each<T>(
        &self,
        of: impl Fn(Field<'_>) -> Result<T, Wrong>,
    ) -> Result<Vec<T>, Wrong> {
        let mut all = Vec::new();
        for element in self.list()? {
            all.push(of(element)?);
        }
        Ok(all)
    }

    /// The two elements of a pair.
    pub(crate) fn pair(&'a self) -> Result<(Field<'a>, Field<'a>), Wrong> {
        let mut list = self.list()?;
        list.next()
            .zip(list.next())
            .ok_or_else(|| self.not("a pair"))
    }

    pub(crate) fn is_list(&self) -> bool {
        self.value.as_list().is_some()
    }

    pub(crate) fn is_object(&self) -> bool {
        self.value.as_object().is_some()
    }

    /// Whether it is that truth value.
    pub(crate) fn is(&self, flag: bool) -> bool {
        *self.value == JsonValue::Bool(flag)
    }

    pub(crate) fn text(&self) -> Result<&'a str, Wrong> {
        self.value.as_str().ok_or_else(|| self.not("a string"))
    }

    pub(crate) fn flag(&self) -> Result<bool, Wrong> {
        self.value
            .as_bool()
            .ok_or_else(|| self.not("true or false"))
    }

    /// A whole number from 0 up.
    pub(crate) fn whole(&self) -> Result<u64, Wrong> {
        self.value
            .as_u64()
            .ok_or_else(|| self.not("a whole number from 0 up"))
    }

    /// A whole number from 0 up that fits a counter.
    pub(crate) fn count(&self) -> Result<u32, Wrong> {
        Ok(u32::try_from(self.whole()?).unwrap_or(u32::MAX))
    }

    /// A number from 0 to 1.
    pub(crate) fn share(&self, or: &str) -> Result<f64, Wrong> {
        let share = self
            .value
            .as_f64()
            .filter(|share| (0.0..=1.0).contains(share));
        share.ok_or_else(|| self.not(&[or, "a number from 0 to 1"].concat()))
    }

    /// A time or an amount: a fraction is cut off, and a number out of bounds becomes the nearest bound.
    pub(crate) fn amount(&self) -> Result<u64, Wrong> {
        let amount = self.value.as_f64().ok_or_else(|| self.not("a number"))?;
        Ok(amount.clamp(0.0, EXACT) as u64)
    }

    /// The meaning of one of some words.
    pub(crate) fn one_of<T: Copy>(&self, words: &[(&str, T)]) -> Result<T, Wrong> {
        let word = self.value.as_str();
        words
            .iter()
            .find(|(known, _)| Some(*known) == word)
            .map(|(_, meaning)| *meaning)
            .ok_or_else(|| {
                let known: Vec<&str> = words.iter().map(|(known, _)| *known).collect();
                self.not(&known.join(" or "))
            })
    }

    /// A number of 64 bits, written by [`hex`]: JavaScript's own numbers do not go so far.
    pub(crate) fn hex(&self) -> Result<u64, Wrong> {
        u64::from_str_radix(self.text()?, 16).map_err(|_| self.not("a hexadecimal number"))
    }

    /// The value itself.
    pub(crate) fn json(&self) -> &'a JsonValue<'a> {
        self.value
    }

    fn object(&self) -> Result<&'a [(Cow<'a, str>, JsonValue<'a>)], Wrong> {
        self.value.as_object().ok_or_else(|| self.not("an object"))
    }

    fn at(&'a self, key: &'a str, value: &'a JsonValue<'a>) -> Field<'a> {
        Field {
            code: self.code,
            above: Some(self),
            key,
            index: None,
            value,
        }
    }

    /// The complaint that a value is not the expected one.
    pub(crate) fn not(&self, expected: &str) -> Wrong {
        self.wrong(&self.got(expected))
    }

    /// The complaint that a text is none of these words. It names the nearest one, unless more than half of that differs.
    pub(crate) fn none_of(&self, words: &[&str], expected: &str) -> Wrong {
        // The quotable form is short, whatever the length of the text. Words have no capitals.
        let given = quotable(self.value.as_str().unwrap_or_default()).to_ascii_lowercase();
        let distances = words
            .iter()
            .map(|word| (strsim::levenshtein(word, &given), word));
        let nearest = distances.min_by_key(|(distance, _)| *distance);
        let got = self.got(expected);
        match nearest.filter(|(distance, word)| 2 * distance <= word.len()) {
            Some((_, word)) => self.wrong(&format!("{got}; the nearest is \"{word}\"")),
            None => self.wrong(&got),
        }
    }

    /// What was expected, and the value.
    fn got(&self, expected: &str) -> String {
        let mut words = format!("expected {expected}, got ");
        // Writing to a string does not fail.
        let _ = match self.value {
            JsonValue::Null => write!(words, "null"),
            JsonValue::Bool(flag) => write!(words, "{flag}"),
            JsonValue::Number(number) => write!(words, "{number}"),
            JsonValue::Text(text) => write!(words, "\"{}\"", quotable(text)),
            JsonValue::List(_) => write!(words, "a list"),
            JsonValue::Object(_) => write!(words, "an object"),
        };
        words
    }

    fn wrong(&self, words: &str) -> Wrong {
        Box::new(DelegateError::at(self.code, self.path(), words))
    }

    fn path(&self) -> String {
        let above = self.above.map(Field::path).unwrap_or_default();
        let own = match self.index {
            Some(index) => index.to_string(),
            None => quotable(self.key).into_owned(),
        };
        if above.is_empty() {
            own
        } else {
            [&above, ".", &own].concat()
        }
    }
}

/// The largest whole number that JavaScript holds exactly.
const EXACT: f64 = 9_007_199_254_740_991.0;

/// A number of 64 bits as text.
pub(crate) fn hex(number: u64) -> String {
    format!("{number:x}")
}
