//! An instance of the plugin, as js/opencode1 makes one.

use crate::host::{Bus, Sid};
use opencode_delegate::protocol::Message;
use opencode_delegate::protocol::Record;
use opencode_delegate::{Decided, Effect, Engine, Event, Request};
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// What the shim is about to do.
#[derive(Clone, Debug)]
pub enum Todo {
    Effect(Effect),
    /// To store a record, now or later, knowing of so many that others have stored.
    Store(Sid, Box<Record>, bool, u32),
    /// Somebody was told a result, or could not be: the engine is to know.
    Told(String, u32, bool),
}

/// A prompt that an instance follows from when it is taken up to its end.
#[derive(Clone, Debug)]
pub struct Follow {
    pub call: usize,
    pub at: Sid,
    pub turn: u32,
    pub attempt: u32,
    pub caller: Sid,
    /// When it was taken up.
    pub since: u64,
    pub background: bool,
    pub agent: &'static str,
    pub send: Option<Message>,
    /// Whether its present attempt was sent, and its call is not over.
    pub sent: bool,
    pub stored: bool,
    pub accepted: bool,
    /// The message that asked it, once that is in the session.
    pub asked: Option<String>,
    /// Whether the engine that had taken it up is lost.
    pub lost: bool,
    /// Whether it asks what its session was created to be asked: as that, or along with its own.
    pub first: bool,
    /// The process that its engine was of.
    pub process: String,
}

/// What an engine was fed, to be fed again.
#[derive(Clone)]
pub enum Input {
    Event(Event, Vec<Effect>),
    Request(Request<'static>, Decided),
    Restore,
}

pub struct Instance {
    pub engine: Engine,
    pub process: String,
    pub known: BTreeSet<Sid>,
    pub inbox: VecDeque<Bus>,
    pub todo: VecDeque<Todo>,
    /// Records that may wait.
    pub waiting: BTreeMap<Sid, (Box<Record>, u32)>,
    pub follows: Vec<Follow>,
    /// Sessions in which somebody else's turn runs, as it was told.
    pub foreign: BTreeSet<Sid>,
    /// When each was last told to be idle, or a turn of the engine ended: of two words of one moment that one holds.
    pub idle_at: BTreeMap<Sid, u64>,
    /// The prompts that run, as the engine has it.
    pub running: BTreeSet<(Sid, u32)>,
    /// The latest status that it was told of each session that it knew then.
    pub status_at: BTreeMap<Sid, u64>,
    /// What may be told once more.
    pub past: Vec<Event>,
    pub inputs: Option<Vec<Input>>,
    /// The latest that its clock has shown.
    pub clock: u64,
    /// Of the record of each session, which write it was told of last.
    pub heard: BTreeMap<Sid, u32>,
    /// The processes that ran prompts under a root when that was read.
    pub others: BTreeSet<(Sid, String)>,
    /// The calls that each subagent has left of its budget in this turn, by those that it made.
    pub spent: BTreeMap<Sid, Vec<usize>>,
    /// Callers of which a count may be too high: read from a record that was not up to date.
    pub unsure: BTreeSet<Sid>,
    /// Callers of which another instance has stored a count that is too low.
    pub miscounted: BTreeSet<Sid>,
}

impl Instance {
    pub fn new(config: &str, process: String, recorded: bool) -> Instance {
        Instance {
            engine: Engine::new(config).unwrap(),
            process,
            known: BTreeSet::new(),
            inbox: VecDeque::new(),
            todo: VecDeque::new(),
            waiting: BTreeMap::new(),
            follows: Vec::new(),
            foreign: BTreeSet::new(),
            idle_at: BTreeMap::new(),
            running: BTreeSet::new(),
            status_at: BTreeMap::new(),
            past: Vec::new(),
            inputs: recorded.then(Vec::new),
            spent: BTreeMap::new(),
            unsure: BTreeSet::new(),
            miscounted: BTreeSet::new(),
            clock: 0,
            heard: BTreeMap::new(),
            others: BTreeSet::new(),
        }
    }
}
