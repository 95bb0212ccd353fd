//! The properties that hold at any time, for each action of the host.

use crate::calls::{Call, Stage};
use crate::host::Sid;
use crate::loss::SHARED;
use crate::world::World;
use opencode_delegate::Delivery;
use serde_json::Value;

/// A background task, and the parts that delivered it.
#[derive(Clone, Debug)]
pub struct Task {
    pub at: Sid,
    pub prompt_no: u32,
    pub caller: Sid,
    pub call: usize,
    pub process: String,
    /// When its engine took it in.
    pub since: u64,
    pub heard: Vec<(String, String)>,
    /// The slots whose instances found it orphaned.
    pub looked: Vec<usize>,
    /// The reason why it need not be delivered.
    pub excused: Option<&'static str>,
}

impl Task {
    /// Whether it may be delivered twice.
    pub fn is_excused(&self) -> bool {
        self.excused.is_some_and(|why| why != SHARED)
    }

    /// Whether a user message, or else the time of its beginning or a number, is that of this task. An engine may change the
    /// number of another process's task, and the message ends with the number of its call.
    pub fn is(&self, prompt_no: u32, asked: Option<&str>, since: Option<u64>) -> bool {
        match asked {
            Some(asked) => asked.ends_with(&format!("{:014}", self.call)),
            None => since.map_or(self.prompt_no == prompt_no, |since| self.since == since),
        }
    }

    /// Whether a record lists it.
    pub fn is_listed(&self, listed: &Value) -> bool {
        let prompt_no = listed["prompt_no"].as_u64().unwrap_or_default();
        let asked = listed["messageID"].as_str();
        self.is(prompt_no as u32, asked, listed["since"].as_u64())
    }
}

impl World {
    pub fn must(&mut self, holds: bool, which: &str, what: impl FnOnce() -> String) {
        if !holds && self.wrong.is_none() {
            let wrong = format!("{which}: {}", what());
            self.note(format!("!! {wrong}"));
            self.wrong = Some(wrong);
        }
    }

