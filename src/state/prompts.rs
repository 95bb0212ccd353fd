//! The prompts of a session: the one that runs, those that wait behind it, and what became of the
//! last one that nobody waited for.

use crate::error::Wrong;
use crate::json::{Field, Read};
use crate::protocol::Task;
use crate::protocol::tasks;
use crate::protocol::{Prompt, PromptState as State};
use serde::Serialize;
use std::collections::VecDeque;
use std::sync::Arc;

/// A prompt on its way.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub(crate) struct Turn {
    /// Which of the session's prompts.
    pub(crate) turn: u32,
    /// How often it was tried, this time included.
    pub(crate) attempt: u32,
    pub(crate) state: State,
    pub(crate) prompt: Prompt,
    /// Which model of the chain, and how often that one was tried before.
    pub(crate) model: u32,
    pub(crate) tries: u32,
    /// Whether `general` may take over.
    pub(crate) general: bool,
    pub(crate) caller: Arc<str>,
    /// The caller's turn in which it was asked.
    pub(crate) caller_turn: u32,
    pub(crate) background: bool,
    /// Whether a call of the caller's budget was spent on it, and not yet earned.
    pub(crate) unearned: bool,
    /// Whether it holds a place among those that run.
    pub(crate) running: bool,
    /// Whether the process that was to run it is gone.
    pub(crate) stranded: bool,
    /// Whether it was the first of its session, whose prompt the host's record keeps.
    pub(crate) first: bool,
    pub(crate) seed: String,
    /// The user message of the attempt that sent the prompt whole.
    pub(crate) message_id: Option<String>,
    pub(crate) notices: Vec<String>,
    pub(crate) message: Option<String>,
}

impl Turn {
    pub(crate) fn of(turn: Field<'_>) -> Result<Turn, Wrong> {
        let text = |key| {
            turn.maybe(key)?
                .map(|text| text.text().map(str::to_owned))
                .transpose()
        };
        let count = |key| turn.must(key)?.count();
        let flag = |key| turn.must(key)?.flag();
        Ok(Turn {
            turn: count("turn")?,
            attempt: count("attempt")?,
            state: State::of(turn.must("state")?)?,
            prompt: Prompt::of(turn.must("prompt")?)?,
            model: count("model")?,
            tries: count("tries")?,
            general: flag("general")?,
            caller: turn.must("caller")?.text()?.into(),
            caller_turn: count("caller_turn")?,
            background: flag("background")?,
            unearned: flag("unearned")?,
            running: flag("running")?,
            stranded: flag("stranded")?,
            first: flag("first")?,
            seed: turn.must("seed")?.text()?.to_owned(),
            message_id: text("message_id")?,
            notices: turn.must("notices")?.texts()?,
            message: text("message")?,
        })
    }
}

/// How many told tasks of a session are remembered.
const PAST: usize = 16;

/// The prompts of one session.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub(crate) struct Lane {
    /// In order of arrival; the first may be running.
    pub(crate) turns: VecDeque<Turn>,
    /// Whether another process runs them that lives: they are its own to end and to tell.
    pub(crate) alive: bool,
    /// What that process is to run: it is looked up once that is gone.
    pub(crate) theirs: Vec<Turn>,
    /// How many there were.
    pub(crate) count: u32,
    /// Whether the host runs a turn of it that was not asked for here.
    pub(crate) foreign: bool,
    /// Its background tasks: those that were not told yet, and the last.
    pub(crate) tasks: Vec<Task>,
    /// Which of its prompts were tasks that were told and let go of: another may still hold them open.
    pub(crate) past: Vec<u32>,
    /// Who runs them.
    pub(crate) process: Option<String>,
}

impl Lane {
    pub(crate) fn of(lane: Field<'_>) -> Result<Lane, Wrong> {
        let turns = |key| {
            lane.must(key)?
                .list()?
                .map(Turn::of)
                .collect::<Result<Vec<_>, Wrong>>()
        };
        Ok(Lane {
            turns: turns("turns")?.into(),
            alive: lane.must("alive")?.flag()?,
            theirs: turns("theirs")?,
            count: lane.must("count")?.count()?,
            foreign: lane.must("foreign")?.flag()?,
            tasks: tasks(lane.must("tasks")?)?,
            past: lane
                .must("past")?
                .list()?
                .map(|turn| turn.count())
                .collect::<Result<_, Wrong>>()?,
            process: lane
                .maybe("process")?
                .map(|process| process.text().map(str::to_owned))
                .transpose()?,
        })
    }

    /// The first prompt of the session, while nobody has seen it there.
    pub(crate) fn unsent(&self) -> Option<&Turn> {
        self.turns
            .iter()
            .chain(&self.theirs)
            .find(|turn| turn.first && matches!(turn.state, State::Created | State::Sent))
    }

    /// Lets go of the tasks that were told, but for the last where that is to be kept.
    pub(crate) fn drop_told(&mut self, keep_last: bool) {
        let last = self
            .tasks
            .last()
            .map(|task| task.prompt_no)
            .filter(|_| keep_last);
        let goes = |task: &Task| task.delivered && Some(task.prompt_no) != last;
        let gone = self.tasks.iter().filter(|task| goes(task));
        self.past.extend(gone.map(|task| task.prompt_no));
        let over = self.past.len().saturating_sub(PAST);
        self.past.drain(..over);
        self.tasks.retain(|task| !goes(task));
    }

    /// Whether a prompt of it runs or is to run.
    pub(crate) fn is_live(&self) -> bool {
        self.turns.iter().any(|turn| !turn.stranded)
    }
}
