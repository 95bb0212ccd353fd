//! A quota: the limits of the prompt that a session works for, and the use since it was sent.

use crate::collections::is_default;
use crate::error::Wrong;
use crate::json::{Field, Read};
use crate::protocol::{Limits, Spent};
use crate::rules::limits::RECENT_STEPS;
use crate::time::Millis;
use serde::Serialize;

/// The limits of the prompt that a session was last sent, and the use since then.
#[derive(Debug, PartialEq, Serialize)]
pub(super) struct Quota {
    limits: Limits,
    /// The user message of the prompt, if the engine has sent it.
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<String>,
    /// When the prompt was sent.
    since: Millis,
    /// The use of the session, and of those below it, before that.
    before: Spent,
    /// The steps that have ended since.
    #[serde(skip_serializing_if = "is_default")]
    steps: u64,
    /// The messages of the last few of them.
    #[serde(skip_serializing_if = "is_default")]
    recent: Vec<String>,
    /// Whether another step follows the last one.
    #[serde(skip_serializing_if = "is_default")]
    more: bool,
    /// Whether the turn in which it began is over.
    #[serde(skip_serializing_if = "is_default")]
    rests: bool,
    /// The sentence about the limit that was reached.
    #[serde(skip_serializing_if = "is_default")]
    reached: Option<String>,
}

impl Read for Quota {
    fn of(saved: Field<'_>) -> Result<Quota, Wrong> {
        Ok(Quota {
            limits: Read::must(&saved, "limits")?,
            message: Read::given(&saved, "message")?,
            since: Read::must(&saved, "since")?,
            before: Read::must(&saved, "before")?,
            steps: Read::given(&saved, "steps")?.unwrap_or_default(),
            recent: Read::given(&saved, "recent")?.unwrap_or_default(),
            more: Read::given(&saved, "more")?.unwrap_or_default(),
            rests: Read::given(&saved, "rests")?.unwrap_or_default(),
            reached: Read::given(&saved, "reached")?,
        })
    }
}

impl Quota {
    /// The quota of a prompt that is sent now; none without limits. `before` is what its session used so far.
    pub(super) fn begin(
        limits: Limits,
        message: Option<String>,
        before: Spent,
        now: Millis,
    ) -> Option<Quota> {
        (limits != Limits::default()).then(|| Quota {
            limits,
            message,
            since: now,
            before,
            steps: 0,
            recent: Vec::new(),
            more: false,
            rests: false,
            reached: None,
        })
    }

    /// When the time is over, if it is limited.
    pub(super) fn due(&self) -> Option<Millis> {
        let time = self.limits.timeout_ms?;
        Some(self.since.saturating_add(time))
    }

    /// The sentences about the work that a limit ended, if one did.
    pub(super) fn unfinished(&self) -> Option<String> {
        self.reached.as_deref().map(unfinished)
    }

    /// Takes in that a step has ended. `false` if that is known.
    pub(super) fn note_step(&mut self, message_id: &str, more: bool) -> bool {
        let is_last = self.recent.last().is_some_and(|last| *last == *message_id);
        let news = !self.recent.iter().any(|known| *known == *message_id);
        if news {
            self.steps += 1;
            let over = (self.recent.len() + 1).saturating_sub(RECENT_STEPS);
            self.recent.drain(..over);
            self.recent.push(message_id.to_owned());
        }
        if news || is_last {
            self.more = more;
        }
        news
    }

    /// Takes in that the session's turn is over: a later turn of it has no time limit.
    pub(super) fn rest(&mut self) {
        self.limits.timeout_ms = None;
        (self.more, self.rests) = (false, true);
    }

    /// Whether the turn in which it began is over, or ends.
    pub(super) fn is_over(&self) -> bool {
        self.rests || self.reached.is_some()
    }

    /// Whether a user message is that of its prompt, which a limit has ended.
    pub(super) fn has_ended(&self, message_id: &str) -> bool {
        self.reached.is_some() && self.message.as_deref() == Some(message_id)
    }

    /// Takes in that the clock was set back.
    pub(super) fn set_back(&mut self, now: Millis) {
        self.since = self.since.min(now);
    }

    /// Notes that a limit is reached, if one is, and gives the sentence about it. `spent` is all that the session used. A
    /// session whose last step is its answer has reached none, unless it is known that it goes on. One that goes on after its
    /// limit, because something else began a turn, reaches it with each step.
    pub(super) fn reach(&mut self, spent: Spent, goes_on: bool, now: Millis) -> Option<String> {
        let goes_on = goes_on && self.reached.is_none();
        if !(goes_on || self.more) {
            return None;
        }
        let sentence = match self.reached.take() {
            Some(reached) => reached,
            None => self.sentence(spent, now)?,
        };
        self.more = false;
        self.reached = Some(sentence.clone());
        Some(sentence)
    }

    /// The sentence about the limit that is reached, if one is.
    fn sentence(&self, spent: Spent, now: Millis) -> Option<String> {
        let used = spent.since(self.before);
        let limit = self.limit_over(used, now)?;
        let steps = counted(self.steps);
        let time = seconds(now.saturating_sub(self.since));
        Some(format!(
            "It was ended at its limit of {limit}, after {steps}, {used} and {time} s. Give its task_id to go on with fresh limits."
        ))
    }

    /// The limit that is reached, in words.
    fn limit_over(&self, used: Spent, now: Millis) -> Option<String> {
        let limits = &self.limits;
        if let Some(limit) = limits.max_cost.filter(|limit| used.cost >= *limit) {
            return Some(limit.to_string());
        }
        if let Some(limit) = limits.max_tokens.filter(|limit| used.tokens >= *limit) {
            return Some(format!("{limit} tokens"));
        }
        if let Some(limit) = limits.max_steps.filter(|limit| self.steps >= *limit) {
            return Some(counted(limit));
        }
        let late = self.due().is_some_and(|due| now >= due);
        let limit = limits.timeout_ms.filter(|_| late)?;
        Some(format!("{} s", seconds(limit)))
    }
}

/// The sentences about work that a limit ended, from the one about the limit.
pub(super) fn unfinished(limit: &str) -> String {
    ["Its work is unfinished. ", limit].concat()
}

fn counted(steps: u64) -> String {
    match steps {
        1 => "1 step".to_owned(),
        _ => format!("{steps} steps"),
    }
}

/// A time in seconds, rounded up.
fn seconds(time: Millis) -> Millis {
    time.div_ceil(1_000)
}
