//! Errors of OpenCode, as its messages and events hold them.

use crate::error::{Code, DelegateError};
use crate::json_value::JsonValue;
use crate::parse::read;
use serde::Serialize;

/// A failure of an attempt, in the shape of the engine's event for it, with its message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AttemptFailure {
    /// `host` for an error of OpenCode, `empty` for an answer without text.
    pub kind: &'static str,
    /// The name of an error, as OpenCode spells it; empty for an empty answer.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub name: String,
    /// The error's message.
    pub message: String,
    /// Whether another try may help; none if OpenCode does not say.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retryable: Option<bool>,
}

impl AttemptFailure {
    /// Reads an error. A field that is missing or of another type is left out: plugins make errors of their own.
    pub(super) fn of(error: &JsonValue<'_>) -> AttemptFailure {
        let name = error.get("name").and_then(JsonValue::as_str);
        let name = name.unwrap_or("UnknownError");
        let of_data = |key: &str| error.get("data").and_then(|data| data.get(key));
        let message = of_data("message").and_then(JsonValue::as_str);
        let retryable = of_data("isRetryable").and_then(JsonValue::as_bool);
        AttemptFailure::host(name, message.unwrap_or(name), retryable)
    }

    /// Whether it is that of an empty answer.
    pub(super) fn is_empty(&self) -> bool {
        self.name.is_empty()
    }

    /// An error of OpenCode.
    pub(super) fn host(name: &str, message: &str, retryable: Option<bool>) -> AttemptFailure {
        AttemptFailure {
            kind: "host",
            name: name.to_owned(),
            message: message.to_owned(),
            retryable,
        }
    }
}

/// Reads an error of OpenCode, from the JSON of `{ name, data?: { message?, isRetryable? } }`.
///
/// The message is the one in the data; an error without one has its name as message. An error without a name is an
/// `UnknownError`.
///
/// Source: OpenCode 1.18.33, `packages/opencode/src/tool/task.ts`; `isRetryable` is a field of `APIError`.
///
/// ```
/// use opencode_delegate::rules::opencode1::read_error;
/// let error = read_error(r#"{"name":"APIError","data":{"message":"429","isRetryable":true}}"#)?;
/// assert_eq!((error.kind, &*error.message, error.retryable), ("host", "429", Some(true)));
/// assert_eq!(read_error(r#"{"name":"UnknownError"}"#)?.message, "UnknownError");
/// # Ok::<(), opencode_delegate::DelegateError>(())
/// ```
///
/// # Errors
/// `invalid_request` for a text that is not JSON.
pub fn read_error(json: &str) -> Result<AttemptFailure, DelegateError> {
    read(json, Code::InvalidRequest, |error| {
        Ok(AttemptFailure::of(error.json()))
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::read_error;

    #[test]
    fn an_error_of_another_form_has_a_name_and_a_message() {
        for (error, name, message) in [
            ("{}", "UnknownError", "UnknownError"),
            ("[]", "UnknownError", "UnknownError"),
            (r#"{"name":3,"data":4}"#, "UnknownError", "UnknownError"),
            (
                r#"{"name":"A","data":{"message":5,"isRetryable":"no"}}"#,
                "A",
                "A",
            ),
            (r#"{"data":{"message":"m"}}"#, "UnknownError", "m"),
        ] {
            let read = read_error(error).unwrap();
            assert_eq!(
                (&*read.name, &*read.message, read.retryable),
                (name, message, None)
            );
        }
        assert!(read_error("{").is_err());
    }
}
