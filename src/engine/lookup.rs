//! A request becomes facts. It changes nothing.

use crate::engine::follow_up::{Asked, follow_up};
use crate::names::{TaskID, edits, is_task_id, letters, may_be_near};
use crate::protocol::{Model, NestedCalls, Reach, Request, SameAgent, SlugScope};
use crate::rules::allowance::Allowance;
use crate::rules::facts::{Caller, Facts, Found, Named, Owner};
use crate::rules::permission::TASK;
use crate::rules::policy::Policy;
use crate::state::{Holder, Registry, SessionKey, Standing};
use crate::time::Millis;

/// The session that is looked for, and the time of the request.
pub(super) struct Wanted<'a> {
    /// The agent; none if any will do.
    pub(super) agent: Option<&'a str>,
    pub(super) task_id: Option<&'a str>,
    pub(super) caller_agent: Option<&'a str>,
    /// The model that the call asks for.
    pub(super) model: Option<&'a str>,
    /// The permission that the caller's agent needs.
    pub(super) permission: &'a str,
    pub(super) now: Millis,
    pub(super) asked: Asked<'a>,
}

impl<'a> Wanted<'a> {
    pub(super) fn of(request: &'a Request<'_>) -> Wanted<'a> {
        let any = request.agent.is_empty() && request.task_id.is_some();
        Wanted {
            agent: Some(&*request.agent).filter(|_| !any),
            task_id: request.task_id.as_deref(),
            caller_agent: request.speaker(),
            model: request.model.as_deref(),
            permission: request.permission.as_deref().unwrap_or(TASK),
            now: request.now,
            asked: Asked {
                description: &request.description,
                prompt: &request.prompt,
                message: request.message_id.as_deref(),
            },
        }
    }
}

/// A caller, which may be unknown.
pub(super) struct CallerView<'a> {
    id: &'a str,
    known: Option<(SessionKey, Standing)>,
    /// Whether its call shows that it is in a turn that the registry does not know yet.
    calls: bool,
}

impl<'a> CallerView<'a> {
    /// A caller as it is known, once its call is noted.
    pub(super) fn of(registry: &Registry, id: &'a str, key: SessionKey) -> CallerView<'a> {
        CallerView {
            id,
            known: registry.standing(key).map(|standing| (key, standing)),
            calls: false,
        }
    }

    /// A caller as it would be if it made a call now.
    pub(super) fn calling(
        registry: &Registry,
        policy: &Policy,
        request: &'a Request<'_>,
    ) -> CallerView<'a> {
        let id = &*request.session_id;
        let Some(key) = registry.find(id) else {
            return CallerView {
                id,
                known: None,
                calls: true,
            };
        };
        let mut view = CallerView::of(registry, id, key);
        view.calls = registry.calls_at(key, request.now);
        if let Some((_, standing)) = &mut view.known
            && standing.is_subagent
            && standing.allowance.is_none()
        {
            let known = registry.agent(key).map(|agent| &**agent);
            let agent = known.or(request.speaker());
            standing.allowance = agent.map(|agent| Allowance::new(policy.budget(agent), 0));
        }
        view
    }

    /// Its root, if it is known.
    pub(super) fn root(&self) -> Option<SessionKey> {
        self.known.map(|(_, standing)| standing.root)
    }
}

/// The findings about a request.
pub(super) struct View<'a> {
    pub(super) facts: Facts,
    pub(super) task_id: Option<TaskID<'a>>,
    /// The session in question, or the call that is about to create it.
    pub(super) session: Option<Holder>,
}

