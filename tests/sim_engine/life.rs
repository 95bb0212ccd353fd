//! Other events on a host: users prompt, contexts grow, sessions are deleted, other plugins give names.

use crate::calls::{Call, Stage};
use crate::host::{Ask, Bus, By, Sid, request};
use crate::names::Goal;
use crate::world::World;
use opencode_delegate::protocol::UserMessage;
use opencode_delegate::{Decision, Event, ResolveLookup};

impl World {
    /// A user prompts a session, a root as a rule.
    pub fn user(&mut self) {
        let roots = !self.dice.percent(15);
        let slot = self.dice.below(self.slots.len());
        let desk = self.desk(slot);
        let idle = self
            .living(|session| session.turns[desk].is_none() && session.parent.is_none() == roots);
        if let Some(at) = self.one(&idle) {
            self.talk(at, By::User, slot);
        }
    }

    pub fn message_id(&mut self) -> String {
        self.made += 1;
        format!("msg_user{:06}", self.made)
    }

    pub fn talk(&mut self, at: Sid, by: By, slot: usize) {
        let id = self.message_id();
        self.hook(slot, at, &id, None);
        self.message(at, &id, vec![format!("user {id}")], false);
        self.begin(at, by, slot);
    }

    /// The hook before a user message is stored: waiting results go along with it. The message is always stored then.
    /// No crash comes between the two. The instance that runs the session is asked.
    /// `sent` says whether an engine's prompt made the message, and whole.
    pub fn hook(&mut self, slot: usize, at: Sid, message_id: &str, sent: Option<bool>) {
        self.make_known(slot, at);
        if self.rules.delegate > 0 {
            self.refresh(slot, at);
        }
        let session = self.slots[slot].engine.session(&self.host[at].id);
        let budgeted = session.is_some_and(|session| session.budget > Some(0));
        if self.rules.delegate > 0 || budgeted || self.rules.limits {
            let (now, session_id) = (self.now, self.host[at].id.clone());
            let message_id = message_id.to_owned();
            // The limits of a prompt hold to its end, also if a person prompts its session between two attempts.
            let runs = self.slots[slot].running.iter().any(|(of, _)| *of == at);
            if sent.is_none() && !runs {
                self.slots[slot].used.remove(&at);
            }
            if sent.is_none() && self.slots[slot].delegated_at.get(&at) != Some(&now) {
                self.delegated(slot, at);
            }
            self.apply(
                slot,
                Event::Prompted(Box::new(UserMessage {
                    now,
                    session_id,
                    message_id,
                    synthetic: Some(sent == Some(false)),
                    result: None,
                    wakes: None,
                })),
            );
            while !self.slots[slot].todo.is_empty() {
                self.work(slot);
            }
        }
    }

    /// A caller or a person prompts a session: the calls that it has made before are those of an earlier delegation.
    pub fn delegated(&mut self, slot: usize, at: Sid) {
        let now = self.now;
        let instance = &mut self.slots[slot];
        instance.spent.remove(&at);
        instance.unsure.remove(&at);
        instance.delegated_at.insert(at, now);
    }

    /// Ends a turn that no call waits for.
    pub fn rest(&mut self) {
        let open: Vec<usize> = self.calls.iter().map(|call| call.ask.no).collect();
        let slot = self.hand();
        let desk = self.desk(slot);
        let busy = self.living(|session| match &session.turns[desk] {
            Some(By::User) => true,
            // The turns that the host runs in the background.
            Some(By::Call(no)) => !open.contains(no),
            _ => false,
        });
        if let Some(at) = self.one(&busy)
            && (!self.waits(slot, at) || self.dice.percent(10))
        {
            match self.dice.percent(25) {
                true => self.abort(slot, at),
                false => self.stop(slot, at),
            }
        }
    }

    /// A context grows, or is summarised.
    pub fn compact(&mut self) {
        let children = self.living(|session| session.parent.is_some());
        if let Some(at) = self.one(&children) {
            let window = *self.dice.pick(&[0, 1_000, 1_000]);
            let tokens = 100 + self.dice.below(900) as u64;
            let slot = self.host[at].slot;
            self.emit(slot, &Bus::Usage(at, tokens, window));
            self.host[at].spent += tokens;
            self.emit(slot, &Bus::Spent(at, self.host[at].spent));
            let step = format!("msg_step_{}", self.host[at].spent);
            self.emit(slot, &Bus::Stepped(at, step));
            let question = format!("per_{}", self.host[at].spent);
            self.emit(slot, &Bus::Asks(at, question));
        }
    }

    /// Another plugin gives a session an alias, and its caller learns it.
    pub fn alias(&mut self, slot: usize) {
        let children = self.living(|session| session.parent.is_some());
        let Some(at) = self.one(&children) else {
            return;
        };
        let alias = *self.dice.pick(&["exp-1", "exp-2", "Exp 2", "auth"]);
        let parent = self.host[at].parent.unwrap();
        self.make_known(slot, at);
        // Before the commit of its call the caller has nothing to learn.
        let known = self.slots[slot].engine.session(&self.host[at].id);
        let made = |call: &Call| call.child == Some(at) && matches!(call.stage, Stage::Made);
        if known.is_none() || self.calls.iter().any(made) {
            return;
        }
        let ask = Ask {
            no: 0,
            caller: parent,
            agent: "explorer",
            description: "",
            task_id: Some(alias.to_owned()),
            background: false,
        };
        let request = request(self, &ask, Some(alias));
        // This instance may not have heard yet of another's events.
        let mut slots = self.slots.iter();
        let taken = slots.any(|slot| slot.engine.resolve(&ResolveLookup::of(&request)).is_some());
        let (now, session_id) = (self.now, self.host[at].id.clone());
        let alias = alias.to_lowercase().replace(' ', "-");
        // The first session with an alias keeps it, also through an undo.
        let mut first = (0..self.host.len()).filter(|it| *it != at && self.is_undone(slot, *it));
        let names = |it: usize| self.claims.get(&(self.host[it].root, alias.clone()));
        let taken = taken || first.any(|it| names(it).is_some_and(|all| all.contains(&it)));
        self.aliased.insert((self.host[at].root, alias.clone()));
        self.regive(slot, self.host[at].root, &alias);
        // A name of a session out of reach is taken too.
        let spawns = self.slots[slot]
            .engine
            .sessions(&self.host[self.host[at].root].id)
            .iter()
            .any(|session| session.slug.as_deref() == Some(&*alias));
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
            self.promise(slot, &alias, at, Goal::Alias(parent));
        }
    }

    pub fn delete_one(&mut self) {
        let rather_children = self.dice.percent(90);
        let all = self.living(|session| session.parent.is_some() == rather_children);
        let roots = self.living(|session| session.parent.is_none()).len();
        if let Some(at) = self.one(&all)
            && (self.host[at].parent.is_some() || roots > 1)
        {
            let slot = self.hand();
            self.delete(slot, at);
            self.forget_gone();
        }
    }
}
