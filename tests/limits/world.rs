//! The events and the requests that an engine gets.

use super::dice::Dice;
use opencode_delegate::{Created, Engine, Event, Request};

const LETTERS: &[u8] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
pub const CONFIG: &str = r#"{"agents":{"explorer":{},"fixer":{},"lead":{"task_budget":2,"callable_by_subagents":true}}}"#;

pub fn engine() -> Engine {
    Engine::new(CONFIG).unwrap()
}

pub fn created(now: usize, id: String, parent: Option<String>, description: String) -> Event {
    let session = Created {
        id,
        parent_id: parent,
        agent: Some("explorer".to_owned()),
        description: Some(description),
        prompt: None,
        slug: None,
        files: None,
        spent: None,
        record: None,
        alive: None,
        living: None,
        outlived: None,
    };
    Event::Created {
        now: now as u64,
        session,
    }
}

pub fn deleted(now: usize, id: String) -> Event {
    Event::Deleted {
        now: now as u64,
        session_id: id,
    }
}

/// A call of a root, by its number.
pub fn ask<'a>(call: usize, root: &'a str, task_id: Option<&'a str>) -> Request<'a> {
    Request {
        now: 1_000_000_000 + call as u64,
        call_id: format!("call_{call}").into(),
        message_id: None,
        by: None,
        session_id: root.into(),
        caller_agent: Some("lead".into()),
        agent: "explorer".into(),
        description: "Look".into(),
        prompt: "Look.".into(),
        task_id: task_id.map(Into::into),
        background: None,
        permission: None,
        model: None,
        limits: None,
    }
}

/// An id as OpenCode makes them: 12 hexadecimal digits, and 14 letters and digits by chance.
pub fn id(kind: &str, number: usize) -> String {
    let mut dice = Dice((number as u64) << 8 | u64::from(kind.as_bytes()[0]));
    let time = dice.next() & 0xffff_ffff_ffff;
    let tail = (0..14).map(|_| char::from(*dice.pick(LETTERS)));
    format!("ses_{time:012x}{}", tail.collect::<String>())
}
