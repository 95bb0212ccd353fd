//! What happened in the host.

use crate::error::{Code, DelegateError, Wrong};
use crate::json::{Field, read};
use crate::protocol::attempt::{Asked, Failure, OfPrompt, maybe_flag};
use crate::protocol::session::Status;
use crate::time::Millis;
use serde::Serialize;
use serde_json::Value;

/// What happened in the host. Doubled, reordered or late, an event changes nothing that has been settled:
/// what is told with an earlier time is late, unless the clock was set back in between and that was told.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
#[serde(tag = "type")]
pub enum Event {
    /// A session exists: it was created just now, or met for the first time.
    #[serde(rename = "session.created")]
    Created {
        /// When; for a session that is met, when it was last used.
        now: Millis,
        /// What the host tells of it.
        session: Created,
    },
    /// A session read or changed files.
    #[serde(rename = "session.touched")]
    Touched {
        /// When.
        now: Millis,
        /// Which session.
        #[serde(rename = "sessionID")]
        session_id: String,
        /// The paths.
        files: Vec<String>,
    },
    /// A session began or ended a turn.
    #[serde(rename = "session.status")]
    Status {
        /// When.
        now: Millis,
        /// Which session.
        #[serde(rename = "sessionID")]
        session_id: String,
        /// What it does now.
        status: Status,
    },
    /// The context of a session grew or shrank.
    #[serde(rename = "session.usage")]
    Usage {
        /// When.
        now: Millis,
        /// Which session.
        #[serde(rename = "sessionID")]
        session_id: String,
        /// The context in use, in tokens.
        tokens: u64,
        /// The model's window, in tokens.
        window: u64,
    },
    /// A turn of a session failed.
    #[serde(rename = "session.error")]
    Failed {
        /// When.
        now: Millis,
        /// Which session.
        #[serde(rename = "sessionID")]
        session_id: String,
        /// The error's name.
        name: String,
        /// What it says.
        message: String,
        /// Whether the host calls it transient.
        #[serde(skip_serializing_if = "Option::is_none")]
        retryable: Option<bool>,
    },
    /// A session was deleted, and with it everything below it.
    #[serde(rename = "session.deleted")]
    Deleted {
        /// When.
        now: Millis,
        /// Which session.
        #[serde(rename = "sessionID")]
        session_id: String,
    },
    /// The parent of a session was told of it under a name that another plugin gave it.
    #[serde(rename = "session.alias")]
    Alias {
        /// When.
        now: Millis,
        /// Which session.
        #[serde(rename = "sessionID")]
        session_id: String,
        /// The name; one that cannot be a slug is passed over.
        alias: String,
    },
    /// The child that was decided upon exists and was prompted.
    #[serde(rename = "ticket.commit")]
    Commit {
        /// When.
        now: Millis,
        /// The ticket of the decision.
        ticket: u32,
        /// The host's id of the child.
        #[serde(rename = "sessionID")]
        session_id: String,
    },
    /// No child was prompted.
    #[serde(rename = "ticket.refund")]
    Refund {
        /// When.
        now: Millis,
        /// The ticket of the decision.
        ticket: u32,
    },
    /// The host is to prompt a child: what was asked, before anything is sent.
    #[serde(rename = "prompt.kept")]
    Kept(Box<Asked>),
    /// The call that sends a prompt was made.
    #[serde(rename = "prompt.sent")]
    Sent(OfPrompt),
    /// The user message of a prompt was seen in its session.
    #[serde(rename = "prompt.accepted")]
    Accepted(OfPrompt),
    /// A prompt was answered.
    #[serde(rename = "prompt.answered")]
    Answered(OfPrompt),
    /// An attempt failed.
    #[serde(rename = "prompt.failed")]
    Broken(Box<Failure>),
    /// Somebody ended a prompt.
    #[serde(rename = "prompt.cancelled")]
    Cancelled(OfPrompt),
    /// A user message is about to be stored: what waits to be told can go with it.
    #[serde(rename = "session.prompted")]
    Prompted {
        /// When.
        now: Millis,
        /// Which session.
        #[serde(rename = "sessionID")]
        session_id: String,
        /// The user message.
        #[serde(rename = "messageID")]
        message_id: String,
    },
    /// The host's clock was set back: whoever tells of events says so before any other.
    #[serde(rename = "clock.set_back")]
    SetBack {
        /// What it shows now.
        now: Millis,
    },
    /// A call that a lost engine decided has prompted a child: the child gets its name, and the call is spent. The
    /// same call, with the same time, is spent once; one from a turn of its caller that has ended is not spent. A child
    /// that is deleted, or unknown and without a name, is passed over.
    #[serde(rename = "call.recovered")]
    Recovered(Box<RecoveredCall>),
    /// The host has stored the record of a session that the last `store` effect asked for.
    #[serde(rename = "record.stored")]
    RecordStored {
        /// When.
        now: Millis,
        /// The session.
        #[serde(rename = "sessionID")]
        session_id: String,
    },
    /// The host could not store the record of a session that the last `store` effect asked for.
    #[serde(rename = "record.failed")]
    RecordFailed {
        /// When.
        now: Millis,
        /// The session.
        #[serde(rename = "sessionID")]
        session_id: String,
    },
    /// The caller of a background task was told its result, or could not be.
    #[serde(rename = "task.told")]
    Told {
        /// When.
        now: Millis,
        /// The session of the task.
        #[serde(rename = "sessionID")]
        session_id: String,
        /// Which of the session's prompts.
        turn: u32,
        /// Whether the caller was told.
        told: bool,
    },
}

