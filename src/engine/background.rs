//! Results that nobody waited for, and how their callers are told: once.

use crate::engine::Engine;
use crate::names::root_digest;
use crate::names::{message_id, part_of};
use crate::protocol::PromptState as State;
use crate::protocol::{Delivery, Effect};
use crate::protocol::{Task, TaskState};
use crate::state::At;
use crate::state::Place;
use crate::state::Turn;
use crate::time::Millis;
use std::sync::Arc;

/// How many messages that were chosen to tell a result are remembered: one of them may have.
const TRIES: usize = 16;

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
            .find(|task| task.prompt_no == number && task.state == TaskState::Running);
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
        self.registry.desk.untold.push((id, number));
        self.registry.mark(at);
        let idle = self
            .registry
            .find(&caller)
            .is_some_and(|caller| !self.registry.running(caller));
        // A task that is met after a restart waits for its caller's next turn; one that is deleted is
        // told with all that are deleted.
        if idle && !ended.stranded && state != State::Deleted {
            self.due(&caller, None, now);
        }
    }

    /// A background task that is over and was not told.
    fn over(&mut self, (id, number): &Place) -> Option<&mut Task> {
        let at = self.registry.find(id)?;
        let lane = self.registry.node_mut(at).lane.as_deref_mut()?;
        let mut tasks = lane.tasks.iter_mut();
        tasks.find(|task| {
            task.prompt_no == *number && !task.delivered && task.state != TaskState::Running
        })
    }

    /// Tells a caller all that it is to be told: by a message of its own, or along with the user's.
    ///
    /// What was cancelled wakes nobody: it is told with the user's next message. A message that was
    /// chosen to tell a result holds that one, and takes none along that may be on its way in another.
    pub(crate) fn due(&mut self, caller: &str, with: Option<&str>, now: Millis) {
        let untold = std::mem::take(&mut self.registry.desk.untold);
        let tells = untold.iter().any(|place| {
            let chosen = |task: &mut Task| task.delivered_by.iter().any(|by| Some(&**by) == with);
            self.over(place).is_some_and(chosen)
        });
        let (due, rest): (Vec<Place>, _) = untold.into_iter().partition(|place| {
            self.over(place).is_some_and(|task| {
                let wakes = with.is_some() || task.state != TaskState::Cancelled;
                let goes = !tells || task.delivered_by.is_empty();
                task.caller_id == caller && wakes && goes
            })
        });
        self.registry.desk.untold = rest;
        for place in due {
            self.tell(&place, with, now);
        }
    }

    fn tell(&mut self, place: &Place, with: Option<&str>, now: Millis) {
        let Some(task) = self.over(place) else {
            return;
        };
        let (session_id, turn) = place.clone();
        let seed = root_digest(&[&*session_id, " ", &turn.to_string()].concat());
        let chosen = with.map_or_else(|| message_id(now, &seed), str::to_owned);
        let before = task.delivered_by.clone();
        if !before.contains(&chosen) {
            task.delivered_by.push(chosen.clone());
            let over = task.delivered_by.len().saturating_sub(TRIES);
            task.delivered_by.drain(..over);
        }
        let tells = Effect::Deliver {
            session_id,
            prompt_no: turn,
            state: state(task.state),
            message: task.message.clone(),
            notices: task.notices.clone(),
            to: Some(Delivery {
                caller_id: task.caller_id.clone(),
                task_id: task.id.clone(),
                asked: task.message_id.clone(),
                lost: task.state == TaskState::Lost,
                unless: before,
                part_id: part_of(&chosen, &seed),
                message_id: chosen,
                joins: with.is_some(),
            }),
        };
        self.acts.push(tells);
        if let Some(at) = self.registry.find(&place.0) {
            self.registry.mark(at);
        }
    }

    /// Tells at once, of sessions that are about to be forgotten, what was not told: with a session
    /// goes all that is known of its tasks, and with its messages the answer.
    pub(crate) fn last_call(&mut self, gone: &[Arc<str>], now: Millis) {
        let untold = self.registry.desk.untold.clone();
        for place in untold.iter().filter(|(id, _)| gone.contains(id)) {
            let Some(task) = self.over(place) else {
                continue;
            };
            if task.state == TaskState::Completed {
                task.state = TaskState::Lost;
            }
            let caller = task.caller_id.clone();
            if self.registry.find(&caller).is_some() && !gone.iter().any(|id| **id == *caller) {
                self.tell(place, None, now);
            }
        }
    }

    /// Notes whether a caller was told.
    pub(crate) fn told(&mut self, session_id: &str, number: u32, told: bool) {
        let Some(at) = self.registry.find(session_id) else {
            return;
        };
        let place = (self.registry.node(at).id.clone(), number);
        let Some(task) = self.over(&place) else {
            return;
        };
        task.delivered = told;
        let untold = &mut self.registry.desk.untold;
        untold.retain(|untold| *untold != place);
        if !told {
            untold.push(place);
            return;
        }
        if let Some(lane) = self.registry.node_mut(at).lane.as_deref_mut() {
            lane.drop_told(true);
        }
        self.registry.mark_later(at);
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
