//! A prompt from what was asked to its first attempt.

use crate::engine::Engine;
use crate::names::message_id;
use crate::names::task_id;
use crate::protocol::Effect;
use crate::protocol::KeptPrompt;
use crate::protocol::Status;
use crate::protocol::{Prompt, PromptState as State};
use crate::protocol::{RECORD_VERSION, Record};
use crate::protocol::{Task, TaskState};
use crate::rules::prompt_table::News;
use crate::state::At;
use crate::state::Goal;
use crate::state::Turn;
use crate::state::Unborn;
use crate::time::Millis;

/// The agent that takes over for one that the host does not know.
pub const GENERAL: &str = "general";

impl Engine {
    /// Keeps what is asked: of a session that exists, or of one that is to be created.
    pub(crate) fn asked(&mut self, asked: KeptPrompt) {
        let now = asked.now;
        let caller = self.registry.entry(&asked.caller_id);
        let agent = self.policy.spelled(&asked.agent).to_owned();
        let mut models: Vec<_> = asked.model.into_iter().collect();
        for model in self.policy.fallback_models(&agent) {
            if !models.contains(model) {
                models.push(model.clone());
            }
        }
        let by_subagent = self.registry.node(caller).parent.is_some();
        let permitted = asked
            .caller_agent
            .is_none_or(|caller| self.policy.permits(&caller, GENERAL));
        let general = agent != GENERAL
            && self.policy.knows(GENERAL)
            && permitted
            && (!by_subagent || self.policy.callable(GENERAL));
        let ticket = asked
            .ticket
            .and_then(|ticket| self.registry.tickets.open.get(&ticket));
        let turn = ticket.map(|ticket| ticket.turn);
        let joined = asked
            .session_id
            .as_deref()
            .filter(|_| asked.ticket.is_none());
        let joined = joined.and_then(|id| self.registry.find(id));
        let joined = joined.map(|at| self.registry.joined_in(caller, at));
        let node = self.registry.node(caller);
        let turn = Turn {
            turn: 0,
            attempt: 1,
            state: State::Created,
            prompt: Prompt {
                parts: asked.parts,
                system: asked.system,
                agent,
                models,
                variant: asked.variant,
                permission: asked.permission,
            },
            model: 0,
            tries: 0,
            general,
            caller: node.id.clone(),
            caller_turn: turn.or(joined).unwrap_or(node.turn),
            background: asked.background == Some(true),
            unearned: node.allowance.is_some(),
            running: false,
            stranded: false,
            first: asked.session_id.is_none(),
            seed: asked.seed.unwrap_or_default(),
            message_id: None,
            notices: Vec::new(),
            message: None,
        };
        match (asked.session_id, asked.ticket) {
            (Some(id), ticket) => {
                let busy = self.registry.find(&id).is_some_and(|at| {
                    let node = self.registry.node(at);
                    let ours = node.lane.as_ref().is_some_and(|lane| lane.is_live());
                    node.status != Status::Idle && !ours
                });
                if let Some(ticket) = ticket {
                    self.registry.commit(ticket, &id, now, &self.policy);
                }
                // What is only referred to may be gone before its prompt ends.
                let known = self.registry.find(&id);
                if let Some(at) = known.filter(|at| self.registry.node(*at).told) {
                    let unborn = self.registry.unborn(at).is_some();
                    let lane = self.registry.node_mut(at).lane.get_or_insert_default();
                    lane.foreign |= busy;
                    // What it was created for comes first.
                    lane.count = lane.count.max(u32::from(unborn));
                    self.enrol(at, turn, asked.process, None, now);
                }
            }
            (None, Some(ticket)) => self.create(ticket, turn, asked.process, now),
            (None, None) => {}
        }
        self.registry.drop_unused(caller);
    }

    /// Asks the host for a child, whose record holds its prompt from the first moment.
    fn create(&mut self, number: u32, mut turn: Turn, process: Option<String>, now: Millis) {
        let Some(ticket) = self.registry.tickets.open.get(&number) else {
            return;
        };
        if self.registry.desk.unborn.contains_key(&number) {
            return;
        }
        let Goal::Spawn { slug, derived } = &ticket.goal else {
            return;
        };
        let id = message_id(now, &turn.seed);
        turn.message_id = Some(id.clone());
        turn.turn = 1;
        let task = turn.background.then(|| task(&task_id(derived), &turn, now));
        let record = Record {
            v: RECORD_VERSION,
            slug: Some(slug.to_string()),
            id: Some(derived.to_string()),
            agent: Some(turn.prompt.agent.clone()),
            description: ticket.description.to_string(),
            budget: self.policy.budget(&turn.prompt.agent),
            last_used: Some(now),
            prompt: Some(turn.prompt.clone()),
            message_id: Some(id),
            tasks: task.iter().cloned().collect(),
            process: process.clone(),
            ..Record::default()
        };
        self.acts.push(Effect::Create {
            ticket: number,
            parent_id: ticket.caller.clone(),
            title: format!("{} (@{} subagent)", ticket.description, turn.prompt.agent),
            agent: turn.prompt.agent.clone(),
            permission: turn.prompt.permission.clone(),
            record: Box::new(record),
        });
        let unborn = Unborn {
            turn,
            task,
            process,
        };
        self.registry.desk.unborn.insert(number, unborn);
    }

