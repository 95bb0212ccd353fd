//! The prompt table over all moments.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    missing_docs
)]

use opencode_delegate::protocol::PromptState as State;
use opencode_delegate::rules::prompt_table::{
    Moment, News, Step, TRANSITIONS, Transition, transition,
};

const STATES: [State; 7] = [
    State::Created,
    State::Sent,
    State::Accepted,
    State::Idle,
    State::Failed,
    State::Cancelled,
    State::Deleted,
];
const NEWS: [News; 12] = [
    News::Free,
    News::Sent,
    News::Accepted,
    News::Answered,
    News::Refused,
    News::Broken,
    News::Retrying,
    News::NoAgent,
    News::Lost,
    News::Cancelled,
    News::Deleted,
    News::Limited,
];
/// The fields of `Moment` that hold or do not.
const FLAGS: usize = 5;

/// Every moment: the digits of one number, the flags in base 2.
fn space() -> impl Iterator<Item = Moment> {
    (0..(STATES.len() * NEWS.len()) << FLAGS).map(|point| {
        let mut rest = point;
        let mut digit = |base: usize| {
            let digit = rest % base;
            rest /= base;
            digit
        };
        Moment {
            state: STATES[digit(STATES.len())],
            news: NEWS[digit(NEWS.len())],
            newest: digit(2) == 1,
            next_model: digit(2) == 1,
            tries_left: digit(2) == 1,
            general: digit(2) == 1,
            background: digit(2) == 1,
        }
    })
}

