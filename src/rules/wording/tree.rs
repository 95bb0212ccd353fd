//! The tree of listed sessions, and what a row says of one.

use crate::one_line::cell;
use crate::protocol::{PromptState as State, Session, Spent, Status, TaskState};
use crate::rules::wording::fields::{Ids, add, latest};
use crate::time::Millis;
use std::borrow::Cow;

/// A session among the others of a list.
#[derive(Default)]
struct Member {
    /// Its parent. The topmost sessions have none in the list.
    parent: Option<usize>,
    /// How many children of its parent stand before it.
    place: usize,
    /// Its children, in the order of the list.
    children: Vec<usize>,
}

/// Which session of a list is whose child. A session is looked up once, so that a long list takes no longer for each.
pub(super) struct Family(Vec<Member>);

impl Family {
    pub(super) fn of(sessions: &[Session]) -> Family {
        let known = Ids::of(sessions.iter().map(|session| &*session.id).collect());
        let mut members: Vec<Member> = Vec::new();
        members.resize_with(sessions.len(), Member::default);
        for (index, session) in sessions.iter().enumerate() {
            let parent = session.parent_id.as_deref().and_then(|id| known.find(id));
            let Some(parent) = parent.filter(|parent| {
                let parent = sessions.get(*parent).map(|parent| parent.depth);
                parent.and_then(|depth| depth.checked_add(1)) == Some(session.depth)
            }) else {
                continue;
            };
            let mut place = 0;
            if let Some(of) = members.get_mut(parent) {
                place = of.children.len();
                of.children.push(index);
            }
            if let Some(own) = members.get_mut(index) {
                (own.parent, own.place) = (Some(parent), place);
            }
        }
        Family(members)
    }

    /// The parent of a session, if it is in the list.
    pub(super) fn parent(&self, index: usize) -> Option<usize> {
        self.0.get(index)?.parent
    }

    /// The place of a session among the children of its parent, from 1 up, and their number.
    pub(super) fn place(&self, index: usize) -> Option<(usize, usize)> {
        let own = self.0.get(index)?;
        let siblings = &self.0.get(own.parent?)?.children;
        Some((own.place + 1, siblings.len()))
    }

    /// The sessions in the order of their rows, children below their parents, each with the depth of the topmost session
    /// above it. A session stands once, in a list too that is no tree.
    pub(super) fn in_order(&self, sessions: &[Session]) -> Vec<(usize, u32)> {
        let mut order = Vec::new();
        let mut next: Vec<(usize, u32)> = Vec::new();
        for (index, session) in sessions.iter().enumerate().rev() {
            if self.parent(index).is_none() {
                next.push((index, session.depth));
            }
        }
        while let Some((index, top)) = next.pop() {
            order.push((index, top));
            let children = self.0.get(index).map(|member| member.children.iter());
            for child in children.into_iter().flatten().rev() {
                next.push((*child, top));
            }
        }
        order
    }

    /// Which sessions below the topmost ones are listed, of those that a reader wants, and how many of those there are: a page
    /// of the most recently used.
    pub(super) fn listed(
        &self,
        sessions: &[Session],
        wants: &dyn Fn(&Session) -> bool,
        page: usize,
        most: usize,
    ) -> (Vec<bool>, usize) {
        let below: Vec<usize> = (0..sessions.len())
            .filter(|index| {
                self.parent(*index).is_some() && sessions.get(*index).is_some_and(wants)
            })
            .collect();
        let used = |index: &usize| sessions.get(*index).map_or(0, |session| session.last_used);
        let used: Vec<Millis> = below.iter().map(used).collect();
        let mut listed = vec![false; sessions.len()];
        let first = page.saturating_mul(most);
        for (index, is_listed) in below.iter().zip(latest(&used, first, most)) {
            if let Some(listed) = listed.get_mut(*index) {
                *listed = is_listed;
            }
        }
        (listed, below.len())
    }
}

/// Adds the row of a session, in a table that says what each session used if any did.
pub(super) fn add_row(lines: &mut String, session: &Session, depth: u32, now: Millis, spent: bool) {
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
    if spent {
        lines.push_str(" | ");
        add_spent(lines, session);
    }
    lines.push_str(" |");
}

/// Adds what a session and the sessions below it used, or a dash.
pub(super) fn add_spent(text: &mut String, session: &Session) {
    match total(session) {
        Some(spent) => add(text, &[&spent.to_string()]),
        None => text.push('-'),
    }
}

/// What a session and the sessions below it used, if anything is known.
pub(super) fn total(session: &Session) -> Option<Spent> {
    let below = session.spent_below.unwrap_or_default();
    session.spent.unwrap_or_default().and(below).some()
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

pub(super) fn name(session: &Session) -> Cow<'_, str> {
    cell(session.slug.as_deref().unwrap_or(&session.id))
}

pub(super) fn agent(session: &Session) -> Cow<'_, str> {
    cell(session.agent.as_deref().unwrap_or_default())
}

/// The word for the state of a session, or for that of its last background task.
pub(super) fn state_word(session: &Session) -> &'static str {
    match (session.status, session.prompt) {
        _ if session.asks => "waiting for permission",
        (Status::Idle, Some(State::Created)) => "waiting",
        (Status::Retry, _) => "retrying",
        (Status::Busy, _) | (_, Some(_)) => "running",
        (Status::Idle, None) => session
            .task
            .as_ref()
            .map_or("idle", |task| task_word(task.state)),
    }
}

/// Adds the state of a session: with its last background task if it is at rest, or else with the prompts that wait.
pub(super) fn add_state(text: &mut String, session: &Session) {
    text.push_str(state_word(session));
    match &session.task {
        Some(task) if (session.status, session.prompt) == (Status::Idle, None) => {
            add(text, &[" (", &cell(&task.id), ")"]);
        }
        _ if session.waiting > 0 => {
            text.push_str(" +");
            add_number(text, session.waiting as u64, " waiting");
        }
        _ => {}
    }
}

fn task_word(state: TaskState) -> &'static str {
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
