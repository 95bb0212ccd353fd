//! The sessions of a root for a reader, as a table and as a diagram: a page of those that the reader asks for.

use crate::protocol::{ListLookup, Session, Spent};
use crate::rules::limits::LISTED;
use crate::rules::wording::fields::add;
use crate::rules::wording::tree::{
    Family, add_number, add_row, add_state, agent, name, state_word, total,
};
use crate::time::Millis;

/// Draws sessions as a table: a row a session, children below their parents.
///
/// `sessions` are as `Engine::visible` gives them, `now` is in milliseconds. A session whose parent is not among them has
/// no row: it is the root, or the session that reads the table. Of the others the 50 most recently used have a row, and a
/// line below the table counts all. Ages and shares are rounded to the nearest whole number.
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
    session_list(sessions, &lookup(now, false))
}

/// Draws sessions as a Mermaid flowchart, with an arrow from each parent to its children.
///
/// `sessions` are as `Engine::visible` gives them. A session whose parent is not drawn has no arrow. Below the root, or the
/// session that reads the diagram, the 50 most recently used are drawn, and a box counts all.
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
    session_list(sessions, &lookup(0, true))
}

/// The question for all sessions.
fn lookup(now: Millis, mermaid: bool) -> ListLookup<'static> {
    ListLookup {
        session_id: "".into(),
        now,
        mermaid,
        agent: None,
        state: None,
        page: None,
    }
}

/// Draws the sessions that a lookup asks for, as [`session_table`] or as [`session_diagram`]: a page of those of its agent
/// and in its state. A page has 50 sessions, the most recently used first. If none fits, a sentence says so.
///
/// ```
/// use opencode_delegate::{ListLookup, rules::session_list};
/// let lookup = ListLookup::read(r#"{"sessionID":"ses_r","now":0,"state":"running"}"#)?;
/// assert_eq!(session_list(&[], &lookup), "There is no subagent session yet.");
/// # Ok::<(), opencode_delegate::DelegateError>(())
/// ```
pub fn session_list(sessions: &[Session], lookup: &ListLookup<'_>) -> String {
    let family = Family::of(sessions);
    let wants = |session: &Session| {
        let own = session.agent.as_deref().unwrap_or_default();
        lookup.agent.as_deref().is_none_or(|agent| agent == own)
            && lookup
                .state
                .as_deref()
                .is_none_or(|state| state == state_word(session))
    };
    let page = lookup.page.unwrap_or(1).max(1) as usize;
    let (listed, count) = family.listed(sessions, &wants, page - 1, LISTED);
    if !listed.contains(&true) {
        if count > 0 {
            let pages = count.div_ceil(LISTED).to_string();
            return [
                "There is no page ",
                &page.to_string(),
                ". The last is ",
                &pages,
                ".",
            ]
            .concat();
        }
        if let Some(none) = none(&family, sessions, lookup.mermaid) {
            return none;
        }
    }
    let mut text = String::new();
    match lookup.mermaid {
        true => add_boxes(&mut text, &family, sessions, &listed),
        false => {
            let spent = sessions.iter().any(|session| total(session).is_some());
            text.push_str(match spent {
                true => "| task_id | agent | state | last used | tokens | budget | spent |\n|---|---|---|---|---|---|---|",
                false => "| task_id | agent | state | last used | tokens | budget |\n|---|---|---|---|---|---|",
            });
            for (index, top) in family.in_order(sessions) {
                if let Some(session) = sessions.get(index)
                    && listed.get(index) == Some(&true)
                {
                    add_row(&mut text, session, session.depth - top, lookup.now, spent);
                }
            }
        }
    }
    let spent = sessions.iter().find_map(of_root);
    let spent_line = spent.is_some();
    if let (false, Some(spent)) = (lookup.mermaid, spent) {
        add(
            &mut text,
            &["\n\nThe conversation has spent ", &spent.to_string(), "."],
        );
    }
    let (times, saved) = sessions.iter().fold((0_u64, 0_u64), |(times, saved), it| {
        (
            times + u64::from(it.resumed),
            saved.saturating_add(it.saved),
        )
    });
    if !lookup.mermaid && saved > 0 {
        text.push_str(match spent_line {
            true => " Resuming sessions ",
            false => "\n\nResuming sessions ",
        });
        add_number(
            &mut text,
            times,
            if times == 1 {
                " time kept "
            } else {
                " times kept "
            },
        );
        add_number(
            &mut text,
            saved,
            " tokens of context: what each held at its resume.",
        );
    }
    if count > LISTED {
        let (before, after) = match lookup.mermaid {
            true => ("\n  others[\"page ", " sessions\"]"),
            false => (
                "\n\nThis is page ",
                " sessions, the most recently used first. Give another page for the others.",
            ),
        };
        text.push_str(before);
        add_number(&mut text, page as u64, " of ");
        add_number(&mut text, count.div_ceil(LISTED) as u64, ": ");
        add_number(&mut text, count as u64, after);
    }
    text
}

/// What a conversation used, if the session is its root.
fn of_root(session: &Session) -> Option<Spent> {
    let is_root = session.parent_id.is_none();
    is_root.then(|| total(session)).flatten()
}

/// The sentence about a list without a session, if there is none or none fits.
fn none(family: &Family, sessions: &[Session], mermaid: bool) -> Option<String> {
    let mut states: Vec<(&'static str, u64)> = Vec::new();
    for (index, session) in sessions.iter().enumerate() {
        if family.parent(index).is_none() {
            continue;
        }
        let word = state_word(session);
        match states.iter_mut().find(|(known, _)| *known == word) {
            Some((_, number)) => *number += 1,
            None => states.push((word, 1)),
        }
    }
    if states.is_empty() {
        // The diagram shows the root.
        return (!mermaid).then(|| "There is no subagent session yet.".to_owned());
    }
    let mut text = "No session matches. There are: ".to_owned();
    let mut between = "";
    for (word, number) in states {
        text.push_str(between);
        add_number(&mut text, number, " ");
        text.push_str(word);
        between = ", ";
    }
    text.push('.');
    Some(text)
}

/// Adds a box for each session that is listed, and for each without a parent in the list.
fn add_boxes(lines: &mut String, family: &Family, sessions: &[Session], listed: &[bool]) {
    lines.push_str("flowchart TD");
    let drawn =
        |index: &usize| family.parent(*index).is_none() || listed.get(*index) == Some(&true);
    let boxes = sessions
        .iter()
        .enumerate()
        .filter(|(index, _)| drawn(index));
    for (index, session) in boxes {
        lines.push_str("\n  ");
        if let Some(parent) = family.parent(index).filter(drawn) {
            add(lines, &["s", &parent.to_string(), " --> "]);
        }
        add(lines, &["s", &index.to_string(), "[\""]);
        match session.parent_id {
            None => lines.push_str("root"),
            Some(_) => lines.push_str(&name(session)),
        }
        if !agent(session).is_empty() {
            add(lines, &["<br>", &agent(session)]);
        }
        if session.parent_id.is_some() {
            lines.push_str("<br>");
            add_state(lines, session);
        }
        lines.push_str("\"]");
    }
}
