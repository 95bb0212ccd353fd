//! The end of a world, and the properties that hold then.

use crate::dice::Dice;
use crate::host::{Bus, By, HostSession};
use crate::watch::Task;
use crate::world::World;
use opencode_delegate::protocol::Status;

impl World {
    /// Ends all calls and prompts, and delivers all results.
    pub fn drain(&mut self) {
        self.dice = Dice(1);
        self.now = self.latest + 10_000;
        self.note("the end".to_owned());
        if self.rules.two && self.rules.lonely && self.rules.crashes {
            let dead = self.dice.below(2);
            self.crash(Some(dead), true);
            self.dead = Some(dead);
        }
        self.finish();
        // A lost idle event is sent again. Results for its callers come with their next turn.
        for _ in 0..3 {
            if self.rules.apart {
                // No record waits longer than a second, and each process reads what the other has done meanwhile.
                (0..self.slots.len()).for_each(|slot| self.settle(slot));
                self.now += 11_000;
            }
            for at in self.living(|_| true) {
                self.now += 10;
                for slot in 0..self.slots.len() {
                    if !self.rules.apart || self.host[at].ran[slot] {
                        self.slots[slot]
                            .inbox
                            .push_back(Bus::Status(at, Status::Idle));
                    }
                }
            }
            self.finish();
            for at in self.living(|_| true) {
                for slot in 0..self.slots.len() {
                    if self.turn(slot, at).is_none() && self.dead != Some(slot) {
                        self.talk(at, By::User, slot);
                    }
                    self.now += 10;
                    self.stop(slot, at);
                    self.finish();
                }
            }
        }
        for at in self.living(|_| true) {
            (0..self.slots.len()).for_each(|slot| self.stop(slot, at));
        }
        for slot in 0..self.slots.len() {
            self.quiet(slot);
            self.settle(slot);
        }
        if self.wrong.is_none() {
            self.at_the_end();
        }
        if self.wrong.is_none() {
            self.again();
        }
    }

    /// Takes all calls and prompts to their end.
    pub fn finish(&mut self) {
        for _ in 0..200 {
            if self.wrong.is_some() {
                return;
            }
            self.now += 10;
            for slot in 0..self.slots.len() {
                self.quiet(slot);
                for index in (0..self.slots[slot].follows.len()).rev() {
                    if index < self.slots[slot].follows.len() {
                        self.attend(slot, index, true);
                    }
                    self.quiet(slot);
                }
            }
            for at in (0..self.calls.len()).rev() {
                if at < self.calls.len() {
                    self.advance(at);
                }
            }
            for at in 0..self.host.len() {
                for slot in 0..self.slots.len() {
                    let quiet = match self.turn(slot, at) {
                        Some(By::User) => !self.waits(slot, at),
                        Some(By::Call(no)) => !self.calls.iter().any(|call| call.ask.no == *no),
                        _ => false,
                    };
                    if quiet {
                        self.stop(slot, at);
                    }
                }
            }
            let done = self.calls.is_empty()
                && self.slots.iter().all(|slot| slot.follows.is_empty())
                && !self.host.iter().any(HostSession::is_busy);
            if done {
                break;
            }
        }
    }

    pub fn quiet(&mut self, slot: usize) {
        for _ in 0..1_000 {
            if self.slots[slot].todo.is_empty() && self.slots[slot].inbox.is_empty() {
                return;
            }
            self.work(slot);
            if let Some(event) = self.slots[slot].inbox.pop_front() {
                self.receive(slot, event);
            }
        }
    }

    /// Checks the properties that hold at the end.
    pub fn at_the_end(&mut self) {
        for task in self.tasks.clone() {
            // Two processes that prompt one session at once may use one number. Then the prompt of one is not found.
            let twin = |it: &Task| {
                it.at == task.at && it.prompt_no == task.prompt_no && it.call != task.call
            };
            let excused = task.excused.is_some()
                || self.rules.two && self.tasks.iter().any(twin)
                || self.host[task.at].overwritten
                || !self.alive(task.caller);
            let id = self.host[task.at].id.clone();
            let heard = task.heard.len();
            let once = heard == 1 || heard > 1 && task.looked.len() > 1;
            self.must(excused || once, "I3", || {
                format!(
                    "{id} {} (c{}) was delivered {heard} times",
                    task.prompt_no, task.call
                )
            });
        }
        let awake = (0..self.slots.len()).filter(|slot| self.dead != Some(*slot));
        for slot in awake.collect::<Vec<_>>() {
            let stuck = self.slots[slot].follows.iter().find(|it| !it.lost).cloned();
            self.must(stuck.is_none(), "I4", || format!("for ever: {stuck:?}"));
            for promise in self.promises.clone() {
                self.make_known(slot, promise.at);
                let wrong = self.broken(slot, &promise);
                // Another instance may have named it since this one read it. After a miss it is read again.
                let wrong = wrong.and_then(|_| {
                    self.read(slot, self.host[promise.at].root);
                    self.broken(slot, &promise)
                });
                let wrong = wrong.filter(|_| !self.awaits_mend(slot, &promise));
                self.must(wrong.is_none(), "I10", || wrong.unwrap_or_default());
            }
            for at in 0..self.host.len() {
                let session = self.slots[slot].engine.session(&self.host[at].id);
                let session = session.filter(|session| self.ids[&*session.id] == at);
                // A process that has neither heard of the deletion nor met it goes on with the session.
                let there = self.alive(at) || self.rules.apart && !self.slots[slot].met_gone(at);
                self.must(there || session.is_none(), "I7", || {
                    format!("{at} is gone, and there")
                });
                if let Some(session) = session {
                    // No event ends the turn of a session that another process deleted, if its call is committed after that turn.
                    let idle = session.status == Status::Idle || !self.alive(at);
                    let quiet = session.prompt.is_none() && idle;
                    self.must(quiet, "I4", || format!("not at rest: {session:?}"));
                }
            }
        }
    }
}
