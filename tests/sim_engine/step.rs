//! The next step of a world.

use crate::dice::Dice;

/// A step. Dice of its own draw its sessions and calls from those that exist, so it keeps a meaning if other steps
/// are left out.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Step {
    pub kind: Kind,
    pub seed: u64,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Kind {
    Call,
    Call2,
    GoOn,
    Prompt,
    Work,
    Settle,
    Bus,
    Fault,
    Echo,
    Clock,
    User,
    Rest,
    Compact,
    Alias,
    Delete,
    Restore,
    Trap,
    Crash,
    Reload,
    Read,
    Fork,
    Undo,
    Spoil,
    Intrude,
}

/// The number of each kind in a thousand steps.
const OFTEN: [(Kind, usize); 24] = [
    (Kind::Call, 110),
    (Kind::Call2, 40),
    (Kind::GoOn, 175),
    (Kind::Prompt, 220),
    (Kind::Work, 60),
    (Kind::Settle, 30),
    (Kind::Bus, 95),
    (Kind::Fault, 25),
    (Kind::Echo, 30),
    (Kind::Clock, 15),
    (Kind::User, 40),
    (Kind::Rest, 40),
    (Kind::Compact, 20),
    (Kind::Alias, 15),
    (Kind::Delete, 10),
    (Kind::Restore, 10),
    (Kind::Trap, 3),
    (Kind::Crash, 8),
    (Kind::Reload, 4),
    (Kind::Read, 10),
    (Kind::Fork, 8),
    (Kind::Undo, 22),
    (Kind::Spoil, 5),
    (Kind::Intrude, 5),
];

impl Step {
    pub fn draw(dice: &mut Dice) -> Step {
        let mut chance = dice.below(1_000);
        let kind = OFTEN
            .iter()
            .find(|(_, often)| {
                let here = chance < *often;
                chance = chance.saturating_sub(*often);
                here
            })
            .map_or(Kind::Work, |(kind, _)| *kind);
        Step {
            kind,
            seed: dice.next(),
        }
    }
}
