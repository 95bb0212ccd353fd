//! An instance of the plugin, as js/host makes one: an engine, what it is told, what it has it do.

use crate::host::{Bus, By, Sid};
use crate::watch::{Goal, Told};
use crate::world::{Stage, World};
use opencode_delegate::prompt::Message;
use opencode_delegate::session::{Record, Status};
use opencode_delegate::{Created, Decision, Effect, Engine, Event, Failure, OfPrompt, Request};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

/// What the shim is about to do.
#[derive(Clone, Debug)]
pub enum Todo {
    Effect(Effect),
    /// Somebody was told a result, or could not be: the engine is to know.
    Told(String, u32, bool),
}

/// A prompt that an instance follows from when it is taken up to its end.
#[derive(Clone, Debug)]
pub struct Follow {
    pub call: usize,
    pub at: Sid,
    pub turn: u32,
    pub attempt: u32,
    pub caller: Sid,
    pub agent: &'static str,
    pub send: Option<Message>,
    /// Whether its present attempt was sent, and its call is not over.
    pub sent: bool,
    pub stored: bool,
    pub accepted: bool,
    /// The message that asked it, once that is in the session.
    pub asked: Option<String>,
    /// Whether the engine that had taken it up is lost.
    pub lost: bool,
    /// Whether it asks what its session was created to be asked: as that, or along with its own.
    pub first: bool,
}

/// What an engine was fed, to be fed again.
#[derive(Clone)]
pub enum Input {
    Event(Event, Vec<Effect>),
    Request(Request<'static>, Arc<Decision>),
    Restore,
}

pub struct Instance {
    pub engine: Engine,
    pub process: String,
    pub known: BTreeSet<Sid>,
    pub inbox: VecDeque<Bus>,
    pub todo: VecDeque<Todo>,
    /// Records that may wait.
    pub waiting: BTreeMap<Sid, Box<Record>>,
    pub follows: Vec<Follow>,
    /// The prompts that run, as the engine has it.
    pub running: BTreeSet<(Sid, u32)>,
    /// The latest status that it was told of each session that it knew then.
    pub status_at: BTreeMap<Sid, u64>,
    /// What may be told once more.
    pub past: Vec<Event>,
    pub inputs: Option<Vec<Input>>,
    /// The calls that each subagent has left of its budget in this turn, by those that it made.
    pub spent: BTreeMap<Sid, Vec<usize>>,
    /// Callers of which a count may be too high: read from a record that was not up to date.
    pub unsure: BTreeSet<Sid>,
    /// Calls that were decided since an event was applied: what they mark is not stored yet.
    pub fresh: Vec<usize>,
    /// Whether it was asked since an event was applied.
    pub decided: bool,
    /// Whether it is not the first engine of its process.
    pub trapped: bool,
}

impl Instance {
    pub fn new(config: &str, process: String, recorded: bool) -> Instance {
        Instance {
            engine: Engine::new(config).unwrap(),
            process,
            known: BTreeSet::new(),
            inbox: VecDeque::new(),
            todo: VecDeque::new(),
            waiting: BTreeMap::new(),
            follows: Vec::new(),
            running: BTreeSet::new(),
            status_at: BTreeMap::new(),
            past: Vec::new(),
            inputs: recorded.then(Vec::new),
            spent: BTreeMap::new(),
            unsure: BTreeSet::new(),
            fresh: Vec::new(),
            decided: false,
            trapped: false,
        }
    }
}

/// What comes of an event at once.
#[derive(Default)]
pub struct Came {
    /// The record of the child that is to be created.
    pub create: Option<(String, Value, String)>,
    /// The session, the turn and the task of a prompt that was taken up.
    pub wait: Option<(String, u32, Option<String>)>,
}

/// The end of what one session does: when the engine may count its caller's calls anew.
fn ends(event: &Event) -> bool {
    matches!(
        event,
        Event::Status {
            status: Status::Idle,
            ..
        } | Event::Answered(_)
            | Event::Broken(_)
            | Event::Cancelled(_)
            | Event::Deleted { .. }
    )
}

/// Whether an event may be told once more without harm, for the reasons that `echo` gives.
fn repeatable(event: &Event) -> bool {
    !matches!(
        event,
        Event::Created { .. } | Event::Kept(_) | Event::Prompted { .. } | Event::Touched { .. }
    )
}

impl World {
    /// Feeds an engine an event, and looks whether all still holds.
    pub fn apply(&mut self, slot: usize, event: Event) -> Came {
        self.count.events += 1;
        if self.log.is_some() {
            self.note(format!("  [{slot}] {}", json!(event)));
        }
        let ends = ends(&event);
        let answered = matches!(event, Event::Answered(_));
        let deleted = match &event {
            Event::Deleted { session_id, .. } => self.ids.get(&**session_id).copied(),
            _ => None,
        };
        let instance = &mut self.slots[slot];
        let status = |engine: &Engine, id: &str| engine.session(id).map(|session| session.status);
        let host = &self.host;
        let busy: Vec<Sid> = if ends {
            let callers = instance.spent.keys().chain(&instance.unsure).copied();
            callers
                .filter(|at| {
                    status(&instance.engine, &host[*at].id)
                        .is_some_and(|status| status != Status::Idle)
                })
                .collect()
        } else {
            Vec::new()
        };
        if let Event::Status {
            now, session_id, ..
        } = &event
            && instance.engine.session(session_id).is_some()
        {
            let at = self.ids[session_id];
            let latest = instance.status_at.entry(at).or_default();
            *latest = (*latest).max(*now);
        }
        if repeatable(&event) {
            if instance.past.len() >= 64 {
                instance.past.swap_remove(self.dice.below(64));
            }
            instance.past.push(event.clone());
        }
        let input = instance.inputs.is_some().then(|| event.clone());
        instance.fresh.clear();
        instance.decided = false;
        let effects = instance.engine.apply(event);
        if let (Some(inputs), Some(event)) = (&mut instance.inputs, input) {
            inputs.push(Input::Event(event, effects.clone()));
        }
        for at in busy {
            let id = &self.host[at].id;
            // What waited for the end is sent with it.
            let next = effects.iter().any(
                |effect| matches!(effect, Effect::Send { session_id, .. } if **session_id == **id),
            );
            let session = instance.engine.session(id);
            // A clock that was set back lets the end of a turn pass unnoticed.
            let over = session.is_none_or(|it| it.used == 0 && (next || it.status == Status::Idle));
            if over {
                instance.spent.remove(&at);
                instance.unsure.remove(&at);
            }
        }
        if let Some(at) = deleted {
            self.void(slot, at);
        }
        for told in &mut self.told {
            if told.fresh == Some(slot) {
                told.fresh = None;
            }
        }
        let mut came = Came::default();
        for effect in effects {
            if self.log.is_some() {
                self.note(format!("      -> {}", json!(effect)));
            }
            match effect {
                Effect::Create {
                    title,
                    record,
                    agent,
                    ..
                } => {
                    let title = title.split(" (@").next().unwrap_or_default().to_owned();
                    came.create = Some((agent, json!(record), title));
                }
                Effect::Wait {
                    session_id,
                    turn,
                    task_id,
                    ..
                } => came.wait = Some((session_id.to_string(), turn, task_id)),
                effect => {
                    self.expect(slot, &effect, answered);
                    self.slots[slot].todo.push_back(Todo::Effect(effect));
                }
            }
        }
        self.look(slot);
        came
    }

