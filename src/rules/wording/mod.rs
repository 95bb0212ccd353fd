//! The texts that models and people read of a delegation, beyond the engine's own notices and denials.
//!
//! A text is asked for by its `kind`, with the data that it names. [`KINDS`] lists them all.

mod results;
mod sentences;
mod tools;
mod tree;

use crate::error::{Code, DelegateError, Wrong};
use crate::json::{Field, read};

/// Writes a text from the fields that it was given.
type Writer = for<'f> fn(&'f Field<'f>) -> Result<String, Wrong>;

/// Every kind of text with its writer.
const KINDS: [(&str, Writer); 25] = [
    ("verdict", results::verdict),
    ("kept", results::kept),
    ("output", results::output),
    ("failure", results::failure),
    ("failed", results::failed),
    ("started", results::started),
    ("ended", results::ended),
    ("denial", results::denial),
    ("title", results::title),
    ("summary_guide", results::summary_guide),
    ("undecided", sentences::undecided),
    ("undecided_subagent", sentences::undecided_subagent),
    ("not_summarised", sentences::not_summarised),
    ("stalled", sentences::stalled),
    ("lost", sentences::lost),
    ("no_answer", sentences::no_answer),
    ("reloaded", sentences::reloaded),
    ("session_gone", sentences::session_gone),
    ("call_ended", sentences::call_ended),
    ("caller_ended", sentences::caller_ended),
    ("no_session", tools::no_session),
    ("delegate_output", tools::delegate_output),
    ("delegate_cancel", tools::delegate_cancel),
    ("delegate_list", tools::delegate_list),
    ("delegate_list_title", tools::delegate_list_title),
];

/// Gives the kinds of text that [`wording`] knows.
///
/// ```
/// assert!(opencode_delegate::rules::wording_kinds().any(|kind| kind == "verdict"));
/// ```
pub fn wording_kinds() -> impl Iterator<Item = &'static str> {
    KINDS.iter().map(|(kind, _)| *kind)
}

/// Writes a text, from the JSON of `{ kind, ... }`.
///
/// A field with `?` may be absent. A `Session`, a `Candidate` and a decision are as the engine gives them. An `answer`
/// is `{ text }` or `{ error }`. A `state` of a prompt is one of its end states. `task_id` is the session's name, or its
/// id if it has none; `taskID` is the `bg_` id of a background task. Counts and times are whole numbers, times in
/// milliseconds.
///
/// | kind | fields | reader and place |
/// |---|---|---|
/// | `verdict` | `decision, task_id, trouble?` | the model, below a result |
/// | `kept` | `task_id` | the model, below an error |
/// | `output` | `sessionID, state, summary?, text`; `state` is `completed`, `running` or `error` | the model, as a result |
/// | `failure` | `sessionID, message` | the model, as an error |
/// | `failed` | `sessionID, task_id, state, message?, answer?, notices` | the model, as the error of a call that waited |
/// | `started` | `sessionID, taskID, behind` | the model, as the result of a call that does not wait |
/// | `ended` | `sessionID, task_id, taskID, state, message?, notices, lost, gone, answer?` | the model, as a background result |
/// | `denial` | `message, candidates` | the model, as an error |
/// | `title` | `description, action, task_id` | a person, as a call's title |
/// | `summary_guide` | `sessions` | the model that summarises a conversation |
/// | `undecided` | `message, task_id?`; `task_id` if the call gave one that was not used | the model, below a result |
/// | `undecided_subagent` | `message` | the model, as an error |
/// | `not_summarised` | `message` | the model, as the `trouble` of a `verdict` |
/// | `stalled` | `stall`, in milliseconds | the model, as a failure's message |
/// | `lost`, `no_answer` | | the model, as a failure's message |
/// | `reloaded`, `session_gone`, `call_ended`, `caller_ended` | | the model, as an error |
/// | `no_session` | `task_id, names`; the names of the sessions in reach | the model, as an error |
/// | `delegate_output` | `session, answer?, trouble?, words?`; `trouble` is `{ message }`, `words` the last text | the model, as a result |
/// | `delegate_cancel` | `task_id, prompts, status`; `prompts` counts the cancelled ones | the model, as a result |
/// | `delegate_list` | `sessions, now, format?`; `format` is `table` or `mermaid` | the model and a person, as a result |
/// | `delegate_list_title` | `count`; of sessions, without the root | a person, as a call's title |
///
/// ```
/// use opencode_delegate::rules::wording;
/// let text = wording(r#"{
///   "kind": "verdict", "task_id": "explore-auth",
///   "decision": { "action": "resume", "reason": "The task_id names this session.", "candidates": [] }
/// }"#)?;
/// assert_eq!(text, "task_id: explore-auth (resumed: The task_id names this session.)");
/// # Ok::<(), opencode_delegate::DelegateError>(())
/// ```
///
/// # Errors
/// `invalid_request`, with the field, for an unknown kind and for a field that is missing or of another type.
pub fn wording(json: &str) -> Result<String, DelegateError> {
    read(json, Code::InvalidRequest, |given| {
        let write = given.must("kind")?.one_of(&KINDS)?;
        write(&given)
    })
}

/// A field's text.
fn text<'f>(given: &'f Field<'f>, key: &'f str) -> Result<&'f str, Wrong> {
    given.must(key)?.text()
}

/// A field's text, if there is one.
fn some_text<'f>(given: &'f Field<'f>, key: &'f str) -> Result<Option<&'f str>, Wrong> {
    given.maybe(key)?.map(|text| text.text()).transpose()
}

/// A number and its noun.
fn count(number: u64, noun: &str) -> String {
    let ending = if number == 1 { "" } else { "s" };
    [&number.to_string(), " ", noun, ending].concat()
}

/// A head, and a line for each session or candidate.
fn listing(head: &str, sessions: Field<'_>) -> Result<String, Wrong> {
    let mut list = head.to_owned();
    for session in sessions.list()? {
        let name = match some_text(&session, "slug")? {
            Some(slug) => Some(slug),
            None => some_text(&session, "sessionID")?,
        };
        let name = match name {
            Some(name) => name,
            None => text(&session, "id")?,
        };
        let agent = some_text(&session, "agent")?.unwrap_or("any agent");
        let description = text(&session, "description")?;
        list.push_str(&["\n- ", name, " (", agent, "): ", description].concat());
    }
    Ok(list)
}
