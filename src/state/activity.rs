//! The activity of sessions: their turns, the answers that they wait for, and the use of their context.

use crate::protocol::{Model, Status};
use crate::rules::allowance::Allowance;
use crate::rules::policy::Policy;
use crate::state::entry::Stored;
use crate::state::registry::Registry;
use crate::state::slots::SessionKey;
use crate::time::Millis;

impl Registry {
    pub(crate) fn status(&self, key: SessionKey) -> Status {
        self.get(key)
            .map_or(Status::Idle, |entry| entry.activity.status)
    }

    /// The number of a session's present turn.
    pub(crate) fn turn(&self, key: SessionKey) -> u32 {
        self.get(key).map_or(0, |entry| entry.activity.turn)
    }

    /// The number of the last delegation to a session.
    pub(crate) fn delegation(&self, key: SessionKey) -> u32 {
        self.get(key).map_or(0, |entry| entry.activity.delegation)
    }

    pub(crate) fn last_used(&self, key: SessionKey) -> Millis {
        self.get(key).map_or(0, |entry| entry.activity.last_used)
    }

    pub(crate) fn allowance(&self, key: SessionKey) -> Option<Allowance> {
        self.get(key)?.allowance
    }

    /// Whether a session's context is over a share of its window. Without a known window it is not.
    pub(crate) fn is_full(&self, key: SessionKey, limit: f64) -> bool {
        self.get(key)
            .is_some_and(|entry| entry.context.is_over(limit))
    }

    /// Whether a session has a turn running, or one is about to start.
    pub(crate) fn is_running(&self, key: SessionKey) -> bool {
        let Some(entry) = self.get(key) else {
            return false;
        };
        entry.activity.status != Status::Idle
            || entry.activity.awaited > 0
            || entry
                .prompts
                .as_ref()
                .is_some_and(|prompts| prompts.is_live())
            || self.unborn(key).is_some()
    }

    /// Whether the end of one session's turn waits for another session. It may wait as an ancestor, through its calls,
    /// or through a chain of both. A session waits for itself. `calls` says that the other session is in a turn.
    pub(crate) fn waits_for(&self, waiting: SessionKey, other: SessionKey, calls: bool) -> bool {
        let mut above = Vec::new();
        let mut next = Some(other);
        while let Some(key) = next {
            above.push(key);
            next = self.parent(key);
        }
        let mut seen = vec![waiting];
        let mut from = 0;
        while let Some(key) = seen.get(from).copied() {
            if above.contains(&key) {
                return true;
            }
            let waits = self.get(key).map(|entry| entry.activity.waits.iter());
            for awaited in waits
                .into_iter()
                .flatten()
                .filter_map(|(id, ())| self.find(id))
            {
                let runs = calls && awaited == other || self.is_running(awaited);
                if runs && !seen.contains(&awaited) {
                    seen.push(awaited);
                }
            }
            from += 1;
        }
        false
    }

    /// Gives a subagent session that has no budget yet the budget of its agent.
    pub(crate) fn grant(&mut self, key: SessionKey, policy: &Policy) {
        let needs = self
            .get(key)
            .is_some_and(|entry| entry.links.parent.is_some() && entry.allowance.is_none());
        if needs {
            let budget = self.agent(key).map(|agent| policy.budget(agent));
            if let Some(entry) = self.get_mut(key) {
                entry.allowance = budget.map(|budget| Allowance::new(budget, 0));
            }
        }
    }

    /// Whether a call of a session at that time shows that it is in a turn.
    pub(crate) fn calls_at(&self, key: SessionKey, now: Millis) -> bool {
        self.get(key).is_some_and(|entry| {
            entry.activity.status != Status::Idle || now >= entry.activity.status_at
        })
    }

    /// Notes that a session makes a call: it is in a turn, whether or not the host has reported that. Gives that turn.
    pub(crate) fn note_call(
        &mut self,
        key: SessionKey,
        agent: Option<&str>,
        policy: &Policy,
        now: Millis,
    ) -> u32 {
        let Some(entry) = self.get_mut(key) else {
            return 0;
        };
        let activity = &mut entry.activity;
        activity.involved = true;
        if activity.status == Status::Idle && now >= activity.status_at {
            (activity.status, activity.status_at) = (Status::Busy, now);
        }
        let turn = activity.turn;
        let unbudgeted = entry.links.parent.is_some() && entry.allowance.is_none();
        if let Some(agent) = agent.filter(|_| entry.links.agent.is_none()) {
            self.set_agent(key, agent);
        }
        if unbudgeted {
            self.grant(key, policy);
        }
        turn
    }

    /// Notes that a session was handed a prompt.
    pub(super) fn note_prompt(&mut self, key: SessionKey, now: Millis) {
        self.note_use(key, now);
        if let Some(entry) = self.get_mut(key) {
            let activity = &mut entry.activity;
            activity.involved = true;
            if now >= activity.status_at {
                (activity.status, activity.status_at) = (Status::Busy, now);
            }
        }
    }

