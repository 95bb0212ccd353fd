//! The sessions of a conversation, a row each, for a person at a terminal.

use crate::one_line::alone;
use crate::protocol::{
    Dollars, Outline, OutlineLookup, OutlineRow, PromptState, RowState, SeenSession, Session,
    Status, TaskState,
};
use crate::rules::failure::is_abort;
use crate::rules::limits::LISTED;
use crate::rules::wording::fields::Ids;
use crate::rules::wording::tree::{Family, add_age, add_number, percent, rounded, total};
use crate::time::Millis;
use std::sync::Arc;

/// The number of states of a row.
const STATES: usize = RowState::Done as usize + 1;

/// The states in which a person has to look at a session, the most pressing first.
const PRESSING: [RowState; 5] = [
    RowState::Permission,
    RowState::Running,
    RowState::Waiting,
    RowState::Failed,
    RowState::Stopped,
];

/// Outlines sessions: a row for each that was used most recently, children below their parents.
///
/// `sessions` are as `Engine::sessions` gives them: the one without a parent among them is the root, which has no row.
pub fn outline(sessions: &[Session], lookup: &OutlineLookup<'_>) -> Outline {
    let family = Family::of(sessions);
    let most = lookup.most.map_or(LISTED, |most| most as usize);
    let (listed, count) = family.listed(sessions, &|_| true, 0, most);
    let seen = Ids::of(lookup.seen.iter().map(|it| &*it.session_id).collect());
    let mut rows = Vec::new();
    let mut counts = [0; STATES];
    for (index, top) in family.in_order(sessions) {
        let (Some(session), Some(parent)) = (sessions.get(index), family.parent(index)) else {
            continue;
        };
        let seen = seen.find(&session.id).and_then(|at| lookup.seen.get(at));
        let state = state(session, seen);
        if let Some(count) = counts.get_mut(state as usize) {
            *count += 1;
        }
        if listed.get(index) == Some(&true) {
            rows.push(OutlineRow {
                session_id: session.id.clone(),
                parent_id: session.parent_id.clone(),
                depth: session.depth - top,
                title: title(session),
                named: session.slug.is_some(),
                agent: agent(session),
                state,
                text: text(session, state, lookup.now),
                short: short(session, state),
                place: place(family.place(index), sessions.get(parent)),
            });
        }
    }
    let below = sessions.iter().enumerate();
    let below = below.filter(|(index, _)| family.parent(*index).is_some());
    let latest = below.max_by_key(|(_, session)| session.last_used);
    Outline {
        pressing: pressing(&rows),
        rows,
        older: count.saturating_sub(most),
        latest: latest.map(|(_, session)| session.id.clone()),
        summary: summary(&counts),
    }
}

/// The sessions of the rows that are not done, the most pressing first. Those of one state keep the order of their rows.
fn pressing(rows: &[OutlineRow]) -> Vec<Arc<str>> {
    let of = |state| rows.iter().filter(move |row| row.state == state);
    PRESSING
        .into_iter()
        .flat_map(of)
        .map(|row| row.session_id.clone())
        .collect()
}

/// The state of a session, in the order in which one hides the next.
fn state(session: &Session, seen: Option<&SeenSession>) -> RowState {
    match (session.status, session.prompt) {
        _ if seen.is_some_and(|seen| seen.permission) => RowState::Permission,
        (Status::Idle, Some(PromptState::Created)) => RowState::Waiting,
        (Status::Busy | Status::Retry, _) | (_, Some(_)) => RowState::Running,
        (Status::Idle, None) => ended(session, seen),
    }
}

/// How the last turn of a session ended. The call of a turn that a person stops fails too.
fn ended(session: &Session, seen: Option<&SeenSession>) -> RowState {
    let task = session.task.as_ref().map(|task| task.state);
    let error = seen.and_then(|seen| seen.error.as_deref());
    match (error, task) {
        (Some(error), _) if is_abort(error) => RowState::Stopped,
        (_, Some(TaskState::Error | TaskState::Lost)) => RowState::Failed,
        _ if seen.is_some_and(|seen| seen.failed) => RowState::Failed,
        _ if seen.is_some_and(|seen| seen.unanswered) => RowState::Stopped,
        (None, Some(TaskState::Cancelled)) => RowState::Stopped,
        (None | Some(""), _) => RowState::Done,
        (Some(_), _) => RowState::Failed,
    }
}

