//! Which session a request follows up.

use crate::engine::Engine;
use crate::engine::lookup::Wanted;
use crate::relevance::{MARGIN, Profile, wants_fresh};
use crate::rules::limits::{CANDIDATES, WEIGHED, WEIGHED_TO_RESUME};
use crate::state::{Pool, Registry, SessionKey};

/// The terms of a request.
pub(super) fn asked(description: &str, prompt: &str) -> Profile {
    Profile::of(description, prompt, std::iter::empty())
}

/// The session that a request resumes without naming it (R10), if it rests. The best one alone may be resumed: if it
/// does not qualify, no other is.
pub(super) fn follow_up(
    wanted: &Wanted<'_>,
    caller: SessionKey,
    threshold: f64,
    registry: &Registry,
) -> Option<SessionKey> {
    if wants_fresh(wanted.description) {
        return None;
    }
    let pool = Pool {
        caller,
        agent: wanted.agent,
        most: WEIGHED_TO_RESUME,
        own: true,
    };
    let request = asked(wanted.description, wanted.prompt);
    let weighed = registry.weigh(&request, &pool);
    let (key, best) = weighed.first()?;
    let second = weighed.get(1).map(|(_, second)| second.score);
    let alone = second.is_none_or(|second| best.score - second >= MARGIN);
    let confident = f64::from(best.confidence) / 1000.0 >= threshold;
    (alone && confident && registry.may_go_on(*key, wanted.message)).then_some(*key)
}

impl Engine {
    /// The sessions of an agent that a caller could resume, with the confidence of each in thousandths: the best of the
    /// weighed ones, then others, the most recently used first.
    pub(super) fn ranked(
        &self,
        caller: SessionKey,
        agent: Option<&str>,
        request: &Profile,
    ) -> Vec<(SessionKey, u32)> {
        let pool = Pool {
            caller,
            agent,
            most: WEIGHED,
            own: false,
        };
        let weighed = self.registry.weigh(request, &pool).into_iter();
        let weighed = weighed.map(|(key, weighed)| (key, weighed.confidence));
        let mut ranked: Vec<(SessionKey, u32)> = weighed.take(CANDIDATES).collect();
        if ranked.len() < CANDIDATES {
            let recent = self.registry.recent(caller, agent);
            for key in recent.take(WEIGHED) {
                if ranked.len() < CANDIDATES && ranked.iter().all(|(known, _)| *known != key) {
                    ranked.push((key, 0));
                }
            }
        }
        ranked
    }
}
