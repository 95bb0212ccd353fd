//! The sessions of a root, as a table and as a diagram.

use crate::one_line::cell;
use crate::protocol::{PromptState as State, Session, Status, TaskState};
use crate::rules::limits::LISTED;
use crate::rules::wording::fields::{add, latest};
use crate::time::Millis;
use std::borrow::Cow;

/// Draws sessions as a table: a row a session, children below their parents.
///
/// `sessions` are as `Engine::visible` gives them, `now` is in milliseconds. A session whose parent is not among them has
/// no row: it is the root, or the session that reads the table. Of the others the 50 most recently used have a row, and a
/// line below the table counts the rest. Ages and shares are rounded to the nearest whole number.
///
/// ```
/// use opencode_delegate::{Engine, Event, rules::session_table};
/// let mut engine = Engine::new("{}")?;
/// for session in [r#"{"id":"ses_r"}"#, r#"{"id":"ses_a","parentID":"ses_r","agent":"fixer","slug":"mend"}"#] {
///     let event = format!(r#"{{"type":"session.created","now":0,"session":{session}}}"#);
///     engine.apply(Event::read(&event)?);
/// }
/// let table = session_table(&engine.sessions("ses_r"), 5_000);
/// assert_eq!(table.lines().last(), Some("| mend | fixer | idle | 5 s | 0 | - |"));
/// # Ok::<(), opencode_delegate::DelegateError>(())
/// ```
pub fn session_table(sessions: &[Session], now: Millis) -> String {
    let mut lines = String::new();
    let tops = tops(sessions);
    let (listed, older) = listed(sessions, &tops, LISTED);
    for (index, top) in in_order(sessions, &tops) {
        if let Some(session) = sessions.get(index)
            && listed.get(index) == Some(&true)
        {
            add_row(&mut lines, session, session.depth - top, now);
        }
    }
    if lines.is_empty() {
        return "There is no subagent session yet.".to_owned();
    }
    if older > 0 {
        lines.push_str("\n\n");
        add_number(&mut lines, older as u64, " older sessions have no row.");
    }
    [
        "| task_id | agent | state | last used | tokens | budget |\n|---|---|---|---|---|---|",
        &lines,
    ]
    .concat()
}

/// The sessions in the order of their rows, children below their parents, each with the depth of the topmost session
/// above it. A session stands once, in a list too that is no tree.
pub(super) fn in_order(sessions: &[Session], tops: &[bool]) -> Vec<(usize, u32)> {
    let mut order = Vec::new();
    let mut next: Vec<(usize, u32)> = Vec::new();
    for (index, session) in sessions.iter().enumerate().rev() {
        if tops.get(index) == Some(&true) {
            next.push((index, session.depth));
        }
    }
    for _ in sessions {
        let Some((index, top)) = next.pop() else {
            break;
        };
        let Some(session) = sessions.get(index) else {
            continue;
        };
        order.push((index, top));
        for (index, child) in sessions.iter().enumerate().rev() {
            if is_child(child, session) {
                next.push((index, top));
            }
        }
    }
    order
}

/// Which sessions have no parent among them.
pub(super) fn tops(sessions: &[Session]) -> Vec<bool> {
    let is_top = |session: &Session| sessions.iter().all(|parent| !is_child(session, parent));
    sessions.iter().map(is_top).collect()
}

/// Which sessions below the topmost ones are listed, and how many are not.
pub(super) fn listed(sessions: &[Session], tops: &[bool], most: usize) -> (Vec<bool>, usize) {
    let below: Vec<usize> = (0..sessions.len())
        .filter(|index| tops.get(*index) == Some(&false))
        .collect();
    let used = |index: &usize| sessions.get(*index).map_or(0, |session| session.last_used);
    let used: Vec<Millis> = below.iter().map(used).collect();
    let mut listed = vec![false; sessions.len()];
    for (index, is_listed) in below.iter().zip(latest(&used, most)) {
        if let Some(listed) = listed.get_mut(*index) {
            *listed = is_listed;
        }
    }
    (listed, below.len().saturating_sub(most))
}

/// Whether a session is a child of another. Most are ruled out by their depth.
pub(super) fn is_child(child: &Session, parent: &Session) -> bool {
    child.depth == parent.depth + 1 && child.parent_id.as_ref() == Some(&parent.id)
}

fn add_row(lines: &mut String, session: &Session, depth: u32, now: Millis) {
    lines.push_str("\n| ");
    for _ in 1..depth {
        lines.push_str("  ");
    }
    add(lines, &[&name(session), " | ", &agent(session), " | "]);
    add_state(lines, session);
    lines.push_str(" | ");
    add_age(lines, session, now);
    lines.push_str(" | ");
    add_number(lines, session.tokens, "");
    if let Some(percent) = percent(session) {
        lines.push_str(" (");
        add_number(lines, percent, " %)");
    }
    lines.push_str(" | ");
    match session.budget.unwrap_or(0) {
        0 => lines.push('-'),
        budget => {
            add_number(lines, session.used.into(), "/");
            add_number(lines, budget.into(), "");
        }
    }
    lines.push_str(" |");
}