    /// Checks the properties of an instance after each event.
    pub fn look(&mut self, slot: usize) {
        self.look_at_undone(slot);
        let instance = &self.slots[slot];
        let mut wrong = None;
        for at in instance.spent.keys() {
            let session = instance.engine.session(&self.host[*at].id);
            // I2, by the engine's own words.
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
        for promise in &self.promises {
            if wrong.is_none() && promise.slot == slot {
                wrong = self.broken(slot, promise).map(|wrong| ("I10", wrong));
            }
        }
        wrong = wrong.or_else(|| self.counted_twice(slot).map(|wrong| ("I7", wrong)));
        if let Some((which, what)) = wrong {
            self.must(false, which, || what);
        }
    }

    /// Whether an instance counts more tokens below a root than its host has ever counted there.
    fn counted_twice(&self, slot: usize) -> Option<String> {
        let instance = &self.slots[slot];
        let roots = instance
            .known
            .iter()
            .filter(|at| self.host[**at].root == **at);
        roots.into_iter().find_map(|root| {
            let below = instance.engine.session(&self.host[*root].id)?.spent_below?;
            let all = self.host.iter().filter(|session| session.root == *root);
            let most: u64 = all.map(|session| session.spent).sum();
            let twice = below.tokens > most;
            twice.then(|| format!("{} of {most} tokens below {root} in [{slot}]", below.tokens))
        })
    }

    /// Checks that the host has stored all that the engine knows, after a quiet step.
    pub fn check_stored(&mut self, slot: usize) {
        let instance = &self.slots[slot];
        // With two instances the last write holds. Only promised names and counts are checked.
        if self.rules.two || !instance.todo.is_empty() {
            return;
        }
        let mut wrong = None;
        for at in instance.known.iter().copied() {
            let host = &self.host[at];
            // Its prompt is not taken in before the commit of its call.
            let made = |call: &Call| call.child == Some(at) && matches!(call.stage, Stage::Made);
            if self.calls.iter().any(made) {
                continue;
            }
            let Some(record) = host
                .record
                .as_ref()
                .filter(|_| !host.gone && !host.overwritten)
            else {
                continue;
            };
            let Some(session) = instance.engine.session(&host.id) else {
                continue;
            };
            let (slug, used, tasks) = match instance.waiting.get(&at) {
                Some((record, _)) => (
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
                Some(_) => tasks.map(|task| (task.prompt_no, task.delivered)),
                None => record["tasks"]
                    .as_array()
                    .and_then(|tasks| tasks.last())
                    .map(|task| {
                        (
                            task["prompt_no"].as_u64().unwrap() as u32,
                            task["delivered"].as_bool().unwrap(),
                        )
                    }),
            };
            let known = session
                .task
                .as_ref()
                .map(|task| (task.prompt_no, task.delivered));
            // The name of an undone session is in its record, and stands for nothing.
            let undone = self.is_undone(slot, at);
            // A call that is lost before its commit leaves a record whose name another session may have by then. The name that
            // an instance makes in its place is stored once a caller has read it: an instance that only reads stores nothing.
            let name = session.slug.as_deref();
            let found = slug.and_then(|slug| self.resolve(slot, host.root, slug));
            let mut promises = self.promises.iter();
            let unread = found.is_some_and(|found| found != at)
                && !promises.any(|it| it.at == at && Some(&*it.name) == name);
            let slug_differs = !undone && !unread && slug.is_some_and(|slug| Some(slug) != name);
            if slug_differs || used != session.used || task != known {
                wrong = Some(format!(
                    "stored of {}: {slug:?} {used} {task:?}, known: {session:?}",
                    host.id
                ));
            }
        }
        if let Some(wrong) = wrong {
            self.must(false, "stored", || wrong);
        }
    }

    /// Notes that a caller gets the result of a background task.
    pub fn hear(&mut self, slot: usize, at: Sid, prompt_no: u32, to: &Delivery) {
        let caller = self.ids[&*to.caller_id];
        let delivery = (to.message_id.clone(), to.part_id.clone());
        let id = self.host[at].id.clone();
        // Two processes that prompt one session at once may use one number.
        let process = &self.slots[slot].process;
        let mut own = self.tasks.iter();
        let own = own.any(|it| (it.at, it.prompt_no, &it.process) == (at, prompt_no, process));
        // A task that was not sent has no message. Another process may have given it another number.
        let record = self.host[at].record.as_ref();
        let listed = record.and_then(|record| record["tasks"].as_array());
        let mut listed = listed.into_iter().flatten();
        let listed = listed.find(|it| it["prompt_no"] == prompt_no && it["messageID"].is_null());
        let listed = listed.filter(|_| !own);
        let since = listed.and_then(|it| it["since"].as_u64());
        let tasks = || self.tasks.iter().rev();
        let of = |it: &&Task| it.at == at && it.is(prompt_no, to.asked.as_deref(), since);
        let mut all: Vec<&Task> = tasks().filter(of).collect();
        // Two calls of one message may begin a task each at one moment.
        let other_number = |it: &Task| it.prompt_no != prompt_no;
        all.sort_by_key(|it| {
            (
                it.caller != caller,
                other_number(it),
                it.process != *process,
            )
        });
        let no = all.first().map(|it| it.call);
        let task = self.tasks.iter_mut().find(|it| Some(it.call) == no);
        let Some(task) = task else {
            return self.must(false, "I3", || {
                format!("{id} {prompt_no} is delivered, which is no task")
            });
        };
        // The same part of the same message is written over itself.
        if !task.heard.contains(&delivery) {
            task.heard.push(delivery);
        }
        let (times, due, looked) = (task.heard.len(), task.caller, task.looked.len());
        let excused = task.is_excused();
        let host = &self.host[at];
        let two = looked > 1 || excused || host.overwritten;
        self.must(times == 1 || two, "I3", || {
            format!("{id} {prompt_no} is delivered {times} times")
        });
        self.must(due == caller, "I3", || {
            format!("{id} {prompt_no} is delivered to another")
        });
    }
}
