//! What must hold at any time, whatever the host does.

use crate::host::{Ask, Sid, request};
use crate::instance::Input;
use crate::world::{Call, Stage, World};
use opencode_delegate::session::{Candidate, Status};
use opencode_delegate::table::RuleID;
use opencode_delegate::{Decision, Effect, Engine, Request};
use serde_json::json;
use std::borrow::Cow;
use std::sync::Arc;

/// As what a caller was told a name.
#[derive(Clone, Debug, PartialEq)]
pub enum Goal {
    Handle,
    /// The name of a background task.
    Task,
    /// By another plugin, which told this caller.
    Alias(Sid),
}

/// A name that a caller was told a session by.
#[derive(Clone, Debug)]
pub struct Told {
    pub name: String,
    pub at: Sid,
    pub goal: Goal,
    pub slot: usize,
    /// Told by a decision, while the engine has not been asked for a store since.
    pub fresh: Option<usize>,
}

/// A background task, and the parts that told its caller.
#[derive(Clone, Debug)]
pub struct Task {
    pub at: Sid,
    pub turn: u32,
    pub caller: Sid,
    pub call: usize,
    pub process: String,
    pub heard: Vec<(String, String)>,
    /// Why nobody need be told.
    pub excused: Option<&'static str>,
}

impl World {
    pub fn must(&mut self, holds: bool, which: &str, what: impl FnOnce() -> String) {
        if !holds && self.wrong.is_none() {
            let wrong = format!("{which}: {}", what());
            self.note(format!("!! {wrong}"));
            self.wrong = Some(wrong);
        }
    }

    pub fn resolve(&self, slot: usize, caller: Sid, name: &str) -> Option<Sid> {
        let session = self.slots[slot].engine.resolve(&Request {
            now: self.now,
            call_id: Cow::Borrowed(""),
            session_id: Cow::Borrowed(&self.host[caller].id),
            caller_agent: None,
            agent: Cow::Borrowed("explorer"),
            description: Cow::Borrowed(""),
            prompt: Cow::Borrowed(""),
            task_id: Some(Cow::Borrowed(name)),
            background: None,
        })?;
        self.ids.get(&*session.id).copied()
    }

    /// What must hold of an instance after each event.
    pub fn look(&mut self, slot: usize) {
        let instance = &self.slots[slot];
        let mut wrong = None;
        for at in instance.spent.keys() {
            let session = instance.engine.session(&self.host[*at].id);
            // I2, as the engine says it.
            if let Some(session) = session
                && session.budget.is_some_and(|budget| session.used > budget)
            {
                wrong = Some((
                    "I2",
                    format!(
                        "{} has spent {} of {:?}",
                        session.id, session.used, session.budget
                    ),
                ));
            }
        }
        for told in &self.told {
            if wrong.is_none() && told.slot == slot {
                wrong = self.broken(slot, told).map(|wrong| ("I10", wrong));
            }
        }
        if let Some((which, what)) = wrong {
            self.must(false, which, || what);
        }
    }

    /// How a name that was told is not what it was told to be.
    fn broken(&self, slot: usize, told: &Told) -> Option<String> {
        let session = &self.host[told.at];
        // Whether it lives to this instance: the end of it may not have been told yet, or be on its way.
        let lives = !session.gone && self.slots[slot].known.contains(&told.at);
        if !lives {
            return None;
        }
        let caller = match told.goal {
            Goal::Alias(caller) => caller,
            _ => session.root,
        };
        let found = self.resolve(slot, caller, &told.name);
        let mixed = |at: Sid| self.host[at].overwritten;
        if mixed(told.at) || found.is_some_and(mixed) {
            return None;
        }
        // Two instances may make the same derived id, and so the same name of a task, before they hear of
        // each other.
        // What the host keeps of the other counts for both.
        let kept = session.record.as_ref().and_then(|it| it["slug"].as_str());
        let both = found.is_some_and(|at| {
            let other = self.host[at].record.as_ref();
            other.and_then(|it| it["slug"].as_str()) == Some(&told.name)
        });
        if self.rules.two && (told.goal != Goal::Handle || kept != Some(&told.name) || both) {
            return None;
        }
        // A subagent does not reach who waits for it.
        if found == Some(told.at) || found.is_none() && caller != session.root {
            return None;
        }
        let now = found.map(|at| self.host[at].id.clone());
        Some(format!(
            "\"{}\", told as {:?}, stood for {} and stands for {now:?} in [{slot}]",
            told.name, told.goal, session.id
        ))
    }

