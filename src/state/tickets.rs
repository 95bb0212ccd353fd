//! Open calls: what was decided and is not yet known to have happened.

use crate::collections::Map;
use crate::error::Wrong;
use crate::json::{Field, hex};
use crate::state::replay::CallKey;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// How many calls may be open at once; over that the oldest counts as refunded.
pub const OPEN_TICKETS: usize = 4096;

/// What a call is going to do.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Goal {
    /// Create a child under that handle.
    Spawn { slug: Arc<str>, derived: Arc<str> },
    /// Prompt that session.
    Prompt { session: Arc<str> },
}

/// A call that was decided and neither committed nor refunded.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct Ticket {
    pub(crate) caller: Arc<str>,
    /// The caller's turn in which it was decided.
    pub(crate) turn: u32,
    pub(crate) goal: Goal,
    /// Whether its handle went to a child that the host told of first, or was lost.
    pub(crate) given: bool,
    /// The child that was created for it, where the host told of that first.
    pub(crate) child: Option<Arc<str>>,
    pub(crate) agent: Arc<str>,
    pub(crate) description: Arc<str>,
    /// Whether the caller waits for the answer.
    pub(crate) waits: bool,
    /// The call, as [`crate::call`] knows it.
    #[serde(serialize_with = "as_hex")]
    pub(crate) call: CallKey,
    /// Calls that joined the child before it was there.
    pub(crate) joined: Vec<Joined>,
}

/// A call that was handed to a child which another call is about to create.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct Joined {
    pub(crate) caller: Arc<str>,
    pub(crate) turn: u32,
    pub(crate) waits: bool,
    #[serde(serialize_with = "as_hex")]
    pub(crate) call: CallKey,
}

fn as_hex<S: serde::Serializer>(call: &CallKey, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_str(&hex(*call))
}

impl Ticket {
    /// The sessions that it is of: who makes it, and who is to be prompted.
    fn about(&self) -> impl Iterator<Item = &Arc<str>> {
        let prompted = match &self.goal {
            Goal::Prompt { session } => Some(session),
            Goal::Spawn { .. } => None,
        };
        [&self.caller].into_iter().chain(prompted)
    }

    pub(crate) fn of(ticket: Field<'_>) -> Result<Ticket, Wrong> {
        let text = |of: &Field<'_>, key: &str| of.must(key)?.text().map(Arc::<str>::from);
        let goal = ticket.must("goal")?;
        let goal = match (goal.given("spawn")?, goal.given("prompt")?) {
            (Some(spawn), _) => Goal::Spawn {
                slug: text(&spawn, "slug")?,
                derived: text(&spawn, "derived")?,
            },
            (None, Some(prompt)) => Goal::Prompt {
                session: text(&prompt, "session")?,
            },
            (None, None) => return Err(goal.not("spawn or prompt")),
        };
        let joined = |joined: Field<'_>| {
            Ok(Joined {
                caller: text(&joined, "caller")?,
                turn: joined.must("turn")?.count()?,
                waits: joined.must("waits")?.flag()?,
                call: joined.must("call")?.hex()?,
            })
        };
        Ok(Ticket {
            caller: text(&ticket, "caller")?,
            turn: ticket.must("turn")?.count()?,
            goal,
            given: ticket.must("given")?.flag()?,
            child: ticket
                .maybe("child")?
                .map(|child| child.text().map(Arc::from))
                .transpose()?,
            agent: text(&ticket, "agent")?,
            description: text(&ticket, "description")?,
            waits: ticket.must("waits")?.flag()?,
            call: ticket.must("call")?.hex()?,
            joined: ticket
                .must("joined")?
                .list()?
                .map(joined)
                .collect::<Result<_, Wrong>>()?,
        })
    }
}

/// The open calls.
#[derive(Debug, Default)]
pub(crate) struct Tickets {
    /// By number; what is put in or taken out, is so by `insert` and `remove`.
    pub(crate) open: BTreeMap<u32, Ticket>,
    pub(crate) next: u32,
    /// The numbers of those that a session makes, or is to be prompted by.
    about: Map<Arc<str>, BTreeSet<u32>>,
}

impl Tickets {
    pub(crate) fn insert(&mut self, number: u32, ticket: Ticket) {
        for id in ticket.about() {
            self.about.entry(id.clone()).or_default().insert(number);
        }
        self.open.insert(number, ticket);
    }

    pub(crate) fn remove(&mut self, number: u32) -> Option<Ticket> {
        let ticket = self.open.remove(&number)?;
        for id in ticket.about() {
            if let Some(numbers) = self.about.get_mut(id) {
                numbers.remove(&number);
                if numbers.is_empty() {
                    self.about.remove(id);
                }
            }
        }
        Some(ticket)
    }

    /// The calls that a session makes, or is to be prompted by, the oldest first.
    pub(crate) fn about(&self, id: &str) -> impl Iterator<Item = (u32, &Ticket)> {
        let numbers = self.about.get(id).into_iter().flatten();
        numbers.filter_map(|number| Some((*number, self.open.get(number)?)))
    }
}
