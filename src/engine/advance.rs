//! What happens to a prompt, brought to the table of transitions and carried out.

use crate::engine::Engine;
use crate::engine::enqueue::GENERAL;
use crate::error::clip;
use crate::names::message_id;
use crate::protocol::Effect;
use crate::protocol::PromptState as State;
use crate::protocol::Status;
use crate::protocol::{AttemptRef, FailedAttempt};
use crate::rules::prompt_table::{Moment, News, Step, transition};
use crate::rules::{news, sentence};
use crate::state::At;
use crate::state::Turn;
use crate::time::Millis;
use std::sync::Arc;

/// How often a model is tried again, after the host's own tries, where no other is left.
pub const RETRIES: u32 = 2;
/// The wait before the first such try, in milliseconds; each further one waits twice as long.
pub const BACKOFF_MS: Millis = 1_000;

impl Engine {
    /// Takes in what happened to an attempt.
    pub(crate) fn of_prompt(&mut self, of: &AttemptRef, news: News) {
        if let Some(at) = self.registry.find(&of.session_id) {
            self.happened(at, of.prompt_no, Some(of.attempt), news, of.now);
        }
    }

    /// Takes in that somebody ended a prompt: one that is on its way may arrive yet, and is spent.
    pub(crate) fn cancelled(&mut self, of: &AttemptRef) {
        if let Some(at) = self.registry.find(&of.session_id)
            && let Some(turn) = self.turn(at, of.prompt_no)
            && (turn.attempt, turn.state) == (of.attempt, State::Sent)
        {
            turn.unearned = false;
        }
        self.of_prompt(of, News::Cancelled);
    }

    /// Takes in how an attempt failed.
    pub(crate) fn failed(&mut self, failed: &FailedAttempt) {
        let Some(at) = self.registry.find(&failed.session_id) else {
            return;
        };
        let news = news(&failed.failure);
        if let Some(turn) = self.turn(at, failed.prompt_no)
            && turn.attempt == failed.attempt
        {
            turn.message = Some(sentence(&failed.failure));
        }
        let before = self.acts.len();
        let jitter = failed.jitter.unwrap_or(1.0);
        let acts = self.happen(
            at,
            failed.prompt_no,
            Some(failed.attempt),
            news,
            failed.now,
            jitter,
        );
        // What still runs must not go on beside the next attempt.
        let session_id = self.registry.node(at).id.clone();
        let abort = Effect::Abort { session_id };
        if acts
            && failed.live == Some(true)
            && !self.acts.iter().skip(before).any(|act| *act == abort)
        {
            self.acts.insert(before, abort);
        }
    }

    pub(crate) fn happened(
        &mut self,
        at: At,
        number: u32,
        attempt: Option<u32>,
        news: News,
        now: Millis,
    ) {
        self.happen(at, number, attempt, news, now, 1.0);
    }

    fn turn(&mut self, at: At, number: u32) -> Option<&mut Turn> {
        let lane = self.registry.node_mut(at).lane.as_deref_mut()?;
        lane.turns.iter_mut().find(|turn| turn.turn == number)
    }

    /// Carries out the row for what happened; whether it does anything.
    fn happen(
        &mut self,
        at: At,
        number: u32,
        attempt: Option<u32>,
        news: News,
        now: Millis,
        jitter: f64,
    ) -> bool {
        let Some(turn) = self.turn(at, number) else {
            return false;
        };
        let row = transition(&Moment {
            state: turn.state,
            news,
            newest: attempt.is_none_or(|attempt| attempt == turn.attempt),
            next_model: (turn.model as usize) + 1 < turn.prompt.models.len(),
            tries_left: turn.tries < RETRIES,
            general: turn.general,
            background: turn.background,
        });
        if let Some(to) = row.to {
            turn.state = to;
        }
        match row.step() {
            Step::Nothing => return false,
            Step::Send => self.send(at, number, now),
            Step::LetGo => {
                turn.unearned = false;
                let first = std::mem::take(&mut turn.first);
                if turn.stranded && !turn.background {
                    self.drop_turn(at, number);
                }
                if first {
                    self.registry.mark_later(at);
                }
            }
            Step::NextModelWhole | Step::NextModel => {
                turn.model += 1;
                turn.tries = 0;
                let model = turn.prompt.models.get(turn.model as usize);
                let name = model.map_or(String::new(), |m| {
                    [&*m.provider_id, "/", &*m.model_id].concat()
                });
                let why = turn.message.clone().unwrap_or_default();
                turn.notices.push(format!(
                    "Its model failed ({}); {name} took over.",
                    clip(&why)
                ));
                self.again(at, number, row.step() == Step::NextModelWhole, 0, now);
            }
            Step::AgainWhole | Step::Again => {
                let wait = (BACKOFF_MS << turn.tries) as f64;
                turn.tries += 1;
                let after = (wait * (0.5 + jitter / 2.0)) as Millis;
                self.again(at, number, row.step() == Step::AgainWhole, after, now);
            }
            Step::GeneralWhole | Step::General => {
                turn.general = false;
                let notice = format!(
                    "OpenCode does not know agent \"{}\" any more; \"{GENERAL}\" took over.",
                    clip(&turn.prompt.agent)
                );
                turn.notices.push(notice);
                turn.prompt.agent = GENERAL.to_owned();
                self.registry.set_agent(at, GENERAL);
                self.registry.mark(at);
                self.again(at, number, row.step() == Step::GeneralWhole, 0, now);
            }
            Step::End => self.end(at, number, now),
            Step::AbortEnd => {
                let session_id = self.registry.node(at).id.clone();
                self.acts.push(Effect::Abort { session_id });
                self.end(at, number, now);
            }
            Step::Keep | Step::TellLost => {
                let lost = turn.clone();
                self.strand(at, number, now);
                if row.step() == Step::TellLost {
                    if !lost.first {
                        self.drop_turn(at, number);
                    }
                    self.settle(at, State::Created, lost, now);
                }
                self.free(now);
            }
        }
        true
    }

