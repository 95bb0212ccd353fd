//! Decisions of an engine, and their checks.

use crate::calls::Call;
use crate::host::{Ask, request};
use crate::instance::Input;
use crate::world::World;
use opencode_delegate::protocol::RuleID;
use opencode_delegate::{Decided, Decision, Request};
use std::borrow::Cow;
use std::sync::Arc;

impl World {
    /// Asks an engine for a decision, and checks it.
    pub fn decide(&mut self, slot: usize, ask: &Ask) -> Arc<Decision> {
        let request = request(self, ask, ask.task_id.as_deref()).owned();
        self.count.decisions += 1;
        self.clock(slot);
        let instance = &mut self.slots[slot];
        let decided = instance.engine.decide(&request);
        if let Some(inputs) = &mut instance.inputs {
            inputs.push(Input::Request(request.clone(), decided.clone()));
        }
        let Decided { decision, effects } = decided;
        if self.log.is_some() {
            let text = serde_json::to_string(&request).unwrap();
            let answer = serde_json::to_string(&*decision).unwrap();
            self.note(format!("  [{slot}] asks {text}\n      => {answer}"));
        }
        self.carry(slot, effects, &[]);
        // The same call again changes nothing.
        if self.dice.percent(10) {
            let before = self.slots[slot].engine.snapshot();
            let again = self.slots[slot].engine.decide(&request);
            if let Some(inputs) = &mut self.slots[slot].inputs {
                inputs.push(Input::Request(request, again.clone()));
            }
            let same = again.decision == decision
                && again.effects.is_empty()
                && self.slots[slot].engine.snapshot() == before;
            // A forgotten denial is decided again. Nothing is forgotten between the two requests.
            self.must(same, "I6", || {
                format!("c{} is decided twice: {again:?}", ask.no)
            });
        }
        let caller = ask.caller;
        self.hear_resumed(slot, ask, &decision);
        let given = ask.task_id.as_deref().unwrap_or_default();
        self.read_decision(slot, ask.caller, given, &decision);
        let (id, slug) = match &*decision {
            Decision::Deny {
                candidates,
                rule,
                message,
                ..
            } => {
                self.offered(slot, caller, candidates);
                if *rule == RuleID::G8 {
                    let made = self.slots[slot].spent.get(&caller).map_or(0, Vec::len);
                    let sure = !self.slots[slot].unsure.contains(&caller);
                    let budget = self.rules.budgets
                        [crate::rules::Rules::agent_index(&self.host[caller].agent)];
                    let mixed = self.host[caller].overwritten;
                    self.must(mixed || !sure || made >= budget as usize, "I2", || {
                        format!("c{} is refused, with {made} of {budget} spent", ask.no)
                    });
                }
                let named = message
                    .strip_prefix("Session \"")
                    .and_then(|rest| rest.split_once("\" belongs"));
                if let Some((name, _)) = named {
                    let at = self.resolve(slot, caller, name);
                    if let Some(at) = at {
                        self.promise(slot, name, at, self.goal(caller, at));
                    }
                }
                return decision;
            }
            Decision::Spawn {
                session_id,
                candidates,
                notice,
                slug,
                ..
            } => {
                self.regive(slot, self.host[caller].root, slug);
                self.offered(slot, caller, candidates);
                let near = notice
                    .as_deref()
                    .and_then(|text| text.split_once("If you meant \""));
                if let Some((name, _)) = near.and_then(|(_, rest)| rest.split_once('"'))
                    && let Some(at) = self.resolve(slot, caller, name)
                {
                    let alias = self.slots[slot]
                        .engine
                        .session(&self.host[at].id)
                        .is_none_or(|session| session.slug.as_deref() != Some(name));
                    if !alias {
                        self.promise(slot, name, at, self.goal(caller, at));
                    }
                }
                (session_id.clone(), None)
            }
            Decision::Resume {
                session_id,
                slug,
                candidates,
                ..
            }
            | Decision::Compact {
                session_id,
                slug,
                candidates,
                ..
            } => {
                self.offered(slot, caller, candidates);
                (session_id.clone(), slug.clone())
            }
            Decision::Join {
                session_id, slug, ..
            } => (session_id.clone(), slug.clone()),
        };
        let target = self.ids.get(&*id).copied();
        if let Some(at) = target {
            let (theirs, ours) = (self.host[at].root, self.host[caller].root);
            // The caller's own messages may name a session of another root.
            let named = self.slots[slot].heard_of.names(caller, at);
            self.must(theirs == ours || named, "I1", || {
                format!("c{} of root {ours} is given {id} of root {theirs}", ask.no)
            });
            if let Some(slug) = slug {
                self.promise(slot, &slug, at, self.goal(caller, at));
            }
        } else if matches!(&*decision, Decision::Join { .. }) {
            let mut makers = self.calls.iter().rev();
            let of = |call: &&Call| call.slot == slot && !call.committed && self.creates(call, &id);
            let made = makers.find(of).map(|call| self.host[call.ask.caller].root);
            let made = made.or_else(|| self.derived(slot, &id).map(|at| self.host[at].root));
            let ours = self.host[caller].root;
            self.must(made == Some(ours), "I1", || {
                format!("c{} is to join a child of another root", ask.no)
            });
        }
        let depth = self.host[caller].depth;
        let deepest = self.rules.max_depth;
        self.must(depth < deepest, "I8", || {
            format!("c{} lies {} deep, of {deepest}", ask.no, depth + 1)
        });
        if self.host[caller].parent.is_some() {
            let budget =
                self.rules.budgets[crate::rules::Rules::agent_index(&self.host[caller].agent)];
            let instance = &mut self.slots[slot];
            let made = instance.spent.entry(caller).or_default();
            if !made.contains(&ask.no) {
                made.push(ask.no);
            }
            let made = made.len();
            let mixed = self.host[caller].overwritten;
            self.must(mixed || made <= budget as usize, "I2", || {
                format!("c{} is call {made} of {budget} of {caller}", ask.no)
            });
        }
        decision
    }
}

/// A request that owns its texts.
trait Owned {
    fn owned(&self) -> Request<'static>;
}

impl Owned for Request<'_> {
    fn owned(&self) -> Request<'static> {
        let text = |text: &Cow<'_, str>| Cow::Owned(text.clone().into_owned());
        Request {
            now: self.now,
            call_id: text(&self.call_id),
            message_id: self.message_id.as_ref().map(text),
            by: self.by,
            session_id: text(&self.session_id),
            caller_agent: self.caller_agent.as_ref().map(text),
            agent: text(&self.agent),
            description: text(&self.description),
            prompt: text(&self.prompt),
            task_id: self.task_id.as_ref().map(text),
            background: self.background,
            model: self.model.as_ref().map(text),
            limits: self.limits,
            permission: self
                .permission
                .clone()
                .map(|text| Cow::Owned(text.into_owned())),
        }
    }
}