    /// What is so of an effect before it is carried out.
    fn expect(&mut self, slot: usize, effect: &Effect, answered: bool) {
        match effect {
            Effect::Send {
                session_id, turn, ..
            } => {
                let at = self.ids[&**session_id];
                let root = self.host[at].root;
                let running = &self.slots[slot].running;
                let others = running.iter().any(|other| other.0 == at);
                let under = running
                    .iter()
                    .filter(|other| self.host[other.0].root == root)
                    .count();
                // Who waits for another lends it its place.
                let limit = self.rules.max_parallel;
                let room = limit == 0 || self.rules.nested || under < limit;
                self.slots[slot].running.insert((at, *turn));
                self.must(!others, "I4", || format!("two prompts run in {session_id}"));
                self.must(room, "I4", || {
                    format!("{} run under a root, of {limit} that may", under + 1)
                });
            }
            Effect::Retry {
                session_id,
                turn,
                attempt,
                message,
                ..
            } => {
                let at = self.ids[&**session_id];
                let follow = self.slots[slot]
                    .follows
                    .iter()
                    .find(|it| it.at == at && it.turn == *turn && !it.lost);
                let Some(follow) = follow else { return };
                let (before, accepted) = (follow.attempt, follow.accepted);
                let most = self.rules.attempts(follow.agent).max(
                    // `general` may take over with the models of the agent before it.
                    self.rules.models.iter().max().map_or(0, |m| *m as u32) + 4,
                );
                self.must(before + 1 == *attempt, "I7", || {
                    format!("attempt {attempt} of {session_id} {turn} after {before}")
                });
                self.must(*attempt <= most, "I4", || {
                    format!("attempt {attempt} of {session_id} {turn}, of {most} at most")
                });
                self.must(message.parts.is_empty() == accepted, "I4", || {
                    format!(
                        "{session_id} {turn} is sent whole where it was accepted, or not where not"
                    )
                });
            }
            Effect::Forget { session_id, turn } => {
                let at = self.ids[&**session_id];
                self.slots[slot].running.remove(&(at, *turn));
                if answered {
                    return;
                }
                // A prompt that came to nothing gives its call back.
                let spent = &mut self.slots[slot];
                let follow = spent
                    .follows
                    .iter()
                    .find(|it| it.at == at && it.turn == *turn && !it.lost);
                if let Some(follow) = follow.filter(|it| !it.accepted) {
                    let (caller, call) = (follow.caller, follow.call);
                    if let Some(calls) = spent.spent.get_mut(&caller) {
                        calls.retain(|known| *known != call);
                    }
                }
            }
            _ => {}
        }
    }

