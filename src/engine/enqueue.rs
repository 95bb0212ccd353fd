//! The way of a prompt from its call to its first attempt.

use crate::engine::Engine;
use crate::protocol::{Effect, KeptPrompt, Prompt, RECORD_VERSION, Record, Status};
use crate::rules::opencode1::child_title;
use crate::rules::permission::TASK;
use crate::rules::prompt_table::News;
use crate::state::{NewPrompt, Queued, SessionKey};
use crate::time::Millis;

/// The agent that takes over for one that the host does not know.
pub const GENERAL: &str = "general";

impl Engine {
    /// Takes in a prompt: of a session that exists, or of one that is to be created.
    pub(super) fn asked(&mut self, asked: KeptPrompt) {
        let now = asked.now;
        let caller = self.registry.find_or_add(&asked.caller_id);
        let agent = self.policy.spelled(&asked.agent).to_owned();
        let elsewhere = asked.sent_elsewhere == Some(true);
        let mut models: Vec<_> = asked.model.into_iter().collect();
        for model in self.policy.fallback_models(&agent) {
            if !elsewhere && !models.contains(model) {
                models.push(model.clone());
            }
        }
        let by_subagent = self.registry.parent(caller).is_some();
        let permitted = asked
            .caller_agent
            .is_none_or(|caller| self.policy.permits(&caller, TASK, GENERAL));
        let general = !elsewhere
            && agent != GENERAL
            && self.policy.knows(GENERAL)
            && permitted
            && (!by_subagent || self.policy.callable(GENERAL));
        let opened = asked
            .ticket
            .and_then(|ticket| self.registry.call_delegation(ticket));
        let joined = asked
            .session_id
            .as_deref()
            .filter(|_| asked.ticket.is_none());
        let joined = joined.and_then(|id| self.registry.find(id));
        let joined = joined.map(|key| self.registry.joined_in(caller, key));
        let prompt = NewPrompt {
            prompt: Prompt {
                parts: asked.parts,
                system: asked.system,
                agent,
                models,
                variant: asked.variant,
                permission: asked.permission,
                process: None,
            },
            caller: self.registry.id(caller),
            caller_delegation: opened
                .or(joined)
                .unwrap_or(self.registry.delegation(caller)),
            general,
            background: asked.background == Some(true),
            refundable: self.registry.allowance(caller).is_some(),
            recorded: asked.session_id.is_none() || asked.first == Some(true),
            seed: asked.seed.unwrap_or_default(),
            limits: asked.limits,
            elsewhere,
        };
        let process = asked.process.or_else(|| self.process.clone());
        match (asked.session_id, asked.ticket) {
            (Some(id), ticket) => {
                let known = self.registry.find(&id);
                let busy = known.is_some_and(|key| self.registry.is_busy_elsewhere(key));
                match ticket {
                    // The session is gone, and the call has asked nothing.
                    Some(ticket) if self.registry.is_deleted(&id) => self.registry.refund(ticket),
                    Some(ticket) => self.registry.commit(ticket, &id, now, &self.policy),
                    None => {}
                }
                // A session that is only referred to may be gone before its prompt ends.
                let known = self.registry.find(&id);
                if let Some(key) = known.filter(|key| self.registry.is_confirmed(*key)) {
                    let queued = self.registry.queue_prompt(key, prompt, process, busy, now);
                    self.queued(key, queued, now);
                }
            }
            (None, Some(ticket)) => {
                if let Some(part) = &asked.part_id {
                    self.registry.note_call_part(ticket, part);
                }
                self.create(ticket, prompt, process, now);
            }
            (None, None) => {}
        }
        self.registry.remove_unused(caller);
    }

    /// Asks the host for a child, whose record holds its prompt from the first moment.
    fn create(&mut self, ticket: u32, prompt: NewPrompt, process: Option<String>, now: Millis) {
        if self.registry.is_creating(ticket) {
            return;
        }
        let Some([caller, slug, derived, description]) = self.registry.call_to_create(ticket)
        else {
            return;
        };
        let asked = prompt.prompt.clone();
        let child = self
            .registry
            .await_child(ticket, &derived, prompt, process.clone(), now);
        self.acts.push(Effect::Create {
            ticket,
            parent_id: caller,
            title: child_title(&description, &asked.agent),
            agent: asked.agent.clone(),
            permission: asked.permission.clone(),
            record: Box::new(Record {
                v: RECORD_VERSION,
                slug: Some(slug.to_string()),
                id: Some(derived.to_string()),
                agent: Some(asked.agent.clone()),
                description: description.to_string(),
                budget: self.policy.budget(&asked.agent),
                last_used: Some(now),
                prompt: Some(asked),
                message_id: Some(child.message_id),
                tasks: child.task.into_iter().collect(),
                spawned: self.registry.call_place(ticket),
                model: self.registry.call_model(ticket),
                process,
                ..Record::default()
            }),
        });
    }

    /// Takes in that the child of a call exists, and its prompt with it.
    pub(super) fn committed(&mut self, ticket: u32, id: &str, now: Millis) {
        let known = self.registry.find(id);
        let busy = known.is_some_and(|key| self.registry.status(key) != Status::Idle);
        let begins = known.filter(|key| self.registry.is_to_begin(ticket, *key));
        let caller = self.registry.call_caller(ticket);
        let limits = caller.is_some().then(|| self.registry.call_limits(ticket));
        if let Some(key) = known.filter(|_| caller.is_some()) {
            self.registry.end_stop(key, now);
        }
        self.registry.commit(ticket, id, now, &self.policy);
        // The host has prompted a session without a prompt here.
        if let Some(key) = begins {
            self.registry.begin_delegation(key, caller, None, now);
        }
        let queued = self.registry.queue_first_prompt(ticket, id, busy, now);
        if let Some(key) = self.registry.find(id) {
            // The host sends the prompt of a call that has none here.
            if let (None, Some(limits)) = (&queued, limits) {
                self.begin_quota(key, limits, now);
            }
            self.queued(key, queued, now);
        }
    }

    fn queued(&mut self, key: SessionKey, queued: Option<Queued>, now: Millis) {
        let Some(queued) = queued else {
            return;
        };
        self.acts.push(Effect::Wait {
            session_id: self.registry.id(key),
            prompt_no: queued.prompt_no,
            behind: queued.behind,
            task_id: queued.task_id,
        });
        self.send_waiting(now);
    }

    /// Sends every prompt that may be sent now, in order of arrival.
    pub(super) fn send_waiting(&mut self, now: Millis) {
        if self.stopping {
            return;
        }
        let mut from = 0;
        let limit = self.policy.max_parallel;
        while let Some((key, prompt_no)) = self.registry.take_startable(&mut from, limit) {
            self.happened(key, prompt_no, None, News::Free, now);
        }
    }
}
