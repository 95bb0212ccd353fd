//! Effects: the work that the engine gives to the host.

use crate::protocol::permission::HostRule;
use crate::protocol::prompt::{Message, PromptState};
use crate::protocol::record::Record;
use crate::shape::shape;
use crate::time::Millis;
use crate::unions::variants;
use std::sync::Arc;

variants! {
    /// Work for the host. The host carries effects out in the order in which they come. A record that comes before a
    /// `send` must be stored before the prompt is sent.
    #[derive(Clone, Debug, PartialEq)]
    pub write enum Effect by "type", "" {
        /// Store the record as `metadata.delegate` of that session, in place of the one before.
        Store = "store" as StoreEffect {
            /// The session.
            session_id "sessionID": Arc<str> => must,
            /// The record.
            record: Box<Record> => must,
            /// Whether it may wait until no caller waits for the host. If it is lost, a count is too high, or the
            /// engine learns it again. If this is absent, the record is urgent.
            later: bool => empty,
        },
        /// Create a child, with its record in its metadata from the first moment, and commit the ticket.
        Create = "create" as CreateEffect {
            /// The ticket of the decision.
            ticket: u32 => must,
            /// The caller's session.
            parent_id "parentID": Arc<str> => must,
            /// Its title, as OpenCode's own tool makes it.
            title: String => must,
            /// Its agent.
            agent: String => must,
            /// Its permission.
            permission: Vec<HostRule> => must,
            /// The record to store as `metadata.delegate`.
            record: Box<Record> => must,
        },
        /// A prompt was queued: a later `deliver` effect gives its end.
        Wait = "wait" as WaitEffect {
            /// The session that is prompted.
            session_id "sessionID": Arc<str> => must,
            /// The prompt's number in its session, from 1 up.
            prompt_no: u32 => must,
            /// How many prompts of that session are before it.
            behind: usize => must,
            /// The id of the background task that it is.
            task_id "taskID": Option<String> => maybe,
        },
        /// Send a prompt.
        Send = "send" as SendEffect {
            /// The session that is prompted.
            session_id "sessionID": Arc<str> => must,
            /// The prompt's number in its session, from 1 up.
            prompt_no: u32 => must,
            /// The attempt's number, from 1 up.
            attempt: u32 => must,
            /// The request.
            message: Message => must,
            /// How long it may give no sign of life until it counts as failed, in milliseconds.
            stall: Millis => must,
            /// The rules that its callers pass on: narrow the session by them first. If this is absent, the session was
            /// created with them, or there are none.
            permission: Vec<HostRule> => empty,
        },
        /// Send a prompt again, or continue from the session's history, after a wait.
        Retry = "retry" as RetryEffect {
            /// The session that is prompted.
            session_id "sessionID": Arc<str> => must,
            /// The prompt's number in its session, from 1 up.
            prompt_no: u32 => must,
            /// The attempt's number, from 1 up.
            attempt: u32 => must,
            /// The request; without parts it continues from the history.
            message: Message => must,
            /// How long to wait before, in milliseconds.
            after: Millis => must,
            /// How long it may give no sign of life until it counts as failed, in milliseconds.
            stall: Millis => must,
        },
        /// Abort the running turn of a session.
        Abort = "abort" as AbortEffect {
            /// The session.
            session_id "sessionID": Arc<str> => must,
            /// Whether the session has reached a limit: its answer so far is its result.
            limit: bool => empty,
        },
        /// Deny a question for permission: nobody has answered it in time.
        Refuse = "refuse" as RefuseEffect {
            /// The session that asks.
            session_id "sessionID": Arc<str> => must,
            /// The host's id of the question.
            request_id "requestID": String => must,
            /// A message to the session's model.
            message: String => must,
        },
        /// Report `session.timer` at that time: a limit of the session may be reached then.
        Timer = "timer" as TimerEffect {
            /// The session.
            session_id "sessionID": Arc<str> => must,
            /// When, in milliseconds since the epoch.
            at: Millis => must,
        },
        /// Forget all that is stored of a prompt.
        Forget = "forget" as ForgetEffect {
            /// The session that is prompted.
            session_id "sessionID": Arc<str> => must,
            /// The prompt's number in its session, from 1 up.
            prompt_no: u32 => must,
        },
        /// Deliver to the caller how a prompt ended.
        Deliver = "deliver" as DeliverEffect {
            /// The session that is prompted.
            session_id "sessionID": Arc<str> => must,
            /// The prompt's number in its session, from 1 up.
            prompt_no: u32 => must,
            /// How it ended.
            state: PromptState => must,
            /// Why it failed.
            message: Option<String> => maybe,
            /// Sentences for the caller.
            notices: Vec<String> => must,
            /// For a background task, a sentence about the tokens and the money that its session used, with all below it.
            used: Option<String> => maybe,
            /// For a background task, how its result reaches its caller: exactly once.
            to: Option<Delivery> => maybe,
        },
        /// Hold a call of the host's own tool back: a later effect says that it may proceed, or that nothing but a turn
        /// of its session is ahead of it.
        Hold = "hold" as HoldEffect {
            /// The session that is to be prompted.
            session_id "sessionID": Arc<str> => must,
            /// The caller's session.
            caller_id "callerID": Arc<str> => must,
            /// The message that makes the call, if the host names it.
            message_id "messageID": Option<Arc<str>> => maybe,
            /// The host's id of the call.
            call_id "callID": Arc<str> => must,
            /// How many calls are ahead of it. If none is, report when the session is idle, until the call may proceed.
            behind: usize => must,
        },
        /// Let a call of the host's own tool prompt its session now.
        Proceed = "proceed" as ProceedEffect {
            /// The session that is to be prompted.
            session_id "sessionID": Arc<str> => must,
            /// The caller's session.
            caller_id "callerID": Arc<str> => must,
            /// The message that makes the call, if the host names it.
            message_id "messageID": Option<Arc<str>> => maybe,
            /// The host's id of the call.
            call_id "callID": Arc<str> => must,
        },
        /// Look up a prompt whose process is gone, and report its state. It is accepted if its message is in the
        /// session, answered if that has an answer, lost otherwise.
        Check = "check" as CheckEffect {
            /// The session that is prompted.
            session_id "sessionID": Arc<str> => must,
            /// The prompt's number in its session, from 1 up.
            prompt_no: u32 => must,
            /// The attempt's number, from 1 up.
            attempt: u32 => must,
            /// The user message to look for; absent if none was sent.
            message_id "messageID": Option<String> => maybe,
        },
    }
}

impl Effect {
    /// The end of a session's turn, without a limit.
    pub(crate) fn abort(session_id: Arc<str>) -> Effect {
        let limit = false;
        Effect::Abort { session_id, limit }
    }
}

shape! {
    /// How the result of a background task reaches its caller.
    #[derive(Clone, Debug, PartialEq)]
    pub write struct Delivery {
        /// The session that gets it: the caller's, or for a notice one above it.
        caller_id "callerID": String => must,
        /// For a notice, the caller that got the result after its own answer.
        via: Option<String> => maybe,
        /// For a notice, how many other tasks it stands for.
        others: u32 => empty,
        /// The task.
        task_id "taskID": String => must,
        /// The user message of its prompt, after which the answer stands.
        asked: Option<String> => maybe,
        /// Whether its process is gone: the result is that it is lost.
        lost: bool => must,
        /// The messages that were chosen to carry it before. If one of them is in the caller's session,
        /// the result was delivered.
        unless: Vec<String> => empty,
        /// The message that carries it.
        message_id "messageID": String => must,
        /// The part of that message.
        part_id "partID": String => must,
        /// Whether that message is the user's next one, to which a part is added; else it is to be sent.
        joins: bool => must,
    }
}
