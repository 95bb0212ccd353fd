//! The prompt that a host stores, and the events of its attempts.

use crate::json::{amount, share};
use crate::json_value::JsonValue;
use crate::protocol::limits::Limits;
use crate::protocol::permission::HostRule;
use crate::protocol::prompt::{Model, parts};
use crate::shape::shape;
use crate::time::Millis;
use crate::unions::variants;

shape! {
    /// The attempt that something happened to.
    #[derive(Clone, Debug, PartialEq)]
    pub read struct AttemptRef {
        /// When, in milliseconds since the epoch.
        now: Millis => must(amount),
        /// The session that is prompted.
        session_id "sessionID": String => must,
        /// The prompt's number in its session, from 1 up.
        prompt_no: u32 => must,
        /// The attempt's number, from 1 up.
        attempt: u32 => must,
    }
}

shape! {
    /// An attempt that failed.
    #[derive(Clone, Debug, PartialEq)]
    pub read struct FailedAttempt {
        /// When, in milliseconds since the epoch.
        now: Millis => must(amount),
        /// The session that is prompted.
        session_id "sessionID": String => must,
        /// The prompt's number in its session, from 1 up.
        prompt_no: u32 => must,
        /// The attempt's number, from 1 up.
        attempt: u32 => must,
        /// How it failed.
        failure: Failure => must,
        /// Whether the attempt still runs in the host.
        live: Option<bool> => maybe,
        /// A random number from 0 to 1, for the wait before another attempt. If it is absent, the engine for JavaScript
        /// draws it, and the crate takes 1.
        jitter: Option<f64> => maybe(share),
    }
}

variants! {
    /// How an attempt failed.
    #[derive(Clone, Debug, PartialEq)]
    pub read enum Failure by "kind", "a known kind of failure" {
        /// OpenCode reported an error.
        Host = "host" as HostFailure {
            /// The error's name.
            name: String => must,
            /// The error's message.
            message: String => must,
            /// Whether OpenCode calls it transient.
            retryable: Option<bool> => maybe,
        },
        /// The session gave no sign of life.
        Stalled = "stalled" as StalledFailure {
            /// For how long, in milliseconds.
            after_ms: u64 => must(amount),
        },
        /// OpenCode tries the model again by itself.
        Retrying = "retrying" as RetryingFailure {
            /// Why.
            message: String => must,
        },
        /// The process that ran the attempt is gone.
        Lost = "lost" as LostFailure,
        /// The call to OpenCode failed on its way.
        Connection = "connection" as ConnectionFailure {
            /// The error that the call threw.
            message: String => must,
        },
        /// The session could not be made ready for the prompt; nothing was sent.
        Prepare = "prepare" as PrepareFailure {
            /// The error.
            message: String => must,
        },
        /// The answer has no text.
        Empty = "empty" as EmptyFailure,
    }
}

shape! {
    /// A prompt that the host is to run. It is stored before it is sent.
    #[derive(Clone, Debug, PartialEq)]
    pub read struct KeptPrompt {
        /// When, in milliseconds since the epoch.
        now: Millis => must(amount),
        /// The ticket of the decision; none for a join.
        ticket: Option<u32> => maybe,
        /// The part that makes the call, if the host shows it; it is in the message of the request.
        part_id "partID": Option<String> => maybe,
        /// The session to prompt; none if one is to be created.
        session_id "sessionID": Option<String> => maybe,
        /// The caller's session.
        caller_id "callerID": String => must,
        /// The caller's agent; none if the user calls.
        caller_agent "callerAgent": Option<String> => maybe,
        /// The agent that is asked.
        agent: String => must,
        /// Whether the caller goes on without waiting for the answer.
        background: Option<bool> => maybe,
        /// The parts of the prompt, as OpenCode takes them.
        parts: Vec<JsonValue<'static>> => must(parts) as "{ type: string, [field: string]: unknown }[]",
        /// The system text beside the agent's own.
        system: Option<String> => maybe,
        /// The agent's model, or else its caller's.
        model: Option<Model> => maybe,
        /// The model's variant.
        variant: Option<String> => maybe,
        /// The limits that the call asks for.
        limits: Option<Limits> => maybe,
        /// The rules that the call passes on to the session.
        permission: Vec<HostRule> => must,
        /// Fourteen random letters and digits, for the ids of messages. If they are absent, the engine for JavaScript
        /// draws them, and the crate takes zeros.
        seed: Option<String> => maybe,
        /// The process that runs the child, as the host will find it in the record.
        process: Option<String> => maybe,
        /// Whether another program sends the prompt, and tries it again by itself. Then its first failure is its end, and
        /// it waits for no place of `max_parallel`.
        sent_elsewhere: Option<bool> => maybe,
        /// Whether the session was created for this prompt, and the engine that created it was lost since. Then the record
        /// holds the prompt until the session has it.
        first: Option<bool> => maybe,
    }
}
