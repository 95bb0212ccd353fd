//! A world: a host with instances of the plugin on it, and what happens next.

use crate::dice::Dice;
use crate::host::{Ask, Bus, By, HostSession, Sid};
use crate::instance::{Came, Follow, Input, Instance, Todo};
use crate::rules::{AGENTS, Rules};
use crate::watch::{Goal, Task, Told};
use opencode_delegate::id::handle;
use opencode_delegate::prompt::Model;
use opencode_delegate::session::Status;
use opencode_delegate::{Asked, Created, Decision, Effect, Engine, Event, Failure, OfPrompt};
use serde_json::{Value, json};
use std::collections::HashMap;
use std::sync::Arc;

/// What happens next. What it happens to is drawn from what is there, by dice of its own: a step goes on
/// having a meaning where others are left out.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Step {
    pub kind: Kind,
    pub seed: u64,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Kind {
    Call,
    Call2,
    GoOn,
    Prompt,
    Work,
    Settle,
    Bus,
    Fault,
    Echo,
    Clock,
    User,
    Rest,
    Compact,
    Alias,
    Delete,
    Restore,
    Trap,
    Crash,
    Reload,
    Read,
}

/// How often each kind comes, of a thousand.
const OFTEN: [(Kind, usize); 20] = [
    (Kind::Call, 110),
    (Kind::Call2, 40),
    (Kind::GoOn, 190),
    (Kind::Prompt, 220),
    (Kind::Work, 60),
    (Kind::Settle, 30),
    (Kind::Bus, 120),
    (Kind::Fault, 25),
    (Kind::Echo, 30),
    (Kind::Clock, 15),
    (Kind::User, 40),
    (Kind::Rest, 40),
    (Kind::Compact, 20),
    (Kind::Alias, 15),
    (Kind::Delete, 10),
    (Kind::Restore, 10),
    (Kind::Trap, 3),
    (Kind::Crash, 8),
    (Kind::Reload, 4),
    (Kind::Read, 10),
];

impl Step {
    pub fn draw(dice: &mut Dice) -> Step {
        let mut chance = dice.below(1_000);
        let kind = OFTEN
            .iter()
            .find(|(_, often)| {
                let here = chance < *often;
                chance = chance.saturating_sub(*often);
                here
            })
            .map_or(Kind::Work, |(kind, _)| *kind);
        Step {
            kind,
            seed: dice.next(),
        }
    }
}

/// How far a call has come.
#[derive(Clone, Debug)]
pub enum Stage {
    /// It was decided, and nothing was done.
    Decided,
    /// Its child is there, and the engine was not told.
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
    /// The session that was decided upon.
    pub target: Option<Sid>,
    /// The call that is to create what this one joins.
    pub maker: Option<usize>,
    pub child: Option<Sid>,
    pub committed: bool,
    /// Whether the engine's own executor runs it.
    pub delegated: bool,
    /// Whether the engine that decided it is lost.
    pub orphan: bool,
}

#[derive(Clone, Copy, Debug, Default)]
pub struct Count {
    pub events: u64,
    pub decisions: u64,
    pub crashes: u64,
}

pub struct World {
    pub dice: Dice,
    pub rules: Rules,
    pub now: u64,
    /// The latest that the clock has shown.
    pub latest: u64,
    pub made: usize,
    pub host: Vec<HostSession>,
    pub ids: HashMap<String, Sid>,
    pub slots: Vec<Instance>,
    pub calls: Vec<Call>,
    pub next: usize,
    pub tasks: Vec<Task>,
    pub told: Vec<Told>,
    pub wrong: Option<String>,
    pub log: Option<Vec<String>>,
    pub count: Count,
    /// The children that calls have made.
    births: HashMap<usize, Sid>,
    processes: usize,
}

