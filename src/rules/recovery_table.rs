//! The recovery table: const rows over [`Remains`], of which the first that fires decides. It is about the prompts and
//! tasks that another process left in a session's record.
//!
//! The engine reads a record when the host reports its session. The process of its prompts may be alive, may be gone,
//! or may have ended them all. The prompts of a process that is gone are looked up in the session. The next prompt of
//! the session decides about those that were not accepted.

use crate::shape::row;

/// The thing that a row decides about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Case {
    /// The record as a whole, each time it is read: do its prompts replace those that are known here?
    Record,
    /// A background task that the record lists or that is known here.
    Task,
    /// A prompt of the record that was not ended.
    Prompt,
    /// A prompt whose process is gone, when the next prompt of its session is asked.
    Orphan,
}

/// The process that the record names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Runner {
    /// It is alive, and another one.
    Alive,
    /// It is gone.
    Gone,
    /// There is none, it is this one, or the host did not say.
    None,
}

/// The facts about something in a record. Every field has finitely many values: the space is enumerated in the tests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Remains {
    /// The thing that the row decides about.
    pub case: Case,
    /// The process that the record names.
    pub runner: Runner,
    /// Record: a call that is open here has created the session, and its prompt is about to be asked.
    pub unborn: bool,
    /// Record: the host reports the session for the first time.
    pub first: bool,
    /// Record: prompts of the session are known here. Task, prompt: one of that number is.
    pub known: bool,
    /// Record: this engine runs a prompt of the session. Task: this engine runs its prompt, or is to deliver its result.
    pub own: bool,
    /// Record: the known prompts were left to a process that was alive.
    pub remote: bool,
    /// Record: another process ran tasks that are unknown here.
    pub news: bool,
    /// Record: it names no process, so nothing of it is open.
    pub closed: bool,
    /// Record: prompts were left to a process that it names beside its own, and that is gone.
    pub abandoned: bool,
    /// Task: the record lists it. Orphan: the record still holds the prompt, whose message was not accepted.
    pub in_record: bool,
    /// Task: its result was delivered by this engine.
    pub delivered: bool,
    /// Task: this engine knows a later state of it.
    pub further: bool,
    /// Prompt: the known one is an orphan with another message.
    pub replaced: bool,
    /// Orphan: the caller that asks now also asked the orphan.
    pub same_caller: bool,
}

/// The step that a row takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// The prompt or task that is known here stays.
    KeepOurs,
    /// The prompt or task of the record is taken in.
    TakeTheirs,
    /// The prompts are left to the process that runs them.
    LeaveToProcess,
    /// The prompts are orphaned, and looked up in the session.
    Orphan,
    /// The prompts that were left to a process that is gone are orphaned, and looked up in the session.
    OrphanAbandoned,
    /// It is forgotten.
    Drop,
    /// Its task is reported to its caller as lost.
    ReportLost,
    /// It is sent with the next prompt, and its task is reported to its caller as lost.
    SendAlongReportLost,
    /// It is sent with the next prompt.
    SendAlong,
}

row! {
    /// A row of the recovery table.
    #[derive(Clone, Copy, Debug)]
    pub struct Recovery {
        /// Its name.
        row: &'static str => must,
        /// When it fires, in the words of the documentation.
        when: &'static str => must,
        /// What is done, in the words of the documentation.
        then: &'static str => must,
    }
    with {
        fires: fn(&Remains) -> bool,
        step: Step,
    }
}

impl Recovery {
    /// Whether the row's condition holds, whatever the rows before it say.
    pub fn fires(&self, remains: &Remains) -> bool {
        (self.fires)(remains)
    }

    /// The step to take if the row decides.
    pub fn step(&self) -> Step {
        self.step
    }
}

/// The row that decides: the first that fires. The last row of each case always does.
///
/// ```
/// use opencode_delegate::rules::recovery_table::{Case, Remains, Runner, Step, recovery};
/// let met = Remains { case: Case::Record, runner: Runner::Gone, unborn: false, first: true, known: false, own: false,
///     remote: false, news: false, closed: false, abandoned: false, in_record: false, delivered: false, further: false, replaced: false,
///     same_caller: false };
/// assert_eq!(recovery(&met).step(), Step::Orphan);
/// assert_eq!(recovery(&Remains { runner: Runner::Alive, ..met }).step(), Step::LeaveToProcess);
/// ```
pub fn recovery(remains: &Remains) -> &'static Recovery {
    RECOVERY
        .iter()
        .find(|row| row.fires(remains))
        .unwrap_or(OTHERWISE)
}

fn record(r: &Remains) -> bool {
    r.case == Case::Record
}

