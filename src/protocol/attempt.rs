//! What is told of a prompt: what was asked, and what happened to each attempt.

use crate::error::Wrong;
use crate::json::Field;
use crate::protocol::permission::HostRule;
use crate::protocol::prompt::{Model, parts, rules};
use crate::time::Millis;
use serde::Serialize;
use serde_json::Value;

/// Which attempt something happened to.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
pub struct OfPrompt {
    /// When.
    pub now: Millis,
    /// Which session.
    #[serde(rename = "sessionID")]
    pub session_id: String,
    /// Which of its prompts.
    pub turn: u32,
    /// Which attempt.
    pub attempt: u32,
}

/// How an attempt failed.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
pub struct Failure {
    /// When.
    pub now: Millis,
    /// Which session.
    #[serde(rename = "sessionID")]
    pub session_id: String,
    /// Which of its prompts.
    pub turn: u32,
    /// Which attempt.
    pub attempt: u32,
    /// The error's name: the host's, or `Retrying` where the host tries again by itself, `Lost` where
    /// the process that ran it is gone.
    pub name: String,
    /// What it says.
    pub message: String,
    /// Whether the host calls it transient.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retryable: Option<bool>,
    /// Whether the attempt still runs in the host.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub live: Option<bool>,
    /// A random number from 0 to 1, for the wait before another attempt.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub jitter: Option<f64>,
}

/// What a session is asked, by whom.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
pub struct Asked {
    /// When.
    pub now: Millis,
    /// The ticket of the decision; none for a join.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ticket: Option<u32>,
    /// The session to prompt; none where one is to be created.
    #[serde(rename = "sessionID", skip_serializing_if = "Option::is_none")]
    pub session_id: Option<String>,
    /// The caller's session.
    #[serde(rename = "callerID")]
    pub caller_id: String,
    /// The caller's agent; none where the user calls.
    #[serde(rename = "callerAgent", skip_serializing_if = "Option::is_none")]
    pub caller_agent: Option<String>,
    /// The agent that is asked.
    pub agent: String,
    /// Whether nobody waits for the answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub background: Option<bool>,
    /// The parts of the prompt, as OpenCode takes them.
    #[cfg_attr(
        target_arch = "wasm32",
        tsify(type = "{ type: string, [field: string]: unknown }[]")
    )]
    pub parts: Vec<Value>,
    /// The system text beside the agent's own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub system: Option<String>,
    /// The agent's model, or else its caller's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub model: Option<Model>,
    /// The model's variant.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub variant: Option<String>,
    /// What the child may not do because its caller may not.
    pub permission: Vec<HostRule>,
    /// Fourteen random letters and digits, for the ids of messages.
    pub seed: String,
    /// Who runs the child, as the host will find it in the record.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub process: Option<String>,
}

/// The text of a field that may be left out.
fn maybe_text(of: &Field<'_>, key: &str) -> Result<Option<String>, Wrong> {
    of.maybe(key)?
        .map(|text| text.text().map(str::to_owned))
        .transpose()
}

pub(crate) fn maybe_flag(of: &Field<'_>, key: &str) -> Result<Option<bool>, Wrong> {
    of.maybe(key)?.map(|flag| flag.flag()).transpose()
}

impl OfPrompt {
    pub(crate) fn of(now: Millis, event: &Field<'_>) -> Result<OfPrompt, Wrong> {
        Ok(OfPrompt {
            now,
            session_id: event.must("sessionID")?.text()?.to_owned(),
            turn: event.must("turn")?.count()?,
            attempt: event.must("attempt")?.count()?,
        })
    }
}

impl Failure {
    pub(crate) fn of(now: Millis, event: &Field<'_>) -> Result<Failure, Wrong> {
        Ok(Failure {
            now,
            session_id: event.must("sessionID")?.text()?.to_owned(),
            turn: event.must("turn")?.count()?,
            attempt: event.must("attempt")?.count()?,
            name: event.must("name")?.text()?.to_owned(),
            message: event.must("message")?.text()?.to_owned(),
            retryable: maybe_flag(event, "retryable")?,
            live: maybe_flag(event, "live")?,
            jitter: event
                .maybe("jitter")?
                .map(|jitter| jitter.share(""))
                .transpose()?,
        })
    }
}

impl Asked {
    pub(crate) fn of(now: Millis, event: &Field<'_>) -> Result<Asked, Wrong> {
        Ok(Asked {
            now,
            ticket: event
                .maybe("ticket")?
                .map(|ticket| ticket.count())
                .transpose()?,
            session_id: maybe_text(event, "sessionID")?,
            caller_id: event.must("callerID")?.text()?.to_owned(),
            caller_agent: maybe_text(event, "callerAgent")?,
            agent: event.must("agent")?.text()?.to_owned(),
            background: maybe_flag(event, "background")?,
            parts: parts(event.must("parts")?)?,
            system: maybe_text(event, "system")?,
            model: event.maybe("model")?.map(Model::of).transpose()?,
            variant: maybe_text(event, "variant")?,
            permission: rules(event.must("permission")?)?,
            seed: event.must("seed")?.text()?.to_owned(),
            process: maybe_text(event, "process")?,
        })
    }
}
