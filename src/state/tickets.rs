//! Open calls: decided, and neither committed nor refunded.

use crate::collections::{Map, Sorted, is_default};
use crate::error::Wrong;
use crate::json::{Field, Read, hex};
use crate::protocol::{Limits, Model};
use crate::rules::limits::OPEN_TICKETS;
use crate::state::replay::CallKey;
use serde::Serialize;
use std::collections::VecDeque;
use std::sync::Arc;

/// The target of a call.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Goal {
    /// Create a child under that name.
    Spawn { slug: Arc<str>, derived: Arc<str> },
    /// Prompt that session.
    Prompt { session: Arc<str> },
}

/// A call that was decided and neither committed nor refunded.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(super) struct Ticket {
    pub(super) caller: Arc<str>,
    /// The caller's turn in which it was decided.
    pub(super) turn: u32,
    /// The delegation to the caller to which it belongs.
    pub(super) delegation: u32,
    /// The last delegation to the session that it is to prompt.
    pub(super) before: u32,
    pub(super) goal: Goal,
    /// Whether its name went to a child that the host reported before the commit, or was lost.
    pub(super) yielded: bool,
    /// The child that was created for it, if the host reported the child before the commit.
    pub(super) child: Option<Arc<str>>,
    pub(super) agent: Arc<str>,
    pub(super) description: Arc<str>,
    /// The beginning of the prompt, for a child.
    #[serde(skip_serializing_if = "is_default")]
    pub(super) prompt: String,
    /// Whether a person made the call.
    #[serde(skip_serializing_if = "is_default")]
    pub(super) by_user: bool,
    /// The message that makes the call, if the host names it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) message: Option<Arc<str>>,
    /// The part of that message; empty until the host shows it.
    #[serde(skip_serializing_if = "is_default")]
    pub(super) part: Arc<str>,
    /// The model that it asks for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) model: Option<Model>,
    /// The limits that it asks for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) limits: Option<Limits>,
    /// Whether the caller waits for the answer.
    pub(super) waits: bool,
    #[serde(serialize_with = "as_hex")]
    pub(super) call: CallKey,
    /// Calls that joined the child before it existed.
    pub(super) joined: Vec<Joined>,
}

/// A call that was handed to a child which another call is about to create.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(super) struct Joined {
    pub(super) caller: Arc<str>,
    pub(super) turn: u32,
    pub(super) delegation: u32,
    pub(super) waits: bool,
    #[serde(serialize_with = "as_hex")]
    pub(super) call: CallKey,
}

fn as_hex<S: serde::Serializer>(call: &CallKey, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_str(&hex(*call))
}

impl Ticket {
    /// The sessions of the call: the caller, and the session to prompt.
    fn about(&self) -> impl Iterator<Item = &Arc<str>> {
        let prompted = match &self.goal {
            Goal::Prompt { session } => Some(session),
            Goal::Spawn { .. } => None,
        };
        [&self.caller].into_iter().chain(prompted)
    }
}

impl Read for Goal {
    fn of(saved: Field<'_>) -> Result<Goal, Wrong> {
        match (saved.given("spawn")?, saved.given("prompt")?) {
            (Some(spawn), _) => Ok(Goal::Spawn {
                slug: Read::must(&spawn, "slug")?,
                derived: Read::must(&spawn, "derived")?,
            }),
            (None, Some(prompt)) => Ok(Goal::Prompt {
                session: Read::must(&prompt, "session")?,
            }),
            (None, None) => Err(saved.not("spawn or prompt")),
        }
    }
}

impl Read for Joined {
    fn of(saved: Field<'_>) -> Result<Joined, Wrong> {
        Ok(Joined {
            caller: Read::must(&saved, "caller")?,
            turn: Read::must(&saved, "turn")?,
            delegation: Read::must(&saved, "delegation")?,
            waits: Read::must(&saved, "waits")?,
            call: saved.must("call")?.hex()?,
        })
    }
}

impl Read for Ticket {
    fn of(saved: Field<'_>) -> Result<Ticket, Wrong> {
        Ok(Ticket {
            caller: Read::must(&saved, "caller")?,
            turn: Read::must(&saved, "turn")?,
            delegation: Read::must(&saved, "delegation")?,
            before: Read::must(&saved, "before")?,
            goal: Read::must(&saved, "goal")?,
            yielded: Read::must(&saved, "yielded")?,
            child: Read::maybe(&saved, "child")?,
            agent: Read::must(&saved, "agent")?,
            description: Read::must(&saved, "description")?,
            prompt: Read::given(&saved, "prompt")?.unwrap_or_default(),
            by_user: Read::given(&saved, "by_user")?.unwrap_or_default(),
            message: Read::given(&saved, "message")?,
            part: Read::given(&saved, "part")?.unwrap_or_default(),
            model: Read::given(&saved, "model")?,
            limits: Read::given(&saved, "limits")?,
            waits: Read::must(&saved, "waits")?,
            call: saved.must("call")?.hex()?,
            joined: Read::must(&saved, "joined")?,
        })
    }
}

