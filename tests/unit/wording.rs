//! The texts of a delegation, each with the data that it is written from.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, missing_docs)]

use opencode_delegate::rules::opencode1::child_title;
use opencode_delegate::rules::{session_diagram, session_table, wording, wording_kinds};
use opencode_delegate::{Code, PromptState as State, Session, Status, Task, TaskState};
use serde_json::Value;

/// The time of the tables of sessions.
const NOW: u64 = 1_000_000_000;

fn table() -> Value {
    serde_json::from_str(include_str!("wording.json")).unwrap()
}

#[test]
fn each_text_is_written_as_the_table_has_it() {
    for case in table()["texts"].as_array().unwrap() {
        let text = wording(&case["given"].to_string());
        assert_eq!(
            text.as_deref(),
            Ok(case["text"].as_str().unwrap()),
            "{}",
            case["name"]
        );
    }
}

#[test]
fn each_error_names_its_field() {
    for case in table()["errors"].as_array().unwrap() {
        let error = wording(&case["given"].to_string()).unwrap_err();
        assert_eq!(error.code, Code::InvalidRequest, "{}", case["name"]);
        assert_eq!(
            error.field.as_deref(),
            case["field"].as_str(),
            "{}",
            case["name"]
        );
        let message = case["message"].as_str().unwrap();
        assert!(
            error.message.contains(message),
            "{}: {}",
            case["name"],
            error.message
        );
    }
}

#[test]
fn each_kind_of_text_has_a_case() {
    let table = table();
    let cases = table["texts"].as_array().unwrap();
    for kind in wording_kinds() {
        assert!(
            cases.iter().any(|case| case["given"]["kind"] == kind),
            "{kind}"
        );
    }
}

#[test]
fn each_text_with_a_field_at_fault_is_written_or_names_the_field() {
    for case in table()["texts"].as_array().unwrap() {
        let given = case["given"].as_object().unwrap();
        for key in given.keys() {
            for other in [None, Some(Value::Null), Some(3.into()), Some("?".into())] {
                let mut changed = given.clone();
                match other {
                    None => changed.remove(key),
                    Some(other) => changed.insert(key.clone(), other),
                };
                if let Err(error) = wording(&Value::Object(changed).to_string()) {
                    let field = error.field.unwrap();
                    assert_eq!(field.split('.').next(), Some(&**key), "{}", case["name"]);
                }
            }
        }
    }
}

#[test]
fn a_child_has_the_title_that_opencode1_gives() {
    let given = r#"{"kind":"child_title","description":"Explore auth","agent":"explorer"}"#;
    let title = child_title("Explore auth", "explorer");
    assert_eq!(wording(given).as_deref(), Ok(&*title));
}

fn word<T: Copy>(given: &Value, words: &[(&str, T)]) -> Option<T> {
    let word = given.as_str()?;
    Some(words.iter().find(|(known, _)| *known == word).unwrap().1)
}

fn session(given: &Value) -> Session {
    let text = |key: &str| given[key].as_str().map(Into::into);
    let number = |key: &str| given[key].as_u64().unwrap_or(0);
    let task = |task: &Value| Task {
        id: task["id"].as_str().unwrap().into(),
        prompt_no: 1,
        caller_id: "r".into(),
        state: word(
            &task["state"],
            &[
                ("running", TaskState::Running),
                ("completed", TaskState::Completed),
                ("error", TaskState::Error),
                ("cancelled", TaskState::Cancelled),
                ("lost", TaskState::Lost),
            ],
        )
        .unwrap(),
        since: 0,
        message_id: None,
        message: None,
        notices: Vec::new(),
        delivered_by: Vec::new(),
        delivered: false,
    };
    Session {
        id: text("id").unwrap(),
        parent_id: text("parentID"),
        root_id: "r".into(),
        depth: number("depth") as u32,
        agent: text("agent"),
        description: "".into(),
        slug: text("slug"),
        derived_id: None,
        status: word(
            &given["status"],
            &[("busy", Status::Busy), ("retry", Status::Retry)],
        )
        .unwrap_or_default(),
        last_used: number("lastUsed"),
        tokens: number("tokens"),
        window: number("window"),
        budget: given["budget"].as_u64().map(|budget| budget as u32),
        used: number("used") as u32,
        prompt: word(
            &given["prompt"],
            &[("created", State::Created), ("sent", State::Sent)],
        ),
        waiting: number("waiting") as usize,
        task: given.get("task").map(task),
    }
}

#[test]
fn each_list_of_sessions_is_drawn_as_the_table_has_it() {
    for case in table()["trees"].as_array().unwrap() {
        let sessions = case["sessions"].as_array().unwrap();
        let sessions: Vec<Session> = sessions.iter().map(session).collect();
        let (drawn, expected) = match case["table"].as_str() {
            Some(table) => (session_table(&sessions, NOW), table),
            None => (
                session_diagram(&sessions),
                case["diagram"].as_str().unwrap(),
            ),
        };
        assert_eq!(drawn, expected, "{}", case["name"]);
    }
}
