//! The calls of the host's own tool: each prompts a session, when its turn has come.

use crate::json::amount;
use crate::shape::shape;
use crate::time::Millis;

shape! {
    /// A call of the host's own tool that prompts a session, or is to prompt one.
    #[derive(Clone, Debug, PartialEq)]
    pub read struct QueuedCall {
        /// When, in milliseconds since the epoch.
        now: Millis => must(amount),
        /// The session that is prompted.
        session_id "sessionID": String => must,
        /// The caller's session.
        caller_id "callerID": String => must,
        /// The message that makes the call, if the host names it.
        message_id "messageID": Option<String> => maybe,
        /// The host's id of the call, one of its own among the open calls of its message.
        call_id "callID": String => must,
        /// Whether the call joins a running session: it waits for the end of the session's turn too.
        joins: Option<bool> => maybe,
        /// Whether the call prompts the session already, as the call that created it does.
        runs: Option<bool> => maybe,
    }
}