/// Adds how long ago a session was last used.
pub(super) fn add_age(text: &mut String, session: &Session, now: Millis) {
    let seconds = rounded(now.saturating_sub(session.last_used), 1000);
    let (by, unit) = match seconds {
        0..60 => (1, " s"),
        60..3_600 => (60, " min"),
        3_600..86_400 => (3_600, " h"),
        _ => (86_400, " d"),
    };
    add_number(text, rounded(seconds, by), unit);
}

/// The share of the window that a session's context takes, if the window is known.
pub(super) fn percent(session: &Session) -> Option<u64> {
    let known = session.window > 0;
    known.then(|| rounded(session.tokens.saturating_mul(100), session.window))
}

fn name(session: &Session) -> Cow<'_, str> {
    cell(session.slug.as_deref().unwrap_or(&session.id))
}

fn agent(session: &Session) -> Cow<'_, str> {
    cell(session.agent.as_deref().unwrap_or_default())
}

/// Adds the state of a session, or of its last background task.
fn add_state(text: &mut String, session: &Session) {
    let word = match (session.status, session.prompt) {
        (Status::Idle, Some(State::Created)) => "waiting",
        (Status::Retry, _) => "retrying",
        (Status::Busy, _) | (_, Some(_)) => "running",
        (Status::Idle, None) => {
            return match &session.task {
                Some(task) => add(text, &[state_word(task.state), " (", &cell(&task.id), ")"]),
                None => text.push_str("idle"),
            };
        }
    };
    text.push_str(word);
    if session.waiting > 0 {
        text.push_str(" +");
        add_number(text, session.waiting as u64, " waiting");
    }
}

fn state_word(state: TaskState) -> &'static str {
    match state {
        TaskState::Running => "running",
        TaskState::Completed => "completed",
        TaskState::Error => "error",
        TaskState::Cancelled => "cancelled",
        TaskState::Lost => "lost",
    }
}

pub(super) fn add_number(text: &mut String, number: u64, unit: &str) {
    add(text, &[&number.to_string(), unit]);
}

/// A quotient, rounded to the nearest whole number, and half a one up.
pub(super) fn rounded(number: u64, by: u64) -> u64 {
    number.saturating_add(by / 2) / by
}

/// Draws sessions as a Mermaid flowchart, with an arrow from each parent to its children.
///
/// `sessions` are as `Engine::visible` gives them. A session whose parent is not drawn has no arrow. Below the root, or the
/// session that reads the diagram, the 50 most recently used are drawn, and a box counts the rest.
///
/// ```
/// use opencode_delegate::{Engine, Event, rules::session_diagram};
/// let mut engine = Engine::new("{}")?;
/// engine.apply(Event::read(r#"{"type":"session.created","now":0,"session":{"id":"ses_r","agent":"build"}}"#)?);
/// let diagram = session_diagram(&engine.sessions("ses_r"));
/// assert_eq!(diagram, "flowchart TD\n  s0[\"root<br>build\"]");
/// # Ok::<(), opencode_delegate::DelegateError>(())
/// ```
pub fn session_diagram(sessions: &[Session]) -> String {
    let mut lines = "flowchart TD".to_owned();
    let tops = tops(sessions);
    let (listed, older) = listed(sessions, &tops, LISTED);
    let drawn = |index: &usize| {
        [&tops, &listed]
            .iter()
            .any(|of| of.get(*index) == Some(&true))
    };
    let boxes = sessions
        .iter()
        .enumerate()
        .filter(|(index, _)| drawn(index));
    for (index, session) in boxes {
        lines.push_str("\n  ");
        let parent = sessions.iter().position(|parent| is_child(session, parent));
        if let Some(parent) = parent.filter(drawn) {
            add(&mut lines, &["s", &parent.to_string(), " --> "]);
        }
        add(&mut lines, &["s", &index.to_string(), "[\""]);
        match session.parent_id {
            None => lines.push_str("root"),
            Some(_) => lines.push_str(&name(session)),
        }
        if !agent(session).is_empty() {
            add(&mut lines, &["<br>", &agent(session)]);
        }
        if session.parent_id.is_some() {
            lines.push_str("<br>");
            add_state(&mut lines, session);
        }
        lines.push_str("\"]");
    }
    if older > 0 {
        lines.push_str("\n  older[\"");
        add_number(&mut lines, older as u64, " older sessions\"]");
    }
    lines
}
