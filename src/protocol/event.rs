//! Events of the host.

use crate::error::{Code, DelegateError};
use crate::json::{Field, Read, amount};
use crate::json_value::JsonValue;
use crate::parse::read;
use crate::protocol::attempt::{AttemptRef, FailedAttempt, KeptPrompt};
use crate::protocol::host_call::QueuedCall;
use crate::protocol::session::Status;
use crate::protocol::spent::Spent;
use crate::shape::shape;
use crate::time::Millis;
use crate::unions::variants;

variants! {
    /// An event of the host. A repeated, reordered or late event changes nothing that is settled. An event with an
    /// earlier time is late, unless `clock.set_back` came in between.
    #[derive(Clone, Debug, PartialEq)]
    pub read enum Event by "type", "a known type of event" {
        /// A session exists: it is new, or the host reports it for the first time.
        Created = "session.created" as SessionCreatedEvent {
            /// When, in milliseconds since the epoch; for an older session, when it was last used.
            now: Millis => must(amount),
            /// The session as the host describes it.
            session: Created => must,
        },
        /// The host begins to report a root and everything below it. The root itself is known. Until `root.read` the engine
        /// makes up no name there: a session that is not reported yet may have that name in its record.
        RootReading = "root.reading" as RootReadingEvent {
            /// When, in milliseconds since the epoch.
            now: Millis => must(amount),
            /// The root; any other session is ignored.
            session_id "sessionID": String => must,
        },
        /// The host has reported a root and everything below it: each session without a name gets one, the oldest first.
        /// Report it only if the whole read succeeded.
        RootRead = "root.read" as RootReadEvent {
            /// When, in milliseconds since the epoch.
            now: Millis => must(amount),
            /// The root.
            session_id "sessionID": String => must,
        },
        /// A session read or changed files.
        Touched = "session.touched" as SessionTouchedEvent {
            /// When, in milliseconds since the epoch.
            now: Millis => must(amount),
            /// The session.
            session_id "sessionID": String => must,
            /// The paths. One outside the project is ignored.
            files: Vec<String> => must,
            /// The project's folder, if the paths may be absolute.
            project: Option<String> => maybe,
        },
        /// A session began or ended a turn.
        Status = "session.status" as SessionStatusEvent {
            /// When, in milliseconds since the epoch.
            now: Millis => must(amount),
            /// The session.
            session_id "sessionID": String => must,
            /// Its status now.
            status: Status => must,
        },
        /// The context of a session grew or shrank.
        Usage = "session.usage" as SessionUsageEvent {
            /// When, in milliseconds since the epoch.
            now: Millis => must(amount),
            /// The session.
            session_id "sessionID": String => must,
            /// The context in use, in tokens.
            tokens: u64 => must(amount),
            /// The model's window, in tokens.
            window: u64 => must(amount),
        },
        /// The models of a session used tokens.
        Spent = "session.spent" as SessionSpentEvent {
            /// When, in milliseconds since the epoch.
            now: Millis => must(amount),
            /// The session.
            session_id "sessionID": String => must,
            /// All that the session itself used so far, as the host counts it. A figure below an earlier one is late.
            spent: Spent => must,
            /// Whether its turn is over: then the session is not ended at a limit.
            rests: Option<bool> => maybe,
        },
        /// A step of a session's turn has ended: one answer of its model, tool calls included.
        Stepped = "session.stepped" as SessionSteppedEvent {
            /// When, in milliseconds since the epoch.
            now: Millis => must(amount),
            /// The session.
            session_id "sessionID": String => must,
            /// The message of the step. One that comes again is the same step.
            message_id "messageID": String => must,
            /// Whether another step follows.
            more: bool => must,
        },
        /// A session asks a person for permission, and waits.
        Asks = "permission.asked" as PermissionAskedEvent {
            /// When, in milliseconds since the epoch.
            now: Millis => must(amount),
            /// The session.
            session_id "sessionID": String => must,
            /// The host's id of the question.
            request_id "requestID": String => must,
        },
        /// A question for permission was answered.
        Replied = "permission.replied" as PermissionRepliedEvent {
            /// When, in milliseconds since the epoch.
            now: Millis => must(amount),
            /// The session.
            session_id "sessionID": String => must,
            /// The host's id of the question.
            request_id "requestID": String => must,
        },
        /// The time of a `timer` effect has come.
        Timer = "session.timer" as SessionTimerEvent {
            /// When, in milliseconds since the epoch.
            now: Millis => must(amount),
            /// The session.
            session_id "sessionID": String => must,
        },
        /// A turn of a session failed.
        Failed = "session.error" as SessionErrorEvent {
            /// When, in milliseconds since the epoch.
            now: Millis => must(amount),
            /// The session.
            session_id "sessionID": String => must,
            /// The error's name.
            name: String => must,
            /// The error's message.
            message: String => must,
            /// Whether the host calls it transient.
            retryable: Option<bool> => maybe,
        },
        /// A session was deleted, and with it everything below it.
        Deleted = "session.deleted" as SessionDeletedEvent {
            /// When, in milliseconds since the epoch.
            now: Millis => must(amount),
            /// The session.
            session_id "sessionID": String => must,
        },
        /// Another plugin gave a session a name that its parent has read.
        Alias = "session.alias" as SessionAliasEvent {
            /// When, in milliseconds since the epoch.
            now: Millis => must(amount),
            /// The session.
            session_id "sessionID": String => must,
            /// The name; an unusable one is ignored.
            alias: String => must,
        },
        /// A person gave a session another name. If another session has that name, it gets the nearest free one. Its former
        /// names still resolve.
        Renamed = "session.renamed" as SessionRenamedEvent {
            /// When, in milliseconds since the epoch.
            now: Millis => must(amount),
            /// The session; a root has no name.
            session_id "sessionID": String => must,
            /// The name; an unusable one is ignored.
            name: String => must,
        },
        /// The call that made a session has made another in its place: another attempt goes on there. The new one has its
        /// name, under which it resolves from now on.
        Replaced = "session.replaced" as SessionReplacedEvent {
            /// When, in milliseconds since the epoch.
            now: Millis => must(amount),
            /// The session.
            session_id "sessionID": String => must,
            /// The session that takes its place: a child of the same session.
            by_id "byID": String => must,
        },
        /// A call in the messages of a session names another session: the call spawned or prompted that one. A fork has the
        /// calls of the conversation that it was forked from.
        Named = "session.named" as SessionNamedEvent {
            /// When, in milliseconds since the epoch.
            now: Millis => must(amount),
            /// The session whose message it is.
            session_id "sessionID": String => must,
            /// The message.
            message_id "messageID": String => must,
            /// The part of that message.
            part_id "partID": String => must,
            /// The session that is named.
            named_id "namedID": String => must,
        },
        /// The messages of a session are reverted from one on, or none is any more. A name that a reverted call gave is free.
        Reverted = "session.reverted" as SessionRevertedEvent {
            /// When, in milliseconds since the epoch.
            now: Millis => must(amount),
            /// The session.
            session_id "sessionID": String => must,
            /// The first message that is reverted; none if none is.
            message_id "messageID": Option<String> => maybe,
            /// The first part of that message that is reverted, if its first parts stand.
            part_id "partID": Option<String> => maybe,
        },
        /// A message of a session was removed, a part of one, or all from one on. A name that a removed call gave is free.
        Removed = "message.removed" as MessageRemovedEvent {
            /// When, in milliseconds since the epoch.
            now: Millis => must(amount),
            /// The session.
            session_id "sessionID": String => must,
            /// The message.
            message_id "messageID": String => must,
            /// The part, if the rest of the message stands.
            part_id "partID": Option<String> => maybe,
            /// Whether every later message and part was removed with it. The ids of messages and of parts rise.
            later: Option<bool> => maybe,
            /// The first message after those, if there are new ones already.
            before: Option<String> => maybe,
        },
        /// The child that was decided upon exists and was prompted.
        Commit = "ticket.commit" as TicketCommitEvent {
            /// When, in milliseconds since the epoch.
            now: Millis => must(amount),
            /// The ticket of the decision.
            ticket: u32 => must,
            /// The host's id of the child.
            session_id "sessionID": String => must,
        },
        /// No child was prompted.
        Refund = "ticket.refund" as TicketRefundEvent {
            /// When, in milliseconds since the epoch.
            now: Millis => must(amount),
            /// The ticket of the decision.
            ticket: u32 => must,
        },
        /// The host is to prompt a child: the prompt, before anything is sent.
        Kept(prompt: Box<KeptPrompt>) = "prompt.kept" as PromptKeptEvent,
        /// The host was called to send a prompt.
        Sent(attempt: AttemptRef) = "prompt.sent" as PromptSentEvent,
        /// The user message of a prompt was seen in its session.
        Accepted(attempt: AttemptRef) = "prompt.accepted" as PromptAcceptedEvent,
        /// A prompt was answered.
        Answered(attempt: AttemptRef) = "prompt.answered" as PromptAnsweredEvent,
        /// An attempt failed.
        Broken(failed: Box<FailedAttempt>) = "prompt.failed" as PromptFailedEvent,
        /// A user or an agent cancelled a prompt.
        Cancelled(attempt: AttemptRef) = "prompt.cancelled" as PromptCancelledEvent,
        /// The turn of a session was aborted. The session is stopped with all below it: the background prompts that they have
        /// asked so far are cancelled, and no result wakes one of them before its next prompt. Prompts that others asked go
        /// on.
        Aborted = "session.aborted" as SessionAbortedEvent {
            /// When, in milliseconds since the epoch. A prompt that was asked later goes on.
            now: Millis => must(amount),
            /// The session.
            session_id "sessionID": String => must,
        },
        /// An agent or a person cancelled all prompts of a session and of all below it, those that run and those that wait. A
        /// background task of the agent's own counts as delivered: it asked for the end. A turn without a prompt is aborted.
        /// No result wakes one of the sessions before its next prompt.
        CancelledAll = "session.cancelled" as SessionCancelledEvent {
            /// When, in milliseconds since the epoch.
            now: Millis => must(amount),
            /// The session.
            session_id "sessionID": String => must,
            /// The session of the agent.
            caller_id "callerID": String => must,
        },
        /// A user message is about to be stored: it can carry the results that wait for their delivery. It begins a
        /// delegation to a subagent session, unless it is synthetic, late or already known.
        Prompted(message: Box<UserMessage>) = "session.prompted" as SessionPromptedEvent,
        /// A call of the host's own tool is to prompt a session: a `hold` or a `proceed` effect answers it, as often as
        /// it comes. A session that the engine does not know gets no answer: the call need not wait.
        CallQueued(call: Box<QueuedCall>) = "call.queued" as CallQueuedEvent,
        /// A call of the host's own tool is over, or was given up. The end of its caller's turn ends it too.
        CallEnded = "call.ended" as CallEndedEvent {
            /// When, in milliseconds since the epoch.
            now: Millis => must(amount),
            /// The session that was to be prompted, as `call.queued` named it.
            session_id "sessionID": String => must,
            /// The caller's session.
            caller_id "callerID": String => must,
            /// The message that makes the call, if the host names it.
            message_id "messageID": Option<String> => maybe,
            /// The host's id of the call.
            call_id "callID": String => must,
        },
        /// The host's clock was set back: this comes before any other event of the new time.
        SetBack = "clock.set_back" as ClockSetBackEvent {
            /// Its time now, in milliseconds since the epoch.
            now: Millis => must(amount),
        },
        /// A call that a lost engine decided has prompted a child: the child gets its name, and the call is spent. The
        /// same call, with the same time, is spent once. A call from an earlier delegation to its caller is not spent. A child
        /// that is deleted, or unknown and without a name, is ignored.
        Recovered(call: Box<RecoveredCall>) = "call.recovered" as CallRecoveredEvent,
        /// The host has stored the record of a session that the last `store` effect asked for.
        RecordStored = "record.stored" as RecordStoredEvent {
            /// When, in milliseconds since the epoch.
            now: Millis => must(amount),
            /// The session.
            session_id "sessionID": String => must,
        },
        /// The host could not store the record of a session that the last `store` effect asked for.
        RecordFailed = "record.failed" as RecordFailedEvent {
            /// When, in milliseconds since the epoch.
            now: Millis => must(amount),
            /// The session.
            session_id "sessionID": String => must,
        },
        /// The result of a background task or the notice of it was delivered, or could not be.
        Delivered = "task.delivered" as TaskDeliveredEvent {
            /// When, in milliseconds since the epoch.
            now: Millis => must(amount),
            /// The session of the task.
            session_id "sessionID": String => must,
            /// The prompt's number in its session, from 1 up.
            prompt_no: u32 => must,
            /// The message that was to carry it. A report about a message that was not chosen for it is ignored. Without a
            /// message, another program has delivered it.
            message_id "messageID": Option<String> => maybe,
            /// Whether it was delivered.
            delivered: bool => must,
        },
    }
}