    /// Calls that end with a session that is gone are given back.
    fn void(&mut self, slot: usize, gone: Sid) {
        let gone: BTreeSet<Sid> = (0..self.host.len())
            .filter(|at| {
                let mut above = Some(*at);
                while let Some(it) = above {
                    if it == gone {
                        return true;
                    }
                    above = self.host[it].parent;
                }
                false
            })
            .collect();
        let mut void: Vec<usize> = Vec::new();
        for call in &self.calls {
            // A child that was only just created is none of the engine's yet.
            let target = call.target;
            let of_gone = call.slot == slot && gone.contains(&call.ask.caller);
            let to_gone = target.is_some_and(|at| gone.contains(&at)) && !call.committed;
            if call.slot == slot && (of_gone || to_gone) {
                void.push(call.ask.no);
            }
        }
        // Who had joined a child that another call was to create.
        let joined = self
            .calls
            .iter()
            .filter(|it| it.maker.is_some_and(|maker| void.contains(&maker)));
        void.extend(joined.map(|it| it.ask.no).collect::<Vec<_>>());
        let instance = &mut self.slots[slot];
        let follows = instance.follows.iter().filter(|it| gone.contains(&it.at));
        void.extend(follows.filter(|it| !it.accepted).map(|it| it.call));
        for calls in instance.spent.values_mut() {
            calls.retain(|call| !void.contains(call));
        }
        for at in &gone {
            instance.spent.remove(at);
            instance.unsure.remove(at);
            instance.waiting.remove(at);
        }
    }

    /// What an instance is told of a session, as `told` in js/host/ledger.js has it.
    pub fn created(&self, slot: usize, at: Sid, record: Option<Value>) -> Created {
        let session = &self.host[at];
        let process = record
            .as_ref()
            .and_then(|record| record["process"].as_str())
            .map(str::to_owned);
        let own = process.as_ref() == Some(&self.slots[slot].process);
        let alive = process.map(|process| self.slots.iter().any(|slot| slot.process == process));
        let record = record.map(|mut record| {
            if own {
                let fields = record.as_object_mut().unwrap();
                for field in ["prompt", "messageID", "tasks"] {
                    fields.shift_remove(field);
                }
            }
            record
        });
        Created {
            id: session.id.clone(),
            parent_id: session.parent.map(|above| self.host[above].id.clone()),
            agent: Some(session.agent.clone()),
            description: session.parent.map(|_| session.description.clone()),
            prompt: None,
            slug: None,
            files: None,
            record,
            alive: alive.filter(|_| !own),
        }
    }

    /// Sees to it that a session and everything under its root is known.
    pub fn meet(&mut self, slot: usize, at: Sid) {
        if !self.slots[slot].known.contains(&at) {
            self.read(slot, self.host[at].root);
        }
    }

    /// Reads a root and everything below it from the host.
    pub fn read(&mut self, slot: usize, root: Sid) {
        let mut next = vec![root];
        while let Some(at) = next.first().copied() {
            next.remove(0);
            if self.host[at].gone {
                continue;
            }
            let first = self.slots[slot].known.insert(at);
            if first && self.host[at].record.is_some() {
                // A count that is read may be too high: that of a turn which ended later was to be stored later.
                self.slots[slot].unsure.insert(at);
            }
            let session = self.created(slot, at, self.host[at].record.clone());
            let now = self.host[at].updated;
            self.apply(slot, Event::Created { now, session });
            if self.host[at].busy.is_some() {
                let (now, session_id) = (self.now, self.host[at].id.clone());
                let status = Status::Busy;
                self.apply(
                    slot,
                    Event::Status {
                        now,
                        session_id,
                        status,
                    },
                );
            }
            let children = (0..self.host.len()).filter(|it| self.host[*it].parent == Some(at));
            next.extend(children);
        }
        // What a process left behind is looked up before anybody goes on with it.
        self.check(slot);
    }

