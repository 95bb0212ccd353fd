//! Background tasks.

use crate::error::Wrong;
use crate::json::Field;
use crate::time::Millis;
use serde::Serialize;

/// What becomes of a background task.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
pub enum TaskState {
    /// It waits or runs.
    Running,
    /// It was answered.
    Completed,
    /// It failed.
    Error,
    /// Somebody ended it.
    Cancelled,
    /// The process that ran it is gone.
    Lost,
}

const TASK_STATES: [(&str, TaskState); 5] = [
    ("running", TaskState::Running),
    ("completed", TaskState::Completed),
    ("error", TaskState::Error),
    ("cancelled", TaskState::Cancelled),
    ("lost", TaskState::Lost),
];

/// A background task of a session, as the host keeps it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
pub struct Task {
    /// `bg_` and 8 hexadecimal digits of the SHA-256 of the session's derived id: the same for every
    /// task of a session.
    pub id: String,
    /// Which of the session's prompts.
    pub turn: u32,
    /// The session that is told the result.
    #[serde(rename = "callerID")]
    pub caller_id: String,
    /// What became of it.
    pub state: TaskState,
    /// When it began.
    pub since: Millis,
    /// The user message of its prompt, once it was sent.
    #[serde(rename = "messageID", skip_serializing_if = "Option::is_none")]
    pub message_id: Option<String>,
    /// Why it failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// What the caller should know.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub notices: Vec<String>,
    /// The messages that were chosen to tell the caller, of which one may have.
    #[serde(rename = "toldBy", skip_serializing_if = "Vec::is_empty")]
    pub told_by: Vec<String>,
    /// Whether the caller was told.
    pub told: bool,
}

impl Task {
    /// The fields of a task's record.
    pub(crate) const FIELDS: &[&str] = &[
        "id",
        "turn",
        "callerID",
        "state",
        "since",
        "messageID",
        "message",
        "notices",
        "toldBy",
        "told",
    ];

    pub(crate) fn of(task: Field<'_>) -> Result<Task, Wrong> {
        let text = |key| {
            task.maybe(key)?
                .map(|text| text.text().map(str::to_owned))
                .transpose()
        };
        let texts = |key| {
            task.given(key)?
                .map_or(Ok(Vec::new()), |texts| texts.texts())
        };
        task.only(Task::FIELDS)?;
        Ok(Task {
            id: task.must("id")?.text()?.to_owned(),
            turn: task.must("turn")?.count()?,
            caller_id: task.must("callerID")?.text()?.to_owned(),
            state: task.must("state")?.one_of(&TASK_STATES)?,
            since: task.must("since")?.whole()?,
            message_id: text("messageID")?,
            message: text("message")?,
            notices: texts("notices")?,
            told_by: texts("toldBy")?,
            told: task.must("told")?.flag()?,
        })
    }
}

/// Reads a list of tasks.
pub(crate) fn tasks(list: Field<'_>) -> Result<Vec<Task>, Wrong> {
    list.list()?.map(Task::of).collect()
}
