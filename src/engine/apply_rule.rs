//! A row becomes a decision, and reserves what the decision needs.

use crate::engine::Engine;
use crate::engine::case::Case;
use crate::engine::follow_up::ranked;
use crate::engine::lookup::Wanted;
use crate::error::Code;
use crate::names::{TaskID, handle};
use crate::one_line::quotable;
use crate::protocol::{Author, Candidate, Decision, Model, SlugScope};
use crate::rules::Denial;
use crate::rules::decision_table::{Candidates, Notice, Outcome};
use crate::rules::facts::Owner;
use crate::rules::limits::{CANDIDATES, LISTED};
use crate::state::{Holder, NewCall, SessionKey, Target};
use std::borrow::Cow;
use std::sync::Arc;

impl Engine {
    /// The decision of a row.
    pub(super) fn carry_out(&mut self, case: &Case<'_>) -> Decision {
        let outcome = case.rule.then(&case.view.facts);
        match (outcome, case.view.session) {
            (Outcome::Deny(code), _) => self.deny(code, case),
            (Outcome::Join, Some(holder)) => self.join(holder, case),
            (Outcome::Resume | Outcome::Compact, Some(Holder::Session(key))) => {
                self.prompt(key, outcome == Outcome::Compact, case)
            }
            _ => self.spawn(case),
        }
    }

    fn deny(&mut self, code: Code, case: &Case<'_>) -> Decision {
        let known = match case.view.session {
            Some(Holder::Session(key)) => Some(key),
            _ => None,
        };
        let session = match (&case.view.task_id, known) {
            (Some(TaskID::Id(id)), _) => id.to_string(),
            (_, Some(key)) => self.registry.id(key).to_string(),
            (Some(TaskID::Slug(slug)), _) => slug.to_string(),
            _ => String::new(),
        };
        let owner = match case.view.session {
            Some(Holder::Session(key)) => self.registry.agent(key).cloned(),
            Some(Holder::Ticket(number)) => self.registry.call_agent(number).map(Arc::from),
            None => None,
        };
        let agent = case.agent(owner.as_ref());
        // A derived id goes with its name, which an undone session may lose.
        let name = known.map(|key| {
            let (id, slug) = self.registry.id_and_slug(key, case.caller);
            slug.unwrap_or(id)
        });
        let denial = match code {
            Code::UnknownAgent => Denial::UnknownAgent {
                agent,
                nearest: self.policy.nearest(agent),
            },
            Code::PermissionDenied => Denial::PermissionDenied {
                caller: case.request.caller_agent.as_deref().unwrap_or_default(),
                agent,
            },
            // The session may be hidden from the caller, and its id with it.
            Code::NotOwner => Denial::NotOwner {
                session: match &case.view.task_id {
                    Some(TaskID::Id(given) | TaskID::Slug(given)) => given,
                    _ => "last",
                },
            },
            Code::DepthExceeded => Denial::DepthExceeded {
                max_depth: self.policy.max_depth,
            },
            Code::NoTaskBudget => Denial::NoTaskBudget,
            Code::TargetNotCallable => Denial::TargetNotCallable { agent },
            Code::BudgetExhausted => Denial::BudgetExhausted {
                budget: self
                    .registry
                    .allowance(case.caller)
                    .map_or(0, |allowance| allowance.limit()),
            },
            Code::ModelNotAllowed => Denial::ModelNotAllowed {
                model: case.request.model.as_deref().unwrap_or_default(),
                agent,
                models: {
                    let models = self.policy.models(agent).iter();
                    models.take(LISTED).map(Model::text).collect()
                },
            },
            Code::LimitReached => Denial::LimitReached {
                spent: self.registry.spent(self.registry.root(case.caller)),
                max_cost: self.policy.max_cost.unwrap_or_default(),
            },
            Code::AgentMismatch => {
                // The denial names the session.
                known
                    .into_iter()
                    .for_each(|key| self.registry.protect_name(key));
                Denial::AgentMismatch {
                    session: name.as_deref().unwrap_or(&session),
                    owner: owner.as_deref().unwrap_or_default(),
                    agent,
                }
            }
            Code::UnknownSession => Denial::UnknownSession { session: &session },
            _ => Denial::InvalidTaskId {
                given: case.request.task_id.as_deref().unwrap_or_default(),
            },
        };
        let (code, message) = (denial.code(), denial.to_string());
        let (candidates, others) = self.offer(case, true);
        Decision::Deny {
            code,
            message,
            rule: case.rule.rule,
            candidates,
            others,
        }
    }