/// The first three share the four digits of their derived ids, the first two even eight.
const ROOTS: [&str; 4] = [
    "ses_root7464",
    "ses_root22428",
    "ses_root157122",
    "ses_root",
];
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
    pub fn new(seed: u64, rules: &Rules, log: bool) -> World {
        let mut world = World {
            dice: Dice(seed),
            rules: rules.clone(),
            now: 1_000_000,
            latest: 1_000_000,
            made: 0,
            host: Vec::new(),
            ids: HashMap::new(),
            slots: Vec::new(),
            calls: Vec::new(),
            next: 0,
            tasks: Vec::new(),
            told: Vec::new(),
            wrong: None,
            log: log.then(Vec::new),
            count: Count::default(),
            births: HashMap::new(),
            processes: 0,
        };
        for _ in 0..=usize::from(rules.two) {
            let instance = world.instance();
            world.slots.push(instance);
        }
        let roots = 1 + world.dice.below(3);
        for root in &ROOTS[..=roots] {
            world.make_root(root);
        }
        world
    }

    pub fn note(&mut self, line: String) {
        if let Some(log) = &mut self.log {
            log.push(line);
        }
    }

    fn instance(&mut self) -> Instance {
        self.processes += 1;
        let process = format!("1:{}", self.processes);
        Instance::new(&self.rules.config, process, self.rules.recorded)
    }

    pub fn run(&mut self, step: Step) {
        self.dice = Dice(step.seed);
        if self.log.is_some() {
            self.note(format!("{:?} at {}", step.kind, self.now));
        }
        self.now += self.dice.below(40) as u64;
        let slot = self.dice.below(self.slots.len());
        let rules = &self.rules;
        match step.kind {
            Kind::Call => self.call(false),
            Kind::Call2 => self.call(true),
            Kind::GoOn => self.go_on(),
            Kind::Prompt => self.prompt(slot),
            Kind::Work => (0..=self.dice.below(3)).for_each(|_| self.work(slot)),
            Kind::Settle => self.settle(slot),
            Kind::Bus => (0..=self.dice.below(5)).for_each(|_| self.hear_bus(slot)),
            Kind::Fault if rules.faults => self.fault(slot),
            Kind::Echo => self.echo(slot),
            Kind::Clock if rules.jumps => {
                self.now = match self.dice.below(3) {
                    0 => self.now + 7_200_000,
                    1 => self.now.saturating_sub(60_000),
                    _ => self.now.saturating_sub(self.dice.below(50) as u64),
                };
            }
            Kind::User => self.user(),
            Kind::Rest => self.rest(),
            Kind::Compact => self.compact(),
            Kind::Alias => self.alias(slot),
            Kind::Delete => self.delete_one(),
            Kind::Restore => self.restore(slot),
            Kind::Trap if rules.crashes => self.trap(slot),
            Kind::Crash if rules.crashes => self.crash(None),
            Kind::Reload if rules.crashes => self.crash(Some(slot)),
            Kind::Read => {
                let at = self.dice.below(self.host.len());
                let root = self.host[at].root;
                self.read(slot, root);
            }
            _ => {}
        }
        self.latest = self.latest.max(self.now);
        // As a rule what is to be done is done at once, and heard of soon.
        for slot in 0..self.slots.len() {
            if self.dice.percent(75) {
                while !self.slots[slot].todo.is_empty() {
                    self.work(slot);
                }
            }
            if self.dice.percent(60) {
                while !self.slots[slot].inbox.is_empty() {
                    self.hear_bus(slot);
                }
            }
            self.kept(slot);
        }
    }

    fn hear_bus(&mut self, slot: usize) {
        if let Some(event) = self.slots[slot].inbox.pop_front() {
            self.receive(slot, event);
        }
    }

    fn living(&self, test: impl Fn(&HostSession) -> bool) -> Vec<Sid> {
        (0..self.host.len())
            .filter(|at| !self.host[*at].gone && test(&self.host[*at]))
            .collect()
    }

    fn one(&mut self, of: &[Sid]) -> Option<Sid> {
        (!of.is_empty()).then(|| *self.dice.pick(of))
    }

    /// A user prompts a session, a root as a rule.
    fn user(&mut self) {
        let roots = !self.dice.percent(15);
        let idle =
            self.living(|session| session.busy.is_none() && session.parent.is_none() == roots);
        if let Some(at) = self.one(&idle) {
            let slot = self.dice.below(self.slots.len());
            self.talk(at, By::User, slot);
        }
    }

    fn message_id(&mut self) -> String {
        self.made += 1;
        format!("msg_user{:06}", self.made)
    }

    fn talk(&mut self, at: Sid, by: By, slot: usize) {
        let id = self.message_id();
        self.hook(at, &id);
        self.message(at, &id, vec![format!("user {id}")], false);
        self.begin(at, by, slot);
    }

    /// The hook before a user message is stored: whatever waits to be told goes along with it. That it is
    /// stored then is not left to chance, nor is the crash between the two.
    fn hook(&mut self, at: Sid, message_id: &str) {
        for slot in 0..self.slots.len() {
            self.meet(slot, at);
            if self.rules.delegate > 0 {
                let (now, session_id) = (self.now, self.host[at].id.clone());
                let message_id = message_id.to_owned();
                self.apply(
                    slot,
                    Event::Prompted {
                        now,
                        session_id,
                        message_id,
                    },
                );
                while !self.slots[slot].todo.is_empty() {
                    self.work(slot);
                }
            }
        }
    }

    fn ask(&mut self, caller: Sid) -> Ask {
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
            // What another call is about to create.
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
        Ask {
            no: self.next,
            caller,
            agent,
            description: self.dice.pick::<&'static str>(&DESCRIPTIONS),
            task_id,
            background: self.dice.percent(35),
        }
    }

    /// Somebody calls the task tool; now and then the same name twice at once.
    fn call(&mut self, twice: bool) {
        let nested = self.rules.nested && self.dice.percent(45);
        let callers = self.living(|session| session.busy.is_some() && session.parent.is_some());
        let caller = self.one(&callers).filter(|_| nested);
        let caller = caller.or_else(|| {
            let roots = self.living(|session| session.parent.is_none());
            self.one(&roots)
        });
        let Some(caller) = caller else { return };
        if self.host[caller].busy.is_none() {
            let slot = self.dice.below(self.slots.len());
            self.talk(caller, By::User, slot);
        }
        let ask = self.ask(caller);
        self.place(ask.clone());
        if twice {
            self.next += 1;
            self.place(Ask {
                no: self.next,
                ..ask
            });
        }
    }

    /// The call of an instance that is to create what has that derived id.
    pub fn maker(&self, slot: usize, derived: &str) -> Option<usize> {
        self.calls.iter().rposition(|call| {
            call.slot == slot
                && !self.host[call.ask.caller].gone
                && !call.committed
                && !call.orphan
                && matches!(&*call.decision, Decision::Spawn { session_id, .. } if **session_id == *derived)
        })
    }

    /// Has a call decided, and takes it up.
    fn place(&mut self, ask: Ask) {
        let slot = self.host[ask.caller].slot.min(self.slots.len() - 1);
        self.meet(slot, ask.caller);
        if ask.task_id.is_some() {
            let request = crate::host::request(self, &ask, "", ask.task_id.as_deref());
            if self.slots[slot].engine.resolve(&request).is_none() {
                self.read(slot, self.host[ask.caller].root);
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
        });
    }

    /// A call in progress comes a step further.
    fn go_on(&mut self) {
        let open: Vec<usize> = (0..self.calls.len())
            .filter(|at| !matches!(self.calls[*at].stage, Stage::Followed))
            .collect();
        if let Some(at) = self.one(&open) {
            self.advance(at);
        }
    }

    fn drop_call(&mut self, no: usize) {
        self.calls.retain(|call| call.ask.no != no);
    }

    fn give_back(&mut self, at: usize) {
        let call = self.calls[at].clone();
        if let (Some(ticket), false, false) = (call.ticket, call.committed, call.orphan) {
            self.refund(call.slot, call.ask.no, ticket);
        }
        self.drop_call(call.ask.no);
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
                        // It came to nothing: the call is decided anew.
                        None => {
                            let known = self.ids.get(self.joined(&call)).copied();
                            self.drop_call(no);
                            if known.is_none() && self.alive(call.ask.caller) {
                                self.place(call.ask);
                            }
                        }
                    }
                    return;
                }
                // The host's own check, or the user, may refuse it.
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

    fn joined<'a>(&self, call: &'a Call) -> &'a str {
        match &*call.decision {
            Decision::Join { session_id, .. } => session_id,
            _ => "",
        }
    }

    /// OpenCode's own tool runs the child.
    fn begin_hosted(&mut self, at: usize) {
        let call = self.calls[at].clone();
        let target = call.child.or(call.target);
        let child = match target {
            Some(target) if self.alive(target) => {
                if self.host[target].busy.is_some() {
                    return;
                }
                target
            }
            // An id that it does not know has it start a fresh session in silence.
            _ => self.make_child(
                call.ask.caller,
                call.ask.agent,
                call.ask.description,
                None,
                None,
            ),
        };
        self.talk(child, By::Call(call.ask.no), call.slot);
        let Some(call) = self.calls.iter_mut().find(|it| it.ask.no == call.ask.no) else {
            return;
        };
        (call.child, call.stage) = (Some(child), Stage::Running);
    }

    /// The child of a call appears in its part, or its turn ends.
    fn end_hosted(&mut self, at: usize) {
        let call = self.calls[at].clone();
        let child = call.child.unwrap();
        if !call.committed {
            self.commit(&call, child);
            return;
        }
        if call.ask.background {
            return self.drop_call(call.ask.no);
        }
        if self.waits(child) && !self.dice.percent(10) {
            return;
        }
        if self.host[child].busy == Some(By::Call(call.ask.no)) {
            self.stop(child);
        }
        let (now, session_id) = (self.now, self.host[child].id.clone());
        let status = Status::Idle;
        self.apply(
            call.slot,
            Event::Status {
                now,
                session_id,
                status,
            },
        );
        self.drop_call(call.ask.no);
    }

    /// Whether a session waits for calls that it made.
    fn waits(&self, at: Sid) -> bool {
        self.calls
            .iter()
            .any(|call| call.ask.caller == at && !call.ask.background)
    }

    fn commit(&mut self, call: &Call, child: Sid) {
        let slot = call.slot;
        let (now, session_id) = (self.now, self.host[child].id.clone());
        if let Some(call) = self.calls.iter_mut().find(|it| it.ask.no == call.ask.no) {
            call.committed = true;
        }
        self.births.insert(call.ask.no, child);
        let Some(ticket) = call.ticket else { return };
        if call.orphan {
            return self.commit_again(call, child);
        }
        self.apply(
            slot,
            Event::Commit {
                now,
                ticket,
                session_id,
            },
        );
        self.named(slot, child);
    }

    /// The result of a call names its session.
    fn named(&mut self, slot: usize, child: Sid) {
        let session = self.slots[slot].engine.session(&self.host[child].id);
        if let Some(slug) = session.and_then(|session| session.slug) {
            self.promise(slot, &slug, child, Goal::Handle, false);
        }
    }

    /// An engine that had set a name and a call aside is lost; its successor is told of both.
    fn commit_again(&mut self, call: &Call, child: Sid) {
        let slot = call.slot;
        if !self.alive(child) || !self.alive(call.ask.caller) {
            return;
        }
        self.meet(slot, call.ask.caller);
        let now = self.now;
        if let Decision::Spawn { slug, .. } = &*call.decision {
            // FINDING: the name that the successor had made up for it meanwhile is a former one now, and
            // no record holds those.
            self.told
                .retain(|told| told.at != child || told.goal != Goal::Handle);
            let session = Created {
                id: self.host[child].id.clone(),
                parent_id: Some(self.host[call.ask.caller].id.clone()),
                agent: Some(call.ask.agent.to_owned()),
                description: Some(call.ask.description.to_owned()),
                prompt: None,
                slug: Some(slug.to_string()),
                files: None,
                record: None,
                alive: None,
            };
            self.apply(slot, Event::Created { now, session });
        }
        self.next += 1;
        let ask = Ask {
            no: self.next,
            task_id: Some(self.host[child].id.clone()),
            ..call.ask.clone()
        };
        let decision = self.decide(slot, &ask);
        if let Some(ticket) = decision.ticket() {
            let session_id = self.host[child].id.clone();
            self.apply(
                slot,
                Event::Commit {
                    now,
                    ticket,
                    session_id,
                },
            );
        }
        self.named(slot, child);
    }

    fn asked(&mut self, call: &Call, session: Option<Sid>) -> Event {
        let ask = &call.ask;
        let model = self.dice.percent(70).then(|| Model {
            provider_id: "p".to_owned(),
            model_id: "own".to_owned(),
        });
        Event::Kept(Box::new(Asked {
            now: self.now,
            ticket: call.ticket,
            session_id: session.map(|at| self.host[at].id.clone()),
            caller_id: self.host[ask.caller].id.clone(),
            caller_agent: Some(self.host[ask.caller].agent.clone()),
            agent: ask.agent.to_owned(),
            background: Some(ask.background),
            parts: vec![json!({ "type": "text", "text": format!("p{}", ask.no) })],
            system: None,
            model,
            variant: None,
            permission: Vec::new(),
            seed: format!("{:014}", ask.no),
            process: Some(self.slots[call.slot].process.clone()),
        }))
    }

    /// The engine's own executor runs the child.
    fn begin_delegated(&mut self, at: usize) {
        let call = self.calls[at].clone();
        let slot = call.slot;
        if call.orphan {
            return self.drop_call(call.ask.no);
        }
        let target = call.child.or(call.target);
        if let Some(target) = target {
            // A caller that asks again takes what was lost along, and need not be told of it.
            let first = self.host[target].first.clone();
            let owed = self.host[target].owed;
            for task in &mut self.tasks {
                let same = task.at == target && task.caller == call.ask.caller;
                if same && owed && first == Some(format!("p{}", task.call)) {
                    task.excused = Some("asked again");
                }
            }
            let event = self.asked(&call, Some(target));
            let came = self.apply(slot, event);
            if let Some(it) = self.calls.iter_mut().find(|it| it.ask.no == call.ask.no) {
                it.committed = true;
            }
            self.take_up(&call, came);
            return;
        }
        let event = self.asked(&call, None);
        let came = self.apply(slot, event);
        let Some((agent, record, title)) = came.create else {
            return self.give_back(at);
        };
        let first = Some(format!("p{}", call.ask.no));
        let task = record["tasks"][0]["id"].as_str().map(str::to_owned);
        let child = self.make_child(call.ask.caller, &agent, &title, Some(record), first);
        if task.is_some() {
            self.background(&call, child, 1);
        }
        self.slots[slot].known.insert(child);
        let call = &mut self.calls[at];
        (call.child, call.stage) = (Some(child), Stage::Made);
        if self.dice.percent(80) {
            self.commit_made(at);
        }
    }

    fn commit_made(&mut self, at: usize) {
        let call = self.calls[at].clone();
        let (slot, child) = (call.slot, call.child.unwrap());
        if call.orphan {
            return self.drop_call(call.ask.no);
        }
        self.calls[at].committed = true;
        self.births.insert(call.ask.no, child);
        let (now, session_id) = (self.now, self.host[child].id.clone());
        let ticket = call.ticket.unwrap();
        let came = self.apply(
            slot,
            Event::Commit {
                now,
                ticket,
                session_id,
            },
        );
        self.take_up(&call, came);
        self.named(slot, child);
    }

    fn background(&mut self, call: &Call, at: Sid, turn: u32) {
        if let Some(task) = self.tasks.iter_mut().find(|it| it.call == call.ask.no) {
            task.turn = turn;
            return;
        }
        self.tasks.push(Task {
            at,
            turn,
            caller: call.ask.caller,
            call: call.ask.no,
            process: self.slots[call.slot].process.clone(),
            heard: Vec::new(),
            excused: None,
        });
    }

    /// Follows a prompt that the engine has taken up.
    fn take_up(&mut self, call: &Call, came: Came) {
        let Some((id, turn, task)) = came.wait else {
            // Its session is gone: the call fails, which tells its caller.
            for task in self.tasks.iter_mut().filter(|it| it.call == call.ask.no) {
                task.excused = Some("its call failed");
            }
            if let Some(at) = self.calls.iter().position(|it| it.ask.no == call.ask.no) {
                let spent = self.slots[call.slot].spent.get_mut(&call.ask.caller);
                // What was committed with it stays spent.
                if let Some(spent) = spent
                    && call.ticket.is_some()
                {
                    spent.retain(|known| *known != call.ask.no);
                    self.slots[call.slot].unsure.insert(call.ask.caller);
                }
                self.calls.remove(at);
            }
            return;
        };
        let at = self.ids[&id];
        if let Some(it) = self.calls.iter_mut().find(|it| it.ask.no == call.ask.no) {
            it.stage = Stage::Followed;
            it.child = Some(at);
        }
        self.slots[call.slot].follows.push(Follow {
            call: call.ask.no,
            at,
            turn,
            attempt: 1,
            caller: call.ask.caller,
            agent: call.ask.agent,
            send: None,
            asked: None,
            sent: false,
            stored: false,
            accepted: false,
            lost: false,
            first: self.host[at].owed,
        });
        let slot = call.slot;
        self.named(slot, at);
        if let Some(task) = task {
            self.background(call, at, turn);
            self.promise(slot, &task, at, Goal::Task, false);
            // The call is done; its task goes on.
            self.drop_call(call.ask.no);
        }
    }

    /// A prompt that an instance follows comes a step further.
    fn prompt(&mut self, slot: usize) {
        let count = self.slots[slot].follows.len();
        if count > 0 {
            let place = self.dice.below(count);
            self.attend(slot, place, false);
        }
    }

    fn of(&self, follow: &Follow) -> OfPrompt {
        OfPrompt {
            now: self.now,
            session_id: self.host[follow.at].id.clone(),
            turn: follow.turn,
            attempt: follow.attempt,
        }
    }

    fn edit(&mut self, slot: usize, follow: &Follow, change: impl FnOnce(&mut Follow)) {
        let mut follows = self.slots[slot].follows.iter_mut();
        if let Some(it) = follows.find(|it| it.call == follow.call) {
            change(it);
        }
    }

    /// What an instance tells its engine of a prompt; one whose engine is lost tells nothing.
    fn tell(&mut self, slot: usize, follow: &Follow, event: Event) {
        if !follow.lost {
            self.apply(slot, event);
        }
    }

    fn break_off(&mut self, slot: usize, follow: &Follow, name: &str, live: bool) {
        let of = self.of(follow);
        let message = *self
            .dice
            .pick(&["Overloaded", "Refused", "Agent not found: x"]);
        let event = Event::Broken(Box::new(Failure {
            now: of.now,
            session_id: of.session_id,
            turn: of.turn,
            attempt: of.attempt,
            name: name.to_owned(),
            message: message.to_owned(),
            retryable: Some(self.dice.percent(60)),
            live: Some(live),
            jitter: Some(self.dice.below(11) as f64 / 10.0),
        }));
        self.tell(slot, follow, event);
    }

    /// A step of one prompt; to its good end where `end` says so.
    pub fn attend(&mut self, slot: usize, place: usize, end: bool) {
        let follow = self.slots[slot].follows[place].clone();
        let at = follow.at;
        let process = self.slots[slot].process.clone();
        let by = By::Prompt(process, follow.turn, follow.call as u32);
        if let Some(message) = follow.send.clone().filter(|_| !follow.sent) {
            if self.host[at].busy.is_some() {
                return;
            }
            self.edit(slot, &follow, |it| {
                (it.send, it.sent, it.stored) = (None, true, false);
            });
            let of = self.of(&follow);
            self.tell(slot, &follow, Event::Sent(of));
            if !end && self.dice.percent(8) {
                return;
            }
            if !self.alive(at) || !end && self.dice.percent(12) {
                self.edit(slot, &follow, |it| it.sent = false);
                return self.break_off(slot, &follow, "APIError", false);
            }
            let id = message.message_id.clone();
            let texts: Vec<String> = message
                .parts
                .iter()
                .map(|part: &Value| part["text"].as_str().unwrap().to_owned())
                .collect();
            let whole = !texts.is_empty();
            self.hook(at, &id);
            self.message(at, &id, texts, true);
            self.begin(at, by, slot);
            self.edit(slot, &follow, |it| {
                it.stored = true;
                if whole {
                    it.asked = Some(id);
                }
            });
            return;
        }
        if !follow.sent {
            // Somebody ends it before it is sent, or what would have it sent is still to be done.
            if !end && self.dice.percent(10) {
                let of = self.of(&follow);
                self.tell(slot, &follow, Event::Cancelled(of));
            }
            if follow.lost {
                self.end_lost(slot, &follow);
            }
            return;
        }
        if !follow.stored || self.host[at].busy != Some(by) {
            self.edit(slot, &follow, |it| it.sent = false);
            if follow.lost {
                return self.end_lost(slot, &follow);
            }
            return self.break_off(slot, &follow, "APIError", false);
        }
        if !follow.accepted && (end || self.dice.percent(60)) {
            let of = self.of(&follow);
            // Of an attempt that is not the newest any more it is no news.
            if !self.is_over(slot, &of.session_id, of.turn, of.attempt) {
                self.edit(slot, &follow, |it| it.accepted = !it.lost);
            }
            self.tell(slot, &follow, Event::Accepted(of));
            if !end {
                return;
            }
        }
        let waits = self.waits(at);
        if waits && !self.dice.percent(10) {
            return;
        }
        let chance = if end { 0 } else { self.dice.below(100) };
        match chance {
            0..60 => {
                let id = follow.asked.clone();
                let messages = self.host[at].messages.iter_mut();
                for message in messages.filter(|message| Some(&message.id) == id.as_ref()) {
                    message.answered = true;
                }
                self.stop(at);
                self.edit(slot, &follow, |it| it.sent = false);
                let of = self.of(&follow);
                self.tell(slot, &follow, Event::Answered(of));
            }
            60..72 => {
                let name = *self.dice.pick(&["Retrying", "Stalled"]);
                self.break_off(slot, &follow, name, true);
            }
            72..88 => {
                self.stop(at);
                self.edit(slot, &follow, |it| it.sent = false);
                let name = *self.dice.pick(&["APIError", "MessageAbortedError"]);
                self.break_off(slot, &follow, name, false);
            }
            _ => {
                let of = self.of(&follow);
                self.tell(slot, &follow, Event::Cancelled(of));
            }
        }
        if follow.lost {
            self.stop(at);
            self.end_lost(slot, &follow);
        }
    }

    /// A prompt of an engine that is lost ends without it.
    fn end_lost(&mut self, slot: usize, follow: &Follow) {
        self.slots[slot].follows.retain(|it| it.call != follow.call);
        self.drop_call(follow.call);
    }

    /// A turn that no call waits for ends.
    fn rest(&mut self) {
        let open: Vec<usize> = self.calls.iter().map(|call| call.ask.no).collect();
        let busy = self.living(|session| match &session.busy {
            Some(By::User) => true,
            // What the host runs in the background.
            Some(By::Call(no)) => !open.contains(no),
            _ => false,
        });
        if let Some(at) = self.one(&busy)
            && (!self.waits(at) || self.dice.percent(10))
        {
            self.stop(at);
        }
    }

    /// A context grows, or is summarised.
    fn compact(&mut self) {
        let children = self.living(|session| session.parent.is_some());
        if let Some(at) = self.one(&children) {
            let window = *self.dice.pick(&[0, 1_000, 1_000]);
            let tokens = 100 + self.dice.below(900) as u64;
            self.emit(&Bus::Usage(at, tokens, window));
        }
    }

    /// Another plugin tells a session's caller of it under a name of its own.
    fn alias(&mut self, slot: usize) {
        let children = self.living(|session| session.parent.is_some());
        let Some(at) = self.one(&children) else {
            return;
        };
        let alias = *self.dice.pick(&["exp-1", "exp-2", "Exp 2", "auth"]);
        let parent = self.host[at].parent.unwrap();
        self.meet(slot, at);
        // Before its call is committed there is nothing to tell.
        let known = self.slots[slot].engine.session(&self.host[at].id);
        if known.is_none() {
            return;
        }
        let request = Ask {
            no: 0,
            caller: parent,
            agent: "explorer",
            description: "",
            task_id: Some(alias.to_owned()),
            background: false,
        };
        let request = crate::host::request(self, &request, "", Some(alias));
        // What another instance was told of, this one may not have heard yet.
        let mut slots = self.slots.iter();
        let taken = slots.any(|slot| slot.engine.resolve(&request).is_some());
        let (now, session_id) = (self.now, self.host[at].id.clone());
        let alias = alias.to_lowercase().replace(' ', "-");
        // A name of somebody out of reach is taken too.
        let spawns = self.slots[slot]
            .engine
            .sessions(&self.host[self.host[at].root].id)
            .iter()
            .any(|session| session.slug.as_deref() == Some(&*alias));
        // FINDING: of two that were called so, the clock says who was first. One that was set back lets the
        // later take the name of the earlier.
        if self.now < self.latest || self.rules.two {
            let root = self.host[at].root;
            self.told.retain(|told| {
                !matches!(told.goal, Goal::Alias(_))
                    || told.name != alias
                    || self.host[told.at].root != root
            });
        }
        self.apply(
            slot,
            Event::Alias {
                now,
                session_id,
                alias: alias.clone(),
            },
        );
        let held = self.calls.iter().any(
            |call| matches!(&*call.decision, Decision::Spawn { slug, .. } if **slug == *alias),
        );
        if !taken && !spawns && !held {
            self.promise(slot, &alias, at, Goal::Alias(parent), false);
        }
    }

    fn delete_one(&mut self) {
        let rather_children = self.dice.percent(90);
        let all = self.living(|session| session.parent.is_some() == rather_children);
        let roots = self.living(|session| session.parent.is_none()).len();
        if let Some(at) = self.one(&all)
            && (self.host[at].parent.is_some() || roots > 1)
        {
            let gone = self.below(at);
            // Where nobody lives who knows of a task, the host takes what was kept of it along.
            for task in &mut self.tasks {
                let owner = self.slots.iter().any(|slot| slot.process == task.process);
                if gone.contains(&task.at) && !owner {
                    task.excused = Some("deleted with what was kept of it");
                }
            }
            self.delete(at);
        }
    }

    fn restore(&mut self, slot: usize) {
        // FINDING: a session that has no handle, but the name of a task, has that for its handle after.
        let engine = &self.slots[slot].engine;
        let nameless = self.host.iter().any(|it| {
            let session = engine.session(&it.id);
            session.is_some_and(|it| it.slug.is_none() && it.task.is_some())
        });
        if nameless {
            return;
        }
        let before = self.slots[slot].engine.snapshot();
        let after = Engine::restore(&before, &self.rules.config);
        match after {
            Ok(engine) => {
                let same = engine.snapshot() == before;
                self.must(same, "I6", || {
                    "a snapshot of a restored engine differs".to_owned()
                });
                self.slots[slot].engine = engine;
                if let Some(inputs) = &mut self.slots[slot].inputs {
                    inputs.push(Input::Restore);
                }
                self.look(slot);
            }
            Err(error) => self.must(false, "I6", || format!("no restore: {error}")),
        }
    }

    /// What was settled is told once more, late.
    fn echo(&mut self, slot: usize) {
        let past = self.slots[slot].past.len();
        if past == 0 {
            return;
        }
        let place = self.dice.below(past);
        let event = self.slots[slot].past[place].clone();
        let engine = &self.slots[slot].engine;
        // What is told of a prompt that runs is news while its attempt is the newest.
        let settled = match &event {
            Event::Status {
                now, session_id, ..
            } => {
                let latest = self.slots[slot].status_at.get(&self.ids[session_id]);
                latest.is_some_and(|latest| latest > now)
            }
            Event::Usage { .. } | Event::Alias { .. } => false,
            Event::Sent(of) | Event::Accepted(of) | Event::Answered(of) | Event::Cancelled(of) => {
                self.is_over(slot, &of.session_id, of.turn, of.attempt)
            }
            Event::Broken(of) => self.is_over(slot, &of.session_id, of.turn, of.attempt),
            Event::Commit { ticket, .. } | Event::Refund { ticket, .. } => {
                let open = |call: &Call| {
                    call.slot == slot && call.ticket == Some(*ticket) && !call.committed
                };
                !self.calls.iter().any(open)
            }
            Event::Told { told, .. } => *told,
            Event::Deleted { session_id, .. } => engine.session(session_id).is_none(),
            _ => false,
        };
        if !settled {
            return;
        }
        // Nor does the word that it is there bring back who is gone.
        let event = match event {
            Event::Deleted { now, session_id } if self.dice.percent(50) => {
                let session = self.created(slot, self.ids[&session_id], None);
                Event::Created { now, session }
            }
            event => event,
        };
        let before = self.slots[slot].engine.snapshot();
        let todo = self.slots[slot].todo.len();
        // What a decision has marked is stored with the next event, whichever that is.
        if self.slots[slot].decided {
            return;
        }
        self.note("  again:".to_owned());
        self.apply(slot, event.clone());
        let same =
            self.slots[slot].engine.snapshot() == before && self.slots[slot].todo.len() == todo;
        self.must(same, "I7", || format!("it is not settled: {event:?}"));
    }

    /// Whether an engine has nothing more to expect of an attempt.
    fn is_over(&self, slot: usize, id: &str, turn: u32, attempt: u32) -> bool {
        let at = self.ids[id];
        let instance = &self.slots[slot];
        let newest = |todo: &Todo| match todo {
            Todo::Effect(Effect::Retry {
                session_id,
                turn: of,
                attempt: it,
                ..
            }) if **session_id == *id && *of == turn => Some(*it),
            _ => None,
        };
        let queued = instance.todo.iter().filter_map(newest).max();
        let follow = instance
            .follows
            .iter()
            .find(|it| it.at == at && it.turn == turn && !it.lost);
        match follow {
            Some(follow) => attempt < queued.unwrap_or(follow.attempt),
            // One that was looked up may be waiting for whoever resumes.
            None => self.host[at].gone || !self.tasks.iter().any(|it| it.at == at),
        }
    }

    /// An event is lost, doubled or comes out of order.
    fn fault(&mut self, slot: usize) {
        let count = self.slots[slot].inbox.len();
        if count == 0 {
            return;
        }
        let place = self.dice.below(count);
        let event = self.slots[slot].inbox[place].clone();
        match self.dice.below(3) {
            // That a session is gone or there nobody repeats: such are late at the worst.
            0 if matches!(event, Bus::Status(..) | Bus::Usage(..)) => {
                self.slots[slot].inbox.remove(place);
            }
            1 => self.slots[slot].inbox.push_back(event),
            _ => {
                self.slots[slot].inbox.remove(place);
                self.slots[slot].inbox.push_back(event);
            }
        }
    }

    /// An engine traps: what was to be stored is stored, and another takes its place.
    fn trap(&mut self, slot: usize) {
        self.count.crashes += 1;
        self.replay(slot);
        let fresh = std::mem::take(&mut self.slots[slot].fresh);
        while let Some(todo) = self.slots[slot].todo.pop_front() {
            if matches!(todo, Todo::Effect(Effect::Store { .. })) {
                self.slots[slot].todo.push_front(todo);
                self.work(slot);
            }
        }
        self.settle(slot);
        let process = self.slots[slot].process.clone();
        for call in &mut self.calls {
            call.orphan |= call.slot == slot;
        }
        // Reservations go with the engine; what was committed is stored.
        let calls = &self.calls;
        let mut spent = std::mem::take(&mut self.slots[slot].spent);
        spent.retain(|at, _| !self.host[*at].overwritten);
        for made in spent.values_mut() {
            made.retain(|no| {
                let open = calls.iter().find(|call| call.ask.no == *no);
                open.is_none_or(|call| call.committed) && !fresh.contains(no)
            });
        }
        // FINDING: of its own prompts an instance reads nothing from its records. What an engine that trapped
        // knew of them is lost: first prompts that were not sent, their ends, what was to be told, bg_ names.
        for at in 0..self.host.len() {
            let record = self.host[at].record.as_ref();
            if record.is_some_and(|record| record["process"] == process) {
                self.host[at].overwritten = true;
                self.excuse(at, "its engine trapped");
            }
        }
        for task in &mut self.tasks {
            if task.process == process && task.excused.is_none() {
                task.excused = Some("its engine trapped");
            }
        }
        self.told
            .retain(|told| told.slot != slot || told.goal != Goal::Task);
        self.forget_fresh(slot);
        let mut next = Instance::new(&self.rules.config, process, self.rules.recorded);
        next.trapped = true;
        let last = &mut self.slots[slot];
        std::mem::swap(&mut next.inbox, &mut last.inbox);
        std::mem::swap(&mut next.follows, &mut last.follows);
        for follow in &mut next.follows {
            follow.lost = true;
        }
        next.spent = spent;
        self.slots[slot] = next;
        self.recount(slot);
    }

    /// Calls that were decided by an engine that is gone may stand in records as spent, though they came
    /// to nothing since.
    fn recount(&mut self, slot: usize) {
        let callers: Vec<Sid> = self.slots[slot].spent.keys().copied().collect();
        self.slots[slot].unsure.extend(callers);
    }

    /// What a decision told, and no event came after, was not stored.
    fn forget_fresh(&mut self, slot: usize) {
        let host = &self.host;
        let instance = &self.slots[slot];
        let renamed: Vec<Sid> = (0..host.len())
            .filter(|at| {
                let kept = host[*at].record.as_ref().and_then(|it| it["slug"].as_str());
                let known = instance.engine.session(&host[*at].id);
                kept.is_some() && known.is_some_and(|it| it.slug.as_deref() != kept)
            })
            .collect();
        self.told.retain(|told| {
            // FINDING: a session that is known by nothing but the name of its task lets that go, where its
            // other name yields to one that a record holds.
            let record = host[told.at].record.as_ref();
            let unnamed = record.is_none_or(|record| record["slug"].is_null());
            let yields = unnamed && told.goal == Goal::Task;
            // FINDING: a name that a description makes is stored later, and made again where that is lost; but
            // an older session without a name then makes it first.
            let older = (0..told.at).any(|at| {
                let other = &host[at];
                let nameless = other.record.as_ref().is_none_or(|it| it["slug"].is_null());
                let same = handle(&other.description) == handle(&host[told.at].description);
                !other.gone && nameless && same && other.root == host[told.at].root
            });
            let yields = yields || unnamed && older;
            // FINDING: such a name is let go of for a while, where one of another root has the same derived id.
            let elsewhere = host.iter().any(|it| {
                let slug = it
                    .record
                    .as_ref()
                    .and_then(|record| record["slug"].as_str());
                it.root != host[told.at].root && slug == Some(&*told.name)
            });
            let yields = yields || unnamed && elsewhere;
            // FINDING: nor is it made again where it is the alias of another meanwhile; and an alias yields to
            // a name that is made up for another before the record with the alias is read.
            let alias = host.iter().any(|it| {
                let aliases = it.record.as_ref().map(|record| &record["aliases"]);
                aliases.is_some_and(|it| it[&told.name].is_u64())
            });
            let made_up = host.iter().enumerate().any(|(at, it)| {
                let nameless = it.record.as_ref().is_none_or(|it| it["slug"].is_null());
                at != told.at && nameless && handle(&it.description) == told.name
            });
            let by_alias = matches!(told.goal, Goal::Alias(_)) && made_up;
            let yields = yields || unnamed && alias && told.goal == Goal::Handle || by_alias;
            // FINDING: of several handles that a session has had a record holds but one.
            let kept = record.and_then(|record| record["slug"].as_str());
            let former = told.goal == Goal::Handle && kept.is_some_and(|it| it != told.name);
            let yields = yields || former && renamed.contains(&told.at);
            // FINDING: the id of a session's tasks changes with its derived id, and the former is not kept.
            let tasks = record.and_then(|record| record["tasks"].as_array());
            let changed = tasks.is_some_and(|tasks| tasks.iter().any(|it| it["id"] != told.name));
            let yields = yields || told.goal == Goal::Task && changed;
            told.slot != slot || told.fresh.is_none() && !host[told.at].overwritten && !yields
        });
    }

    /// The host's process ends, or one instance on it; what it was about to do it may or may not have done.
    fn crash(&mut self, only: Option<usize>) {
        self.count.crashes += 1;
        // With one instance, its reload ends all that it ran.
        for slot in 0..self.slots.len() {
            if only.is_some_and(|only| only != slot) {
                continue;
            }
            self.replay(slot);
            for _ in 0..self.dice.below(4) {
                self.work(slot);
            }
            if self.dice.percent(30) {
                self.settle(slot);
            }
            self.forget_fresh(slot);
            self.forget_undone(slot);
            let process = self.slots[slot].process.clone();
            self.calls.retain(|call| call.slot != slot);
            self.slots[slot] = self.instance();
            for at in 0..self.host.len() {
                let ours = self.host[at].slot == slot;
                if only.is_none() {
                    self.host[at].busy = None;
                } else if ours {
                    self.stop(at);
                }
            }
            // FINDING: an instance that met a session while another ran it does not take over where that dies.
            for at in 0..self.host.len() {
                let record = self.host[at].record.as_ref();
                if self.slots.len() > 1 && record.is_some_and(|it| it["process"] == process) {
                    self.overwritten(at);
                }
            }
            self.note(format!("  {process} is gone"));
        }
    }

    /// What was to be kept at once, and was not when the process ended, cannot be demanded: names whose
    /// session was to be stored, tasks that no record holds yet.
    fn forget_undone(&mut self, slot: usize) {
        let undone: Vec<Sid> = self.slots[slot]
            .todo
            .iter()
            .filter_map(|todo| match todo {
                Todo::Effect(Effect::Store {
                    session_id,
                    later: false,
                    ..
                }) => self.ids.get(&**session_id).copied(),
                _ => None,
            })
            .collect();
        self.told
            .retain(|told| told.slot != slot || !undone.contains(&told.at));
        let process = self.slots[slot].process.clone();
        for task in self.tasks.iter_mut().filter(|task| task.process == process) {
            let record = self.host[task.at].record.as_ref();
            let tasks = record.and_then(|record| record["tasks"].as_array());
            let kept = tasks
                .into_iter()
                .flatten()
                .any(|kept| kept["turn"] == json!(task.turn));
            if self.host[task.at].gone && task.heard.is_empty() {
                task.excused = Some("deleted with what was kept of it");
            }
            if !kept && task.excused.is_none() && undone.contains(&task.at) {
                task.excused = Some("never stored");
            }
        }
    }

    /// Everything comes to its end, and everybody is told.
    pub fn drain(&mut self) {
        self.dice = Dice(1);
        self.now = self.latest + 10_000;
        self.note("the end".to_owned());
        self.finish();
        // A word that was lost is said again: that a session is idle. What its callers are to be told
        // comes with their next turn.
        for _ in 0..3 {
            for at in self.living(|_| true) {
                self.now += 10;
                self.emit(&Bus::Status(at, Status::Idle));
            }
            self.finish();
            for at in self.living(|_| true) {
                if self.host[at].busy.is_none() {
                    self.talk(at, By::User, 0);
                }
                self.now += 10;
                self.stop(at);
                self.finish();
            }
        }
        for at in self.living(|_| true) {
            self.stop(at);
        }
        for slot in 0..self.slots.len() {
            self.quiet(slot);
            self.settle(slot);
        }
        if self.wrong.is_none() {
            self.at_the_end();
        }
        if self.wrong.is_none() {
            self.again();
        }
    }

    /// Calls and prompts are seen to their end.
    fn finish(&mut self) {
        for _ in 0..200 {
            if self.wrong.is_some() {
                return;
            }
            self.now += 10;
            for slot in 0..self.slots.len() {
                self.quiet(slot);
                for place in (0..self.slots[slot].follows.len()).rev() {
                    if place < self.slots[slot].follows.len() {
                        self.attend(slot, place, true);
                    }
                    self.quiet(slot);
                }
            }
            for at in (0..self.calls.len()).rev() {
                if at < self.calls.len() {
                    self.advance(at);
                }
            }
            for at in 0..self.host.len() {
                let quiet = match self.host[at].busy {
                    Some(By::User) => !self.waits(at),
                    Some(By::Call(no)) => !self.calls.iter().any(|call| call.ask.no == no),
                    _ => false,
                };
                if quiet {
                    self.stop(at);
                }
            }
            let done = self.calls.is_empty()
                && self.slots.iter().all(|slot| slot.follows.is_empty())
                && self.host.iter().all(|session| session.busy.is_none());
            if done {
                break;
            }
        }
    }

    fn quiet(&mut self, slot: usize) {
        for _ in 0..1_000 {
            if self.slots[slot].todo.is_empty() && self.slots[slot].inbox.is_empty() {
                return;
            }
            self.work(slot);
            if let Some(event) = self.slots[slot].inbox.pop_front() {
                self.receive(slot, event);
            }
        }
    }
}