    fn send(&mut self, at: At, number: u32, now: Millis) {
        let id = self.registry.node(at).id.clone();
        self.registry.desk.running.push(id.clone());
        self.registry.prompted(at, now);
        let Some(turn) = self.turn(at, number) else {
            return;
        };
        turn.running = true;
        // That of a first prompt was chosen with it, and stands in the record.
        let chosen = turn.message_id.take().filter(|_| turn.attempt == 1);
        let unkept = turn.first && chosen.is_none();
        let chosen = chosen.unwrap_or_else(|| message_id(now, &turn.seed));
        turn.message_id = Some(chosen.clone());
        let message = turn
            .prompt
            .message(true, turn.model as usize, chosen.clone());
        let (attempt, background) = (turn.attempt, turn.background);
        if background && let Some(lane) = self.registry.node_mut(at).lane.as_deref_mut() {
            for task in lane
                .tasks
                .iter_mut()
                .filter(|task| task.prompt_no == number)
            {
                task.message_id = Some(chosen.clone());
            }
        }
        if background || unkept {
            self.registry.mark(at);
        }
        self.acts.push(Effect::Send {
            session_id: id,
            prompt_no: number,
            attempt,
            message,
            stall: self.policy.stall_ms,
        });
    }

    /// Begins another attempt. One that sends the prompt whole sends the same message, so that it
    /// stands in the session once, whichever attempt arrived.
    fn again(&mut self, at: At, number: u32, whole: bool, after: Millis, now: Millis) {
        let session_id = self.registry.node(at).id.clone();
        let Some(turn) = self.turn(at, number) else {
            return;
        };
        turn.attempt += 1;
        let id = match (&turn.message_id, whole) {
            (Some(id), true) => id.clone(),
            _ => message_id(now + after.max(1), &turn.seed),
        };
        let message = turn.prompt.message(whole, turn.model as usize, id);
        let (turn, attempt) = (number, turn.attempt);
        self.acts.push(Effect::Retry {
            session_id,
            prompt_no: turn,
            attempt,
            message,
            after,
            stall: self.policy.stall_ms,
        });
    }

    pub(crate) fn drop_turn(&mut self, at: At, number: u32) -> Option<Turn> {
        let lane = self.registry.node_mut(at).lane.as_deref_mut()?;
        let place = lane.turns.iter().position(|turn| turn.turn == number)?;
        lane.turns.remove(place)
    }

    /// Has a prompt wait or run no more; gives the id of its session.
    fn leave_desk(&mut self, at: At, turn: &Turn) -> Arc<str> {
        let id = self.registry.node(at).id.clone();
        let desk = &mut self.registry.desk;
        desk.waiting
            .retain(|(session, waiting)| (session, *waiting) != (&id, turn.turn));
        if turn.running {
            desk.running.retain(|session| *session != id);
        }
        id
    }

    /// Leaves a prompt to whoever resumes its session: the process that was to run it is gone, so it
    /// holds no place.
    fn strand(&mut self, at: At, number: u32, now: Millis) {
        let Some(turn) = self.turn(at, number) else {
            return;
        };
        let before = turn.clone();
        (turn.stranded, turn.running) = (true, false);
        let id = self.leave_desk(at, &before);
        if before.running {
            self.status(&id, Status::Idle, now);
        }
    }

    /// Ends a prompt: its place is free, a call that was spent on nothing is given back, and whoever
    /// asked is told.
    fn end(&mut self, at: At, number: u32, now: Millis) {
        let Some(turn) = self.drop_turn(at, number) else {
            return;
        };
        let id = self.leave_desk(at, &turn);
        if turn.unearned && turn.state != State::Idle {
            self.registry.give_back(&turn.caller, turn.caller_turn);
        }
        if turn.first {
            self.registry.mark_later(at);
        }
        self.acts.push(Effect::Forget {
            session_id: id.clone(),
            prompt_no: number,
        });
        let (state, running) = (turn.state, turn.running);
        if turn.background {
            self.settle(at, state, turn, now);
        } else if !turn.stranded {
            self.acts.push(Effect::Deliver {
                session_id: id.clone(),
                prompt_no: number,
                state,
                message: turn.message.filter(|_| state != State::Idle),
                notices: turn.notices,
                to: None,
            });
        }
        if running {
            self.status(&id, Status::Idle, now);
        }
        self.free(now);
    }
}