    fn join(&mut self, holder: Holder, case: &Case<'_>) -> Decision {
        let (caller, waits) = (case.caller, case.waits());
        self.registry.spend(caller);
        let (session_id, slug) = match holder {
            Holder::Ticket(number) => {
                match self.registry.join_call(number, caller, waits, case.key) {
                    Some(ids) => ids,
                    None => return self.spawn(case),
                }
            }
            Holder::Session(key) => {
                self.registry.note_use(key, case.request.now);
                self.note_resumed(key, case);
                if waits {
                    self.registry.wait(caller, key);
                }
                self.registry.protect_name(key);
                self.registry.id_and_slug(key, caller)
            }
        };
        self.registry.note_join(caller, &session_id);
        let (model, notice) = match holder {
            Holder::Session(key) => {
                let (model, notice) = (self.model_of(case, key), self.notices_of(case, Some(key)));
                // The call is spent, whatever becomes of it.
                self.registry.choose_model(key, case.model());
                (model, notice)
            }
            Holder::Ticket(number) => {
                let chosen = self.registry.call_model(number);
                (case.model().or(chosen), None)
            }
        };
        Decision::Join {
            session_id,
            rule: case.rule.rule,
            reason: case.rule.reason.into(),
            slug,
            model,
            notice,
        }
    }

    fn prompt(&mut self, key: SessionKey, compact: bool, case: &Case<'_>) -> Decision {
        self.note_resumed(key, case);
        self.registry.protect_name(key);
        let (session_id, slug) = self.registry.id_and_slug(key, case.caller);
        let (mut candidates, _) = self.offer(case, false);
        candidates.retain(|candidate| candidate.session_id != session_id);
        let ticket = self.open(Target::Session(key), case);
        let (rule, reason) = (case.rule.rule, case.rule.reason.into());
        let (model, notice) = (self.model_of(case, key), self.notices_of(case, Some(key)));
        if compact {
            return Decision::Compact {
                session_id,
                rule,
                reason,
                ticket,
                slug,
                model,
                notice,
                candidates,
            };
        }
        Decision::Resume {
            session_id,
            rule,
            reason,
            ticket,
            slug,
            model,
            notice,
            candidates,
        }
    }

