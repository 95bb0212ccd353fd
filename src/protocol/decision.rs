//! A request to delegate, and what is decided about it.

use crate::error::{CODES, Code, Wrong};
use crate::json::Field;
use crate::protocol::session::Candidate;
use serde::Serialize;
use std::borrow::Cow;
use std::sync::Arc;

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
        reason: Cow<'static, str>,
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
        reason: Cow<'static, str>,
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
        reason: Cow<'static, str>,
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
        reason: Cow<'static, str>,
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
        let reason = || Ok::<_, Wrong>(Cow::Owned(decision.must("reason")?.text()?.to_owned()));
        Ok(match decision.must("action")?.text()? {
            "resume" => Decision::Resume {
                session_id: id("sessionID")?,
                rule,
                reason: reason()?,
                ticket: decision.must("ticket")?.count()?,
                slug: slug()?,
                notice: notice()?,
                candidates: candidates()?,
            },
            "spawn" => Decision::Spawn {
                session_id: id("sessionID")?,
                rule,
                reason: reason()?,
                ticket: decision.must("ticket")?.count()?,
                slug: id("slug")?,
                notice: notice()?,
                candidates: candidates()?,
            },
            "compact" => Decision::Compact {
                session_id: id("sessionID")?,
                rule,
                reason: reason()?,
                ticket: decision.must("ticket")?.count()?,
                slug: slug()?,
                candidates: candidates()?,
            },
            "join" => Decision::Join {
                session_id: id("sessionID")?,
                rule,
                reason: reason()?,
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
/// The name of a row: `G` rows are gates, `R` rows choose.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
#[allow(missing_docs)] // each is told by its row of RULES
pub enum RuleID {
    G1,
    G2,
    G3,
    G4,
    G5,
    G6,
    G7,
    G8,
    R1,
    R2,
    R3,
    R4,
    R5,
    R6,
    R7,
    R8,
    R9,
    R10,
    R11,
    R12,
}

/// Every row with its spelling.
const RULE_IDS: [(&str, RuleID); 20] = [
    ("G1", RuleID::G1),
    ("G2", RuleID::G2),
    ("G3", RuleID::G3),
    ("G4", RuleID::G4),
    ("G5", RuleID::G5),
    ("G6", RuleID::G6),
    ("G7", RuleID::G7),
    ("G8", RuleID::G8),
    ("R1", RuleID::R1),
    ("R2", RuleID::R2),
    ("R3", RuleID::R3),
    ("R4", RuleID::R4),
    ("R5", RuleID::R5),
    ("R6", RuleID::R6),
    ("R7", RuleID::R7),
    ("R8", RuleID::R8),
    ("R9", RuleID::R9),
    ("R10", RuleID::R10),
    ("R11", RuleID::R11),
    ("R12", RuleID::R12),
];

impl RuleID {
    pub(crate) fn of(word: Field<'_>) -> Result<RuleID, Wrong> {
        word.one_of(&RULE_IDS)
    }
}
