//! Finding out what is so about a request.

use crate::names::TaskID;
use crate::names::is_task_id;
use crate::names::{edits, letters, may_be_near};
use crate::protocol::Request;
use crate::protocol::{SameAgent, SlugScope};
use crate::rules::facts::{Caller, Facts, Found, Named};
use crate::rules::policy::Policy;
use crate::state::At;
use crate::state::{Holder, Registry};
use crate::time::Millis;

/// A request with all that was found out about it.
pub(crate) struct View<'a> {
    pub(crate) facts: Facts,
    pub(crate) caller: At,
    pub(crate) root: At,
    pub(crate) task_id: Option<TaskID<'a>>,
    /// The session in question, or the call that is about to create it.
    pub(crate) session: Option<Holder>,
}

/// Finds out what is so about a request.
pub(crate) fn gather<'a>(
    request: &'a Request<'_>,
    caller: At,
    policy: &Policy,
    registry: &Registry,
) -> View<'a> {
    let root = registry.root(caller);
    let mut task_id = request.task_id.as_deref().map(TaskID::read);
    let mut session = match &task_id {
        None | Some(TaskID::Invalid) => None,
        Some(TaskID::Slug(slug)) => registry.find_name(root, caller, slug),
        Some(TaskID::Id(id)) => registry.find_id(id),
        Some(TaskID::Last) => registry
            .recent(caller, Some(&request.agent))
            .next()
            .map(Holder::Session),
    };
    // The id of a task is used like a name; what only looks like one is no name for a new session.
    if let (None, Some(TaskID::Slug(slug))) = (session, &task_id)
        && is_task_id(slug)
    {
        session = registry.find_id(slug);
        task_id = Some(TaskID::Id(slug.clone()));
    }
    let by_slug = matches!(task_id, Some(TaskID::Slug(_)));
    let found = match session {
        None => Found::No,
        Some(holder) if reach(caller, root, holder, by_slug, policy, registry) => Found::Ours,
        Some(_) => Found::Foreign,
    };
    let mut near = false;
    let mut missing_id = false;
    if let (Some(TaskID::Id(id)), Found::No) = (&task_id, found) {
        missing_id = true;
        let only = nearly(id, caller, root, &request.agent, policy, registry);
        near = only.is_some();
        session = only.map(Holder::Session);
    }
    let fit = |at: At| !registry.running(at) && !full(at, policy, registry);
    let fresh = |at: At, now: Millis| {
        now.saturating_sub(registry.node(at).last_used) <= policy.resume_ttl_ms
    };
    let unnamed = task_id.is_none();
    if unnamed && (policy.auto_resume.is_some() || policy.same_agent == SameAgent::Resume) {
        let mut own = registry
            .recent(caller, Some(&request.agent))
            .take_while(|at| fresh(*at, request.now));
        session = own.find(|at| fit(*at)).map(Holder::Session);
    }
    let first = || {
        registry
            .recent(caller, Some(&request.agent))
            .next()
            .map(Holder::Session)
    };
    let best = unnamed
        && session.is_some()
        && session == first()
        && policy
            .auto_resume
            .is_some_and(|threshold| CONFIDENCE >= threshold);
    let (running, other_agent, is_full) = match session {
        None => (false, false, false),
        Some(Holder::Session(at)) => (
            registry.running(at),
            registry.has_agent(at) && !registry.is_agent(at, &request.agent),
            full(at, policy, registry),
        ),
        Some(Holder::Ticket(number)) => {
            let ticket = registry.tickets.open.get(&number);
            (
                true,
                ticket.is_some_and(|ticket| *ticket.agent != *request.agent),
                false,
            )
        }
    };
    let node = registry.node(caller);
    let facts = Facts {
        named: match task_id {
            None => Named::No,
            Some(TaskID::Invalid) => Named::Invalid,
            Some(TaskID::Slug(_)) => Named::Slug,
            Some(TaskID::Id(_)) => Named::Id,
            Some(TaskID::Last) => Named::Last,
        },
        agent_known: policy.knows(&request.agent),
        permitted: request
            .caller_agent
            .as_ref()
            .is_none_or(|caller| policy.permits(caller, &request.agent)),
        found,
        too_deep: node.depth >= policy.max_depth,
        caller: match (node.parent, node.allowance) {
            (None, _) => Caller::Primary,
            (Some(_), Some(allowance)) if allowance.limit() > 0 => {
                if allowance.is_spent() {
                    Caller::Spent
                } else {
                    Caller::Funded
                }
            }
            _ => Caller::NoBudget,
        },
        callable: policy.callable(&request.agent),
        running,
        other_agent,
        full: is_full,
        near,
        resumable: missing_id && registry.recent(caller, None).next().is_some(),
        best,
        recent: unnamed && session.is_some(),
        on_agent_mismatch: policy.on_agent_mismatch,
        on_context_full: policy.on_context_full,
        same_agent: policy.same_agent,
    };
    View {
        facts,
        caller,
        root,
        task_id,
        session,
    }
}

/// The confidence of a candidate while nothing but its recency speaks for it.
const CONFIDENCE: f64 = 0.0;

/// Whether a session, or one that is about to be, is within a caller's reach.
fn reach(
    caller: At,
    root: At,
    holder: Holder,
    by_slug: bool,
    policy: &Policy,
    registry: &Registry,
) -> bool {
    let shared = by_slug && policy.slug_scope == SlugScope::Root;
    match holder {
        Holder::Ticket(number) => registry.tickets.open.get(&number).is_some_and(|ticket| {
            let owner = registry.find(&ticket.caller);
            let same_root = owner.is_some_and(|owner| registry.root(owner) == root);
            same_root && (shared || caller == root || owner == Some(caller))
        }),
        Holder::Session(at) if caller == root => at != root && registry.root(at) == root,
        Holder::Session(at) => {
            let scope = if shared {
                registry.root(at) == root
            } else {
                registry.node(at).parent == Some(caller)
            };
            scope && !registry.waits_for(at, caller)
        }
    }
}

/// The only one of a caller's sessions of an agent whose id is within two edits of an id.
fn nearly(
    id: &str,
    caller: At,
    root: At,
    agent: &str,
    policy: &Policy,
    registry: &Registry,
) -> Option<At> {
    let set = letters(id);
    let mut close = registry.recent(caller, Some(agent)).filter(|at| {
        let own = registry.places.letters(*at);
        may_be_near(set, own) && edits(id, set, &registry.node(*at).id, own).is_some()
    });
    let only = close.next()?;
    let reached = reach(caller, root, Holder::Session(only), false, policy, registry);
    (close.next().is_none() && reached).then_some(only)
}

/// Whether the context of a session is over the limit. Without a known window it is not.
fn full(at: At, policy: &Policy, registry: &Registry) -> bool {
    let node = registry.node(at);
    node.window > 0 && node.tokens as f64 > policy.context_limit * node.window as f64
}