    /// After a quiet step, what the host keeps is what the engine knows.
    pub fn kept(&mut self, slot: usize) {
        let instance = &self.slots[slot];
        // With two instances the last to store has the word: only what was told, and what is counted, is looked at.
        if self.rules.two || !instance.todo.is_empty() || instance.decided {
            return;
        }
        let mut wrong = None;
        for at in instance.known.iter().copied() {
            let host = &self.host[at];
            // Its prompt is not taken up before its call is committed.
            let made = |call: &Call| call.child == Some(at) && matches!(call.stage, Stage::Made);
            if self.calls.iter().any(made) {
                continue;
            }
            let Some(record) = host.record.as_ref().filter(|_| !host.gone) else {
                continue;
            };
            let Some(session) = instance.engine.session(&host.id) else {
                continue;
            };
            let (slug, used, tasks) = match instance.waiting.get(&at) {
                Some(record) => (
                    record.slug.as_deref(),
                    record.used,
                    record.tasks.last().cloned(),
                ),
                None => (
                    record["slug"].as_str(),
                    record["used"].as_u64().unwrap() as u32,
                    None,
                ),
            };
            let task = match instance.waiting.get(&at) {
                Some(_) => tasks.map(|task| (task.turn, task.told)),
                None => record["tasks"]
                    .as_array()
                    .and_then(|tasks| tasks.last())
                    .map(|task| {
                        (
                            task["turn"].as_u64().unwrap() as u32,
                            task["told"].as_bool().unwrap(),
                        )
                    }),
            };
            let known = session.task.as_ref().map(|task| (task.turn, task.told));
            // FINDING: a session of which the host tells under a name that is taken gets another, which is not
            // stored; and so does one of which it tells once more under a name that it had before.
            let slug_differs = slug.is_some_and(|slug| {
                Some(slug) != session.slug.as_deref()
                    && self.resolve(slot, host.root, slug).is_none()
            });
            if slug_differs || used != session.used || task != known && !instance.trapped {
                wrong = Some(format!(
                    "kept of {}: {slug:?} {used} {task:?}, known: {session:?}",
                    host.id
                ));
            }
        }
        if let Some(wrong) = wrong {
            self.must(false, "kept", || wrong);
        }
    }

    fn offered(&mut self, slot: usize, caller: Sid, candidates: &[Candidate]) {
        for candidate in candidates {
            let at = self.ids[&*candidate.session_id];
            let root = self.host[at].root;
            let caller = self.host[caller].root;
            self.must(root == caller, "I1", || {
                format!("{} of another root is offered", candidate.session_id)
            });
            if let Some(slug) = &candidate.slug {
                self.promise(slot, slug, at, Goal::Handle, true);
            }
        }
    }

