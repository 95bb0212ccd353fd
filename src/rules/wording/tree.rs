//! The sessions of a root, as a table and as a diagram.

use crate::protocol::{PromptState as State, Session, Status, TaskState};
use crate::rules::wording::fields::add;
use crate::time::Millis;

/// Draws the sessions of a root as a table: a row a session, children below their parents, without the root.
///
/// `sessions` are as `Engine::sessions` gives them, `now` is in milliseconds. A session whose parent is not among them has
/// no row. Ages and shares are rounded to the nearest whole number.
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
    let is_root = |session: &&Session| session.parent_id.is_none();
    let mut next: Vec<&Session> = sessions.iter().rev().filter(is_root).collect();
    // Each session has one row, in a list too that is no tree.
    for _ in sessions {
        let Some(session) = next.pop() else {
            break;
        };
        if session.parent_id.is_some() {
            add_row(&mut lines, session, now);
        }
        let below = |child: &&Session| is_child(child, session);
        next.extend(sessions.iter().rev().filter(below));
    }
    if lines.is_empty() {
        return "There is no subagent session yet.".to_owned();
    }
    [
        "| task_id | agent | state | last used | tokens | budget |\n|---|---|---|---|---|---|",
        &lines,
    ]
    .concat()
}

/// Whether a session is a child of another. Most are ruled out by their depth.
fn is_child(child: &Session, parent: &Session) -> bool {
    child.depth == parent.depth + 1 && child.parent_id.as_ref() == Some(&parent.id)
}

fn add_row(lines: &mut String, session: &Session, now: Millis) {
    lines.push_str("\n| ");
    for _ in 1..session.depth {
        lines.push_str("  ");
    }
    add(lines, &[name(session), " | ", agent(session), " | "]);
    add_state(lines, session);
    lines.push_str(" | ");
    let seconds = rounded(now.saturating_sub(session.last_used), 1000);
    let (by, unit) = match seconds {
        0..60 => (1, " s"),
        60..3_600 => (60, " min"),
        3_600..86_400 => (3_600, " h"),
        _ => (86_400, " d"),
    };
    add_number(lines, rounded(seconds, by), unit);
    lines.push_str(" | ");
    add_number(lines, session.tokens, "");
    if session.window > 0 {
        lines.push_str(" (");
        let percent = rounded(session.tokens.saturating_mul(100), session.window);
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

fn name(session: &Session) -> &str {
    session.slug.as_deref().unwrap_or(&session.id)
}

fn agent(session: &Session) -> &str {
    session.agent.as_deref().unwrap_or_default()
}

/// Adds the state of a session, or of its last background task.
fn add_state(text: &mut String, session: &Session) {
    let word = match (session.status, session.prompt) {
        (Status::Idle, Some(State::Created)) => "waiting",
        (Status::Retry, _) => "retrying",
        (Status::Busy, _) | (_, Some(_)) => "running",
        (Status::Idle, None) => {
            return match &session.task {
                Some(task) => add(text, &[state_word(task.state), " (", &task.id, ")"]),
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

fn add_number(text: &mut String, number: u64, unit: &str) {
    add(text, &[&number.to_string(), unit]);
}

/// A quotient, rounded to the nearest whole number, and half a one up.
fn rounded(number: u64, by: u64) -> u64 {
    number.saturating_add(by / 2) / by
}

/// Draws the sessions of a root as a Mermaid flowchart, with an arrow from each parent to its children.
///
/// `sessions` are as `Engine::sessions` gives them. A session whose parent is not among them has no arrow.
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
    for (index, session) in sessions.iter().enumerate() {
        lines.push_str("\n  ");
        let parent = sessions.iter().position(|parent| is_child(session, parent));
        if let Some(parent) = parent {
            add(&mut lines, &["s", &parent.to_string(), " --> "]);
        }
        add(&mut lines, &["s", &index.to_string(), "[\""]);
        let (mut label, root) = (String::new(), session.parent_id.is_none());
        add(&mut label, &[if root { "root" } else { name(session) }]);
        if !agent(session).is_empty() {
            add(&mut label, &["<br>", agent(session)]);
        }
        if !root {
            label.push_str("<br>");
            add_state(&mut label, session);
        }
        for letter in label.chars() {
            match letter {
                '"' => lines.push_str("#quot;"),
                letter => lines.push(letter),
            }
        }
        lines.push_str("\"]");
    }
    lines
}