    /// Takes up the prompt that a child was created for, once nobody else's turn runs in it.
    pub(crate) fn born(&mut self, ticket: u32, id: &str, busy: bool, now: Millis) {
        let unborn = self.registry.desk.unborn.remove(&ticket);
        if let (Some(unborn), Some(at)) = (unborn, self.registry.find(id)) {
            let named = unborn.task.map(|task| task.id);
            let lane = self.registry.node_mut(at).lane.get_or_insert_default();
            lane.foreign |= busy;
            self.enrol(at, unborn.turn, unborn.process, named, now);
        }
    }

    /// Has a prompt wait for its turn.
    fn enrol(
        &mut self,
        at: At,
        mut turn: Turn,
        process: Option<String>,
        named: Option<String>,
        now: Millis,
    ) {
        let node = self.registry.node_mut(at);
        let id = node.id.clone();
        let name = node.derived.clone().unwrap_or_else(|| id.clone());
        let lane = node.lane.get_or_insert_default();
        let ahead =
            turn.turn > 0 && lane.count > 0 && lane.turns.iter().all(|it| it.turn > turn.turn);
        if !ahead {
            lane.count = lane.count.wrapping_add(1);
            turn.turn = lane.count;
        }
        lane.process = process;
        lane.alive &= !lane.theirs.is_empty();
        let (stranded, turns) = std::mem::take(&mut lane.turns)
            .into_iter()
            .partition(|turn| turn.stranded);
        lane.turns = turns;
        for before in Vec::<Turn>::from(stranded) {
            self.take_along(at, before, &mut turn, now);
        }
        let node = self.registry.node_mut(at);
        let lane = node.lane.get_or_insert_default();
        // The first that was told of goes on: the derived id may have changed since.
        let known = named.or_else(|| lane.tasks.last().map(|task| task.id.clone()));
        let bg = known.unwrap_or_else(|| task_id(&name));
        if turn.background {
            lane.drop_told(false);
            lane.tasks.push(task(&bg, &turn, now));
            self.registry.name_task(at, &bg);
            self.registry.mark(at);
        }
        // What its session was created for goes before it.
        let unborn = self.registry.unborn(at).is_some();
        let node = self.registry.node_mut(at);
        let lane = node.lane.get_or_insert_default();
        let behind = match ahead {
            true => usize::from(lane.foreign),
            false => lane.turns.len() + usize::from(lane.foreign) + usize::from(unborn),
        };
        // What waits for a place does nothing yet: it is busy from when it is sent.
        if behind == 0 {
            // What the host tells of this moment is news.
            (node.status, node.status_at) = (Status::Idle, node.status_at.saturating_sub(1));
        }
        let (number, background) = (turn.turn, turn.background);
        match ahead {
            true => lane.turns.push_front(turn),
            false => lane.turns.push_back(turn),
        }
        self.registry.desk.waiting.push_back((id.clone(), number));
        self.acts.push(Effect::Wait {
            session_id: id.clone(),
            prompt_no: number,
            behind,
            task_id: background.then_some(bg),
        });
        self.free(now);
    }

    /// What a process that is gone left behind: its first prompt goes along with the next one, and all
    /// else is lost.
    fn take_along(&mut self, at: At, before: Turn, turn: &mut Turn, now: Millis) {
        let caller = before.caller.clone();
        let number = before.turn;
        if !before.first || before.state == State::Accepted {
            return self.settle(at, State::Failed, before, now);
        }
        let arrived = std::mem::take(&mut turn.prompt.parts);
        turn.prompt.parts = [before.prompt.parts.clone(), arrived].concat();
        turn.first = true;
        turn.notices
            .push("Its earlier prompt had never arrived, and was sent along with this one.".into());
        self.registry.mark(at);
        if caller != turn.caller {
            return self.settle(at, State::Failed, before, now);
        }
        // Whoever asks again need not be told that it was lost, unless a message that tells it is on its
        // way.
        let place = (self.registry.node(at).id.clone(), number);
        let untold = &mut self.registry.desk.untold;
        let waits = untold.contains(&place);
        untold.retain(|untold| *untold != place);
        let lane = self.registry.node_mut(at).lane.iter_mut();
        for task in lane.flat_map(|lane| &mut lane.tasks) {
            if task.prompt_no == number && (waits || task.state == TaskState::Running) {
                (task.state, task.delivered) = (TaskState::Lost, true);
            }
        }
    }

    /// Sends every prompt that may be sent now, in order of arrival.
    pub(crate) fn free(&mut self, now: Millis) {
        let mut place = 0;
        while let Some((id, number)) = self.registry.desk.waiting.get(place).cloned() {
            let Some(at) = self.registry.find(&id) else {
                self.registry.desk.waiting.remove(place);
                continue;
            };
            if !self
                .registry
                .may_start(at, number, self.policy.max_parallel)
            {
                place += 1;
                continue;
            }
            self.registry.desk.waiting.remove(place);
            self.happened(at, number, None, News::Free, now);
        }
    }
}

fn task(id: &str, turn: &Turn, now: Millis) -> Task {
    Task {
        id: id.to_owned(),
        prompt_no: turn.turn,
        caller_id: turn.caller.to_string(),
        state: TaskState::Running,
        since: now,
        message_id: turn.message_id.clone(),
        message: None,
        notices: Vec::new(),
        delivered_by: Vec::new(),
        delivered: false,
    }
}
