//! The texts that models and people read of a delegation, beyond the engine's own notices and denials.

#[macro_use]
mod templates;
mod choices;
mod fields;
mod list;
mod outline;
mod run;
mod tree;

pub use list::{session_diagram, session_list, session_table};
pub use outline::outline;

use crate::error::{Code, DelegateError, Wrong};
use crate::json::Field;
use crate::one_line::{alone, message, quotable};
use crate::parse::read;
use crate::rules::limits::{CANDIDATES, LISTED};
use choices::Pieces;
use fields::{add, latest, some_text, text};

/// How a text is written.
enum Text {
    /// From one template.
    Plain(&'static str),
    /// From templates that are chosen by the fields that it is given.
    Chosen(for<'f> fn(&'f Field<'f>) -> Result<Pieces, Wrong>),
}

use Text::{Chosen, Plain};

/// Every kind of text.
const TEXTS: [(&str, Text); 33] = [
    ("kept", Plain(kept!())),
    ("failure", Plain(failure!("{:message}"))),
    (
        "summary_guide",
        Plain(
            "Subagent sessions of this conversation, to be resumed through the task tool. Keep this list in the summary, word for word:{*sessions}",
        ),
    ),
    (
        "undecided",
        Plain("opencode-delegate did not apply its rules to this call: {:message}"),
    ),
    (
        "not_looked_up",
        Plain("opencode-delegate could not look up \"{task_id}\", so a new session was started."),
    ),
    (
        "waited",
        Plain(
            "\"opencode run\" ends with its turn, so this call did not go to the background and waited for its result.",
        ),
    ),
    (
        "undecided_subagent",
        Plain("A subagent's call that cannot be decided is denied: {:message}"),
    ),
    (
        "not_summarised",
        Plain("Its context could not be summarised, so it was resumed as it is: {:message}"),
    ),
    ("no_answer", Plain("OpenCode gave no answer.")),
    (
        "reloaded",
        Plain("OpenCode reloaded this plugin during the call. Call again."),
    ),
    (
        "session_gone",
        Plain(
            "The session of this task is gone. Call again without its task_id to start a new one.",
        ),
    ),
    (
        "call_ended",
        Plain("The call ended before its session was created. Call again."),
    ),
    (
        "two_sessions",
        Plain(
            "The task_id \"{task_id}\" and the sessionID {sessionID} name different sessions. Give one of them.",
        ),
    ),
    (
        "engine_lost",
        Plain(
            "The engine was lost while this prompt waited for its session, so OpenCode never got it. Call again.",
        ),
    ),
    (
        "caller_ended",
        Plain("The calling session has ended its turn."),
    ),
    (
        "go_on",
        Plain(
            "Your last answer did not come to its end. Go on with your task from there, and repeat nothing that is done.",
        ),
    ),
    (
        "other_tool",
        Plain(
            "Another plugin's tool \"task\" ran a call, so opencode-delegate did not: of all plugins with such a tool, OpenCode offers the last in the list \"plugin\" of opencode.json. Move \"opencode-delegate\" to the end of that list, and restart OpenCode.",
        ),
    ),
    (
        "beside_plugin",
        Plain(
            "{~plugin} has delegation tools of its own, so opencode-delegate is off. For both together, list \"{~entry}\" in the place of the two in opencode.json, and restart OpenCode.",
        ),
    ),
    ("delegate_list_title", Plain("{#sessions}")),
    ("child_title", Plain("{~description} (@{~agent} subagent)")),
    ("verdict", Chosen(choices::verdict)),
    ("output", Chosen(choices::output)),
    (
        "subagent_output",
        Plain("<subagent sessionID=\"{sessionID}\" state=\"completed\">\n{!text}\n</subagent>"),
    ),
    ("failed", Chosen(choices::failed)),
    ("started", Chosen(choices::started)),
    ("ended", Chosen(choices::ended)),
    ("ended_below", Chosen(choices::ended_below)),
    ("denial", Chosen(choices::denial)),
    ("title", Chosen(choices::title)),
    ("no_session", Chosen(choices::no_session)),
    ("delegate_output", Chosen(choices::delegate_output)),
    ("delegate_cancel", Chosen(choices::delegate_cancel)),
    ("run", Chosen(choices::run)),
];

/// Gives the kinds of text that [`wording`] knows.
///
/// ```
/// assert!(opencode_delegate::rules::wording_kinds().any(|kind| kind == "verdict"));
/// ```
pub fn wording_kinds() -> impl Iterator<Item = &'static str> {
    TEXTS.iter().map(|(kind, _)| *kind)
}

/// Writes a text, from the JSON of `{ kind, ... }`.
///
/// A field with `?` may be absent, and fields of other names are ignored. `state` is the end state of a prompt. `task_id`
/// is the session's name, or its id if it has none. `taskID` is the `bg_` id of a background task. An answer is either a
/// `text` or the `error` of a tool. `candidates` and `sessions` have entries `{ slug?, sessionID or id, agent?,
/// description, lastUsed? }`. Numbers are whole, from 0 up.
///
/// An answer stands as it is. Each other text stands on one line, without control characters: 80 characters of a name, an
/// agent or a description, 1 000 of a message or a notice. Of the sessions the 50 most recently used are listed, of the
/// candidates 5. Each list counts the others; with `lists: true` it names the tool that shows them.
///
/// | kind | fields | read by |
/// |---|---|---|
/// | `verdict` | `action, reason, notice?` of a decision, `task_id, troubles?` | the model, below a result |
/// | `kept` | `task_id` | the model, below an error |
/// | `output` | `sessionID, state, text`; `state` is `completed`, `running` or `error` | the model, as a result |
/// | `subagent_output` | `sessionID, text` | the model, as a result in the form of OpenCode 2.0.14's tool `subagent` |
/// | `failure` | `sessionID, message` | the model, as an error |
/// | `failed` | `sessionID, task_id, state, message?, error?, notices` | the model, as the error of a call that waited |
/// | `started` | `sessionID, taskID, prompts`, the number of prompts before this one | the model, as the result of a call that does not wait |
/// | `ended` | `sessionID, task_id, taskID, state, message?, text?, error?, notices, used?, lost, gone` | the model, as a background result |
/// | `ended_below` | `task_id, description, caller, state, lost, others?`; `caller` is the name of the task's caller | the model of a session above that caller, beside a prompt |
/// | `denial` | `message, candidates, others?, lists?` | the model, as an error |
/// | `title` | `description, action, task_id` | a person, as a call's title |
/// | `child_title` | `description, agent` | a person, as a child's title, as OpenCode 1.18.33's task tool gives it |
/// | `summary_guide` | `sessions, lists?` | the model that summarises a conversation |
/// | `undecided` | `message` | the model, below a result |
/// | `not_looked_up` | `task_id` | the model, below `undecided` |
/// | `waited` | | the model, as the `trouble` of a `verdict` |
/// | `undecided_subagent` | `message` | the model, as an error |
/// | `not_summarised` | `message` | the model, as one of the `troubles` of a `verdict` |
/// | `no_answer` | | the model, as a failure's message |
/// | `reloaded`, `session_gone`, `call_ended`, `engine_lost`, `caller_ended` | | the model, as an error |
/// | `two_sessions` | `task_id, sessionID` | the model, as an error |
/// | `go_on` | | the model of a session that continues from its history, as a prompt |
/// | `other_tool` | | a person, as a warning |
/// | `beside_plugin` | `plugin, entry`, what to list in the place of both | a person, as a warning |
/// | `no_session` | `task_id, sessions, lists?`, those in reach | the model, as an error |
/// | `delegate_output` | `status, prompt?, task?` of a session, `sessionID, task_id, text?, error?, message?, words?` | the model, as a result |
/// | `delegate_cancel` | `task_id, status, prompts`, the number of cancelled prompts | the model, as a result |
/// | `delegate_list_title` | `sessions`, their number without the root | a person, as a call's title |
/// | `run` | `sessions`, each `{ task_id, spawned, calls }` | a person, at the end of `opencode run`; empty without sessions |
///
/// ```
/// use opencode_delegate::rules::wording;
/// let text = wording(r#"{
///   "kind": "verdict", "task_id": "explore-auth", "action": "resume", "reason": "The task_id names this session."
/// }"#)?;
/// assert_eq!(text, "task_id: explore-auth (resumed: The task_id names this session.)");
/// # Ok::<(), opencode_delegate::DelegateError>(())
/// ```
///
/// # Errors
/// `invalid_request`, with the field, for an unknown kind and for a field that is missing or of another type.
pub fn wording(json: &str) -> Result<String, DelegateError> {
    read(json, Code::InvalidRequest, |given| {
        let kind = given.must("kind")?;
        let word = kind.text()?;
        let pieces = match TEXTS.iter().find(|(known, _)| *known == word) {
            Some((_, Plain(template))) => [*template, "", ""],
            Some((_, Chosen(choose))) => choose(&given)?,
            None => return Err(kind.not("a known kind of text")),
        };
        let mut text = String::new();
        for piece in pieces {
            fill(&mut text, piece, &given)?;
        }
        Ok(text)
    })
}

/// Whether a prompt that has ended gave an answer, so that its call has a result; otherwise its call fails. From the JSON
/// of `{ state, text?, error? }`: its end state, and the answer's text or the error of a tool.
///
/// ```
/// use opencode_delegate::rules::is_answered;
/// assert!(is_answered(r#"{"state":"idle","text":"Done."}"#)?);
/// assert!(!is_answered(r#"{"state":"cancelled","text":"Half of it"}"#)?);
/// # Ok::<(), opencode_delegate::DelegateError>(())
/// ```
///
/// # Errors
/// `invalid_request`, with the field, for a field that is missing or of another type.
pub fn is_answered(json: &str) -> Result<bool, DelegateError> {
    read(json, Code::InvalidRequest, |given| {
        choices::answered(&given)
    })
}

/// Adds a template to a text, with its holes filled.
fn fill(text: &mut String, template: &'static str, given: &Field<'_>) -> Result<(), Wrong> {
    // Each hole ends a piece, but for the last.
    for piece in template.split('}') {
        let Some((before, hole)) = piece.split_once('{') else {
            text.push_str(piece);
            break;
        };
        text.push_str(before);
        let (sigil, key) = hole.split_at_checked(1).unwrap_or_default();
        match sigil {
            "~" => text.push_str(&alone(self::text(given, key)?)),
            ":" => text.push_str(&message(self::text(given, key)?)),
            "!" => text.push_str(self::text(given, key)?),
            "?" => {
                if let Some(line) = some_text(given, key)?.filter(|line| !line.is_empty()) {
                    add(text, &["\n", &message(line)]);
                }
            }
            "#" => {
                let number = given.must(key)?.whole()?;
                let noun = if number == 1 {
                    key.trim_end_matches('s')
                } else {
                    key
                };
                add(text, &[&number.to_string(), " ", noun]);
            }
            "+" => {
                let Some(lines) = given.maybe(key)? else {
                    continue;
                };
                for line in lines.list()?.take(LISTED) {
                    match line.text()? {
                        "" => {}
                        line => add(text, &["\n", &message(line)]),
                    }
                }
            }
            "," | "*" => add_sessions(text, given, key, sigil)?,
            "@" => run::add(text, &given.must(key)?)?,
            _ => text.push_str(&quotable(self::text(given, hole)?)),
        }
    }
    Ok(())
}

/// Adds the listed sessions of a list, each on a line of its own or with a comma between, and the number of the others with
/// the tool that shows them, if the reader has that.
fn add_sessions(text: &mut String, given: &Field<'_>, key: &str, sigil: &str) -> Result<(), Wrong> {
    let list = given.must(key)?;
    let mut used = Vec::new();
    for session in list.list()? {
        let time = session.maybe("lastUsed")?;
        used.push(time.map_or(Ok(0), |time| time.amount())?);
    }
    let most = if key == "candidates" {
        CANDIDATES
    } else {
        LISTED
    };
    let latest = latest(&used, 0, most);
    let mut between = "";
    for (session, _) in list.list()?.zip(&latest).filter(|(_, listed)| **listed) {
        match sigil {
            "," => add(text, &[between, &quotable(name(&session)?)]),
            _ => add_session(text, &session)?,
        }
        between = ", ";
    }
    let others = match key {
        "candidates" => given
            .maybe("others")?
            .map_or(Ok(0), |others| others.whole())?,
        _ => 0,
    };
    let older = (used.len().saturating_sub(most) as u64).saturating_add(others);
    if older > 0 {
        let before = if sigil == "," { " and " } else { "\n- and " };
        add(text, &[before, &older.to_string(), " older"]);
        if given
            .maybe("lists")?
            .map_or(Ok(false), |lists| lists.flag())?
        {
            text.push_str(", which delegate_list shows");
        }
    }
    Ok(())
}

/// Adds the line of a session. Others wrote its agent and its description, so both stand between quotes.
fn add_session(text: &mut String, session: &Field<'_>) -> Result<(), Wrong> {
    add(text, &["\n- ", &quotable(name(session)?), " ("]);
    match some_text(session, "agent")? {
        Some(agent) => add(text, &["\"", &quotable(agent), "\""]),
        None => text.push_str("any agent"),
    }
    let description = self::text(session, "description")?;
    add(text, &["): \"", &quotable(description), "\""]);
    Ok(())
}

/// The name of a session, or else its id.
fn name<'f>(session: &'f Field<'f>) -> Result<&'f str, Wrong> {
    match some_text(session, "slug")? {
        Some(slug) => Ok(slug),
        None => some_text(session, "sessionID")?.map_or_else(|| text(session, "id"), Ok),
    }
}
