//! The prompts of a session: the one that runs, those that wait behind it, and its background tasks.

use crate::collections::is_default;
use crate::error::Wrong;
use crate::json::{Field, Read};
use crate::names::message_id;
use crate::one_line::quotable;
use crate::protocol::{LAST_PROMPT_NO, Limits, Message, Prompt, PromptState, Task};
use crate::rules::limits::DELIVERED_TASKS;
use crate::rules::prompt_table::{Moment, News};
use crate::state::quota::unfinished;
use crate::time::Millis;
use serde::Serialize;
use std::sync::Arc;

/// The stage of a prompt: waiting, running in this process, or orphaned.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Phase {
    /// It waits for its session, or for `max_parallel`.
    #[default]
    Waiting,
    /// It counts as running, from its first attempt to its end.
    Running,
    /// The process that was to run it is gone: the next prompt of its session decides about it.
    Orphaned,
}

/// A prompt of a session, from the call that asked it to its end.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub(crate) struct QueuedPrompt {
    /// Which of the session's prompts.
    pub(super) prompt_no: u32,
    /// How often it was tried, the present attempt included.
    pub(super) attempt: u32,
    pub(super) phase: Phase,
    /// How far the present attempt has come. No queued prompt is in a state that is over.
    pub(super) state: PromptState,
    /// Whether a step of its session has ended since that attempt was sent: the event of its arrival may come later.
    #[serde(skip_serializing_if = "is_default")]
    pub(super) stepped: bool,
    pub(super) prompt: Prompt,
    /// Which model of the chain.
    pub(super) model: u32,
    /// How often that model was tried before.
    pub(super) tries: u32,
    /// Whether `general` may take over.
    pub(super) general: bool,
    pub(super) caller: Arc<str>,
    /// The delegation to the caller in which it was asked.
    pub(super) caller_delegation: u32,
    pub(super) background: bool,
    /// Whether another program sends it and tries it again: that program has limits of its own.
    #[serde(skip_serializing_if = "is_default")]
    pub(super) elsewhere: bool,
    /// When it was queued.
    pub(super) asked_at: Millis,
    /// Whether its call goes back to the caller's budget if it ends without being accepted.
    pub(super) refundable: bool,
    /// Whether the session's record holds it until it is accepted.
    pub(super) recorded: bool,
    pub(super) seed: String,
    /// The limits that its call asks for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) limits: Option<Limits>,
    /// The user message of the attempt that sent the prompt whole.
    pub(super) message_id: Option<String>,
    pub(super) notices: Vec<String>,
    /// The message of its last failure.
    pub(super) message: Option<String>,
}

/// A prompt as a call asks it.
pub(crate) struct NewPrompt {
    pub(crate) prompt: Prompt,
    pub(crate) caller: Arc<str>,
    pub(crate) caller_delegation: u32,
    pub(crate) general: bool,
    pub(crate) background: bool,
    /// Whether the caller has a budget.
    pub(crate) refundable: bool,
    /// Whether a child is to be created for it.
    pub(crate) recorded: bool,
    pub(crate) seed: String,
    /// The limits that its call asks for.
    pub(crate) limits: Option<Limits>,
    /// Whether another program sends it.
    pub(crate) elsewhere: bool,
}

impl From<NewPrompt> for QueuedPrompt {
    fn from(new: NewPrompt) -> QueuedPrompt {
        QueuedPrompt {
            attempt: 1,
            prompt: new.prompt,
            general: new.general,
            caller: new.caller,
            caller_delegation: new.caller_delegation,
            background: new.background,
            refundable: new.refundable,
            recorded: new.recorded,
            seed: new.seed,
            limits: new.limits,
            elsewhere: new.elsewhere,
            ..QueuedPrompt::default()
        }
    }
}

impl QueuedPrompt {
    pub(crate) fn is_background(&self) -> bool {
        self.background
    }

    pub(crate) fn is_orphaned(&self) -> bool {
        self.phase == Phase::Orphaned
    }

    pub(crate) fn is_running(&self) -> bool {
        self.phase == Phase::Running
    }

    /// Whether its message is known to be in the session.
    pub(super) fn is_accepted(&self) -> bool {
        self.state == PromptState::Accepted
    }

    /// Whether the session's record holds it.
    pub(crate) fn is_in_record(&self) -> bool {
        self.recorded && !self.is_accepted()
    }

    /// The prompt as the record of a process holds it.
    pub(super) fn stored(&self, process: Option<&str>) -> Prompt {
        let mut prompt = self.prompt.clone();
        prompt.process = prompt
            .process
            .filter(|owner| Some(owner.as_str()) != process);
        prompt
    }

    /// Whether its call goes back to the caller's budget if it ends now.
    pub(super) fn is_refundable(&self) -> bool {
        self.refundable && !self.is_accepted()
    }

