//! A world: a host with instances of the plugin on it, step by step.

use crate::calls::Call;
use crate::dice::Dice;
use crate::host::{HostSession, Sid};
use crate::instance::Instance;
use crate::names::Promise;
use crate::notices::Notices;
use crate::rules::Rules;
use crate::step::{Kind, Step};
use crate::watch::Task;
use std::collections::{BTreeSet, HashMap};

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
    /// The latest time of the clock.
    pub latest: u64,
    pub made: usize,
    pub host: Vec<HostSession>,
    pub ids: HashMap<String, Sid>,
    pub slots: Vec<Instance>,
    pub calls: Vec<Call>,
    pub next: usize,
    pub tasks: Vec<Task>,
    pub notices: Notices,
    pub promises: Vec<Promise>,
    /// The sessions that have a name under a root, by their records.
    pub claims: HashMap<(Sid, String), BTreeSet<Sid>>,
    /// The names under a root that another plugin has given.
    pub aliased: BTreeSet<(Sid, String)>,
    /// The names under a root that were free after an undo, and that another session has had since.
    pub regiven: BTreeSet<(Sid, String)>,
    /// The slot whose instance is gone for good.
    pub dead: Option<usize>,
    pub wrong: Option<String>,
    pub log: Option<Vec<String>>,
    pub count: Count,
    /// The children that calls have made.
    pub births: HashMap<usize, Sid>,
    pub processes: usize,
    pub pids: usize,
}

/// The first three share the four digits of their derived ids, the first two even eight.
const ROOTS: [&str; 4] = [
    "ses_root7464",
    "ses_root22428",
    "ses_root157122",
    "ses_root",
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
            notices: Notices::new(),
            promises: Vec::new(),
            claims: HashMap::new(),
            aliased: BTreeSet::new(),
            regiven: BTreeSet::new(),
            dead: None,
            wrong: None,
            log: log.then(Vec::new),
            count: Count::default(),
            births: HashMap::new(),
            processes: 0,
            pids: 0,
        };
        for slot in 0..=usize::from(rules.two) {
            let instance = world.instance(slot, true);
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

    /// An instance for a slot, in its process as it is or in a new one.
    pub fn instance(&mut self, slot: usize, new: bool) -> Instance {
        self.processes += 1;
        let pid = match self.slots.get(slot).filter(|_| !new || !self.rules.apart) {
            Some(it) => it.pid().to_owned(),
            None => {
                self.pids += usize::from(self.pids == 0 || self.rules.apart);
                self.pids.to_string()
            }
        };
        let process = format!("{pid}:{}", self.processes);
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
            Kind::Fork if rules.undoes => self.fork(),
            Kind::Undo if rules.undoes => self.undo(),
            Kind::Spoil if rules.hostile => self.spoil(),
            Kind::Intrude if rules.hostile => self.intrude(),
            Kind::Trap if rules.crashes => self.trap(slot),
            // One of two processes, or both.
            Kind::Crash if rules.crashes && rules.apart && self.dice.percent(60) => {
                self.crash(Some(slot), true);
            }
            Kind::Crash if rules.crashes => self.crash(None, true),
            Kind::Reload if rules.crashes => self.crash(Some(slot), false),
            Kind::Read => {
                let at = self.dice.below(self.host.len());
                let root = self.host[at].root;
                self.read(slot, root);
            }
            _ => {}
        }
        self.latest = self.latest.max(self.now);
        // As a rule tasks are carried out at once, and events arrive soon.
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
            self.check_stored(slot);
        }
        self.uncross();
    }

    /// A slot, or the other one if its instance is gone for good.
    pub fn awake(&self, slot: usize) -> usize {
        match self.dead {
            Some(dead) if dead == slot => 1 - slot,
            _ => slot,
        }
    }

    pub fn hear_bus(&mut self, slot: usize) {
        if let Some(event) = self.slots[slot].inbox.pop_front() {
            self.receive(slot, event);
        }
    }

    pub fn living(&self, test: impl Fn(&HostSession) -> bool) -> Vec<Sid> {
        (0..self.host.len())
            .filter(|at| !self.host[*at].gone && test(&self.host[*at]))
            .collect()
    }

    pub fn one(&mut self, of: &[Sid]) -> Option<Sid> {
        (!of.is_empty()).then(|| *self.dice.pick(of))
    }
}