/// The open calls.
#[derive(Debug, Default)]
pub(super) struct Tickets {
    /// By number. The oldest call is the first to go.
    open: VecDeque<(u32, Box<Ticket>)>,
    /// The number of the next one.
    pub(super) next: u32,
    /// The numbers of the calls that a session makes, or that are to prompt it.
    about: Map<Arc<str>, Sorted<u32, ()>>,
}

impl Tickets {
    fn find(&self, number: u32) -> Result<usize, usize> {
        self.open.binary_search_by_key(&number, |(known, _)| *known)
    }

    pub(super) fn get(&self, number: u32) -> Option<&Ticket> {
        Some(&self.open.get(self.find(number).ok()?)?.1)
    }

    pub(super) fn get_mut(&mut self, number: u32) -> Option<&mut Ticket> {
        let index = self.find(number).ok()?;
        Some(&mut self.open.get_mut(index)?.1)
    }

    /// The oldest call, if no further one may be open.
    pub(super) fn overdue(&self) -> Option<u32> {
        if self.open.len() < OPEN_TICKETS {
            return None;
        }
        self.open.front().map(|(number, _)| *number)
    }

    pub(super) fn next_number(&mut self) -> u32 {
        let number = self.next;
        self.next = number.wrapping_add(1);
        number
    }

    /// The calls by number.
    pub(super) fn list(&self) -> impl Iterator<Item = (u32, &Ticket)> {
        self.open
            .iter()
            .map(|(number, ticket)| (*number, &**ticket))
    }

    pub(super) fn insert(&mut self, number: u32, ticket: Ticket) {
        for id in ticket.about() {
            self.about.entry(id.clone()).or_default().insert(number, ());
        }
        if let Err(index) = self.find(number) {
            self.open.insert(index, (number, Box::new(ticket)));
        }
    }

    pub(super) fn remove(&mut self, number: u32) -> Option<Ticket> {
        let (_, ticket) = self.open.remove(self.find(number).ok()?)?;
        for id in ticket.about() {
            if let Some(numbers) = self.about.get_mut(id) {
                numbers.remove(&number);
                if numbers.len() == 0 {
                    self.about.remove(id);
                }
            }
        }
        Some(*ticket)
    }

    /// The calls that a session makes, or that are to prompt it, the oldest first.
    pub(super) fn about(&self, id: &str) -> impl Iterator<Item = (u32, &Ticket)> {
        let numbers = self.about.get(id).into_iter().flat_map(Sorted::iter);
        numbers.filter_map(|(number, ())| Some((*number, self.get(*number)?)))
    }

    /// The caller and the derived id of a call that is to create a child.
    pub(super) fn to_create(&self, number: u32) -> Option<(&Arc<str>, &Arc<str>)> {
        let ticket = self.get(number)?;
        match &ticket.goal {
            Goal::Spawn { derived, .. } => Some((&ticket.caller, derived)),
            Goal::Prompt { .. } => None,
        }
    }

    /// Notes that a call has its name no more, and gives the derived id that it announced.
    pub(super) fn yield_name(&mut self, number: u32) -> Option<Arc<str>> {
        let ticket = self.get_mut(number)?;
        let Goal::Spawn { derived, .. } = &ticket.goal else {
            return None;
        };
        ticket.yielded = true;
        Some(derived.clone())
    }

    /// Adds a call that joins the child of another, and gives the known ids of that child.
    pub(super) fn join(
        &mut self,
        number: u32,
        call: Joined,
    ) -> Option<(Arc<str>, Option<Arc<str>>)> {
        let ticket = self.get_mut(number)?;
        ticket.joined.push(call);
        Some(match &ticket.goal {
            Goal::Spawn { slug, derived } => (derived.clone(), Some(slug.clone())),
            Goal::Prompt { session } => (session.clone(), None),
        })
    }

    /// Notes the child of the first of some calls that is to create it and has none yet.
    pub(super) fn set_child(
        &mut self,
        numbers: impl Iterator<Item = u32>,
        parent: &str,
        child: &Arc<str>,
    ) {
        for number in numbers {
            let Some(ticket) = self.get_mut(number) else {
                continue;
            };
            if ticket.child.is_none() && *ticket.caller == *parent {
                ticket.child = Some(child.clone());
                return;
            }
        }
    }
}
