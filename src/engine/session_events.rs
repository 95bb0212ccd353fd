//! What becomes known of a session: that it exists, and what it does.

use crate::engine::Engine;
use crate::error::clip;
use crate::json::Field;
use crate::names::own_name;
use crate::protocol::Created;
use crate::protocol::Effect;
use crate::protocol::Record;
use crate::protocol::Status;
use crate::rules::allowance::Allowance;
use crate::rules::prompt_table::News;
use crate::state::At;
use crate::time::Millis;

/// How long after the last use of a session its record may be written, in milliseconds. The write
/// counts as an update in the host: one that is no later tells nothing of the session's use.
pub const RECORD_LAG_MS: Millis = 2_000;

impl Engine {
    pub(crate) fn created(&mut self, session: Created, now: Millis) {
        if self.registry.is_buried(&session.id) {
            return;
        }
        let parent = session.parent_id.as_deref();
        if parent.is_some_and(|parent| self.registry.is_buried(parent)) {
            // What is below a deleted session was deleted with it.
            return match self.registry.find(&session.id) {
                Some(at) => self.deleted(at, now),
                None => self.registry.bury(session.id.into()),
            };
        }
        let parent = session
            .parent_id
            .filter(|parent| !parent.is_empty())
            .map(|parent| self.registry.entry(&parent));
        let at = self.registry.entry(&session.id);
        let first = !std::mem::replace(&mut self.registry.node_mut(at).told, true);
        if let Some(parent) = parent {
            self.registry.link(at, parent);
        }
        let record = match &session.record {
            None => None,
            Some(kept) => {
                let record = Record::of(Field::alone(kept));
                self.registry.node_mut(at).foreign = record.is_none();
                if record.is_none() && !std::mem::replace(&mut self.said_foreign, true) {
                    self.notices.push(format!(
                        "Session \"{}\" has a metadata.delegate that this version did not write. It is left as it is, and so is any other; their handles and budgets are not kept over a restart.",
                        clip(&session.id)
                    ));
                }
                record
            }
        };
        let kept = record.as_ref().and_then(|record| record.last_used);
        let recent = kept.filter(|kept| now.saturating_sub(*kept) <= RECORD_LAG_MS);
        self.registry.used(at, recent.unwrap_or(now));
        // The host's may be that of whoever prompted it last.
        let kept = record.as_ref().and_then(|record| record.agent.clone());
        let agent = kept.or(session.agent);
        if let Some(agent) = agent.filter(|_| !self.registry.has_agent(at)) {
            self.registry.set_agent(at, &agent);
        }
        let kept = record
            .as_ref()
            .map(|record| record.description.clone())
            .filter(|kept| !kept.is_empty());
        if let Some(description) = kept.or(session.description)
            && self.registry.node(at).description.is_empty()
        {
            self.registry.node_mut(at).description = description.into();
        }
        if self.registry.node(at).parent.is_none() {
            return;
        }
        if let (Some(record), true) = (&record, first) {
            self.registry.recall(at, record);
        }
        let before = self.registry.known_names(at);
        for (name, since) in record.iter().flat_map(|record| &record.aliases) {
            self.registry.give_alias(at, name, *since);
        }
        for (slug, derived) in record.iter().flat_map(|record| &record.former) {
            self.registry.give_former(at, slug, derived);
        }
        let named = self.registry.node(at).slug.is_some();
        let kept = record.clone();
        self.registry.grant(at, &self.policy);
        if record.as_ref().is_some_and(|record| record.slug.is_some()) {
            self.registry.node_mut(at).kept = true;
        }
        let (own, derived) = record.map_or((None, None), |record| (record.slug, record.id));
        let news = own.is_none();
        let given = own.or(session.slug);
        match given.as_deref().and_then(own_name) {
            Some(slug) if !self.registry.is_called(at, &slug) => {
                let held = self.registry.take_over(at, &slug, derived.as_deref());
                self.registry
                    .give_name(at, &slug, derived.as_deref().or(held.as_deref()));
                if self.registry.node(at).slug.as_deref() != Some(&*slug) {
                    // Nobody was told of the one that it has instead.
                    self.registry.node_mut(at).kept = false;
                }
                if news || named {
                    self.registry.mark(at);
                }
                self.registry.name_unnamed();
            }
            None if self.registry.node(at).slug.is_none()
                && !self.registry.unnamed.contains(&at) =>
            {
                self.registry.name_or_wait(at);
            }
            _ => {}
        }
        if let Some(record) = kept {
            self.registry.created_for(at, &record);
            self.registry.disputed(at, &record);
            for task in &record.tasks {
                self.registry.name_task(at, &task.id);
            }
            let news = before != self.registry.known_names(at);
            self.recall_prompts(at, &record, first, news, session.alive);
        }
    }

    /// Takes in that a session is gone, and with it all below it: their prompts end.
    pub(crate) fn deleted(&mut self, at: At, now: Millis) {
        let gone = self.registry.below(at);
        let mut prompts = Vec::new();
        for at in &gone {
            if let Some(lane) = self.registry.node_mut(*at).lane.as_deref_mut() {
                // Nothing of it is to begin any more.
                lane.foreign = true;
                prompts.extend(lane.turns.iter().rev().map(|turn| (*at, turn.turn)));
            }
        }
        for (at, number) in prompts {
            self.happened(at, number, None, News::Deleted, now);
        }
        let gone: Vec<_> = gone
            .into_iter()
            .map(|at| self.registry.node(at).id.clone())
            .collect();
        self.last_call(&gone, now);
        for id in gone {
            self.registry.desk.forget(&id);
        }
        self.registry.remove(at);
        self.free(now);
    }

    pub(crate) fn status(&mut self, id: &str, status: Status, now: Millis) {
        let Some(at) = self.registry.find(id) else {
            return;
        };
        let node = self.registry.node_mut(at);
        // Of two at the same moment the later in `Status` holds: the order in which they come does not matter.
        if (now, status) < (node.status_at, node.status) {
            return;
        }
        if let Some(lane) = &mut node.lane {
            let ours = lane.turns.front().is_some_and(|turn| turn.running);
            // Its own end ends a prompt: the host is idle between two attempts too, and tells late.
            if ours && status == Status::Idle {
                return;
            }
            lane.foreign = status != Status::Idle && !ours;
        }
        let ended = node.status != Status::Idle && status == Status::Idle;
        let begins = node.status == Status::Idle && status != Status::Idle;
        (node.status_at, node.status) = (now, status);
        node.part &= !begins;
        if ended {
            node.turn = node.turn.wrapping_add(1);
            node.waits.clear();
            node.joins.clear();
            let counted = node.allowance.as_mut().is_some_and(Allowance::reset);
            if node.part || counted {
                self.registry.mark_later(at);
            }
        }
        self.registry.used(at, now);
        if status == Status::Idle {
            if !self.registry.running(at) {
                self.due(id, None, now);
            }
            self.free(now);
        }
    }

    /// What the host should keep, of the sessions of which that has changed.
    pub(crate) fn stores(&mut self) -> Vec<Effect> {
        let marked = self.registry.take_marked();
        let kept = marked.into_iter().filter(|(at, _)| {
            let node = self.registry.node(*at);
            node.told && node.parent.is_some() && !node.foreign
        });
        kept.map(|(at, pressing)| Effect::Store {
            session_id: self.registry.node(at).id.clone(),
            record: Box::new(self.registry.record(at)),
            later: !pressing,
        })
        .collect()
    }
}
