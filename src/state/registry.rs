//! Every session known: the tree, who owns whom, handles, and when each was used.

use crate::collections::{Map, Set};
use crate::names::root_digest;
use crate::protocol::Names;
use crate::protocol::PromptState as State;
use crate::protocol::{Session, Status};
use crate::rules::allowance::Allowance;
use crate::state::agents::{Agents, Name};
use crate::state::aliases::Aliases;
use crate::state::name_table::RootNames;
use crate::state::prompt_queue::Desk;
use crate::state::prompts::Lane;
use crate::state::replay::Calls;
use crate::state::slots::{At, Places};
use crate::state::tickets::{Goal, Tickets};
use crate::time::Millis;
use std::cmp::Reverse;
use std::collections::{BTreeSet, VecDeque};
use std::sync::Arc;

/// How many candidates are listed.
pub const CANDIDATES: usize = 5;
/// How many of a root's most recently used handles are looked at for a near miss.
pub const NEAR_HANDLES: usize = 64;
/// How many deleted sessions are remembered, so that a late event does not bring one back.
pub const DELETED: usize = 4096;

/// The last use of a session; the latest sorts first, of two at the same time the younger session.
pub(crate) type Use = (Reverse<Millis>, Reverse<u32>, At);

/// Who has a handle or a derived id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Holder {
    Session(At),
    Ticket(u32),
}

/// One session.
#[derive(Debug, Default)]
pub(crate) struct Node {
    pub(crate) id: Arc<str>,
    pub(crate) seq: u32,
    /// Whether the host told of it; else it is only known by being referred to.
    pub(crate) told: bool,
    pub(crate) parent: Option<At>,
    /// In the order in which they became known.
    pub(crate) children: Vec<(u32, At)>,
    pub(crate) depth: u32,
    pub(crate) agent: Option<Name>,
    pub(crate) description: Arc<str>,
    pub(crate) slug: Option<Arc<str>>,
    pub(crate) slug_letters: u64,
    pub(crate) derived: Option<Arc<str>>,
    /// Handles that it had before another instance gave it its own: they go on resolving.
    pub(crate) former: Names,
    /// Handles that another process gave it, which stand for another session here: the record keeps them.
    pub(crate) elsewhere: Names,
    /// Names that another plugin gave it, and since when.
    pub(crate) aliases: Aliases,
    pub(crate) status: Status,
    pub(crate) status_at: Millis,
    pub(crate) last_used: Millis,
    pub(crate) tokens: u64,
    pub(crate) window: u64,
    pub(crate) usage_at: Millis,
    pub(crate) allowance: Option<Allowance>,
    /// The record in the host is somebody else's: nothing is stored over it.
    pub(crate) foreign: bool,
    /// What the host keeps of it is out of date.
    pub(crate) dirty: bool,
    /// And what the host would lose with it could not be found out again.
    pub(crate) pressing: bool,
    /// The host keeps a record of it, ours or another's.
    pub(crate) kept: bool,
    /// Whether this engine has had it stored: that may have come after what another stored.
    pub(crate) wrote: bool,
    /// Whether its present turn, or the last, is of our doing: who looks on has nothing to keep of it.
    pub(crate) part: bool,
    /// Turns that ended here. A call is known by its turn, for hosts that count calls anew in each.
    pub(crate) turn: u32,
    /// Open tickets that will prompt it.
    pub(crate) awaited: u32,
    /// The sessions that it was told in its present turn to join, by either id, and has not asked yet.
    pub(crate) joins: Vec<Arc<str>>,
    /// The sessions whose answers its present turn waits for.
    pub(crate) waits: BTreeSet<Arc<str>>,
    /// What it owns as a root or as a caller.
    pub(crate) scope: Option<Box<Scope>>,
    /// What it was asked and is to be asked.
    pub(crate) lane: Option<Box<Lane>>,
}

impl Node {
    /// Every handle that it has, the present one last.
    pub(crate) fn names(&self) -> Names {
        self.former.iter().cloned().chain(self.own()).collect()
    }

