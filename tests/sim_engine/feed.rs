//! The events of an engine, and the effects that it may give.

use crate::calls::Call;
use crate::host::Sid;
use crate::instance::{Input, Todo};
use crate::world::World;
use opencode_delegate::protocol::Status;
use opencode_delegate::{Effect, Event};
use serde_json::{Value, json};

/// The direct results of an event.
#[derive(Default)]
pub struct Came {
    /// The record of the child to create.
    pub create: Option<(String, Value, String)>,
    /// The session, the number and the task of a prompt that the engine took in.
    pub wait: Option<(String, u32, Option<String>)>,
    /// How many calls are ahead of one that is held back.
    pub held: Option<usize>,
}

/// Whether an event may be repeated without harm, for the reasons that `echo` gives.
fn repeatable(event: &Event) -> bool {
    !matches!(
        event,
        Event::Created { .. }
            | Event::Kept(_)
            | Event::Prompted { .. }
            | Event::Touched { .. }
            // The end of its read came before.
            | Event::RootReading { .. }
            // It is answered each time.
            | Event::CallQueued(_)
            | Event::SetBack { .. }
    )
}

impl World {
    /// Applies an event to an engine, and checks all properties.
    pub fn apply(&mut self, slot: usize, event: Event) -> Came {
        self.clock(slot);
        self.count.events += 1;
        if self.log.is_some() {
            self.note(format!("  [{slot}] {}", json!(event)));
        }
        let ended = self.ended(slot, &event);
        self.note_busy_elsewhere(slot, &event);
        self.hear_of(slot, &event);
        self.count_use(slot, &event);
        // A cancelled prompt on its way may still arrive, so its call stays spent.
        let spent: Vec<(Sid, u32)> = match &event {
            Event::Answered(of) => vec![(self.ids[&of.session_id], of.prompt_no)],
            Event::Cancelled(of) => {
                let at = self.ids[&of.session_id];
                let follow = self.follow(slot, at, of.prompt_no);
                let sent = follow.filter(|it| it.sent);
                sent.map(|it| (it.at, it.prompt_no)).into_iter().collect()
            }
            Event::Aborted { session_id, .. } => {
                let stopped = self.under(self.ids[session_id]);
                let follows = self.slots[slot].follows.iter();
                let below = follows.filter(|it| stopped.contains(&it.caller));
                let sent = below.filter(|it| it.background && it.sent);
                sent.map(|it| (it.at, it.prompt_no)).collect()
            }
            _ => Vec::new(),
        };
        let deleted = match &event {
            Event::Deleted { session_id, .. } => self.ids.get(&**session_id).copied(),
            _ => None,
        };
        let rests = match &event {
            Event::Status {
                session_id,
                status: Status::Idle,
                ..
            } => Some(self.ids[session_id]),
            _ => None,
        };
        let instance = &mut self.slots[slot];
        if let Event::Status {
            now, session_id, ..
        } = &event
            && instance.engine.session(session_id).is_some()
        {
            let at = self.ids[session_id];
            let latest = instance.status_at.entry(at).or_default();
            *latest = (*latest).max(*now);
        }
        // The stop of a session that the engine does not know yet is news again later.
        let unknown = match &event {
            Event::Aborted { session_id, .. } => instance.engine.session(session_id).is_none(),
            _ => false,
        };
        if repeatable(&event) && !unknown {
            if instance.past.len() >= 64 {
                instance.past.swap_remove(self.dice.below(64));
            }
            instance.past.push(event.clone());
        }
        if matches!(event, Event::SetBack { .. }) {
            instance.delegated_at.clear();
        }
        let input = instance.inputs.is_some().then(|| event.clone());
        let effects = instance.engine.apply(event);
        if let (Some(inputs), Some(event)) = (&mut instance.inputs, input) {
            inputs.push(Input::Event(event, effects.clone()));
        }
        if let Some(at) = ended {
            let session = self.slots[slot].engine.session(&self.host[at].id);
            // The prompts that waited for the end are sent with it.
            let next = effects.iter().any(|effect| {
                matches!(effect, Effect::Send { session_id, .. } if **session_id == *self.host[at].id)
            });
            let over = session.is_none_or(|it| next || it.status == Status::Idle);
            self.must(over, "I2", || {
                format!("the end of a turn of {at} passes unheard")
            });
        }
        if let Some(at) = deleted {
            self.void(slot, at);
        }
        if let Some(at) = rests.filter(|at| self.is_at_rest(slot, *at)) {
            // The calls that it made are over.
            let made = |it: &&mut Call| it.slot == slot && it.ask.caller == at;
            let made = self.calls.iter_mut().filter(made);
            made.for_each(|call| call.queued = None);
        }
        let came = self.carry(slot, effects, &spent);
        self.look(slot);
        came
    }

