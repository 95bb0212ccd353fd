//! The measured worlds, the calls that are decided in them, and their expected decisions. `world.js` is the same.
#![allow(clippy::unwrap_used)]

use opencode_delegate::{Created, Decision, Engine, Event, Request};
use serde_json::json;
use std::hint::black_box;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// The sessions of a world.
pub const SIZES: [usize; 3] = [10, 1_000, 100_000];
/// The calls that are decided in a row before they are refunded. No two of them name the same session.
pub const BATCH: usize = 5;

const ROOT: &str = "ses_root0000000000000000000";
/// Agents with the rules that OpenCode 1.18.33 gives them (`GET /agent`), and two of a user's.
const CONFIG: &str = include_str!("config.json");
const NOW: u64 = 500_000_000;
/// A stride that visits the sessions of each world in no apparent order.
const STRIDE: usize = 7_919;

/// The kind of a call, with the name in the measurements and the row that decides it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Kind {
    /// No session is named.
    Unnamed,
    /// A new name is given.
    NewName,
    /// A session is named.
    ByName,
    /// A session is given by its id.
    ByID,
    /// A session is given by its id with one wrong letter.
    Mistyped,
    /// The named session is another agent's.
    Denied,
}

/// Every kind.
pub const KINDS: [(Kind, &str, &str); 6] = [
    (Kind::Unnamed, "unnamed", "R12"),
    (Kind::NewName, "new-name", "R5"),
    (Kind::ByName, "by-name", "R4"),
    (Kind::ByID, "by-id", "R4"),
    (Kind::Mistyped, "mistyped", "R6"),
    (Kind::Denied, "denied", "R2"),
];

/// An engine with a number of finished sessions under one root.
pub struct World {
    /// The engine.
    pub engine: Engine,
    /// The number of sessions.
    pub sessions: usize,
    calls: usize,
}

impl World {
    /// An engine that knows a number of sessions, each with its record.
    pub fn new(sessions: usize) -> World {
        let mut engine = Engine::new(CONFIG).unwrap();
        for index in 0..sessions {
            engine.apply(created(index));
        }
        World {
            engine,
            sessions,
            calls: 0,
        }
    }

    /// The next calls of a kind.
    pub fn ask(&mut self, kind: Kind, count: usize) -> Vec<Request<'static>> {
        (0..count).map(|_| self.request(kind)).collect()
    }

    fn request(&mut self, kind: Kind) -> Request<'static> {
        let call = self.calls;
        self.calls += 1;
        let index = call * STRIDE % self.sessions;
        let (agent, other) = (agent(index), agent(index + 1));
        let task_id = match kind {
            Kind::Unnamed => None,
            Kind::NewName => Some(format!("something-new-{call}")),
            Kind::ByName | Kind::Denied => Some(slug(index)),
            Kind::ByID => Some(id(index)),
            Kind::Mistyped => Some(mistyped(index)),
        };
        Request {
            now: NOW,
            call_id: format!("call_{call}").into(),
            message_id: None,
            by: None,
            session_id: ROOT.into(),
            caller_agent: Some("build".into()),
            agent: if kind == Kind::Denied { other } else { agent }.into(),
            description: format!("Look into part {call}").into(),
            prompt: "Look at the auth code and tell me what it does.".into(),
            task_id: task_id.map(Into::into),
            background: None,
            permission: None,
            model: None,
            limits: None,
        }
    }

    /// Decides calls, and gives the decisions.
    #[inline]
    pub fn decide(&mut self, calls: &[Request<'_>]) -> Vec<Arc<Decision>> {
        let mut decisions = Vec::with_capacity(calls.len());
        for call in calls {
            decisions.push(black_box(self.engine.decide(call).decision));
        }
        decisions
    }

    /// Checks that calls were decided as their kind must be, and refunds them.
    pub fn take_back(&mut self, row: &str, decisions: &[Arc<Decision>]) {
        for decision in decisions {
            assert_eq!(format!("{:?}", decision.rule()), row, "{decision:?}");
            if let Some(ticket) = Decision::ticket(decision) {
                self.engine.apply(Event::Refund { now: NOW, ticket });
            }
        }
    }

    /// The time of a number of decisions of a kind, without their preparation and their refunds.
    pub fn time(&mut self, kind: Kind, row: &str, decisions: u64) -> Duration {
        let mut spent = Duration::ZERO;
        let mut left = decisions;
        while left > 0 {
            let count = left.min(BATCH as u64);
            let calls = self.ask(kind, count as usize);
            let began = Instant::now();
            let decided = self.decide(&calls);
            spent += began.elapsed();
            self.take_back(row, &decided);
            left -= count;
        }
        spent
    }
}

/// A session of a world.
pub fn created(index: usize) -> Event {
    let agent = agent(index);
    let description = format!("Explore auth module {index}");
    let last_used = 1_000 + index as u64;
    let record = json!({ "v": 2, "slug": slug(index), "agent": agent, "description": description, "budget": 0, "used": 0,
        "tokens": 0, "window": 0, "lastUsed": last_used });
    let session = Created {
        id: id(index),
        parent_id: Some(ROOT.to_owned()),
        agent: Some(agent.to_owned()),
        description: Some(description),
        prompt: None,
        slug: None,
        files: None,
        spent: None,
        record: Some(record.into()),
        alive: None,
        living: None,
        outlived: None,
    };
    Event::Created {
        now: last_used,
        session,
    }
}

fn agent(index: usize) -> &'static str {
    if index.is_multiple_of(2) {
        "fixer"
    } else {
        "explorer"
    }
}

fn slug(index: usize) -> String {
    format!("explore-auth-module-{index}")
}

/// An id as OpenCode makes them: the time in hex, and letters and digits at random.
pub fn id(index: usize) -> String {
    const LETTERS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    let mut state = index as u32;
    let tail = (0..14).map(|_| char::from(*LETTERS.get(draw(&mut state) as usize % 62).unwrap()));
    format!("ses_{:012x}", 0x19a_0000_0000_u64 + 4_096 * index as u64) + &tail.collect::<String>()
}

/// The next of a sequence of numbers that look random.
fn draw(state: &mut u32) -> u32 {
    *state = state.wrapping_add(0x6d2b_79f5);
    let mut mixed = (*state ^ (*state >> 15)).wrapping_mul(*state | 1);
    mixed ^= mixed.wrapping_add((mixed ^ (mixed >> 7)).wrapping_mul(mixed | 61));
    mixed ^ (mixed >> 14)
}

fn mistyped(index: usize) -> String {
    let mut id = id(index);
    let wrong = if id.get(20..21) == Some("x") {
        "y"
    } else {
        "x"
    };
    id.replace_range(20..21, wrong);
    id
}