    fn spawn(&mut self, case: &Case<'_>) -> Decision {
        // An undone session has its name until the new one gets it.
        let notices = self.notices_of(case, None);
        let slug: Cow<'_, str> = match &case.view.task_id {
            Some(TaskID::Slug(slug)) => slug.clone(),
            _ => handle(&case.request.description).into(),
        };
        // A new session in reverted messages is undone too: a redo must find the name where it was.
        let message = case.request.message_id.as_deref();
        if !message.is_some_and(|message| self.registry.is_reverted(case.caller, message)) {
            self.registry.free_for_new(case.root, &slug);
        }
        let slug = self.registry.free_slug(case.root, &slug);
        let derived = self.registry.free_derived(case.root, &slug, None);
        let (candidates, others) = self.offer(case, false);
        let notice = notices.or_else(|| self.related(case, &candidates));
        let ticket = self.open(Target::Child(slug.clone(), derived.clone()), case);
        Decision::Spawn {
            session_id: derived,
            rule: case.rule.rule,
            reason: case.rule.reason.into(),
            ticket,
            slug,
            model: case.model(),
            notice,
            candidates,
            others,
        }
    }

    /// The model that a call chose for a session that is prompted: this one, or else an earlier one.
    fn model_of(&self, case: &Case<'_>, key: SessionKey) -> Option<Model> {
        let earlier = || {
            let chosen = self.registry.chosen_model(key)?;
            let agent = case.agent(self.registry.agent(key));
            let allowed = self.policy.allows_model(agent, Some(chosen));
            allowed.then(|| chosen.clone())
        };
        case.model().or_else(earlier)
    }

    /// The notices of a decision about a session that is prompted, or about a new one.
    fn notices_of(&mut self, case: &Case<'_>, prompted: Option<SessionKey>) -> Option<String> {
        let all = case.rule.notices.iter();
        let all: Vec<_> = all
            .filter_map(|notice| self.notice(*notice, case, prompted))
            .collect();
        (!all.is_empty()).then(|| all.join(" "))
    }

    fn notice(
        &mut self,
        notice: Notice,
        case: &Case<'_>,
        prompted: Option<SessionKey>,
    ) -> Option<String> {
        let notice = match (notice, &case.view.task_id, prompted) {
            (Notice::NearID, Some(TaskID::Id(id)), Some(key)) => format!(
                "There is no session \"{}\"; \"{}\" is nearly the same and was resumed.",
                quotable(id),
                quotable(&self.registry.id(key))
            ),
            (Notice::Namesake, Some(TaskID::Slug(name)), Some(key)) => {
                return self.namesake(case, name, key);
            }
            (Notice::AgentGone, _, Some(key)) if case.view.facts.owner == Owner::Gone => {
                let own = self.registry.agent(key).cloned().unwrap_or_default();
                format!(
                    "Its agent \"{}\" is gone from the configuration, so it goes on as \"{}\".",
                    quotable(&own),
                    quotable(&case.request.agent)
                )
            }
            (Notice::ModelGone, _, Some(key)) if case.model().is_none() => {
                let chosen = self.registry.chosen_model(key)?;
                if self.model_of(case, key).is_some() {
                    return None;
                }
                format!(
                    "Agent \"{}\" does not list the model \"{}\" of this session any more, so this call chose none.",
                    quotable(case.agent(self.registry.agent(key))),
                    quotable(&chosen.text())
                )
            }
            (Notice::Shared, _, Some(key)) if self.registry.names_session(case.caller, key) => {
                "This conversation is a fork, and shares this session with the one that it was forked from.".to_owned()
            }
            (Notice::Undone, Some(TaskID::Slug(slug)), None) => {
                let key = self.registry.undone_holder(case.root, slug)?;
                format!(
                    "The call that started the earlier \"{slug}\" was undone, so a new session was started. The earlier one has the id \"{}\".",
                    self.registry.id(key)
                )
            }
            (Notice::NearName, Some(TaskID::Slug(slug)), None) => {
                // A name that the caller may not use is none that it can have meant.
                let top = match self.policy.slug_scope {
                    SlugScope::Root => case.root,
                    SlugScope::Caller => case.caller,
                };
                let near = self.registry.near_name(top, case.caller, slug);
                let (near, key) = near?;
                self.registry.protect_name(key);
                format!(
                    "A new session was started as \"{slug}\". If you meant \"{near}\", that one can be resumed."
                )
            }
            (Notice::NothingToResume, Some(TaskID::Id(id)), None) => format!(
                "There is no session \"{}\" and none to resume, so a new one was started.",
                quotable(id)
            ),
            (Notice::NothingToContinue, _, None) => format!(
                "There is no session of agent \"{}\" to resume, so a new one was started.",
                quotable(&case.request.agent)
            ),
            _ => return None,
        };
        Some(notice)
    }

    /// The notice that a younger session has the name as an alias.
    fn namesake(&mut self, case: &Case<'_>, name: &str, key: SessionKey) -> Option<String> {
        let other = {
            let mut all = self.registry.namesakes(case.root, case.caller, name);
            all.find(|other| *other != key)?
        };
        self.registry.protect_name(other);
        let id = self.registry.id(other);
        let own = self.registry.slug(other).unwrap_or(&id);
        Some(format!(
            "\"{name}\" was this session's name first. Another session has it as an alias: give \"{}\" to resume that one.",
            quotable(own)
        ))
    }

    fn note_resumed(&mut self, key: SessionKey, case: &Case<'_>) {
        let named = case.view.task_id.is_some();
        self.registry.end_hint(key, case.caller, named);
        if let Some(message) = &case.request.message_id {
            self.registry.note_resumed(key, case.caller, message);
        }
    }

    fn open(&mut self, target: Target, case: &Case<'_>) -> u32 {
        self.registry.open_call(NewCall {
            caller: case.caller,
            target,
            agent: &case.request.agent,
            description: &case.request.description,
            prompt: &case.request.prompt,
            by_user: case.request.by == Some(Author::User),
            message: case.request.message_id.as_deref(),
            model: case.model(),
            limits: case.request.limits,
            waits: case.waits(),
            key: case.key,
        })
    }

    /// The candidates that a decision of a row lists, and how many more there are.
    fn offer(&mut self, case: &Case<'_>, denied: bool) -> (Vec<Candidate>, u32) {
        let agent = Some(&*case.request.agent);
        match case.rule.candidates {
            Candidates::OfAgent => self.candidates(case, agent),
            Candidates::OfAgentIfDenied if denied => self.candidates(case, agent),
            Candidates::OfAgentElseAll => match self.candidates(case, agent) {
                (none, _) if none.is_empty() => self.candidates(case, None),
                some => some,
            },
            Candidates::Nothing | Candidates::OfAgentIfDenied => Default::default(),
        }
    }

    /// The candidates for a caller to read, of one agent or of all, and how many more there are. Each name must keep
    /// resolving from then on.
    fn candidates(&mut self, case: &Case<'_>, agent: Option<&str>) -> (Vec<Candidate>, u32) {
        let asked = Wanted::of(case.request).asked;
        let offered = ranked(&asked, case.caller, agent, &self.registry);
        // Most callers have few sessions, and need no count.
        let others = match offered.len() {
            CANDIDATES => self.registry.count_recent(case.caller, agent) - CANDIDATES,
            _ => 0,
        };
        let mut candidates = Vec::with_capacity(offered.len());
        for (key, confidence) in offered {
            self.registry.protect_name(key);
            candidates.extend(self.registry.candidate(key, confidence));
        }
        (candidates, others as u32)
    }
}
