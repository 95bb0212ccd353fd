//! Calls of the task tool: their requests, and their progress.

use crate::host::{Ask, By, Sid, request};
use crate::hostile::{LONG, TEXTS};
use crate::rules::AGENTS;
use crate::world::World;
use opencode_delegate::{Decision, Event, ResolveLookup};
use std::sync::Arc;

/// The progress of a call.
#[derive(Clone, Debug)]
pub enum Stage {
    /// It is decided, and nothing else is done.
    Decided,
    /// Its child exists, and the engine has no commit yet.
    Made,
    /// The host runs its child.
    Running,
    /// An instance follows its prompt.
    Followed,
}

/// A call in progress.
#[derive(Clone, Debug)]
pub struct Call {
    pub ask: Ask,
    pub slot: usize,
    pub decision: Arc<Decision>,
    pub ticket: Option<u32>,
    pub stage: Stage,
    /// The session of its decision.
    pub target: Option<Sid>,
    /// The call that is to create the session that this one joins.
    pub maker: Option<usize>,
    pub child: Option<Sid>,
    pub committed: bool,
    /// Whether the engine's own executor runs its child.
    pub delegated: bool,
    /// Whether the engine that decided it is lost.
    pub orphan: bool,
    /// The session that it prompts by the host's own tool, or is to prompt, and whether its turn has come.
    pub queued: Option<Sid>,
    pub proceeds: bool,
}

const DESCRIPTIONS: [&str; 5] = ["Explore auth", "Fix it", "exp 1", "Last!", "Größe ändern"];
const WORDS: [&str; 8] = [
    "auth",
    "Auth",
    "exp-1",
    "last",
    "explore-auth",
    "fix-it",
    "?!",
    "explore-auth-2",
];

impl World {
    pub fn ask(&mut self, caller: Sid) -> Ask {
        self.next += 1;
        let under = self.living(|_| true);
        let root = self.host[caller].root;
        let near = self.dice.percent(90);
        let under: Vec<Sid> = under
            .into_iter()
            .filter(|at| !near || self.host[*at].root == root && *at != root)
            .collect();
        let target = self.one(&under);
        let mut agent = *self
            .dice
            .pick(&["lead", "lead", "helper", "explorer", "explorer", "vault"]);
        let mut task_id = None;
        let chance = self.dice.below(100);
        if let Some(at) = target.filter(|_| chance < 45) {
            let session = &self.host[at];
            let slot = session.slot.min(self.slots.len() - 1);
            let known = self.slots[slot].engine.session(&session.id);
            let name = match self.dice.below(4) {
                0 => session.id.clone(),
                1 => known
                    .as_ref()
                    .and_then(|known| known.derived_id.as_ref())
                    .map_or(session.id.clone(), |id| id.to_string()),
                _ => known
                    .as_ref()
                    .and_then(|known| known.slug.as_ref())
                    .map_or(session.id.clone(), |slug| slug.to_string()),
            };
            task_id = Some(match self.dice.below(8) {
                0 => name.to_uppercase(),
                1 => {
                    let last = name.chars().last().unwrap_or('x');
                    let cut = name.len() - last.len_utf8();
                    format!("{}7", &name[..cut])
                }
                _ => name,
            });
            let own = AGENTS.iter().find(|name| **name == session.agent);
            if let Some(own) = own.filter(|_| self.dice.percent(85)) {
                agent = own;
            }
        } else if chance < 70 {
            task_id = Some((*self.dice.pick(&WORDS)).to_owned());
        } else if chance < 78 {
            // The child that another call will create.
            let spawns = self.calls.iter().filter_map(|call| match &*call.decision {
                Decision::Spawn { slug, .. } => Some((slug.to_string(), call.ask.agent)),
                _ => None,
            });
            let spawns: Vec<_> = spawns.collect();
            if !spawns.is_empty() {
                let (slug, of) = self.dice.pick(&spawns).clone();
                (task_id, agent) = (Some(slug), of);
            }
        }
        let mut description = *self.dice.pick::<&'static str>(&DESCRIPTIONS);
        if self.rules.hostile {
            match self.dice.below(100) {
                0..15 => description = *self.dice.pick(&TEXTS),
                15 => description = &LONG,
                16..20 => agent = *self.dice.pick(&TEXTS),
                20 => agent = &LONG,
                21..26 => task_id = Some((*self.dice.pick(&TEXTS)).to_owned()),
                26 => task_id = Some(LONG.clone()),
                _ => {}
            }
        }
        Ask {
            no: self.next,
            caller,
            agent,
            description,
            task_id,
            background: self.dice.percent(35),
        }
    }

