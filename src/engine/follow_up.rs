//! Which session a request follows up.

use crate::relevance::{MARGIN, Profile, wants_fresh};
use crate::rules::limits::{CANDIDATES, WEIGHED, WEIGHED_TO_RESUME};
use crate::state::{Pool, Registry, SessionKey};

/// What a call asks.
#[derive(Clone, Copy, Default)]
pub(super) struct Asked<'a> {
    pub(super) description: &'a str,
    pub(super) prompt: &'a str,
    /// The message that makes the call, if the host names it.
    pub(super) message: Option<&'a str>,
}

impl Asked<'_> {
    fn profile(&self) -> Profile {
        Profile::of(self.description, self.prompt, std::iter::empty())
    }
}

/// The session that a call resumes without naming it (R10), if it rests. The best one alone may be resumed: if it does
/// not qualify, no other is.
pub(super) fn follow_up(
    asked: &Asked<'_>,
    caller: SessionKey,
    agent: Option<&str>,
    threshold: f64,
    registry: &Registry,
) -> Option<SessionKey> {
    if wants_fresh(asked.description) {
        return None;
    }
    let pool = Pool {
        caller,
        agent,
        most: WEIGHED_TO_RESUME,
        own: true,
    };
    let weighed = registry.weigh(&asked.profile(), &pool);
    let (key, best) = weighed.first()?;
    let second = weighed.get(1).map(|(_, second)| second.score);
    let alone = second.is_none_or(|second| best.score - second >= MARGIN);
    let confident = f64::from(best.confidence) / 1000.0 >= threshold;
    (alone && confident && registry.may_go_on(*key, asked.message)).then_some(*key)
}

/// The sessions of an agent that a caller could resume, with the confidence of each in thousandths: the best of the
/// weighed ones, then others, the most recently used first.
pub(super) fn ranked(
    asked: &Asked<'_>,
    caller: SessionKey,
    agent: Option<&str>,
    registry: &Registry,
) -> Vec<(SessionKey, u32)> {
    let pool = Pool {
        caller,
        agent,
        most: WEIGHED,
        own: false,
    };
    let weighed = registry.weigh(&asked.profile(), &pool).into_iter();
    let weighed = weighed.map(|(key, weighed)| (key, weighed.confidence));
    let mut ranked: Vec<(SessionKey, u32)> = weighed.take(CANDIDATES).collect();
    for key in registry.recent(caller, agent).take(WEIGHED) {
        if ranked.len() >= CANDIDATES {
            break;
        }
        if ranked.iter().all(|(known, _)| *known != key) {
            ranked.push((key, 0));
        }
    }
    ranked
}
