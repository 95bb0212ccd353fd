//! The line about the session that a call most likely meant, though it named none.

use crate::engine::Engine;
use crate::engine::case::Case;
use crate::one_line::quotable;
use crate::protocol::Candidate;
use crate::relevance::wants_fresh;
use crate::rules::decision_table::Notice;
use crate::rules::limits::HINT;

impl Engine {
    /// The hint at the session that the call most likely meant, if that one could go on. A call that asks for a fresh look
    /// gets none.
    pub(super) fn related(&mut self, case: &Case<'_>, candidates: &[Candidate]) -> Option<String> {
        let best = candidates.first()?;
        let likely = best.confidence >= f64::from(HINT) / 1000.0;
        let fresh = wants_fresh(&case.request.description);
        if !likely || fresh || !case.rule.notices.contains(&Notice::Related) {
            return None;
        }
        let key = self.registry.find(&best.session_id)?;
        let message = case.request.message_id.as_deref();
        // Another caller may be in the middle of a conversation with its own child.
        let own = self.registry.parent(key) == Some(case.caller);
        if !own || !self.registry.may_go_on(key, message) {
            return None;
        }
        self.registry.note_hint(key, case.caller);
        let name = quotable(best.slug.as_ref().unwrap_or(&best.session_id)).into_owned();
        Some(format!(
            "related: {name} (likely). Give task_id \"{name}\" to continue it."
        ))
    }
}