/// A session as the host tells of it.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
pub struct Created {
    /// The host's id.
    pub id: String,
    /// The session that it is a child of.
    #[serde(rename = "parentID", skip_serializing_if = "Option::is_none")]
    pub parent_id: Option<String>,
    /// Its agent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub agent: Option<String>,
    /// What it was asked for, in a few words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Its first prompt.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub prompt: Option<String>,
    /// A handle that was given to it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub slug: Option<String>,
    /// The files that it read or changed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub files: Option<Vec<String>>,
    /// What a `store` effect once kept of it: whatever stands at `metadata.delegate`.
    #[cfg_attr(target_arch = "wasm32", tsify(type = "unknown"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub record: Option<Value>,
    /// Whether the process lives that runs its prompt, where the record tells of one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub alive: Option<bool>,
}

/// A call that a lost engine decided and that has prompted a child.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
pub struct RecoveredCall {
    /// When the child was prompted.
    pub now: Millis,
    /// The child.
    #[serde(rename = "sessionID")]
    pub session_id: String,
    /// The caller's session.
    #[serde(rename = "callerID")]
    pub caller_id: String,
    /// The agent that was asked.
    pub agent: String,
    /// The work in a few words.
    pub description: String,
    /// The name that the decision gave to the child; none for a child that was resumed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Whether the caller goes on without waiting.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub background: Option<bool>,
}

impl Event {
    /// Reads an event from JSON. Fields that it does not have are passed over: hosts send more.
    ///
    /// # Errors
    /// `invalid_event`, with the field, for an unknown type, or a field that is missing or of the wrong type.
    pub fn read(json: &str) -> Result<Event, DelegateError> {
        read(json, Code::InvalidEvent, |event| {
            let now = event.must("now")?.amount()?;
            let session_id = || event.must("sessionID")?.text().map(str::to_owned);
            let ticket = || event.must("ticket")?.count();
            let kind = event.must("type")?;
            Ok(match kind.text()? {
                "session.created" => Event::Created {
                    now,
                    session: Created::of(event.must("session")?)?,
                },
                "session.touched" => Event::Touched {
                    now,
                    session_id: session_id()?,
                    files: event.must("files")?.texts()?,
                },
                "session.status" => Event::Status {
                    now,
                    session_id: session_id()?,
                    status: Status::of(event.must("status")?)?,
                },
                "session.usage" => Event::Usage {
                    now,
                    session_id: session_id()?,
                    tokens: event.must("tokens")?.amount()?,
                    window: event.must("window")?.amount()?,
                },
                "session.error" => Event::Failed {
                    now,
                    session_id: session_id()?,
                    name: event.must("name")?.text()?.to_owned(),
                    message: event.must("message")?.text()?.to_owned(),
                    retryable: event
                        .maybe("retryable")?
                        .map(|flag| flag.flag())
                        .transpose()?,
                },
                "session.deleted" => Event::Deleted {
                    now,
                    session_id: session_id()?,
                },
                "session.alias" => Event::Alias {
                    now,
                    session_id: session_id()?,
                    alias: event.must("alias")?.text()?.to_owned(),
                },
                "ticket.commit" => Event::Commit {
                    now,
                    ticket: ticket()?,
                    session_id: session_id()?,
                },
                "ticket.refund" => Event::Refund {
                    now,
                    ticket: ticket()?,
                },
                "prompt.kept" => Event::Kept(Box::new(Asked::of(now, &event)?)),
                "prompt.sent" => Event::Sent(OfPrompt::of(now, &event)?),
                "prompt.accepted" => Event::Accepted(OfPrompt::of(now, &event)?),
                "prompt.answered" => Event::Answered(OfPrompt::of(now, &event)?),
                "prompt.failed" => Event::Broken(Box::new(Failure::of(now, &event)?)),
                "prompt.cancelled" => Event::Cancelled(OfPrompt::of(now, &event)?),
                "session.prompted" => Event::Prompted {
                    now,
                    session_id: session_id()?,
                    message_id: event.must("messageID")?.text()?.to_owned(),
                },
                "call.recovered" => {
                    let name = event.maybe("name")?;
                    Event::Recovered(Box::new(RecoveredCall {
                        now,
                        session_id: session_id()?,
                        caller_id: event.must("callerID")?.text()?.to_owned(),
                        agent: event.must("agent")?.text()?.to_owned(),
                        description: event.must("description")?.text()?.to_owned(),
                        name: name
                            .map(|name| name.text().map(str::to_owned))
                            .transpose()?,
                        background: maybe_flag(&event, "background")?,
                    }))
                }
                "record.stored" => Event::RecordStored {
                    now,
                    session_id: session_id()?,
                },
                "record.failed" => Event::RecordFailed {
                    now,
                    session_id: session_id()?,
                },
                "clock.set_back" => Event::SetBack { now },
                "task.told" => Event::Told {
                    now,
                    session_id: session_id()?,
                    turn: event.must("turn")?.count()?,
                    told: event.must("told")?.flag()?,
                },
                _ => return Err(kind.not("a known type of event")),
            })
        })
    }
}

impl Created {
    fn of(session: Field<'_>) -> Result<Created, Wrong> {
        let text = |key| {
            session
                .maybe(key)?
                .map(|text| text.text().map(str::to_owned))
                .transpose()
        };
        Ok(Created {
            id: session.must("id")?.text()?.to_owned(),
            parent_id: text("parentID")?,
            agent: text("agent")?,
            description: text("description")?,
            prompt: text("prompt")?,
            slug: text("slug")?,
            files: session
                .maybe("files")?
                .map(|files| files.texts())
                .transpose()?,
            alive: maybe_flag(&session, "alive")?,
            record: session.maybe("record")?.map(|record| record.json().clone()),
        })
    }
}
