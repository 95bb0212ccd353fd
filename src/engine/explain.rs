//! The facts that each row of the decision table sees of a request.

use crate::engine::Engine;
use crate::engine::lookup::{CallerView, Wanted, look_up};
use crate::protocol::{Look, Request};
use crate::rules::decision_table::RULES;

impl Engine {
    /// Gives the facts that each row of the table sees of a request, up to the row that decides. That is the last look,
    /// and the only one that holds. It reserves nothing and changes nothing. A call that was decided before is looked
    /// at as if it came now.
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
        let spelled = self.spell(request);
        let request = spelled.as_ref().unwrap_or(request);
        let caller = CallerView::calling(&self.registry, &self.policy, request);
        let facts = look_up(&Wanted::of(request), &caller, &self.policy, &self.registry).facts;
        let mut looks = Vec::new();
        for row in RULES {
            let holds = row.fires(&facts);
            let seen = row.looks_at.iter().map(|fact| fact.of(&facts));
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
