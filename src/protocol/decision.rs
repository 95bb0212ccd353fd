//! The decision about a request.

use crate::error::Code;
use crate::protocol::effect::Effect;
use crate::protocol::prompt::Model;
use crate::protocol::session::Candidate;
use crate::shape::shape;
use crate::unions::variants;
use crate::words::words;
use std::borrow::Cow;
use std::sync::Arc;

variants! {
    /// The decision about a request, with the row of the table that decided and its reason.
    ///
    /// `ticket` stands for the call until the host settles it. The host commits it with the child's session id, or
    /// refunds it if no child was prompted.
    #[derive(Clone, Debug, PartialEq)]
    pub read enum Decision by "action", "a known action" {
        /// Prompt a session that exists.
        Resume = "resume" as ResumeDecision {
            /// The host's id of that session.
            session_id "sessionID": Arc<str> => must,
            /// The row.
            rule: RuleID => must,
            /// Why, in one sentence.
            reason: Cow<'static, str> => must,
            /// The call: a number to commit or refund.
            ticket: u32 => must,
            /// Its name.
            slug: Option<Arc<str>> => given,
            /// The model that a call chose for the session; absent if none did.
            model: Option<Model> => given,
            /// A sentence for the caller.
            notice: Option<String> => given,
            /// Other sessions that could be resumed, if the caller did not name this one.
            candidates: Vec<Candidate> => must,
        },
        /// Create a child and prompt it.
        Spawn = "spawn" as SpawnDecision {
            /// The id derived from its name.
            session_id "sessionID": Arc<str> => must,
            /// The row.
            rule: RuleID => must,
            /// Why, in one sentence.
            reason: Cow<'static, str> => must,
            /// The call: a number to commit or refund.
            ticket: u32 => must,
            /// Its name.
            slug: Arc<str> => must,
            /// The model that a call chose for the session; absent if none did.
            model: Option<Model> => given,
            /// A sentence for the caller.
            notice: Option<String> => given,
            /// The sessions that could have been resumed.
            candidates: Vec<Candidate> => must,
            /// How many more could have been; absent if none.
            others: u32 => empty,
        },
        /// Summarise a session that exists, then prompt it.
        Compact = "compact" as CompactDecision {
            /// The host's id of that session.
            session_id "sessionID": Arc<str> => must,
            /// The row.
            rule: RuleID => must,
            /// Why, in one sentence.
            reason: Cow<'static, str> => must,
            /// The call: a number to commit or refund.
            ticket: u32 => must,
            /// Its name.
            slug: Option<Arc<str>> => given,
            /// The model that a call chose for the session; absent if none did.
            model: Option<Model> => given,
            /// A sentence for the caller.
            notice: Option<String> => given,
            /// Other sessions that could have been resumed.
            candidates: Vec<Candidate> => must,
        },
        /// The session is running: hand the prompt to it, do not start it twice. The call is spent.
        Join = "join" as JoinDecision {
            /// The host's id of that session; the derived id while it is being created.
            session_id "sessionID": Arc<str> => must,
            /// The row.
            rule: RuleID => must,
            /// Why, in one sentence.
            reason: Cow<'static, str> => must,
            /// Its name.
            slug: Option<Arc<str>> => given,
            /// The model that a call chose for the session; absent if none did.
            model: Option<Model> => given,
            /// A sentence for the caller.
            notice: Option<String> => given,
        },
        /// Refuse. Nothing is spent.
        Deny = "deny" as DenyDecision {
            /// The stable code.
            code: Code => must,
            /// The fault, and the next step.
            message: String => must,
            /// The row.
            rule: RuleID => must,
            /// The sessions that can be resumed instead.
            candidates: Vec<Candidate> => must,
            /// How many more can be; absent if none.
            others: u32 => empty,
        },
    }
}

shape! {
    /// A decision, with the effects that the host carries out before it acts on the decision.
    #[derive(Clone, Debug, PartialEq)]
    pub write struct Decided {
        /// The decision.
        decision: Arc<Decision> => must,
        /// Each record that the host must store, so that the names in the decision resolve later.
        effects: Vec<Effect> => must,
    }
}

impl Decision {
    /// The row of the table that fired.
    ///
    /// ```
    /// use opencode_delegate::{Engine, Request, RuleID};
    /// let mut engine = Engine::new(r#"{"agents":{"explorer":{}}}"#)?;
    /// let request = r#"{"now":0,"callID":"c1","sessionID":"ses_root","agent":"nobody",
    ///                   "description":"Explore auth","prompt":"Read src/auth"}"#;
    /// assert_eq!(engine.decide(&Request::read(request)?).decision.rule(), RuleID::G2);
    /// # Ok::<(), opencode_delegate::DelegateError>(())
    /// ```
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
    ///
    /// A ticket that is unknown, or was settled before, changes nothing.
    ///
    /// ```
    /// use opencode_delegate::{Engine, Event, Request};
    /// let mut engine = Engine::new("{}")?;
    /// let request = r#"{"now":0,"callID":"c1","sessionID":"ses_root","agent":"explorer",
    ///                   "description":"Explore auth","prompt":"Read src/auth"}"#;
    /// let decision = engine.decide(&Request::read(request)?).decision;
    /// let ticket = decision.ticket().unwrap();
    /// engine.apply(Event::Commit { now: 1, ticket, session_id: "ses_child".into() });
    /// assert_eq!(engine.sessions("ses_root").len(), 2);
    /// # Ok::<(), opencode_delegate::DelegateError>(())
    /// ```
    pub fn ticket(&self) -> Option<u32> {
        match self {
            Decision::Resume { ticket, .. }
            | Decision::Spawn { ticket, .. }
            | Decision::Compact { ticket, .. } => Some(*ticket),
            Decision::Join { .. } | Decision::Deny { .. } => None,
        }
    }
}

words! {
    /// The name of a row of the decision table: `G` rows are gates, `R` rows choose.
    #[derive(Hash)]
    pub enum RuleID {
        /// Row G1.
        G1 = "G1",
        /// Row G2.
        G2 = "G2",
        /// Row G3.
        G3 = "G3",
        /// Row G4.
        G4 = "G4",
        /// Row G5.
        G5 = "G5",
        /// Row G6.
        G6 = "G6",
        /// Row G7.
        G7 = "G7",
        /// Row G8.
        G8 = "G8",
        /// Row G9.
        G9 = "G9",
        /// Row G10.
        G10 = "G10",
        /// Row R1.
        R1 = "R1",
        /// Row R2.
        R2 = "R2",
        /// Row R3.
        R3 = "R3",
        /// Row R4.
        R4 = "R4",
        /// Row R5.
        R5 = "R5",
        /// Row R6.
        R6 = "R6",
        /// Row R7.
        R7 = "R7",
        /// Row R8.
        R8 = "R8",
        /// Row R9.
        R9 = "R9",
        /// Row R10.
        R10 = "R10",
        /// Row R11.
        R11 = "R11",
        /// Row R12.
        R12 = "R12",
    }
}
