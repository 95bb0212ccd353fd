//! Errors of OpenCode, as its messages and events hold them.

use crate::error::{Code, DelegateError, Wrong};
use crate::json::{Field, read};
use serde::Serialize;

/// An error of OpenCode that ended an attempt, or one of this package's own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
pub struct HostError {
    /// Its name, as OpenCode spells it.
    pub name: String,
    /// What went wrong.
    pub message: String,
    /// Whether another try may help; none if OpenCode does not say.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retryable: Option<bool>,
}

/// Reads an error of OpenCode. What is missing or of another type is left out: plugins can make errors of their own.
pub(super) fn host_error(error: &Field<'_>) -> Result<HostError, Wrong> {
    let name = error
        .maybe("name")?
        .and_then(|name| name.text().ok().map(str::to_owned));
    let name = name.unwrap_or_else(|| "UnknownError".to_owned());
    let data = error.maybe("data")?.filter(Field::is_object);
    let (message, retryable) = match &data {
        Some(data) => (data.maybe("message")?, data.maybe("isRetryable")?),
        None => (None, None),
    };
    let message = message.and_then(|message| message.text().ok().map(str::to_owned));
    Ok(HostError {
        message: message.unwrap_or_else(|| name.clone()),
        name,
        retryable: retryable.and_then(|it| it.flag().ok()),
    })
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
/// assert_eq!((&*error.message, error.retryable), ("429", Some(true)));
/// assert_eq!(read_error(r#"{"name":"UnknownError"}"#)?.message, "UnknownError");
/// # Ok::<(), opencode_delegate::DelegateError>(())
/// ```
///
/// # Errors
/// `invalid_request` for a text that is not a JSON object.
pub fn read_error(json: &str) -> Result<HostError, DelegateError> {
    read(json, Code::InvalidRequest, |error| host_error(&error))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing)]

    use super::read_error;

    #[test]
    fn an_error_of_another_form_has_a_name_and_a_message() {
        for (error, name, message) in [
            (r#"{}"#, "UnknownError", "UnknownError"),
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
        assert!(read_error("[]").is_err());
    }
}