    /// The facts of the prompt table for something that happened to it: to an attempt, or to all.
    pub(crate) fn moment(&self, news: News, attempt: Option<u32>, tries: u32) -> Moment {
        Moment {
            state: self.state,
            news,
            newest: attempt.is_none_or(|attempt| attempt == self.attempt),
            next_model: (self.model as usize) + 1 < self.prompt.models.len(),
            tries_left: !self.elsewhere && self.tries < tries,
            general: self.general,
            background: self.background,
        }
    }

    /// Takes in that a step of its session has ended.
    pub(crate) fn note_step(&mut self) {
        self.stepped |= self.state == PromptState::Sent;
    }

    /// Notes how far it has come, while it is not over.
    pub(crate) fn reach(&mut self, state: PromptState) {
        if !state.is_over() {
            self.state = state;
        }
    }

    /// Notes that an attempt was cancelled: the call of a sent one is spent.
    pub(super) fn cancel_attempt(&mut self, attempt: u32) {
        self.refundable &= (self.attempt, self.state) != (attempt, PromptState::Sent);
    }

    /// Notes the message of a failure of its present attempt.
    pub(crate) fn note_failure(&mut self, attempt: u32, message: &str) {
        if attempt == self.attempt {
            self.message = Some(message.to_owned());
        }
    }

    /// Notes the sentence about the limit that ends it: a notice if it has an answer, else its failure.
    /// Gives its number.
    pub(crate) fn note_limit(&mut self, sentence: &str) -> u32 {
        match self.is_accepted() {
            true => self.notices.push(unfinished(sentence)),
            false => self.message = Some(sentence.to_owned()),
        }
        self.prompt_no
    }

    /// The message of its last failure, and the notices to its caller.
    pub(crate) fn into_outcome(self) -> (Option<String>, Vec<String>) {
        (self.message, self.notices)
    }

    /// Goes to the next model of its chain.
    pub(crate) fn switch_model(&mut self) {
        self.model += 1;
        self.tries = 0;
        let model = self.prompt.models.get(self.model as usize);
        let name = model.map_or(String::new(), |m| m.text());
        let why = self.message.as_deref().unwrap_or_default();
        self.notices.push(format!(
            "Its model failed ({}); {} took over.",
            quotable(why),
            quotable(&name)
        ));
    }

    /// Notes another try of the same model, and gives how many went before it.
    pub(crate) fn try_again(&mut self) -> u32 {
        self.tries += 1;
        self.tries - 1
    }

    /// Hands it to the agent that takes over for an unknown one.
    pub(crate) fn hand_to(&mut self, general: &str) {
        self.general = false;
        self.notices.push(format!(
            "OpenCode no longer has agent \"{}\"; \"{general}\" took over.",
            quotable(&self.prompt.agent)
        ));
        self.prompt.agent = general.to_owned();
    }

    /// Begins another attempt, and gives its number and its message. An attempt that sends the prompt whole sends the
    /// same message, so that the session holds it once, whichever attempt arrived.
    pub(crate) fn begin_attempt(&mut self, whole: bool, at: Millis) -> (u32, Message) {
        self.attempt += 1;
        self.stepped = false;
        let id = match (&self.message_id, whole) {
            (Some(id), true) => id.clone(),
            _ => message_id(at, &self.seed),
        };
        let message = self.prompt.message(whole, self.model as usize, id);
        (self.attempt, message)
    }
}

impl Read for QueuedPrompt {
    fn of(saved: Field<'_>) -> Result<QueuedPrompt, Wrong> {
        Ok(QueuedPrompt {
            prompt_no: Read::must(&saved, "prompt_no")?,
            attempt: Read::must(&saved, "attempt")?,
            phase: saved.must("phase")?.one_of(&[
                ("waiting", Phase::Waiting),
                ("running", Phase::Running),
                ("orphaned", Phase::Orphaned),
            ])?,
            state: Read::must(&saved, "state")?,
            stepped: Read::given(&saved, "stepped")?.unwrap_or_default(),
            prompt: Read::must(&saved, "prompt")?,
            model: Read::must(&saved, "model")?,
            tries: Read::must(&saved, "tries")?,
            general: Read::must(&saved, "general")?,
            caller: Read::must(&saved, "caller")?,
            caller_delegation: Read::must(&saved, "caller_delegation")?,
            background: Read::must(&saved, "background")?,
            elsewhere: Read::given(&saved, "elsewhere")?.unwrap_or_default(),
            asked_at: Read::must(&saved, "asked_at")?,
            refundable: Read::must(&saved, "refundable")?,
            recorded: Read::must(&saved, "recorded")?,
            seed: Read::must(&saved, "seed")?,
            limits: Read::given(&saved, "limits")?,
            message_id: Read::maybe(&saved, "message_id")?,
            notices: Read::must(&saved, "notices")?,
            message: Read::maybe(&saved, "message")?,
        })
    }
}

