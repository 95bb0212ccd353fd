//! The sessions of a root, as a table and as a diagram.

use super::{some_text, text};
use crate::error::Wrong;
use crate::json::Field;
use crate::protocol::Status;
use crate::time::Millis;

/// A session, as far as the table and the diagram show it.
struct Row {
    id: String,
    parent: Option<String>,
    slug: Option<String>,
    agent: String,
    state: String,
}

impl Row {
    fn of(session: &Field<'_>) -> Result<Row, Wrong> {
        let some = |key| some_text(session, key).map(|text| text.map(str::to_owned));
        Ok(Row {
            id: text(session, "id")?.to_owned(),
            parent: some("parentID")?,
            slug: some("slug")?,
            agent: some("agent")?.unwrap_or_default(),
            state: state(session)?,
        })
    }

    fn name(&self) -> &str {
        self.slug.as_deref().unwrap_or(&self.id)
    }
}

/// What a session does, or the state of its last background task.
fn state(session: &Field<'_>) -> Result<String, Wrong> {
    let waiting = amount(session, "waiting")?;
    let more = match waiting {
        0 => String::new(),
        waiting => [" +", &waiting.to_string(), " waiting"].concat(),
    };
    let status = Status::of(session.must("status")?)?;
    let word = match (status, some_text(session, "prompt")?) {
        (Status::Idle, Some("created")) => "waiting",
        (Status::Retry, _) => "retrying",
        (Status::Busy, _) | (_, Some(_)) => "running",
        (Status::Idle, None) => {
            return Ok(match session.maybe("task")? {
                Some(task) => [text(&task, "state")?, " (", text(&task, "id")?, ")"].concat(),
                None => "idle".to_owned(),
            });
        }
    };
    Ok([word, &more].concat())
}

/// A number that may be absent.
fn amount(session: &Field<'_>, key: &str) -> Result<u64, Wrong> {
    let number = session.maybe(key)?;
    Ok(number
        .map(|number| number.amount())
        .transpose()?
        .unwrap_or(0))
}

/// A table with a row a session, children below their parents. A session whose parent is not in the list has no row.
pub(super) fn table(sessions: &Field<'_>, now: Millis) -> Result<String, Wrong> {
    let mut rows: Vec<(Row, String)> = Vec::new();
    for session in sessions.list()? {
        let row = Row::of(&session)?;
        let cells = cells(&row, &session, now)?;
        rows.push((row, cells));
    }
    // Sorted by parent; the children of one parent stay in the order of the list.
    let mut children: Vec<&(Row, String)> = rows.iter().collect();
    children.sort_by(|(a, _), (b, _)| a.parent.cmp(&b.parent));
    let below = |parent: Option<&str>| {
        let from = children.partition_point(|(row, _)| row.parent.as_deref() < parent);
        let to = children.partition_point(|(row, _)| row.parent.as_deref() <= parent);
        children.get(from..to).unwrap_or_default()
    };
    let roots = below(None).iter().rev();
    let mut next: Vec<&(Row, String)> = roots.copied().collect();
    let mut lines = String::new();
    // Each row stands once, in a list too that is no tree.
    for _ in 0..rows.len() {
        let Some((row, cells)) = next.pop() else {
            break;
        };
        if row.parent.is_some() {
            lines.push_str(cells);
        }
        next.extend(below(Some(&row.id)).iter().rev());
    }
    if lines.is_empty() {
        return Ok("There is no subagent session yet.".to_owned());
    }
    Ok([
        "| task_id | agent | state | last used | tokens | budget |\n|---|---|---|---|---|---|",
        &lines,
    ]
    .concat())
}

fn cells(row: &Row, session: &Field<'_>, now: Millis) -> Result<String, Wrong> {
    let depth = usize::try_from(amount(session, "depth")?).unwrap_or(0);
    let indent = "  ".repeat(depth.saturating_sub(1).min(INDENTS));
    let used = age(now.saturating_sub(amount(session, "lastUsed")?));
    let (tokens, window) = (amount(session, "tokens")?, amount(session, "window")?);
    let mut context = tokens.to_string();
    if window > 0 {
        let percent = rounded(tokens.saturating_mul(100), window);
        context = [&context, " (", &percent.to_string(), " %)"].concat();
    }
    let budget = match amount(session, "budget")? {
        0 => "-".to_owned(),
        budget => {
            let spent = amount(session, "used")?;
            [&spent.to_string(), "/", &budget.to_string()].concat()
        }
    };
    let name = [&indent, row.name()].concat();
    let cells = [&*name, &row.agent, &row.state, &used, &context, &budget];
    Ok(["\n| ", &cells.join(" | "), " |"].concat())
}

/// The deepest indent: a depth is a number from outside.
const INDENTS: usize = 64;

/// A quotient, rounded to the nearest whole number, and half a one up.
fn rounded(number: u64, by: u64) -> u64 {
    number.saturating_add(by / 2) / by
}

/// A duration in its largest unit.
fn age(ms: Millis) -> String {
    let seconds = rounded(ms, 1000);
    let (number, unit) = match seconds {
        0..60 => (seconds, " s"),
        60..3_600 => (rounded(seconds, 60), " min"),
        3_600..86_400 => (rounded(seconds, 3_600), " h"),
        _ => (rounded(seconds, 86_400), " d"),
    };
    [&number.to_string(), unit].concat()
}

/// A Mermaid flowchart with an arrow from each caller to its children.
pub(super) fn diagram(sessions: &Field<'_>) -> Result<String, Wrong> {
    let mut rows = Vec::new();
    for session in sessions.list()? {
        rows.push(Row::of(&session)?);
    }
    let mut nodes: Vec<(&str, usize)> = rows
        .iter()
        .enumerate()
        .map(|(index, row)| (&*row.id, index))
        .collect();
    nodes.sort_unstable();
    let node = |id: &str| {
        let place = nodes.binary_search_by_key(&id, |(id, _)| id).ok()?;
        nodes
            .get(place)
            .map(|(_, index)| ["s", &index.to_string()].concat())
    };
    let mut lines = "flowchart TD".to_owned();
    for (index, row) in rows.iter().enumerate() {
        let label = match row.parent {
            Some(_) => [row.name(), &row.agent, &row.state],
            None => ["root", &row.agent, ""],
        };
        let label: Vec<&str> = label.into_iter().filter(|part| !part.is_empty()).collect();
        let label = label.join("<br>").replace('"', "#quot;");
        let arrow = match row.parent.as_deref().and_then(node) {
            Some(parent) => [&parent, " --> "].concat(),
            None => String::new(),
        };
        let index = index.to_string();
        lines.push_str(&["\n  ", &arrow, "s", &index, "[\"", &label, "\"]"].concat());
    }
    Ok(lines)
}
