//! Decides, applies, ranks: composes the rooms of the engine.

mod advance;
mod apply_rule;
mod background;
mod enqueue;
mod explain;
mod lookup;
mod recover;
mod session_events;
mod snapshot;

use crate::engine::lookup::gather;
use crate::error::DelegateError;
use crate::protocol::Effect;
use crate::protocol::Event;
use crate::protocol::Request;
use crate::protocol::{Candidate, Session, Status};
use crate::protocol::{Decided, Decision};
use crate::rules::decision_table;
use crate::rules::decision_table::Outcome;
use crate::rules::facts::Found;
use crate::rules::policy::Policy;
use crate::rules::prompt_table::News;
use crate::state::At;
use crate::state::Calls;
use crate::state::{Holder, Registry};
use std::borrow::Cow;
use std::sync::Arc;

/// The delegation engine: everything known of the sessions of a host, and the policy to go by.
///
/// It has no clock, draws no random numbers and does no I/O: time comes in with each request and
/// event, and what is to be kept or done goes out as effects.
///
/// ```
/// use opencode_delegate::{Decision, Engine, Request};
///
/// let mut engine = Engine::new("{}")?;
/// let request = r#"{"now":0,"callID":"c1","sessionID":"ses_root","agent":"explorer",
///                   "description":"Explore auth","prompt":"Read src/auth"}"#;
/// let decided = engine.decide(&Request::read(request)?);
/// assert!(matches!(&*decided.decision, Decision::Spawn { slug, .. } if &**slug == "explore-auth"));
/// # Ok::<(), opencode_delegate::DelegateError>(())
/// ```
#[derive(Debug)]
pub struct Engine {
    pub(crate) policy: Policy,
    pub(crate) registry: Registry,
    pub(crate) notices: Vec<String>,
    pub(crate) said_foreign: bool,
    /// What the host is to do beside storing records.
    pub(crate) acts: Vec<Effect>,
}

impl Engine {
    /// Makes an engine that goes by a configuration (the JSON of a [`Config`](crate::Config)).
    ///
    /// # Errors
    /// `invalid_config`, naming the field.
    pub fn new(config: &str) -> Result<Engine, DelegateError> {
        let policy = Policy::read(config)?;
        let notices = policy.warnings();
        Ok(Engine {
            policy,
            registry: Registry::default(),
            notices,
            said_foreign: false,
            acts: Vec::new(),
        })
    }

    /// Decides a request, and sets aside what the decision needs: a call of the caller's budget and
    /// the handle of the child. The same call decided again gets the same decision.
    ///
    /// The effects store what the decision tells a caller or spends: they are carried out at once.
    ///
    /// ```
    /// use opencode_delegate::{Decision, Engine, Request};
    /// let mut engine = Engine::new("{}")?;
    /// let request = r#"{"now":0,"callID":"c1","sessionID":"ses_root","agent":"explorer",
    ///                   "description":"Explore auth","prompt":"Read src/auth"}"#;
    /// let decided = engine.decide(&Request::read(request)?);
    /// assert!(matches!(&*decided.decision, Decision::Spawn { .. }));
    /// assert!(decided.effects.is_empty()); // no session that exists has changed
    /// # Ok::<(), opencode_delegate::DelegateError>(())
    /// ```
    pub fn decide(&mut self, request: &Request<'_>) -> Decided {
        let decision = match self.spell(request) {
            Some(spelled) => self.decision(&spelled),
            None => self.decision(request),
        };
        let effects = self.effects();
        Decided { decision, effects }
    }

    fn decision(&mut self, request: &Request<'_>) -> Arc<Decision> {
        let caller = self.enter(request);
        let turn = self.registry.node(caller).turn;
        let key = Calls::key(request, turn);
        if let Some(decision) = self.registry.calls.replay(key) {
            self.registry.drop_unused(caller);
            return decision;
        }
        let view = gather(request, caller, &self.policy, &self.registry);
        let rule = decision_table::decide(&view.facts);
        let outcome = rule.then(&view.facts);
        let decision = match outcome {
            Outcome::Deny(code) => self.deny(code, rule, &view, request),
            Outcome::Join => self.join(rule, &view, request, key),
            Outcome::Resume | Outcome::Compact => self.prompt(outcome, rule, &view, request, key),
            Outcome::Spawn => self.spawn(rule, &view, request, key),
        };
        let decision = Arc::new(decision);
        self.registry.calls.keep(key, decision.clone());
        self.registry.drop_unused(caller);
        decision
    }

