//! What few sessions have: the limits of a prompt, questions for permission, context that resumes kept, and an abort.

use crate::collections::is_default;
use crate::error::Wrong;
use crate::json::{Field, Read};
use crate::state::quota::Quota;
use crate::time::Millis;
use serde::Serialize;

/// The limits of the prompt that a session works for, the questions for permission that it waits with, the context that its
/// resumes kept, and its last abort.
#[derive(Debug, Default, PartialEq, Serialize)]
pub(super) struct Extra {
    #[serde(skip_serializing_if = "is_default")]
    pub(super) quota: Option<Quota>,
    /// Each with the time at which it was asked.
    #[serde(skip_serializing_if = "is_default")]
    pub(super) questions: Vec<(String, Millis)>,
    /// How often a call resumed it.
    #[serde(skip_serializing_if = "is_default")]
    pub(super) resumed: u32,
    /// The context that it held at these calls, in tokens, added up.
    #[serde(skip_serializing_if = "is_default")]
    pub(super) saved: u64,
    /// When its turn was last aborted.
    #[serde(skip_serializing_if = "is_default")]
    pub(super) aborted_at: Option<Millis>,
}

impl Read for Extra {
    fn of(saved: Field<'_>) -> Result<Extra, Wrong> {
        Ok(Extra {
            quota: Quota::given(&saved, "quota")?,
            questions: Read::given(&saved, "questions")?.unwrap_or_default(),
            resumed: Read::given(&saved, "resumed")?.unwrap_or_default(),
            saved: Read::given(&saved, "saved")?.unwrap_or_default(),
            aborted_at: Read::given(&saved, "aborted_at")?,
        })
    }
}

impl Extra {
    /// Whether it says nothing.
    pub(super) fn is_empty(&self) -> bool {
        self.quota.is_none()
            && self.questions.is_empty()
            && self.resumed == 0
            && self.saved == 0
            && self.aborted_at.is_none()
    }

    /// Takes in that the clock was set back.
    pub(super) fn set_back(&mut self, now: Millis) {
        // An abort of that moment comes after those before it.
        self.aborted_at = self.aborted_at.filter(|at| *at < now);
        if let Some(quota) = &mut self.quota {
            quota.set_back(now);
        }
        for (_, since) in &mut self.questions {
            *since = (*since).min(now);
        }
    }
}
