//! The prompts of all sessions: which wait, in order of arrival, which run, and whose result is to
//! be told.

use crate::error::Wrong;
use crate::json::{Field, Read};
use crate::protocol::Task;
use crate::state::prompts::Turn;
use crate::state::registry::Registry;
use crate::state::slots::At;
use serde::Serialize;
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

/// A prompt by its session and number.
pub(crate) type Place = (Arc<str>, u32);

/// What waits and what runs.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Desk {
    /// Prompts that were not sent yet, in order of arrival.
    pub(crate) waiting: VecDeque<Place>,
    /// Sessions of which a prompt runs.
    pub(crate) running: Vec<Arc<str>>,
    /// Prompts of children that are yet to be created, by ticket.
    #[serde(serialize_with = "as_list")]
    pub(crate) unborn: BTreeMap<u32, Unborn>,
    /// Background tasks whose caller is to be told, and is not being told.
    pub(crate) untold: Vec<Place>,
}

/// The prompt of a child that is yet to be created.
#[derive(Debug, Serialize)]
pub(crate) struct Unborn {
    pub(crate) turn: Turn,
    /// The background task that it is.
    pub(crate) task: Option<Task>,
    /// Who runs it.
    pub(crate) process: Option<String>,
}

fn as_list<S: serde::Serializer>(unborn: &BTreeMap<u32, Unborn>, to: S) -> Result<S::Ok, S::Error> {
    to.collect_seq(unborn)
}

impl Desk {
    pub(crate) fn of(desk: Field<'_>) -> Result<Desk, Wrong> {
        let ids = |key| {
            desk.must(key)?
                .list()?
                .map(|id| id.text().map(Arc::<str>::from))
                .collect::<Result<Vec<_>, Wrong>>()
        };
        let place = |place: Field<'_>| {
            let (id, number) = place.pair()?;
            Ok((Arc::from(id.text()?), number.count()?))
        };
        let unborn = |unborn: Field<'_>| {
            let (ticket, kept) = unborn.pair()?;
            let unborn = Unborn {
                turn: Turn::of(kept.must("turn")?)?,
                task: kept.maybe("task")?.map(Task::of).transpose()?,
                process: kept
                    .maybe("process")?
                    .map(|process| process.text().map(str::to_owned))
                    .transpose()?,
            };
            Ok::<_, Wrong>((ticket.count()?, unborn))
        };
        let mut all_unborn = BTreeMap::new();
        for pair in desk.must("unborn")?.list()? {
            let (ticket, kept) = unborn(pair)?;
            all_unborn.insert(ticket, kept);
        }
        Ok(Desk {
            waiting: desk
                .must("waiting")?
                .list()?
                .map(place)
                .collect::<Result<_, Wrong>>()?,
            running: ids("running")?,
            unborn: all_unborn,
            untold: desk
                .must("untold")?
                .list()?
                .map(place)
                .collect::<Result<_, Wrong>>()?,
        })
    }

    /// Lets go of a session that is gone.
    pub(crate) fn forget(&mut self, id: &str) {
        self.waiting.retain(|(session, _)| **session != *id);
        self.running.retain(|session| **session != *id);
        self.untold.retain(|(session, _)| **session != *id);
    }
}

impl Registry {
    /// Whether a prompt may be sent now: it is the next of its session, that runs nothing else, and
    /// there is a place under its root and with its model.
    pub(crate) fn may_start(&self, at: At, number: u32, max_parallel: Option<u32>) -> bool {
        let Some(lane) = self.node(at).lane.as_deref() else {
            return false;
        };
        // What a child is created for comes first.
        let next = lane.turns.front().filter(|turn| turn.turn == number);
        let next = next.filter(|_| self.unborn(at).is_none());
        let Some(next) = next.filter(|turn| !turn.running && !lane.foreign) else {
            return false;
        };
        let Some(limit) = max_parallel else {
            return true;
        };
        let root = self.root(at);
        let model = next.prompt.models.get(next.model as usize);
        let (mut under_root, mut with_model) = (0, 0);
        for at in self.desk.running.iter().filter_map(|id| self.find(id)) {
            let turn = self
                .node(at)
                .lane
                .as_deref()
                .and_then(|lane| lane.turns.front());
            let Some(turn) = turn.filter(|_| !self.waits(at)) else {
                continue;
            };
            under_root += u32::from(self.root(at) == root);
            let same = turn.prompt.models.get(turn.model as usize) == model;
            with_model += u32::from(same && model.is_some());
        }
        under_root < limit && with_model < limit
    }

    /// Whether a session does nothing but wait for another's answer: it lends its place, or a chain
    /// of sessions would wait for places that they hold themselves.
    fn waits(&self, at: At) -> bool {
        let mut awaited = self.node(at).waits.iter();
        awaited.any(|id| self.find(id).is_some_and(|other| self.running(other)))
    }
}
