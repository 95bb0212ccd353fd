//! An instance of the plugin, as js/opencode1 makes one.

use crate::heard::Heard;
use crate::host::{Bus, Sid};
use crate::limits::Used;
use opencode_delegate::protocol::Message;
use opencode_delegate::protocol::Record;
use opencode_delegate::{Decided, Effect, Engine, EngineOptions, Event, Request};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// A task of the shim.
#[derive(Clone, Debug)]
pub enum Todo {
    Effect(Box<Effect>),
    /// Store a record, now or later. The number counts the other instances' writes that it knows of.
    Store(Sid, Box<Record>, bool, u32),
    /// Report to the engine whether a result was delivered.
    Delivered(String, u32, String, bool),
}

/// A prompt that an instance follows until its end.
#[derive(Clone, Debug)]
pub struct Follow {
    pub call: usize,
    pub at: Sid,
    pub prompt_no: u32,
    pub attempt: u32,
    pub caller: Sid,
    pub background: bool,
    pub agent: &'static str,
    pub send: Option<Message>,
    /// Whether its present attempt was sent, and its call is not over.
    pub sent: bool,
    /// Whether an attempt of it was ever sent.
    pub tried: bool,
    pub stored: bool,
    pub accepted: bool,
    pub answered: bool,
    /// Its message, after that is in the session.
    pub asked: Option<String>,
    /// Whether the engine that had taken it in is lost.
    pub lost: bool,
    /// Whether it contains the first prompt of its session.
    pub first: bool,
    /// The process of its engine.
    pub process: String,
}

/// An input of an engine, to be repeated.
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
    /// Records that may be stored later.
    pub waiting: BTreeMap<Sid, (Box<Record>, u32)>,
    pub follows: Vec<Follow>,
    /// Sessions in which another runs a turn, by the events.
    pub busy_elsewhere: BTreeSet<Sid>,
    /// The time of the last idle of each session, or of the last end of an engine's turn. Idle holds over other events
    /// of the same moment.
    pub idle_at: BTreeMap<Sid, u64>,
    /// The prompts that run, by the engine's effects.
    pub running: BTreeSet<(Sid, u32)>,
    /// The latest status event of each session that it knew then.
    pub status_at: BTreeMap<Sid, u64>,
    /// The events that may be repeated.
    pub past: Vec<Event>,
    pub inputs: Option<Vec<Input>>,
    /// The latest time of its clock.
    pub clock: u64,
    /// The last write of each session's record that it has heard of.
    pub heard: BTreeMap<Sid, u32>,
    /// The processes that ran prompts under a root when it was read.
    pub others: BTreeSet<(Sid, String)>,
    /// The calls that each subagent has made in the last delegation to it.
    pub spent: BTreeMap<Sid, Vec<usize>>,
    /// The use of each session whose prompt has limits.
    pub used: BTreeMap<Sid, Used>,
    /// When the last delegation to each session began.
    pub delegated_at: BTreeMap<Sid, u64>,
    /// Callers whose count may be too high: it was read from an old record, or it counts on, for the prompt of a next
    /// delegation was never sent.
    pub unsure: BTreeSet<Sid>,
    /// Callers for which another instance has stored too low a count.
    pub miscounted: BTreeSet<Sid>,
    /// The calls in messages that it has heard of.
    pub heard_of: Heard,
    /// The sessions with a record of another program: nothing is stored over that.
    pub left_alone: BTreeSet<Sid>,
    /// The roots whose messages it has read, or has heard of from the first on.
    pub namings: BTreeSet<Sid>,
    /// The roots whose messages it reads before their next call: one named a session that it did not know.
    pub due: BTreeSet<Sid>,
    /// Whether it reads the messages of a root now.
    pub reads_namings: bool,
    /// The root that it reads now.
    pub reading: Option<Sid>,
    /// When each root was last read.
    pub read_at: BTreeMap<Sid, u64>,
    /// The records that it last read or wrote.
    pub noted: BTreeMap<Sid, Option<Value>>,
    /// The sessions of whose deletion it has heard.
    pub gone: BTreeSet<Sid>,
}

impl Instance {
    pub fn new(config: &str, process: String, recorded: bool) -> Instance {
        Instance {
            engine: Engine::with(config, named(&process)).unwrap(),
            process,
            known: BTreeSet::new(),
            inbox: VecDeque::new(),
            todo: VecDeque::new(),
            waiting: BTreeMap::new(),
            follows: Vec::new(),
            busy_elsewhere: BTreeSet::new(),
            idle_at: BTreeMap::new(),
            running: BTreeSet::new(),
            status_at: BTreeMap::new(),
            past: Vec::new(),
            inputs: recorded.then(Vec::new),
            spent: BTreeMap::new(),
            used: BTreeMap::new(),
            delegated_at: BTreeMap::new(),
            unsure: BTreeSet::new(),
            miscounted: BTreeSet::new(),
            left_alone: BTreeSet::new(),
            heard_of: Heard::default(),
            namings: BTreeSet::new(),
            due: BTreeSet::new(),
            reads_namings: false,
            reading: None,
            read_at: BTreeMap::new(),
            noted: BTreeMap::new(),
            gone: BTreeSet::new(),
            clock: 0,
            heard: BTreeMap::new(),
            others: BTreeSet::new(),
        }
    }

    /// The number of its process on the machine.
    pub fn pid(&self) -> &str {
        self.process.split(':').next().unwrap_or_default()
    }

    /// Whether it has heard of the deletion of a session.
    pub fn met_gone(&self, at: Sid) -> bool {
        self.gone.contains(&at)
    }
}

/// The options of the engine of a process.
pub fn named(process: &str) -> EngineOptions {
    EngineOptions {
        process: Some(process.to_owned()),
    }
}
