//! The engine: decides requests, applies events, answers queries.

mod advance;
mod apply_rule;
mod background;
mod case;
mod enqueue;
mod explain;
mod follow_up;
mod hint;
mod host_calls;
mod limits;
mod lookup;
mod queries;
mod recover;
mod session_events;
mod snapshot;
mod steer;

use crate::engine::case::Case;
use crate::engine::lookup::{CallerView, Wanted, look_up};
use crate::error::DelegateError;
use crate::protocol::{Decided, Decision, Effect, Event, Reach, Request, ResolveLookup, Status};
use crate::rules::decision_table;
use crate::rules::policy::Policy;
use crate::rules::prompt_table::News;
use crate::state::{Registry, call_key};
use std::borrow::Cow;
use std::sync::Arc;

/// The delegation engine: the state of a host's sessions, and the policy that it applies.
///
/// It has no clock, draws no random numbers and does no I/O. Time comes in with each request and event. Effects go out
/// for the host to carry out.
///
/// ```
/// use opencode_delegate::{Decision, Engine, Request};
///
/// let mut engine = Engine::new("{}")?;
/// let request = r#"{"now":0,"callID":"c1","sessionID":"ses_root","agent":"explorer",
///                   "description":"Explore auth","prompt":"Read src/auth"}"#;
/// let decision = engine.decide(&Request::read(request)?).decision;
/// assert!(matches!(&*decision, Decision::Spawn { slug, .. } if &**slug == "explore-auth"));
/// # Ok::<(), opencode_delegate::DelegateError>(())
/// ```
#[derive(Debug)]
pub struct Engine {
    policy: Policy,
    /// The process that runs this engine, as records name it.
    process: Option<String>,
    registry: Registry,
    notices: Vec<String>,
    /// Whether a notice said that records of other versions stay as they are.
    warned_unreadable: bool,
    /// The effects for the host, beside stored records.
    acts: Vec<Effect>,
    /// Whether prompts that could be sent wait, because others of the same event are still to be cancelled.
    stopping: bool,
}

/// The options of an engine beside its configuration.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EngineOptions {
    /// The name of the process that runs the engine, as it stands in the records of the prompts that it runs. No other
    /// process may have it. Of the prompts in a record with this name the engine knows more than the record. Without a
    /// name, every record's prompts are another process's.
    pub process: Option<String>,
}

impl Engine {
    /// Makes an engine with a configuration (the JSON of a [`Config`](crate::Config)).
    ///
    /// # Errors
    /// `invalid_config`, naming each field at fault.
    pub fn new(config: &str) -> Result<Engine, DelegateError> {
        Engine::with(config, EngineOptions::default())
    }

    /// Makes an engine with a configuration and options.
    ///
    /// ```
    /// use opencode_delegate::{Engine, EngineOptions};
    /// let options = EngineOptions { process: Some("host-1 4711".to_owned()) };
    /// assert!(Engine::with("{}", options)?.sessions("ses_root").is_empty());
    /// # Ok::<(), opencode_delegate::DelegateError>(())
    /// ```
    ///
    /// # Errors
    /// As [`Engine::new`].
    pub fn with(config: &str, options: EngineOptions) -> Result<Engine, DelegateError> {
        let policy = Policy::read(config)?;
        let notices = policy.warnings();
        let mut registry = Registry::default();
        registry.children_only = policy.reach == Reach::Children;
        Ok(Engine {
            policy,
            process: options.process,
            registry,
            notices,
            warned_unreadable: false,
            acts: Vec::new(),
            stopping: false,
        })
    }

