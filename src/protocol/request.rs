//! A request to delegate.

use crate::error::{Code, DelegateError, Wrong};
use crate::json::{Field, Read, amount};
use crate::names::names_nothing;
use crate::parse::read;
use crate::protocol::limits::Limits;
use crate::shape::shape;
use crate::time::Millis;
use crate::words::words;
use std::borrow::Cow;

words! {
    /// The author of a call.
    pub enum Author: Model {
        /// A model made it.
        Model = "model",
        /// The user made it: a command that runs as a subtask.
        User = "user",
    }
}

shape! {
    /// A call of the `task` tool.
    #[derive(Clone, Debug, PartialEq)]
    pub read struct Request<'a> {
        /// The time of the call, in milliseconds since the epoch.
        now: Millis => must(amount),
        /// The call's id, as the model or its provider chose it. The same call decided twice gives the same decision and spends
        /// once. A call is known by its session, its message, this id and its arguments.
        call_id "callID": Cow<'a, str> => must as "string",
        /// The message that makes the call: some providers begin their ids of calls again in each message. If it is left out,
        /// the caller's turn takes its place.
        message_id "messageID": Option<Cow<'a, str>> => maybe as "string",
        /// The author, as the host's data shows it: an id is no proof. If it is left out, a model made the call.
        by: Option<Author> => maybe,
        /// The caller's session.
        session_id "sessionID": Cow<'a, str> => must as "string",
        /// The caller's agent; left out if no agent's permissions bind the call. None binds a call by the user.
        caller_agent "callerAgent": Option<Cow<'a, str>> => maybe as "string",
        /// The agent for the task (`subagent_type`). An empty one is that of the session that is named.
        agent: Cow<'a, str> => must as "string",
        /// The task in a few words.
        description: Cow<'a, str> => must(trimmed) as "string",
        /// The prompt.
        prompt: Cow<'a, str> => must as "string",
        /// The session to resume: an id, a name or `last`; or the name of a new one. An empty one is none, and so are `new`,
        /// `none`, `null` and `undefined`.
        task_id: Option<Cow<'a, str>> => flat(task_id) as "string",
        /// The model to run on, as `provider/model`. An empty one is none.
        model: Option<Cow<'a, str>> => flat(model) as "string",
        /// The limits of the prompt. Of these and the agent's the tighter ones hold.
        limits: Option<Limits> => maybe,
        /// Whether the caller goes on without waiting.
        background: Option<bool> => maybe,
        /// The permission that the caller's agent needs for the task's agent; `task` if it is left out.
        permission: Option<Cow<'a, str>> => maybe as "string",
    }
}

/// Reads a text without blanks around it.
fn trimmed<'a>(field: Field<'_>) -> Result<Cow<'a, str>, Wrong> {
    Ok(Cow::Owned(field.text()?.trim().to_owned()))
}

/// A text without blanks around it, unless it is empty.
pub(crate) fn stated(text: &str) -> Option<&str> {
    Some(text.trim()).filter(|text| !text.is_empty())
}

/// The `task_id` in a text, unless that stands for none.
pub(crate) fn stated_task_id(text: &str) -> Option<&str> {
    stated(text).filter(|text| !names_nothing(text))
}

fn model<'a>(field: Option<Field<'_>>) -> Result<Option<Cow<'a, str>>, Wrong> {
    read_by(field, stated)
}

pub(super) fn task_id<'a>(field: Option<Field<'_>>) -> Result<Option<Cow<'a, str>>, Wrong> {
    read_by(field, stated_task_id)
}

/// Reads a text as a rule takes it, unless it is left out or `null`.
fn read_by<'a>(
    field: Option<Field<'_>>,
    rule: fn(&str) -> Option<&str>,
) -> Result<Option<Cow<'a, str>>, Wrong> {
    let field = field.filter(|field| !field.json().is_null());
    let given = field.as_ref().map(Field::text).transpose()?;
    let text = given.and_then(rule);
    Ok(text.map(|text| Cow::Owned(text.to_owned())))
}

impl Request<'_> {
    /// The agent whose permissions bind the call.
    pub(crate) fn speaker(&self) -> Option<&str> {
        let agent = self.caller_agent.as_deref();
        agent.filter(|_| self.by != Some(Author::User))
    }
}

impl Request<'static> {
    /// Reads a request from JSON. Unknown fields are ignored: hosts send more.
    ///
    /// ```
    /// use opencode_delegate::Request;
    /// let json = r#"{"now":0,"callID":"c1","sessionID":"ses_root","agent":"explorer","description":"Look"}"#;
    /// let error = Request::read(json).unwrap_err();
    /// assert_eq!(error.field.as_deref(), Some("prompt"));
    /// ```
    ///
    /// # Errors
    /// `invalid_request`, with the field, if one is missing or of the wrong type.
    pub fn read(json: &str) -> Result<Request<'static>, DelegateError> {
        read(json, Code::InvalidRequest, Request::of)
    }
}