    /// Its handle, with the id derived from it.
    pub(crate) fn own(&self) -> Option<(Arc<str>, Arc<str>)> {
        self.slug.clone().zip(self.derived.clone())
    }
}

/// The sessions that a caller may resume, and for a root the names under it.
#[derive(Debug, Default)]
pub(crate) struct Scope {
    pub(crate) names: RootNames,
    /// By agent, and under `None` all: the most recently used first.
    pub(crate) recent: Map<Option<Name>, BTreeSet<Use>>,
    pub(crate) digest: String,
}

/// The state of an engine.
#[derive(Debug, Default)]
pub(crate) struct Registry {
    pub(crate) places: Places,
    pub(crate) ids: Map<Arc<str>, At>,
    pub(crate) derived: Map<Arc<str>, Holder>,
    pub(crate) agents: Agents,
    pub(crate) next_seq: u32,
    pub(crate) buried: Set<Arc<str>>,
    pub(crate) burials: VecDeque<Arc<str>>,
    pub(crate) tickets: Tickets,
    pub(crate) calls: Calls,
    pub(crate) dirty: Vec<At>,
    /// Children that were met without a handle.
    pub(crate) unnamed: Vec<At>,
    /// Those that have just let go of a handle, and get another at once.
    pub(crate) yielded: Vec<At>,
    pub(crate) desk: Desk,
}

impl Registry {
    pub(crate) fn node(&self, at: At) -> &Node {
        self.places.get(at)
    }

    pub(crate) fn node_mut(&mut self, at: At) -> &mut Node {
        self.places.get_mut(at)
    }

    /// The session of an id of the host.
    pub(crate) fn find(&self, id: &str) -> Option<At> {
        self.ids.get(id).copied()
    }

    /// The place of a session, made for it where it is not known.
    pub(crate) fn entry(&mut self, id: &str) -> At {
        if let Some(at) = self.find(id) {
            return at;
        }
        let id: Arc<str> = id.into();
        let node = Node {
            id: id.clone(),
            seq: self.next_seq,
            ..Node::default()
        };
        self.next_seq = self.next_seq.wrapping_add(1);
        let at = self.places.put(node);
        self.ids.insert(id, at);
        at
    }

    /// The topmost session above one.
    pub(crate) fn root(&self, at: At) -> At {
        let mut top = at;
        while let Some(parent) = self.node(top).parent {
            top = parent;
        }
        top
    }

    /// Makes a session the child of another, with all that is below it, unless that would close a circle.
    pub(crate) fn link(&mut self, child: At, parent: At) {
        let mut above = Some(parent);
        while let Some(at) = above {
            if at == child {
                return;
            }
            above = self.node(at).parent;
        }
        if self.node(child).parent.is_some() {
            return;
        }
        let moved = self.below(child);
        let names: Vec<(At, Names)> = moved
            .iter()
            .map(|at| (*at, self.node(*at).names()))
            .collect();
        for (at, _) in names.iter().rev() {
            self.release_name(*at);
            self.forget_use(*at);
        }
        // What is left under its own root is held for tickets.
        let scope = self.node_mut(child).scope.as_mut();
        let held = scope.map(|scope| std::mem::take(&mut scope.names));
        let held = held.unwrap_or_default();
        self.node_mut(child).parent = Some(parent);
        let place = (self.node(child).seq, child);
        let children = &mut self.node_mut(parent).children;
        if let Err(index) = children.binary_search(&place) {
            children.insert(index, place);
        }
        let root = self.root(child);
        for (name, came) in held.aliases {
            let to = self.names_under(root);
            came.into_iter().for_each(|came| to.add_alias(&name, came));
        }
        for (slug, holder) in held.handles {
            let owner = *self.names_under(root).handles.entry(slug).or_insert(holder);
            // A call whose handle is taken under the new root has no claim to one any more.
            if owner != holder
                && let Holder::Ticket(number) = holder
                && let Some(ticket) = self.tickets.open.get_mut(&number)
                && let Goal::Spawn { derived, .. } = &ticket.goal
            {
                ticket.given = true;
                self.derived.remove(&derived.clone());
            }
        }
        let digest = names
            .iter()
            .any(|(_, names)| !names.is_empty())
            .then(|| root_digest(&self.node(root).id));
        let fits = |id: &str| {
            let digits = id.get(4..).and_then(|id| id.split('_').next());
            digits
                .zip(digest.as_deref())
                .is_some_and(|(digits, digest)| digest.starts_with(digits))
        };
        for (at, names) in names {
            let above = self
                .node(at)
                .parent
                .map_or(0, |above| self.node(above).depth + 1);
            self.node_mut(at).depth = above;
            self.note_use(at);
            for (slug, derived) in names {
                self.give_name(at, &slug, Some(&*derived).filter(|id| fits(id)));
                if self.node(at).slug.as_ref() != Some(&slug) {
                    self.mark(at);
                }
            }
        }
    }

