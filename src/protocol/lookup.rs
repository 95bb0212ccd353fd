//! Questions about sessions that reserve nothing.

use crate::error::{Code, DelegateError};
use crate::json::{Read, amount};
use crate::parse::read;
use crate::protocol::request::{Request, task_id};
use crate::shape::shape;
use crate::time::Millis;
use std::borrow::Cow;

shape! {
    /// The question which sessions of an agent a caller could resume.
    ///
    /// ```
    /// use opencode_delegate::{Engine, RankLookup};
    /// let engine = Engine::new("{}")?;
    /// let lookup = RankLookup::read(r#"{"sessionID":"ses_root","agent":"explorer"}"#)?;
    /// assert!(engine.rank(&lookup).is_empty());
    /// # Ok::<(), opencode_delegate::DelegateError>(())
    /// ```
    #[derive(Clone, Debug, PartialEq)]
    pub read struct RankLookup<'a> {
        /// The caller's session; one that is unknown has no candidates.
        session_id "sessionID": Cow<'a, str> => must as "string",
        /// The agent.
        agent: Cow<'a, str> => must as "string",
        /// The task in a few words.
        description: Option<Cow<'a, str>> => maybe as "string",
        /// The prompt.
        prompt: Option<Cow<'a, str>> => maybe as "string",
    }
}

shape! {
    /// The question which session a caller's `task_id` stands for.
    ///
    /// ```
    /// use opencode_delegate::{Engine, ResolveLookup};
    /// let engine = Engine::new("{}")?;
    /// let lookup = ResolveLookup::read(r#"{"sessionID":"ses_root","task_id":"explore-auth"}"#)?;
    /// assert!(engine.resolve(&lookup).is_none());
    /// # Ok::<(), opencode_delegate::DelegateError>(())
    /// ```
    #[derive(Clone, Debug, PartialEq)]
    pub read struct ResolveLookup<'a> {
        /// The caller's session; for one that is unknown nothing resolves.
        session_id "sessionID": Cow<'a, str> => must as "string",
        /// The agent of `last`, and of the sessions that a mistyped id may mean. If it is left out, any agent.
        agent: Option<Cow<'a, str>> => maybe as "string",
        /// An id, a name or `last`.
        task_id: Option<Cow<'a, str>> => flat(task_id) as "string",
        /// The message of a call that was made before, in that session. The child that the call spawned comes first, and `last`
        /// names none: it stood for another session then.
        message_id "messageID": Option<Cow<'a, str>> => maybe as "string",
        /// The part that made that call.
        part_id "partID": Option<Cow<'a, str>> => maybe as "string",
    }
}

shape! {
    /// The question for a list of the sessions that a session may see.
    ///
    /// ```
    /// use opencode_delegate::{Engine, ListLookup};
    /// let engine = Engine::new("{}")?;
    /// let lookup = ListLookup::read(r#"{"sessionID":"ses_root","now":0}"#)?;
    /// assert_eq!(engine.list(&lookup), "There is no subagent session yet.");
    /// # Ok::<(), opencode_delegate::DelegateError>(())
    /// ```
    #[derive(Clone, Debug, PartialEq)]
    pub read struct ListLookup<'a> {
        /// The session; one that is unknown sees none.
        session_id "sessionID": Cow<'a, str> => must as "string",
        /// The time, in milliseconds since the epoch: ages are counted from it.
        now: Millis => must(amount),
        /// Whether the list is a Mermaid flowchart, not a table.
        mermaid: bool => empty,
        /// The agent of the listed sessions. If it is left out, any agent.
        agent: Option<Cow<'a, str>> => maybe as "string",
        /// The state of the listed sessions, in the word of the table. If it is left out, any state.
        state: Option<Cow<'a, str>> => maybe as "string",
        /// Which 50 of them, from 1 up, the most recently used first; 1 if it is left out.
        page: Option<u32> => maybe,
    }
}

shape! {
    /// A message of a caller for a session that runs.
    ///
    /// ```
    /// use opencode_delegate::{Engine, SteerLookup, Steering};
    /// let engine = Engine::new("{}")?;
    /// let lookup = r#"{"now":0,"sessionID":"ses_root","task_id":"auth","message":"Leave src/old out."}"#;
    /// assert!(matches!(engine.steer(&SteerLookup::read(lookup)?), Steering::Refuse { .. }));
    /// # Ok::<(), opencode_delegate::DelegateError>(())
    /// ```
    #[derive(Clone, Debug, PartialEq)]
    pub read struct SteerLookup<'a> {
        /// The time, in milliseconds since the epoch.
        now: Millis => must(amount),
        /// The caller's session; for one that is unknown nothing resolves.
        session_id "sessionID": Cow<'a, str> => must as "string",
        /// An id, a name or `last`.
        task_id: Option<Cow<'a, str>> => flat(task_id) as "string",
        /// What the running session is to read.
        message: Cow<'a, str> => must as "string",
        /// Random letters and digits, 14 of them, for the id of the message. The shim draws them if they are left out.
        seed: Option<Cow<'a, str>> => maybe as "string",
    }
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
            message_id: None,
            part_id: None,
        }
    }
}

impl RankLookup<'static> {
    /// Reads a lookup from JSON. Unknown fields are ignored.
    ///
    /// # Errors
    /// `invalid_request`, with the field, if one is missing or of the wrong type.
    pub fn read(json: &str) -> Result<RankLookup<'static>, DelegateError> {
        read(json, Code::InvalidRequest, <RankLookup as Read>::of)
    }
}

impl ResolveLookup<'static> {
    /// Reads a lookup from JSON. Unknown fields are ignored.
    ///
    /// # Errors
    /// `invalid_request`, with the field, if one is missing or of the wrong type.
    pub fn read(json: &str) -> Result<ResolveLookup<'static>, DelegateError> {
        read(json, Code::InvalidRequest, <ResolveLookup as Read>::of)
    }
}

impl ListLookup<'static> {
    /// Reads a lookup from JSON. Unknown fields are ignored.
    ///
    /// # Errors
    /// `invalid_request`, with the field, if one is missing or of the wrong type.
    pub fn read(json: &str) -> Result<ListLookup<'static>, DelegateError> {
        read(json, Code::InvalidRequest, <ListLookup as Read>::of)
    }
}

impl SteerLookup<'static> {
    /// Reads a lookup from JSON. Unknown fields are ignored.
    ///
    /// # Errors
    /// `invalid_request`, with the field, if one is missing or of the wrong type.
    pub fn read(json: &str) -> Result<SteerLookup<'static>, DelegateError> {
        read(json, Code::InvalidRequest, <SteerLookup as Read>::of)
    }
}