    /// The request with its agent as the host spells it, where that is another spelling.
    pub(crate) fn spell<'a>(&self, request: &Request<'a>) -> Option<Request<'a>> {
        let spelled = self.policy.spelled(&request.agent);
        (spelled != &*request.agent).then(|| Request {
            agent: Cow::Owned(spelled.to_owned()),
            ..request.clone()
        })
    }

    /// Takes in that a session makes a call, and gives its place.
    pub(crate) fn enter(&mut self, request: &Request<'_>) -> At {
        let caller = self.registry.entry(&request.session_id);
        if let Some(agent) = request
            .caller_agent
            .as_deref()
            .filter(|_| !self.registry.has_agent(caller))
        {
            self.registry.set_agent(caller, agent);
        }
        self.registry.grant(caller, &self.policy);
        self.registry.calls_out(caller, request.now);
        caller
    }

    /// Takes in what happened in the host, and gives what the host should now do.
    pub fn apply(&mut self, event: Event) -> Vec<Effect> {
        match event {
            Event::Created { now, session } => self.created(session, now),
            Event::Status {
                now,
                session_id,
                status,
            } => self.status(&session_id, status, now),
            Event::Usage {
                now,
                session_id,
                tokens,
                window,
            } => {
                if let Some(at) = self.registry.find(&session_id) {
                    let node = self.registry.node_mut(at);
                    if now >= node.usage_at {
                        let changed = (node.tokens, node.window) != (tokens, window);
                        (node.usage_at, node.tokens, node.window) = (now, tokens, window);
                        // While a turn runs the count goes on; its end keeps the last.
                        if changed && node.part && node.status == Status::Idle {
                            self.registry.mark_later(at);
                        }
                    }
                }
            }
            Event::Deleted { now, session_id } => match self.registry.find(&session_id) {
                Some(at) => self.deleted(at, now),
                None => self.registry.bury(session_id.into()),
            },
            Event::Alias {
                now,
                session_id,
                alias,
            } => {
                if let Some(at) = self.registry.find(&session_id)
                    && self.registry.told_alias(at, &alias, now)
                {
                    self.registry.mark(at);
                }
            }
            Event::Commit {
                now,
                ticket,
                session_id,
            } => {
                let known = self.registry.find(&session_id);
                let busy = known.is_some_and(|at| self.registry.node(at).status != Status::Idle);
                self.registry.commit(ticket, &session_id, now, &self.policy);
                self.born(ticket, &session_id, busy, now);
            }
            Event::Refund { ticket, .. } => self.registry.refund(ticket),
            Event::Kept(asked) => self.asked(*asked),
            Event::Sent(of) => self.of_prompt(&of, News::Sent),
            Event::Accepted(of) => self.of_prompt(&of, News::Accepted),
            Event::Answered(of) => self.of_prompt(&of, News::Answered),
            Event::Broken(failed) => self.failed(&failed),
            Event::Cancelled(of) => self.cancelled(&of),
            Event::Prompted {
                now,
                session_id,
                message_id,
            } => self.due(&session_id, Some(&message_id), now),
            Event::SetBack { now } => self.registry.set_back(now),
            Event::Delivered {
                session_id,
                prompt_no,
                delivered,
                ..
            } => self.told(&session_id, prompt_no, delivered),
            Event::Touched { .. } | Event::Failed { .. } => {}
        }
        self.effects()
    }

    /// What the host is to do since it was asked last: records first.
    fn effects(&mut self) -> Vec<Effect> {
        let mut effects = self.stores();
        effects.append(&mut self.acts);
        effects
    }

    /// The sessions of the request's agent that the caller could resume, the most recently used first.
    pub fn rank(&self, request: &Request<'_>) -> Vec<Candidate> {
        self.registry
            .find(&request.session_id)
            .map_or(Vec::new(), |caller| {
                self.registry.candidates(caller, &request.agent)
            })
    }

    /// The session that a caller's `task_id` stands for, if there is one within its reach.
    pub fn resolve(&self, request: &Request<'_>) -> Option<Session> {
        let caller = self.registry.find(&request.session_id)?;
        let view = gather(request, caller, &self.policy, &self.registry);
        match view.session {
            Some(Holder::Session(at)) if view.facts.found == Found::Ours => {
                Some(self.registry.session(at))
            }
            _ => None,
        }
    }

    /// A session by its id, the host's or the derived one.
    pub fn session(&self, id: &str) -> Option<Session> {
        match self.registry.find_id(id)? {
            Holder::Session(at) => Some(self.registry.session(at)),
            Holder::Ticket(_) => None,
        }
    }

    /// A root and everything below it, in order of creation.
    pub fn sessions(&self, root_id: &str) -> Vec<Session> {
        let tree = self
            .registry
            .find(root_id)
            .map_or(Vec::new(), |root| self.registry.tree(root));
        tree.into_iter()
            .map(|at| self.registry.session(at))
            .collect()
    }

    /// The agent that a name stands for, as the host spells it: names may hold marks that nobody sees.
    pub fn spelled<'a>(&'a self, agent: &'a str) -> &'a str {
        self.policy.spelled(agent)
    }

    /// What a person should be told, each thing once: it is gone when it was read.
    pub fn notices(&mut self) -> Vec<String> {
        std::mem::take(&mut self.notices)
    }
}
