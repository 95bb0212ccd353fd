//! Questions about sessions that reserve nothing.

use crate::error::{Code, DelegateError, Wrong};
use crate::json::{Field, read};
use crate::protocol::request::Request;
use serde::Serialize;
use std::borrow::Cow;

/// The question which sessions of an agent a caller could resume.
///
/// ```
/// use opencode_delegate::{Engine, RankLookup};
/// let engine = Engine::new("{}")?;
/// let lookup = RankLookup::read(r#"{"sessionID":"ses_root","agent":"explorer"}"#)?;
/// assert!(engine.rank(&lookup).is_empty());
/// # Ok::<(), opencode_delegate::DelegateError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
pub struct RankLookup<'a> {
    /// The caller's session; one that is unknown has no candidates.
    #[serde(rename = "sessionID")]
    pub session_id: Cow<'a, str>,
    /// The agent.
    pub agent: Cow<'a, str>,
    /// The work in a few words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<Cow<'a, str>>,
    /// The work.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub prompt: Option<Cow<'a, str>>,
}

/// The question which session a caller's `task_id` stands for.
///
/// ```
/// use opencode_delegate::{Engine, ResolveLookup};
/// let engine = Engine::new("{}")?;
/// let lookup = ResolveLookup::read(r#"{"sessionID":"ses_root","task_id":"explore-auth"}"#)?;
/// assert!(engine.resolve(&lookup).is_none());
/// # Ok::<(), opencode_delegate::DelegateError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
pub struct ResolveLookup<'a> {
    /// The caller's session; for one that is unknown nothing resolves.
    #[serde(rename = "sessionID")]
    pub session_id: Cow<'a, str>,
    /// The agent that `last` is about, and the only one whose sessions a mistyped id may mean. Left out, any agent's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub agent: Option<Cow<'a, str>>,
    /// An id, a name or `last`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub task_id: Option<Cow<'a, str>>,
}

impl<'a> RankLookup<'a> {
    /// The lookup of the sessions that a request could resume.
    pub fn of(request: &'a Request<'_>) -> RankLookup<'a> {
        RankLookup {
            session_id: (&*request.session_id).into(),
            agent: (&*request.agent).into(),
            description: Some((&*request.description).into()),
            prompt: Some((&*request.prompt).into()),
        }
    }
}

impl<'a> ResolveLookup<'a> {
    /// The lookup of the session that a request names.
    pub fn of(request: &'a Request<'_>) -> ResolveLookup<'a> {
        ResolveLookup {
            session_id: (&*request.session_id).into(),
            agent: Some((&*request.agent).into()),
            task_id: request.task_id.as_deref().map(Cow::from),
        }
    }
}

impl RankLookup<'static> {
    /// Reads a lookup from JSON. Fields that it does not have are passed over.
    ///
    /// # Errors
    /// `invalid_request`, with the field, if one is missing or of the wrong type.
    pub fn read(json: &str) -> Result<RankLookup<'static>, DelegateError> {
        read(json, Code::InvalidRequest, |lookup| {
            Ok(RankLookup {
                session_id: text(&lookup, "sessionID")?,
                agent: text(&lookup, "agent")?,
                description: maybe_text(&lookup, "description")?,
                prompt: maybe_text(&lookup, "prompt")?,
            })
        })
    }
}

impl ResolveLookup<'static> {
    /// Reads a lookup from JSON. Fields that it does not have are passed over.
    ///
    /// # Errors
    /// `invalid_request`, with the field, if one is missing or of the wrong type.
    pub fn read(json: &str) -> Result<ResolveLookup<'static>, DelegateError> {
        read(json, Code::InvalidRequest, |lookup| {
            Ok(ResolveLookup {
                session_id: text(&lookup, "sessionID")?,
                agent: maybe_text(&lookup, "agent")?,
                task_id: maybe_text(&lookup, "task_id")?,
            })
        })
    }
}

fn text(lookup: &Field<'_>, key: &str) -> Result<Cow<'static, str>, Wrong> {
    Ok(lookup.must(key)?.text()?.to_owned().into())
}

fn maybe_text(lookup: &Field<'_>, key: &str) -> Result<Option<Cow<'static, str>>, Wrong> {
    match lookup.maybe(key)? {
        Some(_) => text(lookup, key).map(Some),
        None => Ok(None),
    }
}
