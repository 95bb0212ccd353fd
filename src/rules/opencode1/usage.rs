//! The use of a context window, read from an assistant message.

use crate::error::{Code, DelegateError, Wrong};
use crate::json::{Field, amount};
use crate::parse::read;

/// Gives the tokens that a session's context holds after an assistant message, from the JSON of its `{ tokens, summary? }`.
///
/// A message that summarises the session leaves only its own text in the context. After any other the context holds all
/// tokens that OpenCode counts: input, output, reasoning, and what the cache read and wrote.
///
/// Source: OpenCode 1.18.33, `packages/opencode/src/session/overflow.ts`. It takes the provider's own total, and without
/// one this sum less the reasoning.
///
/// ```
/// use opencode_delegate::rules::opencode1::context_tokens;
/// let counts = r#"{"input":100,"output":20,"reasoning":5,"cache":{"read":3,"write":1}}"#;
/// assert_eq!(context_tokens(&format!(r#"{{"tokens":{counts}}}"#))?, 129);
/// assert_eq!(context_tokens(&format!(r#"{{"tokens":{counts},"summary":true}}"#))?, 20);
/// # Ok::<(), opencode_delegate::DelegateError>(())
/// ```
///
/// # Errors
/// `invalid_request`, with the field, for a count that is missing or not a number.
pub fn context_tokens(json: &str) -> Result<u64, DelegateError> {
    read(json, Code::InvalidRequest, |message| {
        let tokens = message.must("tokens")?;
        let cache = tokens.must("cache")?;
        let count = |of: &Field<'_>, key| of.must(key).and_then(amount);
        let output = count(&tokens, "output")?;
        let summary = message.maybe("summary")?;
        if summary.is_some_and(|summary| summary.is(true)) {
            return Ok(output);
        }
        let others = [
            (&tokens, "input"),
            (&tokens, "reasoning"),
            (&cache, "read"),
            (&cache, "write"),
        ];
        others.into_iter().try_fold(output, |all, (of, key)| {
            Ok::<_, Wrong>(all.saturating_add(count(of, key)?))
        })
    })
}
