//! Decides, applies, ranks: composes the rooms of the engine.

use crate::call::{CallKey, Calls};
use crate::decision::{Decision, Request};
use crate::error::{Code, DelegateError, Denial, clip};
use crate::event::{Created, Effect, Event};
use crate::facts::{Found, View, gather};
use crate::id::{TaskID, edits, handle, letters, normalize_slug};
use crate::policy::Policy;
use crate::read::Field;
use crate::registry::{At, CANDIDATES, Holder, NEAR_HANDLES, Registry};
use crate::session::{Candidate, Millis, Record, Session, Status};
use crate::table::{self, Outcome, Rule, RuleID};
use crate::ticket::{Goal, Joined, Ticket};
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
/// let decision = engine.decide(&Request::read(request)?);
/// assert!(matches!(&*decision, Decision::Spawn { slug, .. } if &**slug == "explore-auth"));
/// # Ok::<(), opencode_delegate::DelegateError>(())
/// ```
#[derive(Debug)]
pub struct Engine {
    policy: Policy,
    pub(crate) registry: Registry,
    notices: Vec<String>,
    pub(crate) said_foreign: bool,
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
        })
    }

    /// Decides a request, and sets aside what the decision needs: a call of the caller's budget and
    /// the handle of the child. The same call decided again gets the same decision.
    pub fn decide(&mut self, request: &Request<'_>) -> Arc<Decision> {
        let caller = self.registry.entry(&request.session_id);
        if let Some(agent) = request
            .caller_agent
            .as_deref()
            .filter(|_| !self.registry.has_agent(caller))
        {
            self.registry.set_agent(caller, agent);
        }
        self.registry.grant(caller, &self.policy);
        let turn = self.registry.node(caller).turn;
        let key = Calls::key(request, turn);
        if let Some(decision) = self.registry.calls.replay(key) {
            return decision;
        }
        let view = gather(request, caller, &self.policy, &self.registry);
        let rule = table::decide(&view.facts);
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
                        (node.usage_at, node.tokens, node.window) = (now, tokens, window);
                    }
                }
            }
            Event::Deleted { session_id, .. } => match self.registry.find(&session_id) {
                Some(at) => self.registry.remove(at),
                None => self.registry.bury(session_id.into()),
            },
            Event::Commit {
                now,
                ticket,
                session_id,
            } => {
                self.registry.commit(ticket, &session_id, now, &self.policy);
            }
            Event::Refund { ticket, .. } => self.registry.refund(ticket),
            Event::Touched { .. } | Event::Failed { .. } => {}
        }
        self.stores()
    }

    /// The sessions of the request's agent that the caller could resume, the most recently used first.
    pub fn rank(&self, request: &Request<'_>) -> Vec<Candidate> {
        self.registry
            .find(&request.session_id)
            .map_or(Vec::new(), |caller| self.candidates(caller, &request.agent))
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

    /// What a person should be told, each thing once: it is gone when it was read.
    pub fn notices(&mut self) -> Vec<String> {
        std::mem::take(&mut self.notices)
    }

    fn candidates(&self, caller: At, agent: &str) -> Vec<Candidate> {
        let sessions = self.registry.recent(caller, Some(agent));
        sessions
            .take(CANDIDATES)
            .map(|at| self.registry.candidate(at))
            .collect()
    }

    fn deny(&self, code: Code, rule: &Rule, view: &View<'_>, request: &Request<'_>) -> Decision {
        let session = match (&view.task_id, view.session) {
            (Some(TaskID::Id(id)), _) => (*id).to_owned(),
            (_, Some(Holder::Session(at))) => self.registry.node(at).id.to_string(),
            (Some(TaskID::Slug(slug)), _) => slug.to_string(),
            _ => String::new(),
        };
        let owner = match view.session {
            Some(Holder::Session(at)) => self.registry.agent(at).cloned().unwrap_or_default(),
            _ => Arc::default(),
        };
        let (agent, session) = (&*request.agent, &*session);
        let denial = match code {
            Code::UnknownAgent => Denial::UnknownAgent {
                agent,
                nearest: self.policy.nearest(agent),
            },
            Code::PermissionDenied => Denial::PermissionDenied {
                caller: request.caller_agent.as_deref().unwrap_or_default(),
                agent,
            },
            Code::NotOwner => Denial::NotOwner { session },
            Code::DepthExceeded => Denial::DepthExceeded {
                max_depth: self.policy.max_depth,
            },
            Code::NoTaskBudget => Denial::NoTaskBudget,
            Code::TargetNotCallable => Denial::TargetNotCallable { agent },
            Code::BudgetExhausted => Denial::BudgetExhausted {
                budget: self
                    .registry
                    .node(view.caller)
                    .allowance
                    .map_or(0, |allowance| allowance.limit()),
            },
            Code::AgentMismatch => Denial::AgentMismatch {
                session: self.name(view, session),
                owner: &owner,
                agent,
            },
            Code::UnknownSession => Denial::UnknownSession { session },
            _ => Denial::InvalidTaskId {
                given: request.task_id.as_deref().unwrap_or_default(),
            },
        };
        let mut candidates = match rule.rule {
            RuleID::G1 | RuleID::G4 | RuleID::R2 | RuleID::R7 => {
                self.candidates(view.caller, agent)
            }
            _ => Vec::new(),
        };
        if rule.rule == RuleID::R7 && candidates.is_empty() {
            let any = self.registry.recent(view.caller, None).take(CANDIDATES);
            candidates = any.map(|at| self.registry.candidate(at)).collect();
        }
        Decision::Deny {
            code: denial.code(),
            message: denial.to_string(),
            rule: rule.rule,
            candidates,
        }
    }

    /// What a caller knows a session by: its handle, if it has one.
    fn name<'s>(&'s self, view: &View<'_>, id: &'s str) -> &'s str {
        match view.session {
            Some(Holder::Session(at)) => self.registry.node(at).slug.as_deref().unwrap_or(id),
            _ => id,
        }
    }

    fn join(
        &mut self,
        rule: &Rule,
        view: &View<'_>,
        request: &Request<'_>,
        key: CallKey,
    ) -> Decision {
        let waits = request.background != Some(true);
        if let Some(allowance) = &mut self.registry.node_mut(view.caller).allowance {
            allowance.spend();
            self.registry.mark(view.caller);
        }
        let (session_id, slug) = match view.session {
            Some(Holder::Ticket(number)) => {
                let caller = self.registry.node(view.caller);
                let (caller, turn) = (caller.id.clone(), caller.turn);
                let Some(ticket) = self.registry.tickets.open.get_mut(&number) else {
                    return self.spawn(rule, view, request, key);
                };
                ticket.joined.push(Joined {
                    caller,
                    turn,
                    waits,
                    call: key,
                });
                match &ticket.goal {
                    Goal::Spawn { slug, derived } => (derived.clone(), Some(slug.clone())),
                    Goal::Prompt { session } => (session.clone(), None),
                }
            }
            Some(Holder::Session(at)) => {
                self.registry.used(at, request.now);
                if waits {
                    self.registry.wait(&request.session_id, at);
                }
                let node = self.registry.node(at);
                (node.id.clone(), node.slug.clone())
            }
            None => return self.spawn(rule, view, request, key),
        };
        Decision::Join {
            session_id,
            rule: rule.rule,
            reason: rule.reason,
            slug,
        }
    }

    fn prompt(
        &mut self,
        outcome: Outcome,
        rule: &Rule,
        view: &View<'_>,
        request: &Request<'_>,
        key: CallKey,
    ) -> Decision {
        let Some(Holder::Session(at)) = view.session else {
            return self.spawn(rule, view, request, key);
        };
        let (session_id, slug) = (
            self.registry.node(at).id.clone(),
            self.registry.node(at).slug.clone(),
        );
        let named = matches!(view.task_id, Some(TaskID::Slug(_)))
            || matches!(view.task_id, Some(TaskID::Id(_)) if rule.rule != RuleID::R6);
        let candidates = if named {
            Vec::new()
        } else {
            let mut others = self.candidates(view.caller, &request.agent);
            others.retain(|candidate| candidate.session_id != session_id);
            others
        };
        let ticket = self.open(
            Goal::Prompt {
                session: session_id.clone(),
            },
            view,
            request,
            key,
        );
        let (rule, reason) = (rule.rule, rule.reason);
        if outcome == Outcome::Compact {
            return Decision::Compact {
                session_id,
                rule,
                reason,
                ticket,
                slug,
                candidates,
            };
        }
        let notice = match (rule, &view.task_id) {
            (RuleID::R6, Some(TaskID::Id(id))) => Some(format!(
                "There is no session \"{}\"; \"{session_id}\" is nearly the same and was resumed.",
                clip(id)
            )),
            _ => None,
        };
        Decision::Resume {
            session_id,
            rule,
            reason,
            ticket,
            slug,
            notice,
            candidates,
        }
    }

    fn spawn(
        &mut self,
        rule: &Rule,
        view: &View<'_>,
        request: &Request<'_>,
        key: CallKey,
    ) -> Decision {
        let slug = match &view.task_id {
            Some(TaskID::Slug(slug)) => self.registry.free_slug(view.root, slug),
            _ => self
                .registry
                .free_slug(view.root, &handle(&request.description)),
        };
        let derived = self.registry.free_derived(view.root, &slug);
        let notice = match (rule.rule, &view.task_id) {
            (RuleID::R5, Some(TaskID::Slug(slug))) => self.near_handle(view, slug).map(|near| {
                format!("A new session was started as \"{slug}\". If you meant \"{near}\", that one can be resumed.")
            }),
            (RuleID::R8, Some(TaskID::Id(id))) => {
                Some(format!("There is no session \"{}\" and none to resume: a new one was started.", clip(id)))
            }
            (RuleID::R9, _) => Some(format!(
                "There is no session of agent \"{}\" to continue: a new one was started.",
                clip(&request.agent)
            )),
            _ => None,
        };
        // Who gave a new name, or was refused a session's, has chosen.
        let candidates = match rule.rule {
            RuleID::R8 | RuleID::R9 | RuleID::R12 => self.candidates(view.caller, &request.agent),
            _ => Vec::new(),
        };
        let goal = Goal::Spawn {
            slug: slug.clone(),
            derived: derived.clone(),
        };
        let ticket = self.open(goal, view, request, key);
        let reason = rule.reason;
        Decision::Spawn {
            session_id: derived,
            rule: rule.rule,
            reason,
            ticket,
            slug,
            notice,
            candidates,
        }
    }

    fn open(&mut self, goal: Goal, view: &View<'_>, request: &Request<'_>, key: CallKey) -> u32 {
        let caller = self.registry.node(view.caller);
        // What a child will be told of is only needed where there is to be one.
        let description = match goal {
            Goal::Spawn { .. } => (&*request.description).into(),
            Goal::Prompt { .. } => Arc::default(),
        };
        let ticket = Ticket {
            caller: caller.id.clone(),
            turn: caller.turn,
            goal,
            agent: self.registry.name(&request.agent),
            description,
            waits: request.background != Some(true),
            call: key,
            joined: Vec::new(),
        };
        let session = match view.session {
            Some(Holder::Session(at)) if matches!(ticket.goal, Goal::Prompt { .. }) => Some(at),
            _ => None,
        };
        self.registry.open(ticket, view.caller, session)
    }

    /// The handle under the root that is within two edits of a new one, and within half its length.
    fn near_handle(&self, view: &View<'_>, slug: &str) -> Option<Arc<str>> {
        let set = letters(slug);
        let known = self.registry.recent(view.root, None).take(NEAR_HANDLES);
        known
            .filter_map(|at| {
                let known = self.registry.node(at).slug.clone()?;
                let edits = edits(slug, set, &known, self.registry.letters(at).1)?;
                (2 * edits <= slug.chars().count()).then_some((edits, known))
            })
            .min_by_key(|(edits, _)| *edits)
            .map(|(_, known)| known)
    }

    fn created(&mut self, session: Created, now: Millis) {
        if self.registry.is_buried(&session.id) {
            return;
        }
        let at = self.registry.entry(&session.id);
        let first = !std::mem::replace(&mut self.registry.node_mut(at).told, true);
        let parent = session
            .parent_id
            .filter(|parent| !parent.is_empty())
            .map(|parent| self.registry.entry(&parent));
        if let Some(parent) = parent {
            self.registry.link(at, parent);
        }
        self.registry.used(at, now);
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
        let agent = session
            .agent
            .or(record.as_ref().and_then(|record| record.agent.clone()));
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
        self.registry.grant(at, &self.policy);
        let given = record.and_then(|record| record.slug).or(session.slug);
        let given = given.as_deref().and_then(normalize_slug);
        match (given, parent) {
            (Some(slug), _) if self.registry.node(at).slug.as_deref() != Some(&*slug) => {
                self.registry.give_name(at, &slug);
            }
            (None, Some(parent)) if self.registry.node(at).slug.is_none() => {
                self.registry.name_later(at, parent)
            }
            _ => {}
        }
    }

    fn status(&mut self, id: &str, status: Status, now: Millis) {
        let Some(at) = self.registry.find(id) else {
            return;
        };
        let node = self.registry.node_mut(at);
        // Of two at the same moment the later in `Status` holds: the order in which they come does not matter.
        if (now, status) < (node.status_at, node.status) {
            return;
        }
        let ended = node.status != Status::Idle && status == Status::Idle;
        (node.status_at, node.status) = (now, status);
        if ended {
            node.turn = node.turn.wrapping_add(1);
            node.waits.clear();
            if let Some(allowance) = &mut node.allowance {
                allowance.reset();
            }
            self.registry.mark(at);
        }
        self.registry.used(at, now);
    }

    /// What the host should keep, of the sessions of which that has changed.
    fn stores(&mut self) -> Vec<Effect> {
        let marked = self.registry.take_marked();
        let kept = marked.into_iter().filter(|at| {
            let node = self.registry.node(*at);
            node.told && node.parent.is_some() && !node.foreign
        });
        kept.map(|at| Effect::Store {
            session_id: self.registry.node(at).id.clone(),
            record: self.registry.record(at),
        })
        .collect()
    }
}