type Outcome = (&'static str, Option<State>, Step);

/// The table once more, by event, for a prompt that is created, sent or accepted.
fn plainly(m: &Moment) -> Outcome {
    let over = [State::Idle, State::Failed, State::Cancelled, State::Deleted];
    let nothing = ("B22", None, Step::Nothing);
    if over.contains(&m.state) {
        return ("B1", None, Step::Nothing);
    }
    if m.news != News::Deleted && !m.newest {
        return ("B4", None, Step::Nothing);
    }
    let created = m.state == State::Created;
    let accepted = m.state == State::Accepted;
    let pick = |yes: bool, a: Outcome, b: Outcome| if yes { a } else { b };
    let failed = ("B19", Some(State::Failed), Step::End);
    let next_model = pick(
        accepted,
        ("B14", Some(State::Accepted), Step::NextModel),
        ("B13", Some(State::Created), Step::NextModelWhole),
    );
    match m.news {
        News::Deleted => pick(
            created,
            ("B2", Some(State::Deleted), Step::End),
            ("B3", Some(State::Deleted), Step::AbortEnd),
        ),
        News::Cancelled => pick(
            created,
            ("B5", Some(State::Cancelled), Step::End),
            ("B6", Some(State::Cancelled), Step::AbortEnd),
        ),
        News::Free => pick(created, ("B7", Some(State::Created), Step::Send), nothing),
        News::Sent => pick(created, ("B8", Some(State::Sent), Step::Keep), nothing),
        News::Accepted => pick(
            accepted,
            nothing,
            ("B9", Some(State::Accepted), Step::Release),
        ),
        News::Answered => ("B10", Some(State::Idle), Step::End),
        News::NoAgent if !m.general => failed,
        News::NoAgent => pick(
            accepted,
            ("B12", Some(State::Accepted), Step::General),
            ("B11", Some(State::Created), Step::GeneralWhole),
        ),
        News::Refused => pick(m.next_model, next_model, failed),
        News::Retrying => pick(m.next_model, next_model, nothing),
        News::Broken if m.next_model => next_model,
        News::Broken if !m.tries_left => failed,
        News::Broken => pick(
            accepted,
            ("B16", Some(State::Accepted), Step::Again),
            ("B15", Some(State::Created), Step::AgainWhole),
        ),
        News::Lost if accepted => failed,
        News::Lost => pick(
            m.background,
            ("B17", Some(State::Created), Step::ReportLost),
            ("B18", Some(State::Created), Step::Orphan),
        ),
        News::Limited => pick(
            accepted,
            ("B20", Some(State::Idle), Step::AbortEnd),
            ("B21", Some(State::Failed), Step::AbortEnd),
        ),
    }
}

fn outcome(row: &Transition) -> Outcome {
    (row.row, row.to, row.step())
}

#[test]
fn the_table_gives_what_its_conditions_say() {
    for moment in space() {
        let row = transition(&moment);
        assert_eq!(outcome(row), plainly(&moment), "at {moment:?}");
        let first = TRANSITIONS.iter().find(|row| row.fires(&moment)).unwrap();
        assert_eq!(first.row, row.row, "at {moment:?}");
    }
    println!("{} moments", space().count());
}

#[test]
fn each_row_decides_moments_that_no_other_row_decides_alike() {
    let mut reached = vec![0_usize; TRANSITIONS.len()];
    let mut alone: Vec<Option<Moment>> = vec![None; TRANSITIONS.len()];
    for moment in space() {
        let mut firing = (0..TRANSITIONS.len()).filter(|at| TRANSITIONS[*at].fires(&moment));
        let at = firing.next().unwrap();
        reached[at] += 1;
        let rest = firing.next().map(|next| &TRANSITIONS[next]);
        let rest = rest.map(|row| (row.to, row.step()));
        if rest != Some((TRANSITIONS[at].to, TRANSITIONS[at].step())) {
            alone[at].get_or_insert(moment);
        }
    }
    for (at, row) in TRANSITIONS.iter().enumerate() {
        println!(
            "{} decides {} moments, alone: {:?}",
            row.row, reached[at], alone[at]
        );
        assert!(reached[at] > 0, "{} is never reached", row.row);
        assert!(
            alone[at].is_some(),
            "{}: the rows after it would decide all its moments alike",
            row.row
        );
    }
    assert_eq!(reached.iter().sum::<usize>(), space().count());
}

#[test]
fn rows_are_named_in_order() {
    let names: Vec<&str> = TRANSITIONS.iter().map(|row| row.row).collect();
    let numbers = (1..=TRANSITIONS.len()).map(|number| format!("B{number}"));
    assert_eq!(names, numbers.collect::<Vec<_>>());
}

#[test]
fn an_ended_prompt_stays_ended() {
    for moment in space().filter(|moment| moment.state.is_over()) {
        let row = transition(&moment);
        assert_eq!((row.to, row.step()), (None, Step::Nothing), "at {moment:?}");
    }
}

#[test]
fn a_stale_attempt_changes_nothing_but_for_a_deletion() {
    for moment in space().filter(|moment| !moment.newest) {
        let row = transition(&moment);
        if moment.news == News::Deleted && !moment.state.is_over() {
            assert_eq!(row.to, Some(State::Deleted), "at {moment:?}");
        } else {
            assert_eq!((row.to, row.step()), (None, Step::Nothing), "at {moment:?}");
        }
    }
}

/// An accepted prompt is not asked twice. A prompt that is not accepted is never taken for history.
#[test]
fn a_prompt_is_sent_whole_until_it_is_accepted() {
    use Step::{Again, AgainWhole, General, GeneralWhole, NextModel, NextModelWhole, Send};
    for moment in space() {
        let row = transition(&moment);
        let accepted = moment.state == State::Accepted;
        if [Send, NextModelWhole, AgainWhole, GeneralWhole].contains(&row.step()) {
            assert!(!accepted, "at {moment:?}");
            assert_eq!(row.to, Some(State::Created), "at {moment:?}");
        }
        if [NextModel, Again, General].contains(&row.step()) {
            assert!(accepted, "at {moment:?}");
            assert_eq!(row.to, Some(State::Accepted), "at {moment:?}");
        }
    }
}

/// A row that leads on uses up a try. A prompt without tries ends.
#[test]
fn each_prompt_ends() {
    use Step::{AbortEnd, End};
    for moment in space() {
        let row = transition(&moment);
        let ends = row.to.is_some_and(State::is_over);
        assert_eq!(ends, [End, AbortEnd].contains(&row.step()), "at {moment:?}");
        let spent = !moment.next_model && !moment.tries_left && !moment.general;
        let fails = [News::Refused, News::Broken, News::NoAgent].contains(&moment.news);
        if fails && spent && moment.newest && !moment.state.is_over() {
            assert_eq!(row.to, Some(State::Failed), "at {moment:?}");
        }
    }
}