shape! {
    /// A user message that is about to be stored.
    #[derive(Clone, Debug, PartialEq)]
    pub read struct UserMessage {
        /// When, in milliseconds since the epoch.
        now: Millis => must(amount),
        /// The session.
        session_id "sessionID": String => must,
        /// The message.
        message_id "messageID": String => must,
        /// Whether the host or a plugin made up all of it, as the delivery of a result or to continue.
        synthetic: Option<bool> => maybe,
        /// The text of a message that the host made up, if it may be the result of a background task that the host ran
        /// itself.
        result: Option<String> => maybe,
        /// Whether the host made it up to give such a result, and begins a turn with it.
        wakes: Option<bool> => maybe,
    }
}

shape! {
    /// A call that a lost engine decided and that has prompted a child.
    #[derive(Clone, Debug, PartialEq)]
    pub read struct RecoveredCall {
        /// When the child was prompted, in milliseconds since the epoch.
        now: Millis => must(amount),
        /// The child.
        session_id "sessionID": String => must,
        /// The caller's session.
        caller_id "callerID": String => must,
        /// The agent that was asked.
        agent: String => must,
        /// The task in a few words.
        description: String => must,
        /// The name that the decision gave to the child; none for a child that was resumed.
        name: Option<String> => maybe,
        /// Whether the caller goes on without waiting.
        background: Option<bool> => maybe,
    }
}