fn task(r: &Remains) -> bool {
    r.case == Case::Task
}

/// The recovery table.
pub const RECOVERY: &[Recovery] = &[
    Recovery {
        row: "C1",
        when: "record: a call that is open here created the session, and its prompt is about to be asked",
        then: "keep what is known here",
        fires: |r| record(r) && r.unborn,
        step: Step::KeepOurs,
    },
    Recovery {
        row: "C2",
        when: "record: its process is alive, and this engine runs no prompt of the session",
        then: "leave the prompts to that process",
        fires: |r| record(r) && r.runner == Runner::Alive && !(r.known && r.own),
        step: Step::LeaveToProcess,
    },
    Recovery {
        row: "C3",
        when: "record: its process is alive",
        then: "keep what is known here",
        fires: |r| record(r) && r.runner == Runner::Alive,
        step: Step::KeepOurs,
    },
    Recovery {
        row: "C4",
        when: "record: the host reports the session for the first time",
        then: "orphan the prompts, and look them up in the session",
        fires: |r| record(r) && r.first,
        step: Step::Orphan,
    },
    Recovery {
        row: "C5",
        when: "record: its process is gone, and no prompt of the session is known here",
        then: "orphan the prompts, and look them up in the session",
        fires: |r| record(r) && r.runner == Runner::Gone && !r.known,
        step: Step::Orphan,
    },
    Recovery {
        row: "C6",
        when: "record: its process is gone, and the prompts were left to a process or it ran tasks that are unknown here",
        then: "orphan the prompts, and look them up in the session",
        fires: |r| record(r) && r.runner == Runner::Gone && (r.remote || r.news),
        step: Step::Orphan,
    },
    Recovery {
        row: "C7",
        when: "record: the process that the prompts were left to has ended them all",
        then: "orphan what is left of the prompts, and look it up in the session",
        fires: |r| record(r) && r.runner == Runner::None && r.known && r.remote && r.closed,
        step: Step::Orphan,
    },
    Recovery {
        row: "C8",
        when: "record: its process is this one, and one that it names beside is gone, to which prompts were left",
        then: "orphan those prompts, and look them up in the session",
        fires: |r| record(r) && r.runner == Runner::None && r.known && r.abandoned,
        step: Step::OrphanAbandoned,
    },
    Recovery {
        row: "C9",
        when: "record: otherwise",
        then: "keep what is known here",
        fires: record,
        step: Step::KeepOurs,
    },
    Recovery {
        row: "C10",
        when: "task: in the record, and this engine knows a later state of it",
        then: "keep what is known here",
        fires: |r| task(r) && r.in_record && r.known && r.further,
        step: Step::KeepOurs,
    },
    Recovery {
        row: "C11",
        when: "task: in the record, unknown here, and its result was delivered here",
        then: "forget it",
        fires: |r| task(r) && r.in_record && !r.known && r.delivered,
        step: Step::Drop,
    },
    Recovery {
        row: "C12",
        when: "task: in the record",
        then: "take it from the record",
        fires: |r| task(r) && r.in_record,
        step: Step::TakeTheirs,
    },
    Recovery {
        row: "C13",
        when: "task: not in the record; its result was delivered here, its prompt runs here, or its result is to be delivered here",
        then: "keep what is known here",
        fires: |r| task(r) && (r.delivered || r.own),
        step: Step::KeepOurs,
    },
    Recovery {
        row: "C14",
        when: "task: otherwise",
        then: "forget it",
        fires: task,
        step: Step::Drop,
    },
    Recovery {
        row: "C15",
        when: "prompt: one of its number is known here, but for an orphan with another message",
        then: "keep what is known here",
        fires: |r| r.case == Case::Prompt && r.known && !r.replaced,
        step: Step::KeepOurs,
    },
    Recovery {
        row: "C16",
        when: "prompt: otherwise",
        then: "take it from the record",
        fires: |r| r.case == Case::Prompt,
        step: Step::TakeTheirs,
    },
    Recovery {
        row: "C17",
        when: "orphan: its message was accepted, or no record holds it",
        then: "report its task as lost",
        fires: |r| !r.in_record,
        step: Step::ReportLost,
    },
    Recovery {
        row: "C18",
        when: "orphan: another caller asks",
        then: "send it with the next prompt, and report its task as lost",
        fires: |r| !r.same_caller,
        step: Step::SendAlongReportLost,
    },
    *OTHERWISE,
];

const OTHERWISE: &Recovery = &Recovery {
    row: "C19",
    when: "orphan: otherwise",
    then: "send it with the next prompt; report its task as lost only if a message with that is on its way",
    fires: |_| true,
    step: Step::SendAlong,
};
