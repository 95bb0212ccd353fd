//! What the host kept of a session's prompts, when it is met and when another process has stored it anew.

use crate::engine::Engine;
use crate::protocol::Effect;
use crate::protocol::PromptState as State;
use crate::protocol::Record;
use crate::protocol::{Task, TaskState};
use crate::state::At;
use crate::state::Registry;
use crate::state::{Lane, Turn};

impl Engine {
    /// Takes in what the host kept of a session's prompts. What a process that is gone was to run is
    /// looked up in the session; what one runs that lives is its own to end and to tell.
    pub(crate) fn recall_prompts(
        &mut self,
        at: At,
        record: &Record,
        first: bool,
        news: bool,
        alive: Option<bool>,
    ) {
        if !first {
            self.registry.told_elsewhere(at, record);
        }
        let before = self.registry.known_tasks(at);
        if self.registry.takes(at, record, first, alive) {
            self.take_prompts(at, record, alive == Some(true));
        }
        let news = news || before != self.registry.known_tasks(at);
        let crossed = news && self.registry.node(at).wrote;
        if !first && (crossed || self.registry.lacks(at, record)) {
            // Another has stored it without what this engine knows, or knew less when this one did.
            self.registry.mark(at);
        }
    }

    fn take_prompts(&mut self, at: At, record: &Record, alive: bool) {
        let id = self.registry.node(at).id.clone();
        let lane = self.registry.node_mut(at).lane.take().unwrap_or_default();
        let untold = &mut self.registry.desk.untold;
        let runs = |turn: &Turn, task: &Task| turn.turn == task.prompt_no && !turn.stranded;
        let tasks = merged(lane.tasks, &lane.past, &record.tasks, |task| {
            untold.contains(&(id.clone(), task.prompt_no))
                || lane.turns.iter().any(|it| runs(it, task))
        });
        let mut left = left(record, &tasks);
        let mut turns = lane.turns;
        if alive {
            // Whoever lives has taken up what was left here.
            turns.clear();
        }
        // Whoever ran it since may have given the number of a prompt that was left to one of its own.
        let older = |known: &Turn, turn: &Turn| {
            known.turn == turn.turn && known.stranded && known.message_id != turn.message_id
        };
        turns.retain(|known| !left.iter().any(|turn| older(known, turn)));
        left.retain(|turn| turns.iter().all(|known| known.turn != turn.turn));
        let numbers = tasks.iter().map(|task| task.prompt_no);
        let count = numbers.chain(left.iter().map(|turn| turn.turn)).max();
        let count = count.unwrap_or_default().max(lane.count);
        if !alive {
            for task in &tasks {
                let place = (id.clone(), task.prompt_no);
                if !task.delivered && task.state != TaskState::Running && !untold.contains(&place) {
                    untold.push(place);
                }
            }
            let checks = left.iter().map(|turn| Effect::Check {
                session_id: id.clone(),
                prompt_no: turn.turn,
                attempt: turn.attempt,
                message_id: turn.message_id.clone(),
            });
            self.acts.extend(checks);
        }
        let ours = turns.iter().any(|turn| !turn.stranded);
        let process = match ours {
            true => lane.process,
            false => record.process.clone(),
        };
        let mut theirs = Vec::new();
        if alive {
            theirs = left;
        } else {
            turns.extend(left);
        }
        if turns.is_empty() && theirs.is_empty() && tasks.is_empty() && !lane.foreign {
            return;
        }
        self.registry.node_mut(at).lane = Some(Box::new(Lane {
            turns,
            alive,
            theirs,
            count,
            foreign: lane.foreign,
            tasks,
            past: lane.past,
            process,
        }));
    }
}

/// The tasks that a record tells of and those that an engine knows, where it knows more or has still to
/// tell, but for those that it knows to be told.
fn merged(
    known: Vec<Task>,
    past: &[u32],
    told: &[Task],
    untold: impl Fn(&Task) -> bool,
) -> Vec<Task> {
    let further = |task: &Task, than: &Task| {
        task.delivered && !than.delivered
            || task.state != TaskState::Running && than.state == TaskState::Running
    };
    let mut tasks: Vec<Task> = Vec::new();
    for task in told {
        let mut task = match known.iter().find(|it| it.prompt_no == task.prompt_no) {
            Some(known) if further(known, task) => known.clone(),
            None if past.contains(&task.prompt_no) => continue,
            _ => task.clone(),
        };
        let both = known
            .iter()
            .chain(told)
            .filter(|it| it.prompt_no == task.prompt_no);
        for id in both.flat_map(|it| &it.delivered_by) {
            if !task.delivered_by.contains(id) {
                task.delivered_by.push(id.clone());
            }
        }
        tasks.push(task);
    }
    let more = |task: &Task| told.iter().all(|other| other.prompt_no != task.prompt_no);
    let own = known.into_iter();
    tasks.extend(own.filter(|task| more(task) && (task.delivered || untold(task))));
    tasks.sort_by_key(|task| task.prompt_no);
    tasks
}

