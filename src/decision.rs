//! A request to delegate, and what is decided about it.

use crate::error::{CODES, Code, DelegateError, Wrong};
use crate::read::{Field, read};
use crate::session::{Candidate, Millis};
use crate::table::RuleID;
use serde::Serialize;
use std::borrow::Cow;
use std::sync::Arc;

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

/// What becomes of a request, the row of the table that made it so, and why.
///
/// `ticket` stands for the call until the host commits it with the child's session id, or refunds it
/// because no child was prompted.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
#[serde(tag = "action", rename_all = "lowercase")]
pub enum Decision {
    /// Prompt a session that exists.
    Resume {
        /// The host's id of that session.
        #[serde(rename = "sessionID")]
        #[cfg_attr(target_arch = "wasm32", tsify(type = "string"))]
        session_id: Arc<str>,
        /// The row.
        rule: RuleID,
        /// Why, in one sentence.
        reason: &'static str,
        /// The call.
        ticket: u32,
        /// Its handle.
        #[serde(skip_serializing_if = "Option::is_none")]
        #[cfg_attr(target_arch = "wasm32", tsify(type = "string"))]
        slug: Option<Arc<str>>,
        /// What the caller should be told.
        #[serde(skip_serializing_if = "Option::is_none")]
        notice: Option<String>,
        /// What else could have been resumed, where the caller did not name the session.
        candidates: Vec<Candidate>,
    },
    /// Create a child and prompt it.
    Spawn {
        /// The id derived from its slug.
        #[serde(rename = "sessionID")]
        #[cfg_attr(target_arch = "wasm32", tsify(type = "string"))]
        session_id: Arc<str>,
        /// The row.
        rule: RuleID,
        /// Why, in one sentence.
        reason: &'static str,
        /// The call.
        ticket: u32,
        /// Its handle.
        #[cfg_attr(target_arch = "wasm32", tsify(type = "string"))]
        slug: Arc<str>,
        /// What the caller should be told.
        #[serde(skip_serializing_if = "Option::is_none")]
        notice: Option<String>,
        /// What could have been resumed.
        candidates: Vec<Candidate>,
    },
    /// Summarise a session that exists, then prompt it.
    Compact {
        /// The host's id of that session.
        #[serde(rename = "sessionID")]
        #[cfg_attr(target_arch = "wasm32", tsify(type = "string"))]
        session_id: Arc<str>,
        /// The row.
        rule: RuleID,
        /// Why, in one sentence.
        reason: &'static str,
        /// The call.
        ticket: u32,
        /// Its handle.
        #[serde(skip_serializing_if = "Option::is_none")]
        #[cfg_attr(target_arch = "wasm32", tsify(type = "string"))]
        slug: Option<Arc<str>>,
        /// What else could have been resumed.
        candidates: Vec<Candidate>,
    },
    /// The session is running: hand the prompt to it, do not start it twice. The call is spent.
    Join {
        /// The host's id of that session; the derived id while it is being created.
        #[serde(rename = "sessionID")]
        #[cfg_attr(target_arch = "wasm32", tsify(type = "string"))]
        session_id: Arc<str>,
        /// The row.
        rule: RuleID,
        /// Why, in one sentence.
        reason: &'static str,
        /// Its handle.
        #[serde(skip_serializing_if = "Option::is_none")]
        #[cfg_attr(target_arch = "wasm32", tsify(type = "string"))]
        slug: Option<Arc<str>>,
    },
    /// Refuse. Nothing is spent.
    Deny {
        /// The stable code.
        code: Code,
        /// What was wrong and what to do next.
        message: String,
        /// The row.
        rule: RuleID,
        /// What can be resumed instead.
        candidates: Vec<Candidate>,
    },
}

impl Decision {
    /// The row of the table that fired.
    pub fn rule(&self) -> RuleID {
        match self {
            Decision::Resume { rule, .. }
            | Decision::Spawn { rule, .. }
            | Decision::Compact { rule, .. }
            | Decision::Join { rule, .. }
            | Decision::Deny { rule, .. } => *rule,
        }
    }

    /// The ticket to commit or refund; none for a join, which is spent at once, and a denial.
    pub fn ticket(&self) -> Option<u32> {
        match self {
            Decision::Resume { ticket, .. }
            | Decision::Spawn { ticket, .. }
            | Decision::Compact { ticket, .. } => Some(*ticket),
            Decision::Join { .. } | Decision::Deny { .. } => None,
        }
    }

    /// Reads a decision as it was written.
    pub(crate) fn of(decision: Field<'_>) -> Result<Decision, Wrong> {
        let id = |key| decision.must(key)?.text().map(Arc::<str>::from);
        let slug = || {
            decision
                .given("slug")?
                .map(|slug| slug.text().map(Arc::<str>::from))
                .transpose()
        };
        let notice = || {
            decision
                .given("notice")?
                .map(|notice| notice.text().map(str::to_owned))
                .transpose()
        };
        let candidates = || {
            decision
                .must("candidates")?
                .list()?
                .map(Candidate::of)
                .collect::<Result<Vec<_>, Wrong>>()
        };
        let rule = RuleID::of(decision.must("rule")?)?;
        let reason = rule.reason();
        Ok(match decision.must("action")?.text()? {
            "resume" => Decision::Resume {
                session_id: id("sessionID")?,
                rule,
                reason,
                ticket: decision.must("ticket")?.count()?,
                slug: slug()?,
                notice: notice()?,
                candidates: candidates()?,
            },
            "spawn" => Decision::Spawn {
                session_id: id("sessionID")?,
                rule,
                reason,
                ticket: decision.must("ticket")?.count()?,
                slug: id("slug")?,
                notice: notice()?,
                candidates: candidates()?,
            },
            "compact" => Decision::Compact {
                session_id: id("sessionID")?,
                rule,
                reason,
                ticket: decision.must("ticket")?.count()?,
                slug: slug()?,
                candidates: candidates()?,
            },
            "join" => Decision::Join {
                session_id: id("sessionID")?,
                rule,
                reason,
                slug: slug()?,
            },
            _ => Decision::Deny {
                code: decision.must("code")?.one_of(&CODES)?,
                message: decision.must("message")?.text()?.to_owned(),
                rule,
                candidates: candidates()?,
            },
        })
    }
}
