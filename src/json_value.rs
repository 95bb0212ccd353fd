//! A value of JSON that borrows from its text.

use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde::ser::{Serialize, Serializer};
use serde_json::{Number, Value};
use std::borrow::Cow;
use std::fmt::{self, Formatter};

/// A value of JSON. Texts without escapes borrow from the text that was read, and an object is a list: this takes half the
/// time of a [`serde_json::Value`], and less code.
///
/// ```
/// use opencode_delegate::JsonValue;
/// let text = r#"{"type":"text","text":"Go on."}"#;
/// let part: JsonValue<'_> = serde_json::from_str(text)?;
/// assert_eq!(part.get("type").and_then(JsonValue::as_str), Some("text"));
/// assert_eq!(serde_json::to_string(&part)?, text);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub enum JsonValue<'a> {
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number.
    Number(Number),
    /// A string.
    Text(Cow<'a, str>),
    /// A list.
    List(Vec<JsonValue<'a>>),
    /// The fields of an object in the order in which they were written. Of two with one name the last one counts, as in
    /// JavaScript.
    Object(Vec<(Cow<'a, str>, JsonValue<'a>)>),
}

impl<'a> JsonValue<'a> {
    /// The field of that name, if this is an object that has it.
    pub fn get(&self, key: &str) -> Option<&JsonValue<'a>> {
        let mut fields = self.as_object()?.iter().rev();
        fields.find(|(name, _)| name == key).map(|(_, value)| value)
    }

    /// The fields of an object.
    pub fn as_object(&self) -> Option<&[(Cow<'a, str>, JsonValue<'a>)]> {
        match self {
            JsonValue::Object(fields) => Some(fields),
            _ => None,
        }
    }

    /// The elements of a list.
    pub fn as_list(&self) -> Option<&[JsonValue<'a>]> {
        match self {
            JsonValue::List(elements) => Some(elements),
            _ => None,
        }
    }

    /// The text of a string.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            JsonValue::Text(text) => Some(text),
            _ => None,
        }
    }

    /// A truth value.
    pub fn as_bool(&self) -> Option<bool> {
        match self {
            JsonValue::Bool(flag) => Some(*flag),
            _ => None,
        }
    }

    /// A whole number from 0 up.
    pub fn as_u64(&self) -> Option<u64> {
        match self {
            JsonValue::Number(number) => number.as_u64(),
            _ => None,
        }
    }

    /// A number.
    pub fn as_f64(&self) -> Option<f64> {
        match self {
            JsonValue::Number(number) => number.as_f64(),
            _ => None,
        }
    }

    /// Whether it is `null`.
    pub fn is_null(&self) -> bool {
        *self == JsonValue::Null
    }

    /// Gives an object a field, in place of others of that name. Another value stays as it is.
    pub(crate) fn set(&mut self, key: &'static str, value: JsonValue<'a>) {
        if let JsonValue::Object(fields) = self {
            fields.retain(|(name, _)| name != key);
            fields.push((Cow::Borrowed(key), value));
        }
    }

    /// A copy that borrows nothing.
    pub fn to_static(&self) -> JsonValue<'static> {
        match self {
            JsonValue::Null => JsonValue::Null,
            JsonValue::Bool(flag) => JsonValue::Bool(*flag),
            JsonValue::Number(number) => JsonValue::Number(number.clone()),
            JsonValue::Text(text) => JsonValue::Text(Cow::Owned(text.to_string())),
            JsonValue::List(elements) => {
                JsonValue::List(elements.iter().map(JsonValue::to_static).collect())
            }
            JsonValue::Object(fields) => {
                let field = |(name, value): &(Cow<'_, str>, JsonValue<'_>)| {
                    (Cow::Owned(name.to_string()), value.to_static())
                };
                JsonValue::Object(fields.iter().map(field).collect())
            }
        }
    }
}

impl From<Value> for JsonValue<'static> {
    fn from(value: Value) -> Self {
        match value {
            Value::Null => JsonValue::Null,
            Value::Bool(flag) => JsonValue::Bool(flag),
            Value::Number(number) => JsonValue::Number(number),
            Value::String(text) => JsonValue::Text(Cow::Owned(text)),
            Value::Array(elements) => {
                JsonValue::List(elements.into_iter().map(JsonValue::from).collect())
            }
            Value::Object(fields) => {
                let field = |(name, value)| (Cow::Owned(name), JsonValue::from(value));
                JsonValue::Object(fields.into_iter().map(field).collect())
            }
        }
    }
}