/// Finds out the facts of a request.
pub(super) fn look_up<'a>(
    wanted: &Wanted<'a>,
    caller: &CallerView<'_>,
    policy: &Policy,
    registry: &Registry,
) -> View<'a> {
    let agent = wanted.agent;
    let known = caller.known;
    let recent = |agent| {
        let known = known.into_iter();
        known.flat_map(move |(caller, _)| registry.recent(caller, agent))
    };
    let mut task_id = wanted.task_id.map(TaskID::read);
    let mut session = match (&task_id, known) {
        (Some(TaskID::Slug(slug)), Some((key, standing))) => {
            registry.find_name(standing.root, key, slug)
        }
        (Some(TaskID::Id(id)), _) => registry.find_id(id),
        (Some(TaskID::Last), _) => recent(agent).next().map(Holder::Session),
        _ => None,
    };
    // The id of a task is used like a name. A text in the form of a task's id is no name for a new session.
    if let (None, Some(TaskID::Slug(slug))) = (session, &task_id)
        && is_task_id(slug)
    {
        session = registry.find_id(slug);
        task_id = Some(TaskID::Id(slug.clone()));
    }
    let by_slug = matches!(task_id, Some(TaskID::Slug(_)));
    let unknown_itself =
        known.is_none() && matches!(&task_id, Some(TaskID::Id(id)) if **id == *caller.id);
    let found = match session {
        None if unknown_itself => Found::OutOfReach,
        None => Found::No,
        Some(holder) if reaches(caller, holder, by_slug, policy, registry) => Found::Ours,
        Some(_) => Found::OutOfReach,
    };
    let mut near = false;
    let mut missing_id = false;
    if let (Some(TaskID::Id(id)), Found::No) = (&task_id, found) {
        missing_id = true;
        let only = nearly(id, caller, agent, policy, registry);
        near = only.is_some();
        session = only.map(Holder::Session);
    }
    let full = |key| registry.is_full(key, policy.context_limit);
    let fit = |key: SessionKey| !registry.is_running(key) && !full(key);
    let fresh = |key: SessionKey| {
        wanted.now.saturating_sub(registry.last_used(key)) <= policy.resume_ttl_ms
    };
    let unnamed = task_id.is_none();
    let (mut last, mut best) = (None, None);
    if unnamed && policy.same_agent == SameAgent::Resume {
        let mut own = recent(agent).take_while(|key| fresh(*key));
        last = own.find(|key| fit(*key));
    }
    if let (true, Some(threshold), Some((key, _))) = (unnamed, policy.auto_resume, known) {
        best = follow_up(&wanted.asked, key, agent, threshold, registry)
            .filter(|key| fresh(*key) && fit(*key));
    }
    session = session.or(best.or(last).map(Holder::Session));
    let (own, running, full) = match session {
        None => (None, false, false),
        Some(Holder::Session(key)) => (
            registry.agent(key).map(|own| &**own),
            registry.is_running(key),
            full(key),
        ),
        Some(Holder::Ticket(number)) => (registry.call_agent(number), true, false),
    };
    let owner = match own.zip(agent) {
        Some((own, agent)) if own != agent && policy.knows(own) => Owner::Other,
        Some((own, agent)) if own != agent => Owner::Gone,
        _ => Owner::Target,
    };
    // A call that gives no agent goes to that of its session, however the session was found.
    let target = agent.or(own);
    let (agent_known, callable) = target.map_or((true, false), |agent| policy.target(agent));
    let kind = match known {
        Some((_, standing)) if standing.is_subagent => match standing.allowance {
            Some(allowance) if allowance.limit() > 0 && allowance.is_spent() => Caller::Spent,
            Some(allowance) if allowance.limit() > 0 => Caller::Funded,
            _ if policy.nested_calls == NestedCalls::Host => Caller::OfHost,
            _ => Caller::NoBudget,
        },
        _ => Caller::Primary,
    };
    let facts = Facts {
        named: match task_id {
            None => Named::No,
            Some(TaskID::Invalid) => Named::Invalid,
            Some(TaskID::Slug(_)) => Named::Slug,
            Some(TaskID::Id(_)) => Named::Id,
            Some(TaskID::Last) => Named::Last,
        },
        agent_known,
        permitted: match (wanted.caller_agent, target) {
            (Some(caller), Some(agent)) if kind != Caller::OfHost => {
                policy.permits(caller, wanted.permission, agent)
            }
            _ => true,
        },
        found,
        too_deep: known.map_or(0, |(_, standing)| standing.depth) >= policy.max_depth,
        caller: kind,
        callable,
        model_allowed: wanted.model.is_none_or(|model| {
            target.is_none_or(|target| policy.allows_model(target, Model::parse(model).as_ref()))
        }),
        affordable: policy.max_cost.is_none_or(|limit| {
            known.is_none_or(|(_, standing)| registry.spent(standing.root).cost < limit)
        }),
        running,
        owner,
        full,
        near,
        resumable: missing_id && recent(None).next().is_some(),
        best: best.is_some(),
        recent: last.is_some(),
        on_agent_mismatch: policy.on_agent_mismatch,
        on_context_full: policy.on_context_full,
        same_agent: policy.same_agent,
    };
    View {
        facts,
        task_id,
        session,
    }
}

/// Whether a session, or one that is about to be, is within a caller's reach.
fn reaches(
    caller: &CallerView<'_>,
    holder: Holder,
    by_slug: bool,
    policy: &Policy,
    registry: &Registry,
) -> bool {
    let Some((key, standing)) = caller.known else {
        return false;
    };
    let root = standing.root;
    let shared = by_slug && policy.slug_scope == SlugScope::Root;
    if policy.reach == Reach::Children && !is_child(holder, key, registry) {
        return false;
    }
    match holder {
        Holder::Session(at) if registry.names_session(key, at) => true,
        Holder::Session(at) if key == root => at != root && registry.root(at) == root,
        Holder::Ticket(number) => {
            let owner = registry.call_owner(number);
            let same_root = owner.is_some_and(|owner| registry.root(owner) == root);
            same_root && (shared || key == root || owner == Some(key))
        }
        Holder::Session(at) => {
            let scope = match shared {
                true => registry.root(at) == root,
                false => registry.parent(at) == Some(key),
            };
            scope && !registry.waits_for(at, key, caller.calls)
        }
    }
}

/// Whether a session, or one that is about to be, is a caller's own child.
#[cold]
fn is_child(holder: Holder, caller: SessionKey, registry: &Registry) -> bool {
    match holder {
        Holder::Session(at) => registry.parent(at) == Some(caller),
        Holder::Ticket(number) => registry.call_owner(number) == Some(caller),
    }
}

/// The only one of a caller's sessions of an agent whose id is within two edits of an id.
fn nearly(
    id: &str,
    caller: &CallerView<'_>,
    agent: Option<&str>,
    policy: &Policy,
    registry: &Registry,
) -> Option<SessionKey> {
    let set = letters(id);
    let mut close = registry.recent(caller.known?.0, agent).filter(|key| {
        let own = registry.id_letters(*key);
        may_be_near(set, own) && edits(id, set, registry.id_text(*key), own).is_some()
    });
    let only = close.next()?;
    let reached = reaches(caller, Holder::Session(only), false, policy, registry);
    (close.next().is_none() && reached).then_some(only)
}