/// The prompts of one session.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub(super) struct SessionPrompts {
    /// In order of arrival; the first may be running.
    pub(super) queue: Vec<QueuedPrompt>,
    /// Whether another process is alive that runs them, or some of them: it ends them, and delivers their results.
    pub(super) remote: bool,
    /// The prompts that are left to that process, or to a third one: each has its own. They are orphaned once it is gone.
    pub(super) remote_queue: Vec<QueuedPrompt>,
    /// The number of the last prompt.
    pub(super) last_no: u32,
    /// Whether the host runs a turn of the session that no prompt here began.
    pub(super) busy_elsewhere: bool,
    /// Its background tasks: those of which something is to be delivered, and the last.
    pub(super) tasks: Vec<Task>,
    /// The numbers of tasks that were delivered and dropped, or have another number here: the record of another process
    /// may still hold them open.
    pub(super) delivered: Vec<u32>,
    /// The process that runs them.
    pub(super) process: Option<String>,
}

impl Read for SessionPrompts {
    fn of(saved: Field<'_>) -> Result<SessionPrompts, Wrong> {
        Ok(SessionPrompts {
            queue: Read::must(&saved, "queue")?,
            remote: Read::must(&saved, "remote")?,
            remote_queue: Read::must(&saved, "remote_queue")?,
            last_no: Read::must(&saved, "last_no")?,
            busy_elsewhere: Read::must(&saved, "busy_elsewhere")?,
            tasks: Read::must(&saved, "tasks")?,
            delivered: Read::must(&saved, "delivered")?,
            process: Read::maybe(&saved, "process")?,
        })
    }
}

impl SessionPrompts {
    /// The prompt that the session's record holds, if one is not accepted yet.
    pub(super) fn in_record(&self) -> Option<&QueuedPrompt> {
        self.queue
            .iter()
            .chain(&self.remote_queue)
            .find(|prompt| prompt.is_in_record())
    }

    /// The number of the next prompt: one more than the last, or the first that is free if a record holds the largest.
    pub(super) fn next_no(&mut self) -> u32 {
        if self.last_no < LAST_PROMPT_NO {
            self.last_no += 1;
            return self.last_no;
        }
        let queued = self.queue.iter().chain(&self.remote_queue);
        let queued = queued.map(|prompt| prompt.prompt_no);
        let known = queued.chain(self.tasks.iter().map(|task| task.prompt_no));
        let known: Vec<u32> = known.chain(self.delivered.iter().copied()).collect();
        let free = (1..LAST_PROMPT_NO).find(|number| !known.contains(number));
        free.unwrap_or(LAST_PROMPT_NO)
    }

    pub(super) fn find_mut(&mut self, prompt_no: u32) -> Option<&mut QueuedPrompt> {
        let mut queue = self.queue.iter_mut();
        queue.find(|prompt| prompt.prompt_no == prompt_no)
    }

    pub(super) fn remove(&mut self, prompt_no: u32) -> Option<QueuedPrompt> {
        let mut queue = self.queue.iter();
        let index = queue.position(|prompt| prompt.prompt_no == prompt_no)?;
        Some(self.queue.remove(index))
    }

    /// Whether this engine runs one of the prompts, or is to run one.
    pub(super) fn is_live(&self) -> bool {
        self.queue.iter().any(|prompt| !prompt.is_orphaned())
    }

    /// Whether a prompt or a task is left to another process.
    pub(super) fn leaves_any(&self) -> bool {
        let mut tasks = self.tasks.iter();
        !self.remote_queue.is_empty() || tasks.any(|task| task.is_open() && task.process.is_some())
    }

    /// Drops the tasks that were delivered, but for the last if `keep_last` holds.
    pub(super) fn drop_delivered(&mut self, keep_last: bool) {
        let last = self.tasks.last().map(|task| task.prompt_no);
        let last = last.filter(|_| keep_last);
        let goes = |task: &Task| task.delivered && task.unread == 0 && Some(task.prompt_no) != last;
        let gone = self.tasks.iter().filter(|task| goes(task));
        note_numbers(&mut self.delivered, gone.map(|task| task.prompt_no));
        self.tasks.retain(|task| !goes(task));
    }
}

/// Notes numbers of tasks that a record of another process may list in vain. The last few are known.
pub(super) fn note_numbers(delivered: &mut Vec<u32>, numbers: impl Iterator<Item = u32>) {
    delivered.extend(numbers);
    let over = delivered.len().saturating_sub(DELIVERED_TASKS);
    delivered.drain(..over);
}
