//! The last line of a run: the sessions that it resumed and started.

use crate::error::Wrong;
use crate::json::Field;
use crate::one_line::quotable;
use crate::rules::limits::RUN;
use crate::rules::wording::fields::{self, text};

/// Adds the names of sessions with a comma between: first those that the run resumed, then those that it started. More
/// than one call of a session is counted behind its name.
pub(super) fn add(line: &mut String, list: &Field<'_>) -> Result<(), Wrong> {
    let mut named = 0_usize;
    let mut left = 0_usize;
    for (spawned, verb) in [(false, "resumed "), (true, "started ")] {
        let mut verb = Some(verb);
        for session in list.list()? {
            let name = text(&session, "task_id")?;
            let calls = session.must("calls")?.whole()?;
            if session.must("spawned")?.flag()? != spawned {
                continue;
            }
            if named == RUN {
                left = left.saturating_add(1);
                continue;
            }
            let between = if named == 0 { "" } else { ", " };
            fields::add(
                line,
                &[between, verb.take().unwrap_or_default(), &quotable(name)],
            );
            if calls > 1 {
                fields::add(line, &[" (", &calls.to_string(), " calls)"]);
            }
            named = named.saturating_add(1);
        }
    }
    if left > 0 {
        fields::add(line, &[" and ", &left.to_string(), " more"]);
    }
    Ok(())
}