    /// A session and all below it, each after its parent.
    pub(crate) fn below(&self, at: At) -> Vec<At> {
        let mut all = vec![at];
        let mut next = 0;
        while let Some(at) = all.get(next).copied() {
            all.extend(self.node(at).children.iter().map(|child| child.1));
            next += 1;
        }
        all
    }

    /// Whether a session has a turn running, or one is about to start.
    pub(crate) fn running(&self, at: At) -> bool {
        let node = self.node(at);
        node.status != Status::Idle
            || node.awaited > 0
            || node.lane.as_ref().is_some_and(|lane| lane.is_live())
            || self.unborn(at).is_some()
    }

    /// Whether the end of one session's turn waits for another: as its ancestor, through the calls
    /// that it made, or through a chain of both. A session waits for itself.
    pub(crate) fn waits_for(&self, waiting: At, other: At) -> bool {
        let mut above = Vec::new();
        let mut next = Some(other);
        while let Some(at) = next {
            above.push(at);
            next = self.node(at).parent;
        }
        let mut seen = vec![waiting];
        let mut from = 0;
        while let Some(at) = seen.get(from).copied() {
            if above.contains(&at) {
                return true;
            }
            for awaited in self.node(at).waits.iter().filter_map(|id| self.find(id)) {
                if self.running(awaited) && !seen.contains(&awaited) {
                    seen.push(awaited);
                }
            }
            from += 1;
        }
        false
    }

    /// The sessions below a root and the root itself, in the order in which they became known.
    pub(crate) fn tree(&self, root: At) -> Vec<At> {
        self.oldest_first(self.below(root))
    }

    /// Sessions, in the order in which they became known.
    pub(crate) fn oldest_first(&self, mut all: Vec<At>) -> Vec<At> {
        all.sort_unstable_by_key(|at| self.node(*at).seq);
        all
    }

    /// Every root, in the order in which they became known.
    pub(crate) fn roots(&self) -> Vec<At> {
        let all = self.ids.values().copied();
        self.oldest_first(all.filter(|at| self.node(*at).parent.is_none()).collect())
    }

    pub(crate) fn session(&self, at: At) -> Session {
        let node = self.node(at);
        let lane = node.lane.as_deref();
        // What a process that is gone has not sent is not to run: whoever resumes it takes it along.
        let live = lane.into_iter().flat_map(|lane| &lane.turns);
        let live = live.filter(|turn| !turn.stranded || turn.state != State::Created);
        Session {
            id: node.id.clone(),
            parent_id: node.parent.map(|parent| self.node(parent).id.clone()),
            root_id: self.node(self.root(at)).id.clone(),
            depth: node.depth,
            agent: self.agent(at).cloned(),
            description: node.description.clone(),
            slug: node.slug.clone(),
            derived_id: node.derived.clone(),
            status: node.status,
            last_used: node.last_used,
            tokens: node.tokens,
            window: node.window,
            budget: node.allowance.map(|allowance| allowance.limit()),
            used: node.allowance.map_or(0, |allowance| allowance.used()),
            prompt: live.clone().next().map(|turn| turn.state),
            waiting: live.count().saturating_sub(1),
            task: lane.and_then(|lane| lane.tasks.last()).cloned(),
        }
    }
}