/// The words for a state.
fn words(state: RowState, session: Option<&Session>) -> &'static str {
    match state {
        RowState::Running if session.is_some_and(|it| it.status == Status::Retry) => "retrying",
        RowState::Permission => "waiting for permission",
        state => state.word(),
    }
}

fn title(session: &Session) -> String {
    let name = session.slug.as_deref();
    let description = Some(&*session.description).filter(|text| !text.is_empty());
    alone(name.or(description).unwrap_or(&session.id)).into_owned()
}

fn agent(session: &Session) -> String {
    alone(session.agent.as_deref().unwrap_or_default()).into_owned()
}

/// Joins the pieces that say something.
fn joined(pieces: &[String]) -> String {
    let said: Vec<&str> = pieces
        .iter()
        .map(String::as_str)
        .filter(|it| !it.is_empty())
        .collect();
    said.join(" · ")
}

fn text(session: &Session, state: RowState, now: Millis) -> String {
    let mut age = String::new();
    add_age(&mut age, session, now);
    age.push_str(" ago");
    joined(&[
        agent(session),
        stands(session, state),
        resumed(session),
        context(session),
        cost(session),
        calls(session, " calls"),
        age,
    ])
}

fn short(session: &Session, state: RowState) -> String {
    let mut share = String::new();
    if let Some(percent) = percent(session) {
        add_number(&mut share, percent, " %");
    }
    let resumed = resumed(session);
    // That a session was resumed says that it is done, if it does not run.
    let shows_state = state != RowState::Done || resumed.is_empty();
    let stands = if shows_state {
        stands(session, state)
    } else {
        String::new()
    };
    joined(&[stands, resumed, share, calls(session, "")])
}

/// How often a call resumed a session, if one did.
fn resumed(session: &Session) -> String {
    let mut text = String::new();
    if session.resumed > 0 {
        text.push_str("resumed ");
        add_number(&mut text, session.resumed.into(), "×");
    }
    text
}

/// The state, and how many prompts wait behind the one that runs.
fn stands(session: &Session, state: RowState) -> String {
    let mut text = words(state, Some(session)).to_owned();
    if session.waiting > 0 {
        text.push_str(" +");
        add_number(&mut text, session.waiting as u64, " waiting");
    }
    text
}

/// The context in use, and its share of the window.
fn context(session: &Session) -> String {
    let mut text = String::new();
    match session.tokens {
        0 => return text,
        tokens @ 1..1_000 => add_number(&mut text, tokens, ""),
        tokens @ 1_000..1_000_000 => add_number(&mut text, rounded(tokens, 1_000), " k"),
        tokens => add_number(&mut text, rounded(tokens, 1_000_000), " M"),
    }
    text.push_str(" tokens");
    if let Some(percent) = percent(session) {
        text.push_str(" (");
        add_number(&mut text, percent, " %)");
    }
    text
}

/// The cost of a session and the sessions below it, if there is one.
fn cost(session: &Session) -> String {
    let cost = total(session).map(|spent| spent.cost);
    let cost = cost.filter(|cost| *cost != Dollars::default());
    cost.map_or(String::new(), |cost| cost.to_string())
}

fn calls(session: &Session, unit: &str) -> String {
    let mut text = String::new();
    if let Some(budget) = session.budget.filter(|budget| *budget > 0) {
        add_number(&mut text, session.used.into(), "/");
        add_number(&mut text, budget.into(), unit);
    }
    text
}

/// The place of a session among the children of its parent, in words.
fn place(of: Option<(usize, usize)>, parent: Option<&Session>) -> String {
    let mut text = String::new();
    let (Some((place, siblings)), Some(parent)) = (of, parent) else {
        return text;
    };
    add_number(&mut text, place as u64, " of ");
    add_number(&mut text, siblings as u64, "");
    if parent.parent_id.is_some() {
        text.push_str(" under ");
        text.push_str(&title(parent));
    }
    text
}

/// How many sessions are in each state, in one line, the most pressing first after the number of all. Those that are done are
/// counted in the whole alone.
fn summary(counts: &[u64; STATES]) -> String {
    let all: u64 = counts.iter().sum();
    let mut text = String::new();
    if all == 0 {
        return text;
    }
    add_number(
        &mut text,
        all,
        if all == 1 { " subagent" } else { " subagents" },
    );
    for state in PRESSING {
        let count = counts.get(state as usize).copied().unwrap_or_default();
        if count > 0 {
            text.push_str(" · ");
            add_number(&mut text, count, " ");
            text.push_str(words(state, None));
        }
    }
    text
}
