//! What becomes of a message for a session that runs.

use crate::unions::variants;
use std::sync::Arc;

variants! {
    /// What becomes of a message for a session that runs.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub write enum Steering by "action", "" {
        /// Put the message into the session without beginning a turn: the running one reads it at its next step.
        Send = "send" as SendSteering {
            /// The session.
            session_id "sessionID": Arc<str> => must,
            /// The id of the message.
            message_id "messageID": String => must,
            /// Its text.
            text: String => must,
            /// What its sender reads.
            answer: String => must,
        },
        /// Send nothing.
        Refuse = "refuse" as RefuseSteering {
            /// Why, and the next step.
            message: String => must,
        },
    }
}