    /// Carries out every lookup that is to be done.
    pub fn check(&mut self, slot: usize) {
        let todo = std::mem::take(&mut self.slots[slot].todo);
        let (checks, rest): (Vec<Todo>, Vec<Todo>) = todo
            .into_iter()
            .partition(|todo| matches!(todo, Todo::Effect(Effect::Check { .. })));
        self.slots[slot].todo.extend(rest);
        for todo in checks {
            self.carry_out(slot, todo);
        }
    }

    pub fn receive(&mut self, slot: usize, event: Bus) {
        let now = self.now;
        match event {
            Bus::Created(at, record) => {
                let known = match self.host[at].parent {
                    Some(above) => self.slots[slot].known.contains(&above),
                    None => true,
                };
                if !known {
                    return;
                }
                self.slots[slot].known.insert(at);
                let session = self.created(slot, at, record);
                self.apply(slot, Event::Created { now, session });
            }
            Bus::Status(at, status) => {
                let session_id = self.host[at].id.clone();
                self.apply(
                    slot,
                    Event::Status {
                        now,
                        session_id,
                        status,
                    },
                );
                if status == Status::Idle {
                    self.give_up(slot, at);
                }
            }
            Bus::Deleted(at) => {
                let session_id = self.host[at].id.clone();
                self.apply(slot, Event::Deleted { now, session_id });
                self.slots[slot].known.remove(&at);
                self.slots[slot].waiting.remove(&at);
            }
            Bus::Usage(at, tokens, window) => {
                let session_id = self.host[at].id.clone();
                self.apply(
                    slot,
                    Event::Usage {
                        now,
                        session_id,
                        tokens,
                        window,
                    },
                );
            }
        }
    }

    /// Carries out the next thing that is to be done.
    pub fn work(&mut self, slot: usize) {
        if let Some(todo) = self.slots[slot].todo.pop_front() {
            self.carry_out(slot, todo);
        }
    }

    fn store(&mut self, slot: usize, at: Sid, record: &Record) {
        let session = &mut self.host[at];
        if session.gone {
            return;
        }
        let record = json!(record);
        let writer = self.slots[slot].process.clone();
        let other = session.writer.replace(writer.clone()) != Some(writer);
        let before = session.record.replace(record);
        if before.is_some() && other && self.rules.two {
            self.overwritten(at);
        }
        let session = &mut self.host[at];
        // To write it counts as an update.
        session.updated = session.updated.max(self.now);
        self.slots[slot].waiting.remove(&at);
    }

    pub fn settle(&mut self, slot: usize) {
        for (at, record) in std::mem::take(&mut self.slots[slot].waiting) {
            self.store(slot, at, &record);
        }
    }