    /// A session calls the task tool, and now and then twice at once with the same name.
    pub fn call(&mut self, twice: bool) {
        let nested = self.rules.nested && self.dice.percent(45);
        let callers = self.living(|session| session.is_busy() && session.parent.is_some());
        let caller = self.one(&callers).filter(|_| nested);
        let caller = caller.or_else(|| {
            let roots = self.living(|session| session.parent.is_none());
            self.one(&roots)
        });
        let Some(caller) = caller else { return };
        if !self.host[caller].is_busy() {
            let slot = self.dice.below(self.slots.len());
            self.talk(caller, By::User, slot);
        }
        let slot = self.runner(caller);
        let ask = self.ask(caller);
        self.start_call(slot, ask.clone());
        if twice {
            self.next += 1;
            let ask = Ask {
                no: self.next,
                ..ask
            };
            self.start_call(slot, ask);
        }
    }

    /// The call of an instance that is to create the session with a derived id.
    pub fn maker(&self, slot: usize, derived: &str) -> Option<usize> {
        self.calls
            .iter()
            .rposition(|call| call.slot == slot && !call.committed && self.creates(call, derived))
    }

    /// The session that an instance knows by a derived id.
    pub fn derived(&self, slot: usize, id: &str) -> Option<Sid> {
        let session = self.slots[slot].engine.session(id)?;
        self.ids.get(&*session.id).copied()
    }

    /// Whether a call is to create the session with a derived id.
    pub fn creates(&self, call: &Call, derived: &str) -> bool {
        let spawns = matches!(&*call.decision, Decision::Spawn { session_id, .. } if **session_id == *derived);
        spawns && !call.orphan
    }

    /// Decides a call, and begins it.
    pub fn start_call(&mut self, slot: usize, ask: Ask) {
        let slot = self.awake(slot);
        self.make_known(slot, ask.caller);
        let root = self.host[ask.caller].root;
        if self.slots[slot].due.contains(&root) {
            self.read_namings(slot, root);
        }
        if ask.task_id.is_some() {
            let request = request(self, &ask, ask.task_id.as_deref());
            if self.slots[slot]
                .engine
                .resolve(&ResolveLookup::of(&request))
                .is_none()
            {
                self.read(slot, self.host[ask.caller].root);
                if self.host[ask.caller].parent.is_none() {
                    self.read_namings(slot, ask.caller);
                }
            }
        }
        self.check(slot);
        let decision = self.decide(slot, &ask);
        let (id, ticket) = match &*decision {
            Decision::Deny { .. } => return,
            Decision::Join { session_id, .. } => (session_id, None),
            Decision::Resume {
                session_id, ticket, ..
            }
            | Decision::Compact {
                session_id, ticket, ..
            }
            | Decision::Spawn {
                session_id, ticket, ..
            } => (session_id, Some(*ticket)),
        };
        let target = self.ids.get(&**id).copied();
        let joins = matches!(&*decision, Decision::Join { .. });
        let maker = self
            .maker(slot, id)
            .filter(|_| joins && target.is_none())
            .map(|at| self.calls[at].ask.no);
        let target = target.or_else(|| self.derived(slot, id).filter(|_| maker.is_none()));
        let delegated = self.dice.percent(self.rules.delegate);
        self.calls.push(Call {
            ask,
            slot,
            ticket,
            stage: Stage::Decided,
            target,
            maker,
            child: None,
            committed: joins,
            delegated,
            decision: decision.clone(),
            orphan: false,
            queued: None,
            proceeds: false,
        });
    }