    fn is_at_rest(&self, slot: usize, at: Sid) -> bool {
        let session = self.slots[slot].engine.session(&self.host[at].id);
        session.is_some_and(|session| session.status == Status::Idle)
    }

    /// Takes in effects: tasks to carry out, and the results of a call.
    pub fn carry(&mut self, slot: usize, effects: Vec<Effect>, spent: &[(Sid, u32)]) -> Came {
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
                    prompt_no,
                    task_id,
                    ..
                } => came.wait = Some((session_id.to_string(), prompt_no, task_id)),
                Effect::Hold { behind, .. } => came.held = Some(behind),
                Effect::Proceed {
                    session_id,
                    message_id,
                    ..
                } => self.proceed(slot, &session_id, message_id.as_deref()),
                Effect::Store {
                    session_id,
                    record,
                    later,
                } => {
                    let at = self.ids[&*session_id];
                    let foreign = self.slots[slot].left_alone.contains(&at);
                    self.must(!foreign, "I9", || {
                        format!("the record of another program at {at} is replaced")
                    });
                    let todo = Todo::Store(at, record, later, self.heard(slot, at));
                    self.slots[slot].todo.push_back(todo);
                }
                effect => {
                    self.expect(slot, &effect, spent);
                    self.slots[slot]
                        .todo
                        .push_back(Todo::Effect(Box::new(effect)));
                }
            }
        }
        came
    }

    /// The session whose turn an event ends, if no prompt of the engine runs in it. The end of such a prompt ends the
    /// turn.
    pub fn ended(&self, slot: usize, event: &Event) -> Option<Sid> {
        let Event::Status {
            now,
            session_id,
            status: Status::Idle,
        } = event
        else {
            return None;
        };
        let at = self.ids[session_id];
        let own = self.slots[slot].running.iter().any(|(of, _)| *of == at);
        (*now == self.now && !own).then_some(at)
    }

    /// Notes who runs the turn of a session, from an event.
    pub fn note_busy_elsewhere(&mut self, slot: usize, event: &Event) {
        let Event::Status {
            now,
            session_id,
            status,
        } = event
        else {
            return;
        };
        let at = self.ids[session_id];
        let instance = &mut self.slots[slot];
        if *now != self.now || instance.engine.session(session_id).is_none() {
            return;
        }
        let own = instance.running.iter().any(|(of, _)| *of == at);
        if *status == Status::Idle {
            instance.busy_elsewhere.remove(&at);
            instance.idle_at.insert(at, *now);
        } else if !own && instance.idle_at.get(&at) != Some(now) {
            instance.busy_elsewhere.insert(at);
        }
    }

    /// Checks an effect before it is carried out.
    pub fn expect(&mut self, slot: usize, effect: &Effect, spent: &[(Sid, u32)]) {
        match effect {
            Effect::Deliver { .. } => self.read_end(effect),
            Effect::Send {
                session_id,
                prompt_no,
                message,
                permission,
                ..
            } => {
                let at = self.ids[&**session_id];
                self.expect_rules(at, &message.parts, permission);
                let root = self.host[at].root;
                let running = &self.slots[slot].running;
                let others = running.iter().any(|other| other.0 == at)
                    || self.slots[slot].busy_elsewhere.contains(&at);
                let under = running
                    .iter()
                    .filter(|other| self.host[other.0].root == root)
                    .count();
                // A session that waits for another lends it its slot.
                let limit = self.rules.max_parallel;
                let room = limit == 0 || self.rules.nested || under < limit;
                self.slots[slot].running.insert((at, *prompt_no));
                self.delegated(slot, at);
                self.slots[slot].used.remove(&at);
                self.must(!others, "I4", || format!("two prompts run in {session_id}"));
                self.must(room, "I4", || {
                    format!("{} run under a root, of {limit} that may", under + 1)
                });
            }
            Effect::Retry {
                session_id,
                prompt_no,
                attempt,
                message,
                ..
            } => {
                let at = self.ids[&**session_id];
                let follow = self.slots[slot]
                    .follows
                    .iter()
                    .find(|it| it.at == at && it.prompt_no == *prompt_no && !it.lost);
                let Some(follow) = follow else { return };
                let (before, accepted) = (follow.attempt, follow.accepted);
                let most = self.rules.attempts(follow.agent).max(
                    // `general` may take over with the models of the former agent.
                    self.rules.models.iter().max().map_or(0, |m| *m as u32) + 4,
                );
                self.must(before + 1 == *attempt, "I7", || {
                    format!("attempt {attempt} of {session_id} {prompt_no} after {before}")
                });
                self.must(*attempt <= most, "I4", || {
                    format!("attempt {attempt} of {session_id} {prompt_no}, of {most} at most")
                });
                self.must(message.parts.is_empty() == accepted, "I4", || {
                    format!(
                        "{session_id} {prompt_no} is sent whole where it was accepted, or not where not"
                    )
                });
            }
            Effect::Forget {
                session_id,
                prompt_no,
            } => {
                let at = self.ids[&**session_id];
                self.slots[slot].running.remove(&(at, *prompt_no));
                self.slots[slot].idle_at.insert(at, self.now);
                // A caller that hears of the failure can ask again.
                if self.follow(slot, at, *prompt_no).is_some_and(|it| it.first) {
                    self.host[at].owed = false;
                }
                if spent.contains(&(at, *prompt_no)) {
                    return;
                }
                // A prompt that never arrived refunds its call.
                let instance = &mut self.slots[slot];
                let follow = instance
                    .follows
                    .iter()
                    .find(|it| it.at == at && it.prompt_no == *prompt_no && !it.lost);
                if let Some(follow) = follow.filter(|it| !it.accepted) {
                    let (caller, call) = (follow.caller, follow.call);
                    if !follow.tried {
                        instance.unsure.insert(at);
                    }
                    if let Some(calls) = instance.spent.get_mut(&caller) {
                        calls.retain(|known| *known != call);
                    }
                }
            }
            Effect::Abort {
                session_id,
                limit: true,
            } => self.ended_at_limit(slot, self.ids[&**session_id]),
            _ => {}
        }
    }

    /// Refunds the calls that end with a deleted session.
    pub fn void(&mut self, slot: usize, gone: Sid) {
        let gone = self.under(gone);
        let mut void: Vec<usize> = Vec::new();
        for call in &self.calls {
            // A call for a session that is gone stays reserved: the host may run it in a new one.
            if call.slot == slot && gone.contains(&call.ask.caller) {
                void.push(call.ask.no);
            }
        }
        // The calls that had joined a child that another call was to create.
        let joined = self
            .calls
            .iter()
            .filter(|it| it.maker.is_some_and(|maker| void.contains(&maker)));
        void.extend(joined.map(|it| it.ask.no).collect::<Vec<_>>());
        let instance = &mut self.slots[slot];
        let follows = instance.follows.iter().filter(|it| gone.contains(&it.at));
        void.extend(
            follows
                .filter(|it| !it.accepted && !it.answered)
                .map(|it| it.call),
        );
        for calls in instance.spent.values_mut() {
            calls.retain(|call| !void.contains(call));
        }
        for at in &gone {
            instance.spent.remove(at);
            instance.unsure.remove(at);
            instance.waiting.remove(at);
        }
    }
}