    /// Takes in the status of a session. `false` if it is late, or between two attempts of a prompt that runs here.
    pub(crate) fn set_status(&mut self, key: SessionKey, status: Status, now: Millis) -> bool {
        let Some(entry) = self.get_mut(key) else {
            return false;
        };
        let activity = &mut entry.activity;
        // Of two at the same moment the later in `Status` holds: the order in which they come does not matter.
        if (now, status) < (activity.status_at, activity.status) {
            return false;
        }
        if let Some(prompts) = &mut entry.prompts {
            let front = prompts.queue.first();
            let ours = front.is_some_and(|prompt| prompt.is_running());
            // A prompt that runs here ends by its own event. The session is idle between two attempts too, and the host
            // reports that late.
            if ours && status == Status::Idle {
                return false;
            }
            prompts.busy_elsewhere = status != Status::Idle && !ours;
        }
        let ended = activity.status != Status::Idle && status == Status::Idle;
        let begins = activity.status == Status::Idle && status != Status::Idle;
        (activity.status_at, activity.status) = (now, status);
        activity.answers &= status != Status::Idle;
        activity.involved &= !begins;
        if ended {
            activity.turn = activity.turn.wrapping_add(1);
            activity.waits.clear();
            let unstored = entry.record.stored == Stored::Failed;
            if activity.involved || unstored {
                self.mark_later(key);
            }
            self.rest_quota(key);
            self.end_questions(key);
        }
        self.note_use(key, now);
        true
    }

    /// How often a call resumed a session, and the context that it held at these calls, in tokens.
    pub(super) fn resumed(&self, key: SessionKey) -> (u32, u64) {
        let extra = self.get(key).and_then(|entry| entry.extra.as_ref());
        extra.map_or((0, 0), |extra| (extra.resumed, extra.saved))
    }

    /// Notes how often a call resumed a session, and the context that it held. Of two counts the larger holds.
    pub(crate) fn count_resumed(&mut self, key: SessionKey, times: u32, saved: u64) {
        if let Some(entry) = self.get_mut(key) {
            let extra = entry.extra.get_or_insert_default();
            extra.resumed = extra.resumed.max(times);
            extra.saved = extra.saved.max(saved);
        }
    }

    /// The context of a session, in tokens.
    pub(super) fn context_held(&self, key: SessionKey) -> u64 {
        self.get(key).map_or(0, |entry| entry.context.tokens)
    }

    /// Takes in the use of a session's context.
    pub(crate) fn set_context(&mut self, key: SessionKey, tokens: u64, window: u64, now: Millis) {
        let Some(entry) = self.get_mut(key).filter(|entry| now >= entry.context.at) else {
            return;
        };
        let context = &mut entry.context;
        let changed = (context.tokens, context.window) != (tokens, window);
        (context.at, context.tokens, context.window) = (now, tokens, window);
        if changed {
            self.mark_at_rest(key);
        }
    }

    /// Notes that a session's record is outdated by what its turn did. While a turn runs more comes; its end stores all.
    pub(super) fn mark_at_rest(&mut self, key: SessionKey) {
        let activity = self.get(key).map(|entry| &entry.activity);
        if activity.is_some_and(|it| it.involved && it.status == Status::Idle) {
            self.mark_later(key);
        }
    }

    /// Takes in the model that a call chose for a session, if it chose one.
    pub(crate) fn choose_model(&mut self, key: SessionKey, model: Option<Model>) {
        let Some(model) = model else { return };
        if let Some(entry) = self.get_mut(key)
            && entry.context.model.as_deref() != Some(&model)
        {
            entry.context.model = Some(Box::new(model));
            self.mark(key);
        }
    }

    /// The model that a call chose for a session.
    pub(crate) fn chosen_model(&self, key: SessionKey) -> Option<&Model> {
        self.get(key)?.context.model.as_deref()
    }

    /// Notes that a caller's turn waits for a session.
    pub(crate) fn wait(&mut self, caller: SessionKey, key: SessionKey) {
        let awaited = self.id(key);
        if let Some(entry) = self.get_mut(caller) {
            entry.activity.waits.insert(awaited, ());
        }
    }

    /// Whether a caller's turn waits for a session that one of its calls prompted.
    pub(crate) fn awaits(&self, caller: SessionKey, key: SessionKey) -> bool {
        let awaited = self.id(key);
        let waits = self.get(caller).map(|entry| entry.activity.waits.iter());
        waits.into_iter().flatten().any(|(id, ())| *id == awaited)
    }

    /// Notes that a call was closed without effect for which its caller's turn waited for a session. The turn still
    /// waits for that session if another of its calls is handed to it.
    pub(super) fn unwait(&mut self, caller: SessionKey, session: &str) {
        let Some(entry) = self.get(caller) else {
            return;
        };
        let asked = self.find(session).and_then(|key| self.get(key));
        let prompts = asked.and_then(|asked| asked.prompts.as_deref());
        let mut queue = prompts.into_iter().flat_map(|prompts| &prompts.queue);
        let mut joins = entry.activity.joins.iter();
        let waits = queue.any(|prompt| prompt.caller == entry.identity.id && !prompt.background)
            || joins.any(|joined| **joined == *session);
        if !waits && let Some(entry) = self.get_mut(caller) {
            entry.activity.waits.remove(session);
        }
    }

    /// Whether a session only waits for the answer of another. Then it does not count as running, or a chain of
    /// sessions would wait for itself.
    pub(super) fn only_waits(&self, key: SessionKey) -> bool {
        let waits = self.get(key).map(|entry| entry.activity.waits.iter());
        let mut awaited = waits.into_iter().flatten();
        awaited.any(|(id, ())| self.find(id).is_some_and(|other| self.is_running(other)))
    }
}
