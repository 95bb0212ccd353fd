//! Results that nobody waited for, and how their callers are told: once.

use crate::bootstrap::State;
use crate::effect::{Effect, Telling};
use crate::engine::Engine;
use crate::id::root_digest;
use crate::prompt::{message_id, part_of};
use crate::registry::At;
use crate::session::Millis;
use crate::turn::{Task, TaskState, Turn};
use std::sync::Arc;

impl Engine {
    /// Notes what became of a background task, and tells its caller where that is idle.
    pub(crate) fn settle(&mut self, at: At, state: State, ended: Turn, now: Millis) {
        let number = ended.turn;
        let node = self.registry.node_mut(at);
        let id = node.id.clone();
        let Some(lane) = node.lane.as_deref_mut() else {
            return;
        };
        let task = lane
            .tasks
            .iter_mut()
            .find(|task| task.turn == number && task.state == TaskState::Running);
        let Some(task) = task else {
            return;
        };
        task.state = match state {
            State::Idle => TaskState::Completed,
            State::Cancelled => TaskState::Cancelled,
            State::Failed if !ended.stranded => TaskState::Error,
            _ => TaskState::Lost,
        };
        task.message = ended.message.filter(|_| task.state == TaskState::Error);
        task.notices = ended.notices;
        let caller = task.caller_id.clone();
        if !self.registry.desk.untold.contains(&id) {
            self.registry.desk.untold.push(id);
        }
        self.registry.mark(at);
        let idle = self
            .registry
            .find(&caller)
            .is_some_and(|caller| !self.registry.running(caller));
        // A task that is met after a restart waits for its caller's next turn.
        if idle && !ended.stranded {
            self.due(&caller, None, now);
        }
    }

    /// Tells a caller all that it is to be told: by a message of its own, or along with the user's.
    ///
    /// What was cancelled wakes nobody: it is told with the user's next message.
    pub(crate) fn due(&mut self, caller: &str, with: Option<&str>, now: Millis) {
        for id in self.registry.desk.untold.clone() {
            let Some(at) = self.registry.find(&id) else {
                continue;
            };
            let Some(lane) = self.registry.node_mut(at).lane.as_deref_mut() else {
                continue;
            };
            let mut acts = Vec::new();
            let due = |task: &&mut Task| {
                let wakes = with.is_some() || task.state != TaskState::Cancelled;
                task.caller_id == caller && !task.told && task.state != TaskState::Running && wakes
            };
            for task in lane.tasks.iter_mut().filter(due) {
                let seed = root_digest(&[&*id, " ", &task.turn.to_string()].concat());
                let chosen = with.map_or_else(|| message_id(now, &seed), str::to_owned);
                let before = task.told_by.replace(chosen.clone());
                acts.push(Effect::Deliver {
                    session_id: id.clone(),
                    turn: task.turn,
                    state: state(task.state),
                    message: task.message.clone(),
                    notices: task.notices.clone(),
                    to: Some(Telling {
                        caller_id: caller.to_owned(),
                        task_id: task.id.clone(),
                        asked: task.message_id.clone(),
                        lost: task.state == TaskState::Lost,
                        unless: before,
                        part_id: part_of(&chosen, &seed),
                        message_id: chosen,
                        joins: with.is_some(),
                    }),
                });
            }
            if acts.is_empty() {
                continue;
            }
            self.acts.append(&mut acts);
            self.registry.desk.untold.retain(|untold| *untold != id);
            self.registry.mark(at);
        }
    }

    /// Notes whether a caller was told.
    pub(crate) fn told(&mut self, session_id: &str, number: u32, told: bool) {
        let Some(at) = self.registry.find(session_id) else {
            return;
        };
        let node = self.registry.node_mut(at);
        let id: Arc<str> = node.id.clone();
        let Some(lane) = node.lane.as_deref_mut() else {
            return;
        };
        let mut tasks = lane.tasks.iter_mut();
        let Some(task) = tasks.find(|task| task.turn == number && !task.told) else {
            return;
        };
        if told {
            task.told = true;
            let last = lane.tasks.last().map(|task| task.turn);
            lane.tasks
                .retain(|task| !task.told || Some(task.turn) == last);
            self.registry.mark_later(at);
        } else if !self.registry.desk.untold.contains(&id) {
            self.registry.desk.untold.push(id);
        }
    }
}

fn state(task: TaskState) -> State {
    match task {
        TaskState::Running => State::Accepted,
        TaskState::Completed => State::Idle,
        TaskState::Error | TaskState::Lost => State::Failed,
        TaskState::Cancelled => State::Cancelled,
    }
}