/// What a record tells of that was not ended.
fn left(record: &Record, tasks: &[Task]) -> Vec<Turn> {
    let running = tasks
        .iter()
        .filter(|task| !task.delivered && task.state == TaskState::Running);
    let mut turns: Vec<Turn> = running
        .map(|task| Turn {
            turn: task.prompt_no,
            state: State::Sent,
            caller: task.caller_id.as_str().into(),
            background: true,
            stranded: true,
            message_id: task.message_id.clone(),
            ..Turn::default()
        })
        .collect();
    if let Some(prompt) = &record.prompt {
        // A first prompt is that of a task, or somebody waited for it.
        // One that was not sent yet has no message to be known by.
        let known = |turn: &Turn| turn.message_id.is_some() && turn.message_id == record.message_id;
        let place = turns.iter().position(known).unwrap_or_else(|| {
            let number = (1..).find(|number| tasks.iter().all(|task| task.prompt_no != *number));
            let waited = Turn {
                turn: number.unwrap_or_default(),
                state: State::Sent,
                stranded: true,
                message_id: record.message_id.clone(),
                ..Turn::default()
            };
            turns.insert(0, waited);
            0
        });
        if let Some(first) = turns.get_mut(place) {
            (first.prompt, first.first) = (prompt.clone(), true);
        }
    }
    turns
}

impl Registry {
    /// Whether what a record tells of prompts is taken for what there is of them.
    fn takes(&self, at: At, record: &Record, first: bool, alive: Option<bool>) -> bool {
        if self.unborn(at).is_some() {
            // What it is created for is about to be asked here.
            return false;
        }
        let node = self.node(at);
        let Some(lane) = node.lane.as_deref().filter(|_| !first) else {
            return first || alive.is_some();
        };
        let own = lane.turns.iter().any(|turn| !turn.stranded);
        match alive {
            // Another has taken up what was left, or goes on with its own.
            Some(true) => !own,
            // Its process is gone since, or ran what this engine was never told of.
            Some(false) => {
                let known = |turn: u32| lane.tasks.iter().any(|task| task.prompt_no == turn);
                let unknown =
                    |task: &Task| !known(task.prompt_no) && !lane.past.contains(&task.prompt_no);
                let news = || record.tasks.iter().any(unknown);
                lane.alive || lane.process != record.process && news()
            }
            // The other has come to an end.
            None => lane.alive && record.process.is_none(),
        }
    }

    fn known_tasks(&self, at: At) -> Option<u32> {
        let lane = self.node(at).lane.as_deref();
        lane.and_then(|lane| lane.tasks.last())
            .map(|task| task.prompt_no)
    }

    /// Takes in which tasks another has told the end of.
    fn told_elsewhere(&mut self, at: At, record: &Record) {
        let id = self.node(at).id.clone();
        if let Some(lane) = self.node_mut(at).lane.as_deref_mut()
            && record.prompt.is_none()
        {
            lane.theirs.retain(|turn| !turn.first);
        }
        let lane = self.node_mut(at).lane.as_deref_mut();
        let Some(lane) = lane else { return };
        let mut told = Vec::new();
        for task in &mut lane.tasks {
            let own = |turn: &Turn| turn.turn == task.prompt_no && !turn.stranded;
            // Two processes may have given one number to prompts of their own.
            let same = |other: &&Task| {
                (other.prompt_no, &other.message_id) == (task.prompt_no, &task.message_id)
            };
            let other = record.tasks.iter().find(same);
            let Some(other) = other.filter(|_| !lane.turns.iter().any(own)) else {
                continue;
            };
            for by in &other.delivered_by {
                if !task.delivered_by.contains(by) {
                    task.delivered_by.push(by.clone());
                }
            }
            if other.delivered {
                task.delivered = true;
                told.push((id.clone(), task.prompt_no));
            }
        }
        self.desk.untold.retain(|place| !told.contains(place));
    }

    /// Whether a record lacks a name that somebody was told, or a prompt or a task of this engine.
    fn lacks(&self, at: At, record: &Record) -> bool {
        let node = self.node(at);
        let has = |name: &str| {
            record.slug.as_deref() == Some(name)
                || record.former.iter().any(|(former, _)| **former == *name)
                || record.aliases.iter().any(|(alias, _)| **alias == *name)
                || record.tasks.iter().any(|task| task.id == name)
        };
        let own = node.slug.iter().filter(|_| !self.is_untold(at));
        let aliases = node.aliases.iter().map(|(alias, _)| alias);
        let former = node.former.iter().map(|(former, _)| former);
        let Some(lane) = node.lane.as_deref() else {
            return own.chain(aliases).chain(former).any(|name| !has(name));
        };
        // Of this engine's own prompts a record is not asked.
        let ours = record.process.is_some() && record.process == lane.process;
        let is_task = |name: &str| ours && lane.tasks.iter().any(|task| task.id == name);
        let mut names = own.chain(aliases).chain(former);
        if names.any(|name| !has(name) && !is_task(name)) {
            return true;
        }
        if ours || lane.alive && !lane.is_live() {
            return false;
        }
        let unsent = lane.unsent().is_some() && record.prompt.is_none();
        let mut open = lane.tasks.iter().filter(|task| !task.delivered);
        unsent
            || open.any(|task| {
                record
                    .tasks
                    .iter()
                    .all(|other| other.prompt_no != task.prompt_no)
            })
    }
}