    fn carry_out(&mut self, slot: usize, todo: Todo) {
        if self.log.is_some() {
            let kind = match &todo {
                Todo::Effect(effect) => json!(effect)["type"].to_string(),
                Todo::Told(..) => "\"told\"".to_owned(),
            };
            self.note(format!("  [{slot}] does {kind}"));
        }
        let now = self.now;
        let effect = match todo {
            Todo::Effect(effect) => effect,
            Todo::Told(session_id, turn, told) => {
                self.apply(
                    slot,
                    Event::Told {
                        now,
                        session_id,
                        turn,
                        told,
                    },
                );
                return;
            }
        };
        match effect {
            Effect::Store {
                session_id,
                record,
                later,
            } => {
                let at = self.ids[&*session_id];
                // FINDING: a child of which the host tells before its call is committed is stored without the prompt
                // that it was created with, where anything is stored of it in between.
                let made = self
                    .calls
                    .iter()
                    .any(|call| call.child == Some(at) && matches!(call.stage, Stage::Made));
                if made {
                    self.overwritten(at);
                }
                if later {
                    if self.alive(at) {
                        self.slots[slot].waiting.insert(at, record);
                    }
                } else {
                    self.store(slot, at, &record);
                }
            }
            Effect::Send {
                session_id,
                turn,
                attempt,
                message,
                ..
            }
            | Effect::Retry {
                session_id,
                turn,
                attempt,
                message,
                ..
            } => {
                let at = self.ids[&*session_id];
                let follow = self.follow(slot, at, turn);
                if let Some(follow) = follow {
                    (follow.attempt, follow.send) = (attempt, Some(message));
                }
            }
            Effect::Abort { session_id } => {
                let at = self.ids[&*session_id];
                self.stop(at);
                for follow in &mut self.slots[slot].follows {
                    if follow.at == at {
                        follow.sent = false;
                    }
                }
            }
            Effect::Forget { session_id, turn } => {
                let at = self.ids[&*session_id];
                // Who was told that it came to nothing can ask again.
                if self.follow(slot, at, turn).is_some_and(|it| it.first) {
                    self.host[at].owed = false;
                }
                self.unfollow(slot, at, turn);
            }
            Effect::Deliver {
                session_id,
                turn,
                to: None,
                ..
            } => {
                let at = self.ids[&*session_id];
                self.unfollow(slot, at, turn);
            }
            Effect::Deliver {
                session_id,
                turn,
                to: Some(to),
                ..
            } => {
                let caller = self.ids[&*to.caller_id];
                let at = self.ids[&*session_id];
                let before = to.unless.as_ref().is_some_and(|unless| {
                    let caller = &self.host[caller];
                    caller.messages.iter().any(|message| message.id == *unless)
                });
                let mut told = true;
                if !before && self.alive(caller) {
                    // What could not be told is told with the next turn.
                    told = to.joins || !(self.rules.faults && self.dice.percent(5));
                    if !told && !self.alive(at) {
                        self.excuse(at, "deleted, and what was to be told of it could not be");
                    }
                    if told {
                        self.hear(at, turn, caller, &to.message_id, &to.part_id);
                        if !to.joins {
                            self.message(caller, &to.message_id, vec!["told".to_owned()], false);
                            if self.host[caller].busy.is_none() {
                                self.begin(caller, By::User, slot);
                            }
                        }
                    }
                }
                self.slots[slot]
                    .todo
                    .push_front(Todo::Told(session_id.to_string(), turn, told));
            }
            Effect::Check {
                session_id,
                turn,
                attempt,
                message_id,
            } => {
                let at = self.ids[&*session_id];
                if self.rules.two {
                    self.excuse(at, "two instances");
                }
                let asked = message_id.and_then(|id| {
                    let messages = &self.host[at].messages;
                    messages.iter().find(|message| message.id == id).cloned()
                });
                let session_id = session_id.to_string();
                let of = OfPrompt {
                    now,
                    session_id: session_id.clone(),
                    turn,
                    attempt,
                };
                if asked.is_some() {
                    self.apply(slot, Event::Accepted(of.clone()));
                }
                if asked.is_some_and(|message| message.answered) {
                    self.apply(slot, Event::Answered(of));
                } else {
                    self.apply(
                        slot,
                        Event::Broken(Box::new(Failure {
                            now,
                            session_id,
                            turn,
                            attempt,
                            name: "Lost".to_owned(),
                            message: "The process that ran it is gone.".to_owned(),
                            retryable: None,
                            live: Some(false),
                            jitter: Some(0.5),
                        })),
                    );
                }
            }
            Effect::Create { .. } | Effect::Wait { .. } => {}
        }
    }

    pub fn follow(&mut self, slot: usize, at: Sid, turn: u32) -> Option<&mut Follow> {
        let follows = &mut self.slots[slot].follows;
        follows
            .iter_mut()
            .find(|it| it.at == at && it.turn == turn && !it.lost)
    }

    /// A prompt is over, and so is the call that waits for it.
    pub fn unfollow(&mut self, slot: usize, at: Sid, turn: u32) {
        let follows = &mut self.slots[slot].follows;
        let place = follows
            .iter()
            .position(|it| it.at == at && it.turn == turn && !it.lost);
        if let Some(place) = place {
            let follow = follows.remove(place);
            self.calls.retain(|call| call.ask.no != follow.call);
        }
    }

    /// The calls of a session whose turn has ended are given up, where the host runs them.
    fn give_up(&mut self, slot: usize, at: Sid) {
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
            self.calls.retain(|call| call.ask.no != no);
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

    /// Notes that a caller was told of a session under a name.
    pub fn promise(&mut self, slot: usize, name: &str, at: Sid, goal: Goal, fresh: bool) {
        // A message may name a session by its task.
        let goal = match goal {
            Goal::Handle if name.starts_with("bg_") => Goal::Task,
            goal => goal,
        };
        let known = self
            .told
            .iter()
            .any(|told| told.name == name && told.at == at && told.goal == goal);
        if known || !self.alive(at) {
            return;
        }
        self.told.push(Told {
            name: name.to_owned(),
            at,
            goal,
            slot,
            fresh: fresh.then_some(slot),
        });
    }
}
