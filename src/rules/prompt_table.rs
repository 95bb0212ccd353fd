//! The prompt table: const rows over [`Moment`], of which the first that fires decides. The row gives the next state of
//! a prompt and the step to take.
//!
//! A prompt is known by its session and number, and each try of it by the attempt. It is accepted once its user message
//! is seen among the session's messages; a call that returned is no proof.

use crate::protocol::PromptState as State;
use crate::shape::row;

/// An event of a prompt.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum News {
    /// Its session is free, and `max_parallel` lets it run.
    Free,
    /// The host was called to send it.
    Sent,
    /// Its user message was seen in the session.
    Accepted,
    /// The answer is there.
    Answered,
    /// The provider refuses it: another try would fail too.
    Refused,
    /// It failed on its way: another try may succeed.
    Broken,
    /// It failed on its way, and the host retries it.
    Retrying,
    /// The host does not know the agent.
    NoAgent,
    /// The process that ran it is gone.
    Lost,
    /// A person, its caller or the host cancelled it.
    Cancelled,
    /// Its session was deleted.
    Deleted,
    /// Its session reached a limit.
    Limited,
}

/// The facts of a prompt at an event. Every field has finitely many values: the space is enumerated in
/// the tests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment {
    /// How far the prompt has come.
    pub state: State,
    /// The event.
    pub news: News,
    /// Whether the event is about the newest attempt.
    pub newest: bool,
    /// Whether its model chain has another model.
    pub next_model: bool,
    /// Whether the same model may be tried again.
    pub tries_left: bool,
    /// Whether the agent `general` may take over: the caller may task it, and it has not yet.
    pub general: bool,
    /// Whether the caller goes on without waiting.
    pub background: bool,
}

/// The step that a transition takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Nothing.
    Nothing,
    /// The prompt is sent, whole.
    Send,
    /// The delegation of the prompt stands from now on, for the session may hold its message.
    Keep,
    /// The prompt is dropped from the host's record: the session has it now.
    Release,
    /// Another attempt sends the prompt, whole, to the next model of the chain.
    NextModelWhole,
    /// Another attempt continues from the session's history with the next model of the chain.
    NextModel,
    /// Another attempt sends the prompt, whole, to the same model after a while.
    AgainWhole,
    /// Another attempt continues from the session's history with the same model after a while.
    Again,
    /// Another attempt sends the prompt, whole, under the agent `general`.
    GeneralWhole,
    /// Another attempt continues from the session's history under the agent `general`.
    General,
    /// The stored prompt is forgotten, and its end is delivered.
    End,
    /// The running attempt is aborted, the stored prompt is forgotten, and its end is delivered.
    AbortEnd,
    /// The prompt is orphaned: it stays for the next prompt of the session, and does not count as running.
    Orphan,
    /// The same, and its task is reported as lost.
    ReportLost,
}

row! {
    /// A row of the prompt table.
    #[derive(Clone, Copy, Debug)]
    pub struct Transition {
        /// Its name.
        row: &'static str => must,
        /// When it fires, in the words of the documentation.
        when: &'static str => must,
        /// The state after it; absent if that stays.
        to: Option<State> => maybe,
        /// What is done, in the words of the documentation.
        then: &'static str => must,
    }
    with {
        fires: fn(&Moment) -> bool,
        step: Step,
    }
}

impl Transition {
    /// Whether the row's condition holds, whatever the rows before it say.
    pub fn fires(&self, moment: &Moment) -> bool {
        (self.fires)(moment)
    }

    /// The step to take if the row decides.
    pub fn step(&self) -> Step {
        self.step
    }
}

/// The row for a moment: the first that fires. The last always does.
///
/// ```
/// use opencode_delegate::rules::prompt_table::{Moment, News, Step, transition};
/// use opencode_delegate::protocol::PromptState;
/// let moment = Moment { state: PromptState::Sent, news: News::Refused, newest: true, next_model: true,
///     tries_left: true, general: false, background: false };
/// assert_eq!(transition(&moment).step(), Step::NextModelWhole);
/// assert_eq!(transition(&Moment { newest: false, ..moment }).step(), Step::Nothing);
/// ```
pub fn transition(moment: &Moment) -> &'static Transition {
    TRANSITIONS
        .iter()
        .find(|row| row.fires(moment))
        .unwrap_or(OTHERWISE)
}

fn failed(m: &Moment) -> bool {
    matches!(m.news, News::Refused | News::Broken)
}

fn in_trouble(m: &Moment) -> bool {
    failed(m) || m.news == News::Retrying
}

