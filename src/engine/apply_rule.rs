//! What a row decides, carried out: the decision, and what it sets aside.

use crate::engine::Engine;
use crate::engine::lookup::View;
use crate::error::{Code, clip};
use crate::names::TaskID;
use crate::names::handle;
use crate::protocol::Candidate;
use crate::protocol::Request;
use crate::protocol::{Decision, RuleID};
use crate::rules::Denial;
use crate::rules::decision_table::{Outcome, Rule};
use crate::state::At;
use crate::state::CallKey;
use crate::state::{CANDIDATES, Holder};
use crate::state::{Goal, Joined, Ticket};
use std::sync::Arc;

impl Engine {
    pub(crate) fn deny(
        &mut self,
        code: Code,
        rule: &Rule,
        view: &View<'_>,
        request: &Request<'_>,
    ) -> Decision {
        let session = match (&view.task_id, view.session) {
            (Some(TaskID::Id(id)), _) => id.to_string(),
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
        let (code, message) = (denial.code(), denial.to_string());
        if let (RuleID::R2, Some(Holder::Session(at))) = (rule.rule, view.session) {
            self.registry.tell(at);
        }
        let mut candidates = match rule.rule {
            RuleID::G1 | RuleID::G4 | RuleID::R2 | RuleID::R7 => {
                self.offer(view.caller, Some(agent))
            }
            _ => Vec::new(),
        };
        if rule.rule == RuleID::R7 && candidates.is_empty() {
            candidates = self.offer(view.caller, None);
        }
        Decision::Deny {
            code,
            message,
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

    pub(crate) fn join(
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
                    self.registry.wait(view.caller, at);
                }
                self.registry.tell(at);
                let node = self.registry.node(at);
                (node.id.clone(), node.slug.clone())
            }
            None => return self.spawn(rule, view, request, key),
        };
        let caller = self.registry.node_mut(view.caller);
        if caller.allowance.is_some() {
            caller.joins.push(session_id.clone());
        }
        Decision::Join {
            session_id,
            rule: rule.rule,
            reason: rule.reason.into(),
            slug,
        }
    }

    pub(crate) fn prompt(
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
        self.registry.tell(at);
        let (session_id, slug) = (
            self.registry.node(at).id.clone(),
            self.registry.node(at).slug.clone(),
        );
        let candidates = if matches!(rule.rule, RuleID::R2 | RuleID::R3 | RuleID::R4) {
            Vec::new()
        } else {
            let mut others = self.offer(view.caller, Some(&request.agent));
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
        let (rule, reason) = (rule.rule, rule.reason.into());
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
            (_, Some(TaskID::Slug(name))) => self.namesake(view, name, at),
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

    pub(crate) fn spawn(
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
        let derived = self.registry.free_derived(view.root, &slug, None);
        let notice = match (rule.rule, &view.task_id) {
            (RuleID::R5, Some(TaskID::Slug(slug))) => self.registry.near_name(view.root, view.caller, slug).map(|(near, at)| {
                self.registry.tell(at);
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
            RuleID::R8 | RuleID::R9 | RuleID::R12 => self.offer(view.caller, Some(&request.agent)),
            _ => Vec::new(),
        };
        let goal = Goal::Spawn {
            slug: slug.clone(),
            derived: derived.clone(),
        };
        let ticket = self.open(goal, view, request, key);
        let reason = rule.reason.into();
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

    /// What is to be known where a name is an alias of another session too, which came to it later.
    fn namesake(&mut self, view: &View<'_>, name: &str, at: At) -> Option<String> {
        let other = {
            let mut all = self.registry.namesakes(view.root, view.caller, name);
            all.find(|other| *other != at)?
        };
        self.registry.tell(other);
        let other = self.registry.node(other);
        let handle = other.slug.as_ref().unwrap_or(&other.id);
        Some(format!(
            "\"{name}\" has stood for this session since before another was called so too: give \"{handle}\" for that one."
        ))
    }

    fn open(&mut self, goal: Goal, view: &View<'_>, request: &Request<'_>, key: CallKey) -> u32 {
        let caller = self.registry.node(view.caller);
        let ticket = Ticket {
            caller: caller.id.clone(),
            turn: caller.turn,
            goal,
            given: false,
            child: None,
            agent: self.registry.name(&request.agent),
            description: (&*request.description).into(),
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

    /// The candidates for a caller to read, of one agent or of any: what it is told of must go on
    /// resolving, so the host is to keep it.
    fn offer(&mut self, caller: At, agent: Option<&str>) -> Vec<Candidate> {
        let offered: Vec<At> = self
            .registry
            .recent(caller, agent)
            .take(CANDIDATES)
            .collect();
        for at in &offered {
            self.registry.tell(*at);
        }
        offered
            .into_iter()
            .map(|at| self.registry.candidate(at))
            .collect()
    }
}
