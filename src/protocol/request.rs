//! A request to delegate.

use crate::error::{Code, DelegateError};
use crate::json::read;
use crate::time::Millis;
use serde::Serialize;
use std::borrow::Cow;

/// A call of the `task` tool.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
pub struct Request<'a> {
    /// When the call was made.
    pub now: Millis,
    /// The host's id of the call. The same call decided twice gives the same decision and spends once.
    #[serde(rename = "callID")]
    pub call_id: Cow<'a, str>,
    /// The caller's session.
    #[serde(rename = "sessionID")]
    pub session_id: Cow<'a, str>,
    /// The caller's agent; left out where the user calls, whom no agent's permissions bind.
    #[serde(rename = "callerAgent", skip_serializing_if = "Option::is_none")]
    pub caller_agent: Option<Cow<'a, str>>,
    /// The agent that is to do the work (`subagent_type`).
    pub agent: Cow<'a, str>,
    /// The work in a few words.
    pub description: Cow<'a, str>,
    /// The work.
    pub prompt: Cow<'a, str>,
    /// The session to resume: an id, a slug or `last`; or the slug of a new one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub task_id: Option<Cow<'a, str>>,
    /// Whether the caller goes on without waiting.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub background: Option<bool>,
}

impl Request<'static> {
    /// Reads a request from JSON. Fields that it does not have are passed over: hosts send more.
    ///
    /// # Errors
    /// `invalid_request`, with the field, where one is missing or of the wrong type.
    pub fn read(json: &str) -> Result<Request<'static>, DelegateError> {
        read(json, Code::InvalidRequest, |request| {
            let must = |key| {
                request
                    .must(key)?
                    .text()
                    .map(|text| Cow::Owned(text.to_owned()))
            };
            let maybe = |key| {
                request
                    .maybe(key)?
                    .map(|text| text.text().map(|text| Cow::Owned(text.to_owned())))
                    .transpose()
            };
            Ok(Request {
                now: request.must("now")?.amount()?,
                call_id: must("callID")?,
                session_id: must("sessionID")?,
                caller_agent: maybe("callerAgent")?,
                agent: must("agent")?,
                description: must("description")?,
                prompt: must("prompt")?,
                task_id: maybe("task_id")?,
                background: request
                    .maybe("background")?
                    .map(|flag| flag.flag())
                    .transpose()?,
            })
        })
    }
}
