//! The recovery table over all that can remain of a process in a record.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    missing_docs
)]

use opencode_delegate::rules::recovery_table::{
    Case, RECOVERY, Recovery, Remains, Runner, Step, recovery,
};

const CASES: [Case; 4] = [Case::Record, Case::Task, Case::Prompt, Case::Orphan];
const RUNNERS: [Runner; 3] = [Runner::Alive, Runner::Gone, Runner::None];
/// The fields of `Remains` that hold or do not.
const FLAGS: usize = 13;

/// Every point: the digits of one number, the flags in base 2.
fn space() -> impl Iterator<Item = Remains> {
    (0..(CASES.len() * RUNNERS.len()) << FLAGS).map(|point| {
        let (flags, rest) = (point & ((1 << FLAGS) - 1), point >> FLAGS);
        let flag = |at: usize| (flags >> at) & 1 == 1;
        Remains {
            case: CASES[rest % CASES.len()],
            runner: RUNNERS[rest / CASES.len()],
            unborn: flag(0),
            first: flag(1),
            known: flag(2),
            own: flag(3),
            remote: flag(4),
            news: flag(5),
            closed: flag(6),
            in_record: flag(7),
            delivered: flag(8),
            further: flag(9),
            replaced: flag(10),
            same_caller: flag(11),
            abandoned: flag(12),
        }
    })
}

/// The table once more, case by case.
fn plainly(r: &Remains) -> (&'static str, Step) {
    match r.case {
        Case::Record if r.unborn => ("C1", Step::KeepOurs),
        Case::Record => match r.runner {
            Runner::Alive if r.known && r.own => ("C3", Step::KeepOurs),
            Runner::Alive => ("C2", Step::LeaveToProcess),
            _ if r.first => ("C4", Step::Orphan),
            Runner::Gone if !r.known => ("C5", Step::Orphan),
            Runner::Gone if r.remote || r.news => ("C6", Step::Orphan),
            Runner::None if r.known && r.remote && r.closed => ("C7", Step::Orphan),
            Runner::None if r.known && r.abandoned => ("C8", Step::OrphanAbandoned),
            _ => ("C9", Step::KeepOurs),
        },
        Case::Task if r.in_record => match (r.known, r.further, r.delivered) {
            (true, true, _) => ("C10", Step::KeepOurs),
            (false, _, true) => ("C11", Step::Drop),
            _ => ("C12", Step::TakeTheirs),
        },
        Case::Task if r.delivered || r.own => ("C13", Step::KeepOurs),
        Case::Task => ("C14", Step::Drop),
        Case::Prompt if r.known && !r.replaced => ("C15", Step::KeepOurs),
        Case::Prompt => ("C16", Step::TakeTheirs),
        Case::Orphan if !r.in_record => ("C17", Step::ReportLost),
        Case::Orphan if !r.same_caller => ("C18", Step::SendAlongReportLost),
        Case::Orphan => ("C19", Step::SendAlong),
    }
}

fn outcome(row: &Recovery) -> (&'static str, Step) {
    (row.row, row.step())
}

#[test]
fn the_table_decides_as_its_words_say() {
    for remains in space() {
        let row = recovery(&remains);
        assert_eq!(outcome(row), plainly(&remains), "at {remains:?}");
        let first = RECOVERY.iter().find(|row| row.fires(&remains)).unwrap();
        assert_eq!(first.row, row.row, "at {remains:?}");
    }
    println!("{} points", space().count());
}

#[test]
fn each_row_decides_points_that_no_later_row_would_decide_alike() {
    let mut reached = vec![0_usize; RECOVERY.len()];
    let mut alone = vec![false; RECOVERY.len()];
    for remains in space() {
        let mut firing = (0..RECOVERY.len()).filter(|at| RECOVERY[*at].fires(&remains));
        let at = firing.next().unwrap();
        reached[at] += 1;
        let rest = firing.next().map(|next| RECOVERY[next].step());
        alone[at] |= rest != Some(RECOVERY[at].step());
    }
    for (at, row) in RECOVERY.iter().enumerate() {
        assert!(reached[at] > 0, "{} is never reached", row.row);
        assert!(alone[at], "{} has no effect", row.row);
    }
    assert_eq!(reached.iter().sum::<usize>(), space().count());
}

#[test]
fn rows_are_named_in_order() {
    let names: Vec<&str> = RECOVERY.iter().map(|row| row.row).collect();
    let numbers = (1..=RECOVERY.len()).map(|number| format!("C{number}"));
    assert_eq!(names, numbers.collect::<Vec<_>>());
}

#[test]
fn each_case_has_steps_of_its_own() {
    use Step::{
        Drop, KeepOurs, LeaveToProcess, Orphan, OrphanAbandoned, ReportLost, SendAlong,
        SendAlongReportLost, TakeTheirs,
    };
    for remains in space() {
        let step = recovery(&remains).step();
        let fit: &[Step] = match remains.case {
            Case::Record => &[KeepOurs, LeaveToProcess, Orphan, OrphanAbandoned],
            Case::Task => &[KeepOurs, TakeTheirs, Drop],
            Case::Prompt => &[KeepOurs, TakeTheirs],
            Case::Orphan => &[ReportLost, SendAlong, SendAlongReportLost],
        };
        assert!(fit.contains(&step), "at {remains:?}");
    }
}

#[test]
fn a_process_that_is_alive_keeps_its_prompts() {
    for remains in space().filter(|remains| remains.runner == Runner::Alive) {
        assert_ne!(recovery(&remains).step(), Step::Orphan, "at {remains:?}");
    }
}