shape! {
    /// A session as the host describes it.
    #[derive(Clone, Debug, Default, PartialEq)]
    pub read struct Created {
        /// The host's id.
        id: String => must,
        /// The session that it is a child of.
        parent_id "parentID": Option<String> => maybe,
        /// Its agent.
        agent: Option<String> => maybe,
        /// Its task in a few words.
        description: Option<String> => maybe,
        /// Its first prompt.
        prompt: Option<String> => maybe,
        /// A name that was given to it.
        slug: Option<String> => maybe,
        /// The files that it read or changed, relative to the project.
        files: Option<Vec<String>> => maybe,
        /// All that it used so far, as the host counts it.
        spent: Option<Spent> => maybe,
        /// The value at `metadata.delegate`: the record that a `store` effect gave, if the host has stored one.
        record: Option<JsonValue<'static>> => maybe,
        /// Whether the process that the record names is alive, if it names one.
        alive: Option<bool> => maybe,
        /// Those of the processes in the prompt and the tasks of the record that are alive, and not this one. Absent if those name
        /// none.
        living: Option<Vec<String>> => maybe,
        /// Those of them that are gone and ran in this process of the machine before, such as before a reload. Given only if the
        /// process of the record runs in another one: that one cannot see that they are gone.
        outlived: Option<Vec<String>> => maybe,
    }
}

impl Event {
    /// Reads an event from JSON. Unknown fields are ignored: hosts send more.
    ///
    /// ```
    /// use opencode_delegate::{Event, Status};
    /// let event = Event::read(r#"{"type":"session.status","now":5,"sessionID":"ses_a","status":"busy"}"#)?;
    /// assert_eq!(event, Event::Status { now: 5, session_id: "ses_a".into(), status: Status::Busy });
    /// # Ok::<(), opencode_delegate::DelegateError>(())
    /// ```
    ///
    /// # Errors
    /// `invalid_event`, with the field, for an unknown type, or a field that is missing or of the wrong type.
    pub fn read(json: &str) -> Result<Event, DelegateError> {
        read(json, Code::InvalidEvent, |event: Field<'_>| {
            // Each event has a time: a missing time is the first fault to name.
            amount(event.must("now")?)?;
            Event::of(event)
        })
    }
}
