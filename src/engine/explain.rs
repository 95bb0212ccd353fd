//! Why a row of the table decides, and those before it do not: what each saw of a request.

use crate::engine::Engine;
use crate::engine::lookup::gather;
use crate::error::DelegateError;
use crate::protocol::Look;
use crate::protocol::Request;
use crate::rules::decision_table::RULES;
use crate::rules::facts::looks_at;

impl Engine {
    /// What each row of the table sees of a request, up to the one that decides: the last that is
    /// given, and the only one that holds. Nothing is set aside, and a call that is decided already is
    /// looked at as if it came now. It looks at a copy of the whole state: it is for people, not for
    /// every call.
    ///
    /// ```
    /// use opencode_delegate::{Engine, Request};
    /// let engine = Engine::new(r#"{"agents":{"explorer":{}}}"#)?;
    /// let request = Request::read(
    ///     r#"{"now":0,"callID":"c1","sessionID":"ses_root","agent":"explorr","description":"Look","prompt":"Look."}"#,
    /// )?;
    /// let looks = engine.explain(&request);
    /// assert_eq!(looks[0].facts, [("task_id", "left out")]);
    /// assert!(looks[1].holds && looks[1].facts == [("agent", "unknown")]);
    /// # Ok::<(), opencode_delegate::DelegateError>(())
    /// ```
    pub fn explain(&self, request: &Request<'_>) -> Vec<Look> {
        let Ok(mut copy) = self.copy() else {
            return Vec::new();
        };
        let spelled = copy.spell(request);
        let request = spelled.as_ref().unwrap_or(request);
        let caller = copy.enter(request);
        let facts = gather(request, caller, &copy.policy, &copy.registry).facts;
        let mut looks = Vec::new();
        for row in RULES {
            let holds = row.fires(&facts);
            let seen = looks_at(row.rule).iter().map(|fact| fact.of(&facts));
            looks.push(Look {
                rule: row.rule,
                holds,
                facts: seen.collect(),
            });
            if holds {
                break;
            }
        }
        looks
    }
}

impl Engine {
    fn copy(&self) -> Result<Engine, DelegateError> {
        let mut copy = Engine::new("{}")?;
        copy.load(&self.snapshot())?;
        copy.policy = self.policy.clone();
        Ok(copy)
    }
}