impl Serialize for JsonValue<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        match self {
            JsonValue::Null => to.serialize_unit(),
            JsonValue::Bool(flag) => to.serialize_bool(*flag),
            JsonValue::Number(number) => number.serialize(to),
            JsonValue::Text(text) => to.serialize_str(text),
            JsonValue::List(elements) => to.collect_seq(elements),
            JsonValue::Object(fields) => {
                to.collect_map(fields.iter().map(|(name, value)| (name, value)))
            }
        }
    }
}

impl<'de> Deserialize<'de> for JsonValue<'de> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(Reader)
    }
}

struct Reader;

impl<'de> Visitor<'de> for Reader {
    type Value = JsonValue<'de>;

    fn expecting(&self, to: &mut Formatter<'_>) -> fmt::Result {
        to.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<JsonValue<'de>, E> {
        Ok(JsonValue::Null)
    }

    fn visit_bool<E>(self, flag: bool) -> Result<JsonValue<'de>, E> {
        Ok(JsonValue::Bool(flag))
    }

    fn visit_u64<E>(self, number: u64) -> Result<JsonValue<'de>, E> {
        Ok(JsonValue::Number(number.into()))
    }

    fn visit_i64<E>(self, number: i64) -> Result<JsonValue<'de>, E> {
        Ok(JsonValue::Number(number.into()))
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<JsonValue<'de>, E> {
        let number = Number::from_f64(number).ok_or_else(|| E::custom("no number"))?;
        Ok(JsonValue::Number(number))
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<JsonValue<'de>, E> {
        Ok(JsonValue::Text(Cow::Borrowed(text)))
    }

    fn visit_str<E>(self, text: &str) -> Result<JsonValue<'de>, E> {
        Ok(JsonValue::Text(Cow::Owned(text.to_owned())))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut from: A) -> Result<JsonValue<'de>, A::Error> {
        let mut elements = Vec::new();
        while let Some(element) = from.next_element()? {
            elements.push(element);
        }
        Ok(JsonValue::List(elements))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut from: A) -> Result<JsonValue<'de>, A::Error> {
        let mut fields = Vec::new();
        // A name is read as a value, for a `Cow` alone would be copied.
        while let Some((name, value)) = from.next_entry()? {
            if let JsonValue::Text(name) = name {
                fields.push((name, value));
            }
        }
        Ok(JsonValue::Object(fields))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::JsonValue;
    use serde_json::{Value, json};
    use std::borrow::Cow;

    fn read(text: &str) -> JsonValue<'_> {
        serde_json::from_str(text).unwrap()
    }

    #[test]
    fn a_value_is_that_of_serde_json_and_is_written_as_it_was_read() {
        for text in [
            "null",
            "[true,false]",
            "[0,-1,9007199254740991,18446744073709551615,-9223372036854775808,1.5,-0.25,1e300]",
            r#""a \" \u0000 é 😀""#,
            r#"{"b":{"z":[],"a":{}},"a":"\n"}"#,
        ] {
            let value = read(text);
            let theirs: Value = serde_json::from_str(text).unwrap();
            assert_eq!(serde_json::to_value(&value).unwrap(), theirs, "{text}");
            assert_eq!(
                read(&serde_json::to_string(&value).unwrap()),
                value,
                "{text}"
            );
            assert_eq!(value.to_static(), value, "{text}");
        }
        let order = r#"{"b":1,"a":2}"#;
        assert_eq!(serde_json::to_string(&read(order)).unwrap(), order);
        assert_eq!(
            JsonValue::from(json!([-1, "a", null])),
            read(r#"[-1,"a",null]"#)
        );
    }

    #[test]
    fn a_text_without_escapes_is_not_copied() {
        let text = r#"{"name":"plain","escaped":"\n"}"#.to_owned();
        let value = read(&text);
        let borrows = |key| matches!(value.get(key), Some(JsonValue::Text(Cow::Borrowed(_))));
        assert!(borrows("name") && !borrows("escaped"));
    }

    #[test]
    fn of_two_fields_with_one_name_the_last_counts() {
        assert_eq!(read(r#"{"a":1,"a":2}"#).get("a"), Some(&read("2")));
        assert_eq!(read("[1]").get("a"), None);
    }

    #[test]
    fn a_text_that_is_nested_too_deep_is_refused() {
        let deep = |levels| ["[".repeat(levels), "]".repeat(levels)].concat();
        assert!(serde_json::from_str::<JsonValue<'_>>(&deep(127)).is_ok());
        assert!(serde_json::from_str::<JsonValue<'_>>(&deep(100_000)).is_err());
    }
}