    /// Takes a call in progress a step further.
    pub fn go_on(&mut self) {
        let open: Vec<usize> = (0..self.calls.len())
            .filter(|at| !matches!(self.calls[*at].stage, Stage::Followed))
            .collect();
        if let Some(at) = self.one(&open) {
            self.advance(at);
        }
    }

    pub fn advance(&mut self, at: usize) {
        let call = self.calls[at].clone();
        let no = call.ask.no;
        match call.stage {
            Stage::Decided => {
                if let Some(maker) = call.maker.filter(|_| call.child.is_none()) {
                    let made = self.calls.iter().any(|it| it.ask.no == maker);
                    match self.births.get(&maker) {
                        Some(child) => self.calls[at].child = Some(*child),
                        None if made => {}
                        // The other call failed, so this one is decided again.
                        None => {
                            let known = self.ids.get(self.joined(&call)).copied();
                            self.drop_call(no);
                            if known.is_none() && self.alive(call.ask.caller) {
                                self.start_call(call.slot, call.ask);
                            }
                        }
                    }
                    return;
                }
                // The host's own check or the user may refuse it.
                if !self.alive(call.ask.caller) || self.dice.percent(10) {
                    return self.give_back(at);
                }
                if call.delegated {
                    self.begin_delegated(at);
                } else {
                    self.begin_hosted(at);
                }
            }
            Stage::Made => self.commit_made(at),
            Stage::Running => self.end_hosted(at),
            Stage::Followed => {}
        }
    }

    pub fn joined<'a>(&self, call: &'a Call) -> &'a str {
        match &*call.decision {
            Decision::Join { session_id, .. } => session_id,
            _ => "",
        }
    }

    /// Whether the turn of a session waits for calls that it made.
    pub fn waits(&self, slot: usize, at: Sid) -> bool {
        let here = |call: &Call| !self.rules.apart || call.slot == slot;
        let waits = |call: &Call| call.ask.caller == at && !call.ask.background && here(call);
        self.calls.iter().any(waits)
    }

    pub fn give_back(&mut self, at: usize) {
        let call = self.calls[at].clone();
        if let (Some(ticket), false, false) = (call.ticket, call.committed, call.orphan) {
            self.refund(call.slot, call.ask.no, ticket);
        }
        self.drop_call(call.ask.no);
    }

    /// Gives up the host's own calls of a session after the end of its turn.
    pub fn give_up(&mut self, slot: usize, at: Sid) {
        let open: Vec<(usize, Option<u32>)> = self
            .calls
            .iter()
            .filter(|it| it.slot == slot && it.ask.caller == at && !it.delegated && !it.committed)
            .map(|it| (it.ask.no, it.ticket.filter(|_| !it.orphan)))
            .collect();
        for (no, ticket) in open {
            if let Some(ticket) = ticket {
                self.refund(slot, no, ticket);
            }
            self.drop_call(no);
        }
        // Those that are committed hold no other call back any more.
        let made = |it: &&Call| it.slot == slot && it.ask.caller == at;
        let queued: Vec<Call> = self.calls.iter().filter(made).cloned().collect();
        for call in queued {
            self.leave(&call);
        }
    }

    pub fn refund(&mut self, slot: usize, no: usize, ticket: u32) {
        let joined: Vec<usize> = self
            .calls
            .iter()
            .filter(|it| it.maker == Some(no) && matches!(it.stage, Stage::Decided))
            .map(|it| it.ask.no)
            .collect();
        for calls in self.slots[slot].spent.values_mut() {
            calls.retain(|call| *call != no && !joined.contains(call));
        }
        let now = self.now;
        self.apply(slot, Event::Refund { now, ticket });
    }

    pub fn drop_call(&mut self, no: usize) {
        let dropped = self.calls.iter().find(|call| call.ask.no == no).cloned();
        self.calls.retain(|call| call.ask.no != no);
        if let Some(call) = dropped {
            self.leave(&call);
        }
    }
}