    /// Decides a request, and reserves what the decision needs: a call of the caller's budget and the name of the
    /// child. The same call decided again gets the same decision.
    ///
    /// The effects store the names and calls that the decision uses, and may send prompts that waited: carry them out
    /// at once.
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
        let caller = self.registry.find_or_add(&request.session_id);
        let turn = self
            .registry
            .note_call(caller, request.speaker(), &self.policy, request.now);
        let key = call_key(request, turn);
        if let Some(decision) = self.registry.replay(caller, key) {
            self.registry.remove_unused(caller);
            return decision;
        }
        let seen = CallerView::of(&self.registry, &request.session_id, caller);
        let wanted = Wanted::of(request);
        let view = look_up(&wanted, &seen, &self.policy, &self.registry);
        let case = Case {
            rule: decision_table::decide(&view.facts),
            request,
            view: &view,
            caller,
            root: seen.root().unwrap_or(caller),
            key,
        };
        let decision = Arc::new(self.carry_out(&case));
        self.registry.remember(key, decision.clone());
        // A caller that waits for its call makes room for another prompt.
        self.send_waiting(request.now);
        self.registry.remove_unused(caller);
        decision
    }

    /// The request with its agent as the host spells it, if that is another spelling.
    fn spell<'a>(&self, request: &Request<'a>) -> Option<Request<'a>> {
        let named = request.agent.is_empty().then(|| self.named_agent(request));
        let agent = named.flatten();
        let agent = agent.as_deref().unwrap_or(&request.agent);
        let spelled = self.policy.spelled(agent);
        (spelled != &*request.agent).then(|| Request {
            agent: Cow::Owned(spelled.to_owned()),
            ..request.clone()
        })
    }

    /// The agent of the session that a request without an agent names.
    #[cold]
    fn named_agent(&self, request: &Request<'_>) -> Option<Arc<str>> {
        let lookup = ResolveLookup {
            agent: None,
            ..ResolveLookup::of(request)
        };
        let session = self
            .resolve(&lookup)
            .and_then(|session| self.registry.find(&session.id));
        session.and_then(|key| self.registry.agent(key)).cloned()
    }

    /// Takes in an event of the host, and gives the effects for the host to carry out.
    pub fn apply(&mut self, event: Event) -> Vec<Effect> {
        self.take_in(event);
        self.effects()
    }

    fn effects(&mut self) -> Vec<Effect> {
        let mut effects = self.registry.take_outdated(self.process.as_deref());
        effects.append(&mut self.acts);
        effects
    }

    fn take_in(&mut self, event: Event) {
        match event {
            Event::Created { now, session } => self.created(session, now),
            Event::RootReading { session_id, .. } => {
                if let Some(root) = self.registry.find(&session_id) {
                    self.registry.begin_read(root);
                }
            }
            Event::RootRead { session_id, .. } => {
                if let Some(root) = self.registry.find(&session_id) {
                    self.registry.end_read(root);
                }
            }
            Event::Status {
                now,
                session_id,
                status,
            } => {
                if let Some(key) = self.registry.find(&session_id)
                    && self.status(key, status, now)
                {
                    match status {
                        Status::Idle => self.calls_at_rest(&session_id),
                        _ if self.registry.take_wake(key) => {
                            let session_id = self.registry.id(key);
                            self.acts.push(Effect::abort(session_id));
                        }
                        _ => {}
                    }
                }
            }
            Event::Usage {
                now,
                session_id,
                tokens,
                window,
            } => {
                if let Some(key) = self.registry.find(&session_id) {
                    self.registry.set_context(key, tokens, window, now);
                }
            }
            Event::Spent {
                now,
                session_id,
                spent,
                rests,
            } => {
                let known = self.registry.find(&session_id);
                if let Some(key) = known.filter(|key| self.registry.is_confirmed(*key)) {
                    self.registry.note_spent(key, spent);
                    self.end_at_limits(key, rests == Some(true), now);
                }
            }
            Event::Stepped {
                now,
                session_id,
                message_id,
                more,
            } => self.stepped(&session_id, &message_id, more, now),
            Event::Asks {
                now,
                session_id,
                request_id,
            } => self.asks(&session_id, &request_id, now),
            Event::Replied {
                session_id,
                request_id,
                ..
            } => {
                if let Some(key) = self.registry.find(&session_id) {
                    self.registry.end_question(key, &request_id);
                }
            }
            Event::Timer { now, session_id } => self.timer(&session_id, now),
            Event::Deleted { now, session_id } => match self.registry.find(&session_id) {
                Some(key) => self.deleted(key, now),
                None => self.registry.note_deleted(session_id.into()),
            },
            Event::Alias {
                now,
                session_id,
                alias,
            } => {
                if let Some(key) = self.registry.find(&session_id)
                    && self.registry.learn_alias(key, &alias, now)
                {
                    self.registry.mark(key);
                }
            }
            Event::Renamed {
                now,
                session_id,
                name,
            } => {
                if let Some(key) = self.registry.find(&session_id) {
                    self.registry.rename(key, &name, now);
                }
            }
            Event::Replaced {
                now,
                session_id,
                by_id,
            } => self.replaced(&session_id, &by_id, now),
            Event::Named {
                session_id,
                message_id,
                part_id,
                named_id,
                ..
            } => {
                let at = (message_id.into(), part_id.into());
                self.registry.note_named(&session_id, &named_id, at);
            }
            Event::Reverted {
                session_id,
                message_id,
                part_id,
                ..
            } => {
                let part = part_id.unwrap_or_default();
                let from = message_id.map(|message| (message.into(), part.into()));
                self.registry.note_reverted(&session_id, from);
            }
            Event::Removed {
                session_id,
                message_id,
                part_id,
                later,
                before,
                ..
            } => {
                let part = part_id.as_deref();
                let from = (&*message_id, part.unwrap_or_default());
                match later {
                    Some(true) => self.registry.note_removed(&session_id, &|at| {
                        (&*at.0, &*at.1) >= from
                            && before.as_ref().is_none_or(|before| *at.0 < **before)
                    }),
                    _ => self.registry.note_removed(&session_id, &|at| {
                        *at.0 == *message_id && part.is_none_or(|part| *at.1 == *part)
                    }),
                }
            }
            Event::Commit {
                now,
                ticket,
                session_id,
            } => self.committed(ticket, &session_id, now),
            Event::Refund { ticket, .. } => self.registry.refund(ticket),
            Event::Recovered(call) => self.recovered(*call),
            Event::Kept(asked) => self.asked(*asked),
            Event::Sent(of) => self.of_prompt(&of, News::Sent),
            Event::Accepted(of) => self.of_prompt(&of, News::Accepted),
            Event::Answered(of) => self.of_prompt(&of, News::Answered),
            Event::Broken(failure) => self.failed(&failure),
            Event::Cancelled(of) => self.cancelled(&of),
            Event::Aborted { now, session_id } => self.aborted(&session_id, now),
            Event::CancelledAll {
                now,
                session_id,
                caller_id,
            } => self.cancelled_all(&session_id, &caller_id, now),
            Event::Prompted(message) => self.prompted(&message),
            Event::CallQueued(call) => self.call_queued(&call),
            Event::CallEnded {
                session_id,
                caller_id,
                message_id,
                call_id,
                ..
            } => self.call_ended(&session_id, &caller_id, message_id.as_deref(), &call_id),
            Event::SetBack { now } => self.registry.set_back(now),
            Event::Delivered {
                session_id,
                prompt_no,
                message_id,
                delivered,
                ..
            } => {
                let of = (session_id.into(), prompt_no);
                let by = message_id.as_deref();
                self.registry.note_delivered(&of, by, delivered);
            }
            Event::RecordStored { session_id, .. } => self.record_stored(&session_id, true),
            Event::RecordFailed { session_id, .. } => self.record_stored(&session_id, false),
            Event::Touched {
                session_id,
                files,
                project,
                ..
            } => {
                if let Some(key) = self.registry.find(&session_id) {
                    let project = project.unwrap_or_default();
                    self.registry.touch(key, &files, &project);
                }
            }
            Event::Failed { .. } => {}
        }
    }

    fn record_stored(&mut self, session_id: &str, stored: bool) {
        if let Some(key) = self.registry.find(session_id) {
            self.registry.note_stored(key, stored);
        }
    }

    /// The agent of a name, as the host spells it: names may hold invisible marks.
    pub fn spelled<'a>(&'a self, agent: &'a str) -> &'a str {
        self.policy.spelled(agent)
    }

    /// The notices for a person, each once: a second call does not repeat them.
    pub fn notices(&mut self) -> Vec<String> {
        std::mem::take(&mut self.notices)
    }
}