/// The prompt table. The copy in the documentation is rendered from it.
pub const TRANSITIONS: &[Transition] = &[
    Transition {
        row: "B1",
        when: "the prompt is over",
        to: None,
        then: "nothing",
        fires: |m| m.state.is_over(),
        step: Step::Nothing,
    },
    Transition {
        row: "B2",
        when: "its session is deleted before it was sent",
        to: Some(State::Deleted),
        then: "forget the stored prompt, deliver the end",
        fires: |m| m.news == News::Deleted && m.state == State::Created,
        step: Step::End,
    },
    Transition {
        row: "B3",
        when: "its session is deleted",
        to: Some(State::Deleted),
        then: "abort the attempt, forget the stored prompt, deliver the end",
        fires: |m| m.news == News::Deleted,
        step: Step::AbortEnd,
    },
    Transition {
        row: "B4",
        when: "the event is about an attempt that is not the newest",
        to: None,
        then: "nothing",
        fires: |m| !m.newest,
        step: Step::Nothing,
    },
    Transition {
        row: "B5",
        when: "cancelled before it was sent",
        to: Some(State::Cancelled),
        then: "forget the stored prompt, deliver the end",
        fires: |m| m.news == News::Cancelled && m.state == State::Created,
        step: Step::End,
    },
    Transition {
        row: "B6",
        when: "cancelled",
        to: Some(State::Cancelled),
        then: "abort the attempt, forget the stored prompt, deliver the end",
        fires: |m| m.news == News::Cancelled,
        step: Step::AbortEnd,
    },
    Transition {
        row: "B7",
        when: "created, its session is free, and `max_parallel` lets it run",
        to: Some(State::Created),
        then: "send it whole",
        fires: |m| m.news == News::Free && m.state == State::Created,
        step: Step::Send,
    },
    Transition {
        row: "B8",
        when: "created, and the host was called",
        to: Some(State::Sent),
        then: "keep its delegation",
        fires: |m| m.news == News::Sent && m.state == State::Created,
        step: Step::Keep,
    },
    Transition {
        row: "B9",
        when: "created or sent, and its message is in the session",
        to: Some(State::Accepted),
        then: "drop the prompt from the record",
        fires: |m| m.news == News::Accepted && m.state != State::Accepted,
        step: Step::Release,
    },
    Transition {
        row: "B10",
        when: "answered",
        to: Some(State::Idle),
        then: "forget the stored prompt, deliver the end",
        fires: |m| m.news == News::Answered,
        step: Step::End,
    },
    Transition {
        row: "B11",
        when: "the host does not know the agent, `general` may take over, not accepted",
        to: Some(State::Created),
        then: "send it whole under `general`",
        fires: |m| m.news == News::NoAgent && m.general && m.state != State::Accepted,
        step: Step::GeneralWhole,
    },
    Transition {
        row: "B12",
        when: "the host does not know the agent, `general` may take over, accepted",
        to: Some(State::Accepted),
        then: "continue from history under `general`",
        fires: |m| m.news == News::NoAgent && m.general,
        step: Step::General,
    },
    Transition {
        row: "B13",
        when: "refused, broken, or retried by the host; there is a next model, not accepted",
        to: Some(State::Created),
        then: "send it whole to the next model",
        fires: |m| in_trouble(m) && m.next_model && m.state != State::Accepted,
        step: Step::NextModelWhole,
    },
    Transition {
        row: "B14",
        when: "refused, broken, or retried by the host; there is a next model, accepted",
        to: Some(State::Accepted),
        then: "continue from history with the next model",
        fires: |m| in_trouble(m) && m.next_model,
        step: Step::NextModel,
    },
    Transition {
        row: "B15",
        when: "broken, no next model, tries are left, not accepted",
        to: Some(State::Created),
        then: "send it whole again, after a while",
        fires: |m| m.news == News::Broken && m.tries_left && m.state != State::Accepted,
        step: Step::AgainWhole,
    },
    Transition {
        row: "B16",
        when: "broken, no next model, tries are left, accepted",
        to: Some(State::Accepted),
        then: "continue from history, after a while",
        fires: |m| m.news == News::Broken && m.tries_left,
        step: Step::Again,
    },
    Transition {
        row: "B17",
        when: "its process is gone, not accepted, in the background",
        to: Some(State::Created),
        then: "report its task as lost, keep the stored prompt for the next resume",
        fires: |m| m.news == News::Lost && m.state != State::Accepted && m.background,
        step: Step::ReportLost,
    },
    Transition {
        row: "B18",
        when: "its process is gone, not accepted",
        to: Some(State::Created),
        then: "keep the stored prompt for the next resume",
        fires: |m| m.news == News::Lost && m.state != State::Accepted,
        step: Step::Orphan,
    },
    Transition {
        row: "B19",
        when: "refused or broken, unknown agent, or its process is gone",
        to: Some(State::Failed),
        then: "forget the stored prompt, deliver the end",
        fires: |m| failed(m) || matches!(m.news, News::NoAgent | News::Lost),
        step: Step::End,
    },
    Transition {
        row: "B20",
        when: "its session reached a limit, accepted",
        to: Some(State::Idle),
        then: "abort the attempt, forget the stored prompt, deliver the end with the answer so far",
        fires: |m| m.news == News::Limited && m.state == State::Accepted,
        step: Step::AbortEnd,
    },
    Transition {
        row: "B21",
        when: "its session reached a limit",
        to: Some(State::Failed),
        then: "abort the attempt, forget the stored prompt, deliver the end",
        fires: |m| m.news == News::Limited,
        step: Step::AbortEnd,
    },
    *OTHERWISE,
];

const OTHERWISE: &Transition = &Transition {
    row: "B22",
    when: "otherwise: the event is known or late",
    to: None,
    then: "nothing",
    fires: |_| true,
    step: Step::Nothing,
};
