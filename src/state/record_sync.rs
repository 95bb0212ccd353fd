//! What the host keeps of a session, and whether that is out of date.

use crate::names::handle;
use crate::protocol::{RECORD_VERSION, Record};
use crate::rules::allowance::Allowance;
use crate::state::prompt_queue::Unborn;
use crate::state::prompts::Lane;
use crate::state::registry::Registry;
use crate::state::slots::At;

impl Registry {
    /// Notes that what the host keeps of a session is out of date, and cannot wait.
    pub(crate) fn mark(&mut self, at: At) {
        self.mark_later(at);
        self.node_mut(at).pressing = true;
    }

    /// Notes that what the host keeps of a session is out of date.
    pub(crate) fn mark_later(&mut self, at: At) {
        if !std::mem::replace(&mut self.node_mut(at).dirty, true) {
            self.dirty.push(at);
        }
    }

    /// Notes that somebody is told a session's handle: it must go on resolving, so the host is to
    /// keep it. That can wait where nothing is known but what the host would tell of it again.
    pub(crate) fn tell(&mut self, at: At) {
        let node = self.node(at);
        if node.kept {
            return;
        }
        let Some(slug) = node.slug.as_deref() else {
            return self.mark(at);
        };
        // It is made again as it was, unless another has it first then.
        let alone = self.unnamed.is_empty() && !self.is_alias(self.root(at), slug);
        if alone
            && slug == handle(&node.description)
            && node.allowance.is_none_or(|calls| calls.limit() == 0)
        {
            self.mark_later(at);
        } else {
            self.mark(at);
        }
    }

    /// The sessions of which the host keeps something that is out of date, once, and whether that
    /// is pressing.
    pub(crate) fn take_marked(&mut self) -> Vec<(At, bool)> {
        let marked = std::mem::take(&mut self.dirty).into_iter();
        let mut taken = Vec::new();
        for at in marked {
            let node = self.node_mut(at);
            node.kept |= node.slug.is_some();
            let pressing = std::mem::take(&mut node.pressing);
            if std::mem::take(&mut node.dirty) {
                node.wrote = true;
                taken.push((at, pressing));
            }
        }
        taken
    }

    /// The prompt of a session of which the host told before its call is committed.
    pub(crate) fn unborn(&self, at: At) -> Option<&Unborn> {
        let id = &self.node(at).id;
        let mut unborn = self.desk.unborn.iter();
        let of = |number: &u32| {
            let ticket = self.tickets.open.get(number);
            ticket.is_some_and(|ticket| ticket.child.as_ref() == Some(id))
        };
        unborn
            .find(|(number, _)| of(number))
            .map(|(_, unborn)| unborn)
    }

    /// What the host should keep of a session.
    pub(crate) fn record(&self, at: At) -> Record {
        let node = self.node(at);
        let lane = node.lane.as_deref();
        // The host has what it is to be asked from the first moment.
        let unborn = self.unborn(at);
        let first = unborn.map(|unborn| &unborn.turn);
        let unsent = first.or_else(|| lane.and_then(Lane::unsent));
        let mut tasks = lane.map(|lane| lane.tasks.clone()).unwrap_or_default();
        tasks.extend(unborn.and_then(|unborn| unborn.task.clone()));
        let open = tasks.iter().any(|task| !task.delivered);
        // The name of a task that is kept stands there.
        let former = node.former.iter().chain(&node.elsewhere);
        let former = former.filter(|(name, _)| tasks.iter().all(|task| *task.id != **name));
        Record {
            v: RECORD_VERSION,
            slug: node.slug.as_deref().map(str::to_owned),
            id: node.derived.as_deref().map(str::to_owned),
            agent: self.agent(at).map(|agent| agent.to_string()),
            description: node.description.to_string(),
            budget: node.allowance.map_or(0, |allowance| allowance.limit()),
            used: node.allowance.map_or(0, |allowance| allowance.used()),
            former: former.cloned().collect(),
            aliases: node.aliases.clone(),
            tokens: node.tokens,
            window: node.window,
            last_used: Some(node.last_used),
            prompt: unsent.map(|turn| turn.prompt.clone()),
            message_id: unsent.and_then(|turn| turn.message_id.clone()),
            process: match unborn {
                Some(unborn) => unborn.process.clone(),
                None => lane
                    .filter(|_| unsent.is_some() || open)
                    .and_then(|lane| lane.process.clone()),
            },
            tasks,
        }
    }

    /// Takes in what the host kept of a session.
    pub(crate) fn recall(&mut self, at: At, record: &Record) {
        let node = self.node_mut(at);
        node.kept = record.slug.is_some();
        node.allowance = Some(Allowance::new(record.budget, record.used));
        if node.usage_at == 0 {
            (node.tokens, node.window) = (record.tokens, record.window);
        }
    }
}
