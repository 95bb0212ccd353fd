//! The outline of a conversation, as a terminal shows it.

use crate::error::{Code, DelegateError};
use crate::json::{Read, amount};
use crate::parse::read;
use crate::shape::shape;
use crate::time::Millis;
use crate::words::words;
use std::borrow::Cow;
use std::sync::Arc;

words! {
    /// The state of a session in an outline.
    pub enum RowState {
        /// A turn is running.
        Running = "running",
        /// Its prompt waits to be sent.
        Waiting = "waiting",
        /// Its turn waits for a person who may permit a tool.
        Permission = "permission",
        /// Its last prompt failed.
        Failed = "failed",
        /// Its last turn was stopped.
        Stopped = "stopped",
        /// No turn is running.
        Done = "done",
    }
}

shape! {
    /// The facts about a session that only its host knows.
    #[derive(Clone, Debug, Default, PartialEq)]
    pub read struct SeenSession {
        /// The session.
        session_id "sessionID": String => must,
        /// Whether the last call that prompted it failed.
        failed: bool => empty,
        /// The name of the error that ended its last message, as the host spells it; empty if none did. It is absent
        /// if that is not known.
        error: Option<String> => maybe,
        /// Whether its last message is a prompt without an answer, or an answer without an end.
        unanswered: bool => empty,
        /// Whether it waits for a person who may permit a tool.
        permission: bool => empty,
    }
}

shape! {
    /// The question how the sessions of a conversation stand.
    ///
    /// ```
    /// use opencode_delegate::{Engine, OutlineLookup};
    /// let engine = Engine::new("{}")?;
    /// let lookup = OutlineLookup::read(r#"{"sessionID":"ses_root","now":0}"#)?;
    /// assert!(engine.outline(&lookup).rows.is_empty());
    /// # Ok::<(), opencode_delegate::DelegateError>(())
    /// ```
    #[derive(Clone, Debug, PartialEq)]
    pub read struct OutlineLookup<'a> {
        /// A session of the conversation.
        session_id "sessionID": Cow<'a, str> => must as "string",
        /// The time, in milliseconds since the epoch: ages are counted from it.
        now: Millis => must(amount),
        /// The number of rows at most; 50 if it is left out.
        most: Option<u32> => maybe,
        /// What the host alone knows.
        seen: Vec<SeenSession> => empty,
    }
}

impl OutlineLookup<'static> {
    /// Reads a lookup from JSON. Unknown fields are ignored.
    ///
    /// # Errors
    /// `invalid_request`, with the field, if one is missing or of the wrong type.
    pub fn read(json: &str) -> Result<OutlineLookup<'static>, DelegateError> {
        read(json, Code::InvalidRequest, <OutlineLookup as Read>::of)
    }
}

shape! {
    /// A session below the root of a conversation.
    #[derive(Clone, Debug, PartialEq)]
    pub write struct OutlineRow {
        /// The host's id.
        session_id "sessionID": Arc<str> => must,
        /// The session that it is a child of.
        parent_id "parentID": Option<Arc<str>> => maybe,
        /// How far below the root: 1 for a child of the root.
        depth: u32 => must,
        /// Its name; a session that has none shows its description. One line, at most 80 characters.
        title: String => must,
        /// Whether the title is a name that a caller can use.
        named: bool => must,
        /// Its agent.
        agent: String => must,
        /// Its state.
        state: RowState => must,
        /// Agent, state, resumes, tokens and share of the window, cost, calls and age, for a wide line.
        text: String => must,
        /// State, resumes, share of the window and calls, for a narrow line.
        short: String => must,
        /// Its place among the children of its parent, in words, for the view of the session itself.
        place: String => must,
    }
}

shape! {
    /// The sessions of a conversation, children below their parents.
    #[derive(Clone, Debug, PartialEq)]
    pub write struct Outline {
        /// The sessions below the root that were used most recently.
        rows: Vec<OutlineRow> => must,
        /// Those of them that are not done, the most pressing first: by their ids.
        pressing: Vec<Arc<str>> => must,
        /// How many sessions below the root have no row.
        older: usize => must,
        /// The session below the root that was used last.
        latest: Option<Arc<str>> => maybe,
        /// How the sessions below the root stand, in one line; empty if there is none.
        summary: String => must,
    }
}