    /// Asks an engine, and looks at what it says.
    pub fn decide(&mut self, slot: usize, ask: &Ask) -> Arc<Decision> {
        let call = format!("c{}", ask.no);
        let request = request(self, ask, &call, ask.task_id.as_deref()).owned();
        self.count.decisions += 1;
        let instance = &mut self.slots[slot];
        instance.decided = true;
        let decision = instance.engine.decide(&request);
        if let Some(inputs) = &mut instance.inputs {
            inputs.push(Input::Request(request.clone(), decision.clone()));
        }
        if self.log.is_some() {
            let text = serde_json::to_string(&request).unwrap();
            let answer = serde_json::to_string(&*decision).unwrap();
            self.note(format!("  [{slot}] asks {text}\n      => {answer}"));
        }
        // The same call again changes nothing.
        if self.dice.percent(10) {
            let before = self.slots[slot].engine.snapshot();
            let again = self.slots[slot].engine.decide(&request);
            if let Some(inputs) = &mut self.slots[slot].inputs {
                inputs.push(Input::Request(request, again.clone()));
            }
            let same = again == decision && self.slots[slot].engine.snapshot() == before;
            // What is refused is decided anew where it was forgotten since; nothing was, between the two.
            self.must(same, "I6", || {
                format!("c{} is decided twice: {again:?}", ask.no)
            });
        }
        let caller = ask.caller;
        let (id, slug) = match &*decision {
            Decision::Deny {
                candidates,
                rule,
                message,
                ..
            } => {
                self.offered(slot, caller, candidates);
                if *rule == RuleID::G8 {
                    let made = self.slots[slot].spent.get(&caller).map_or(0, Vec::len);
                    let sure = !self.slots[slot].unsure.contains(&caller);
                    let budget =
                        self.rules.budgets[crate::rules::Rules::place(&self.host[caller].agent)];
                    let mixed = self.host[caller].overwritten;
                    self.must(mixed || !sure || made >= budget as usize, "I2", || {
                        format!("c{} is refused, with {made} of {budget} spent", ask.no)
                    });
                }
                let named = message
                    .strip_prefix("Session \"")
                    .and_then(|rest| rest.split_once("\" belongs"));
                if let Some((name, _)) = named {
                    let at = self.resolve(slot, self.host[caller].root, name);
                    if let Some(at) = at {
                        self.promise(slot, name, at, Goal::Handle, true);
                    }
                }
                return decision;
            }
            Decision::Spawn {
                session_id,
                candidates,
                notice,
                ..
            } => {
                self.offered(slot, caller, candidates);
                let near = notice
                    .as_deref()
                    .and_then(|text| text.split_once("If you meant \""));
                if let Some((name, _)) = near.and_then(|(_, rest)| rest.split_once('"'))
                    && let Some(at) = self.resolve(slot, caller, name)
                {
                    let alias = self.slots[slot]
                        .engine
                        .session(&self.host[at].id)
                        .is_none_or(|session| session.slug.as_deref() != Some(name));
                    if !alias {
                        self.promise(slot, name, at, Goal::Handle, true);
                    }
                }
                (session_id.clone(), None)
            }
            Decision::Resume {
                session_id,
                slug,
                candidates,
                ..
            }
            | Decision::Compact {
                session_id,
                slug,
                candidates,
                ..
            } => {
                self.offered(slot, caller, candidates);
                (session_id.clone(), slug.clone())
            }
            Decision::Join {
                session_id, slug, ..
            } => (session_id.clone(), slug.clone()),
        };
        let target = self.ids.get(&*id).copied();
        if let Some(at) = target {
            let (theirs, ours) = (self.host[at].root, self.host[caller].root);
            self.must(theirs == ours, "I1", || {
                format!("c{} of root {ours} is given {id} of root {theirs}", ask.no)
            });
            if let Some(slug) = slug {
                self.promise(slot, &slug, at, Goal::Handle, true);
            }
        } else if matches!(&*decision, Decision::Join { .. }) {
            let maker = self.maker(slot, &id);
            let made = maker.map(|at| self.host[self.calls[at].ask.caller].root);
            let ours = self.host[caller].root;
            self.must(made == Some(ours), "I1", || {
                format!("c{} is to join a child of another root", ask.no)
            });
        }
        let depth = self.host[caller].depth;
        let deepest = self.rules.max_depth;
        self.must(depth < deepest, "I8", || {
            format!("c{} lies {} deep, of {deepest}", ask.no, depth + 1)
        });
        if self.host[caller].parent.is_some() {
            let budget = self.rules.budgets[crate::rules::Rules::place(&self.host[caller].agent)];
            let instance = &mut self.slots[slot];
            instance.fresh.push(ask.no);
            let made = instance.spent.entry(caller).or_default();
            if !made.contains(&ask.no) {
                made.push(ask.no);
            }
            let made = made.len();
            let mixed = self.host[caller].overwritten;
            self.must(mixed || made <= budget as usize, "I2", || {
                format!("c{} is call {made} of {budget} of {caller}", ask.no)
            });
        }
        decision
    }

    /// Somebody is told the result of a background task.
    pub fn hear(&mut self, at: Sid, turn: u32, caller: Sid, message: &str, part: &str) {
        let told = (message.to_owned(), part.to_owned());
        let id = self.host[at].id.clone();
        let task = self
            .tasks
            .iter_mut()
            .rev()
            .find(|it| it.at == at && it.turn == turn);
        let Some(task) = task else {
            return self.must(false, "I3", || {
                format!("{id} {turn} is told, which is no task")
            });
        };
        // The same part of the same message is written over itself.
        if !task.heard.contains(&told) {
            task.heard.push(told);
        }
        let (times, to, excused) = (task.heard.len(), task.caller, task.excused);
        let two = excused == Some("two instances") || self.host[at].overwritten;
        self.must(times == 1 || two, "I3", || {
            format!("{id} {turn} is told {times} times")
        });
        self.must(to == caller || self.rules.two, "I3", || {
            format!("{id} {turn} is told to another")
        });
    }

