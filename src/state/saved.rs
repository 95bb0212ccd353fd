//! A session as a snapshot holds it.

use crate::error::Wrong;
use crate::json::{Field, Read};
use crate::names::letters;
use crate::protocol::Status;
use crate::protocol::{Names, names};
use crate::rules::allowance::Allowance;
use crate::state::aliases::Aliases;
use crate::state::prompts::Lane;
use crate::state::registry::{Holder, Registry};
use crate::state::slots::At;
use crate::time::Millis;
use serde::Serialize;
use std::sync::Arc;

/// A session as a snapshot holds it.
#[derive(Debug, Serialize)]
pub(crate) struct Saved {
    id: Arc<str>,
    seq: u32,
    parent: Option<Arc<str>>,
    told: bool,
    agent: Option<Arc<str>>,
    description: Arc<str>,
    /// The names that it had before, and its own if it has one.
    former: Names,
    own: Names,
    elsewhere: Names,
    aliases: Aliases,
    status: Status,
    times: [Millis; 3],
    tokens: u64,
    window: u64,
    allowance: Option<Allowance>,
    foreign: bool,
    dirty: bool,
    pressing: bool,
    kept: bool,
    wrote: bool,
    part: bool,
    turn: u32,
    joins: Vec<Arc<str>>,
    waits: Vec<Arc<str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    lane: Option<Box<Lane>>,
}

impl Saved {
    pub(crate) fn of(saved: Field<'_>) -> Result<Saved, Wrong> {
        let text = |key| saved.must(key)?.text().map(Arc::<str>::from);
        let maybe = |key| {
            saved
                .maybe(key)?
                .map(|text| text.text().map(Arc::<str>::from))
                .transpose()
        };
        let ids = |key| {
            let texts = saved.must(key)?.texts()?;
            Ok::<Vec<Arc<str>>, Wrong>(texts.iter().map(|id| id.as_str().into()).collect())
        };
        let mut times = saved
            .must("times")?
            .list()?
            .map(|time| time.whole())
            .collect::<Result<Vec<_>, _>>()?
            .into_iter();
        let mut time = || times.next().unwrap_or_default();
        Ok(Saved {
            id: text("id")?,
            seq: saved.must("seq")?.count()?,
            parent: maybe("parent")?,
            told: saved.must("told")?.flag()?,
            agent: maybe("agent")?,
            description: text("description")?,
            former: names(saved.must("former")?)?,
            own: names(saved.must("own")?)?,
            elsewhere: names(saved.must("elsewhere")?)?,
            aliases: saved.must("aliases")?.times()?,
            status: Status::of(saved.must("status")?)?,
            times: [time(), time(), time()],
            tokens: saved.must("tokens")?.whole()?,
            window: saved.must("window")?.whole()?,
            allowance: saved.maybe("allowance")?.map(Allowance::of).transpose()?,
            foreign: saved.must("foreign")?.flag()?,
            dirty: saved.must("dirty")?.flag()?,
            pressing: saved.must("pressing")?.flag()?,
            kept: saved.must("kept")?.flag()?,
            wrote: saved.must("wrote")?.flag()?,
            part: saved.must("part")?.flag()?,
            turn: saved.must("turn")?.count()?,
            joins: ids("joins")?,
            waits: ids("waits")?,
            lane: saved
                .maybe("lane")?
                .map(|lane| Lane::of(lane).map(Box::new))
                .transpose()?,
        })
    }
}

impl Registry {
    pub(crate) fn save(&self, at: At) -> Saved {
        let node = self.node(at);
        Saved {
            id: node.id.clone(),
            seq: node.seq,
            parent: node.parent.map(|parent| self.node(parent).id.clone()),
            told: node.told,
            agent: self.agent(at).cloned(),
            description: node.description.clone(),
            former: node.former.clone(),
            own: node.own().into_iter().collect(),
            elsewhere: node.elsewhere.clone(),
            aliases: node.aliases.clone(),
            status: node.status,
            times: [node.last_used, node.status_at, node.usage_at],
            tokens: node.tokens,
            window: node.window,
            allowance: node.allowance,
            foreign: node.foreign,
            dirty: node.dirty,
            pressing: node.pressing,
            kept: node.kept,
            wrote: node.wrote,
            part: node.part,
            turn: node.turn,
            joins: node.joins.clone(),
            waits: node.waits.iter().cloned().collect(),
            lane: node.lane.clone(),
        }
    }

    /// Takes in a saved session, whose parent is there already.
    pub(crate) fn load(&mut self, saved: &Saved) {
        let at = self.entry(&saved.id);
        self.node_mut(at).seq = saved.seq;
        self.next_seq = self.next_seq.max(saved.seq.wrapping_add(1));
        if let Some(parent) = saved.parent.as_deref().map(|parent| self.entry(parent)) {
            self.link(at, parent);
        }
        let [last_used, status_at, usage_at] = saved.times;
        self.used(at, last_used);
        if let Some(agent) = &saved.agent {
            self.set_agent(at, agent);
        }
        if saved.dirty {
            self.mark_later(at);
        }
        self.node_mut(at).pressing = saved.pressing;
        let root = self.root(at);
        for (slug, derived) in saved.former.iter().chain(&saved.own) {
            self.hold(root, slug, derived, Holder::Session(at));
        }
        for (name, since) in &saved.aliases {
            self.load_alias(at, name, *since);
        }
        let node = self.node_mut(at);
        node.former = saved.former.clone();
        node.elsewhere = saved.elsewhere.clone();
        (node.slug, node.derived) = saved.own.first().cloned().unzip();
        node.slug_letters = node.slug.as_deref().map_or(0, letters);
        node.told = saved.told;
        node.description = saved.description.clone();
        (node.status, node.status_at, node.usage_at) = (saved.status, status_at, usage_at);
        (node.tokens, node.window) = (saved.tokens, saved.window);
        (node.allowance, node.foreign, node.turn) = (saved.allowance, saved.foreign, saved.turn);
        (node.kept, node.wrote, node.part) = (saved.kept, saved.wrote, saved.part);
        node.joins = saved.joins.clone();
        node.waits.extend(saved.waits.iter().cloned());
        node.lane = saved.lane.clone();
    }
}