    /// What must hold once everything has come to its end.
    pub fn at_the_end(&mut self) {
        for task in self.tasks.clone() {
            let excused = task.excused.is_some()
                || self.host[task.at].overwritten
                || !self.alive(task.caller);
            let id = self.host[task.at].id.clone();
            self.must(excused || task.heard.len() == 1, "I3", || {
                format!("{id} {} (c{}) was never told", task.turn, task.call)
            });
        }
        for slot in 0..self.slots.len() {
            let stuck = self.slots[slot].follows.iter().find(|it| !it.lost).cloned();
            self.must(stuck.is_none(), "I4", || format!("for ever: {stuck:?}"));
            for told in self.told.clone() {
                self.meet(slot, told.at);
                let wrong = self.broken(slot, &told);
                // Another instance may have named it since this one read it: a miss has it read again.
                let wrong = wrong.and_then(|_| {
                    self.read(slot, self.host[told.at].root);
                    self.broken(slot, &told)
                });
                self.must(wrong.is_none(), "I10", || wrong.unwrap_or_default());
            }
            for at in 0..self.host.len() {
                let session = self.slots[slot].engine.session(&self.host[at].id);
                let session = session.filter(|session| self.ids[&*session.id] == at);
                let there = self.alive(at);
                self.must(there || session.is_none(), "I7", || {
                    format!("{at} is gone, and there")
                });
                if let Some(session) = session {
                    let quiet = session.prompt.is_none() && session.status == Status::Idle;
                    self.must(quiet, "I4", || format!("not at rest: {session:?}"));
                }
            }
        }
    }

    /// The same input once more, on another engine: the same state, to the byte.
    pub fn again(&mut self) {
        for slot in 0..self.slots.len() {
            self.replay(slot);
        }
    }

    /// What an engine was told and asked, told to two others: one that is restored where it was, and one that
    /// lives on. Both say the same, and the first is the same to the byte.
    pub fn replay(&mut self, slot: usize) {
        let Some(inputs) = self.slots[slot].inputs.clone() else {
            return;
        };
        let config = self.rules.config.clone();
        let mut twins = [Engine::new(&config).unwrap(), Engine::new(&config).unwrap()];
        let mut differs = None;
        for input in inputs {
            for twin in &mut twins {
                match &input {
                    Input::Event(event, effects) => {
                        // A snapshot does not hold in which order sessions are to be stored.
                        let sorted = |effects: &[Effect]| {
                            let mut texts: Vec<String> = effects
                                .iter()
                                .map(|effect| json!(effect).to_string())
                                .collect();
                            texts.sort();
                            texts
                        };
                        let again = twin.apply(event.clone());
                        if again != *effects && sorted(&again) != sorted(effects) {
                            differs.get_or_insert(json!([event, effects, again]));
                        }
                    }
                    Input::Request(request, decision) => {
                        if twin.decide(request) != *decision {
                            differs.get_or_insert(json!(request));
                        }
                    }
                    Input::Restore => {}
                }
            }
            if matches!(input, Input::Restore) {
                twins[0] = Engine::restore(&twins[0].snapshot(), &config).unwrap();
            }
        }
        self.must(differs.is_none(), "I6", || {
            format!(
                "the same again, another answer: {}",
                differs.unwrap_or_default()
            )
        });
        let same = twins[0].snapshot() == self.slots[slot].engine.snapshot();
        self.must(same, "I6", || {
            "the same input gives another state".to_owned()
        });
    }

    /// FINDING: a record is lost to that of another instance, which knew less. What it alone held cannot be
    /// demanded of who reads it next: names, counts, prompts and tasks of that session.
    pub fn overwritten(&mut self, at: Sid) {
        self.host[at].overwritten = true;
        self.excuse(at, "overwritten");
    }

    pub fn excuse(&mut self, at: Sid, why: &'static str) {
        for task in self.tasks.iter_mut().filter(|task| task.at == at) {
            task.excused.get_or_insert(why);
        }
    }
}

/// A request that outlives what it was made of.
trait Owned {
    fn owned(&self) -> Request<'static>;
}

impl Owned for Request<'_> {
    fn owned(&self) -> Request<'static> {
        let text = |text: &Cow<'_, str>| Cow::Owned(text.clone().into_owned());
        Request {
            now: self.now,
            call_id: text(&self.call_id),
            session_id: text(&self.session_id),
            caller_agent: self.caller_agent.as_ref().map(text),
            agent: text(&self.agent),
            description: text(&self.description),
            prompt: text(&self.prompt),
            task_id: self.task_id.as_ref().map(text),
            background: self.background,
        }
    }
}
