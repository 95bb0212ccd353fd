//! Changes a history into another.

use serde_json::Value;

/// Words with a meaning for the engine.
const WORDS: &[&str] = &[
    "last",
    "",
    "ses_",
    "ses_root",
    "?!",
    "general",
    "busy",
    "retry",
    "idle",
    "lost",
    "retrying",
    "größe",
    "exp-1",
    "session.created",
    "root.reading",
    "root.read",
    "session.status",
    "session.usage",
    "session.deleted",
    "session.alias",
    "session.named",
    "session.reverted",
    "message.removed",
    "ticket.commit",
    "ticket.refund",
    "prompt.kept",
    "prompt.sent",
    "prompt.accepted",
    "prompt.answered",
    "prompt.failed",
    "prompt.cancelled",
    "session.prompted",
    "task.delivered",
];

/// Splitmix64.
struct Dice(u64);

impl Dice {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) % end.max(1) as u64) as usize
    }
}

/// The parts of a value that hold no other values.
fn leaves<'a>(value: &'a mut Value, found: &mut Vec<&'a mut Value>) {
    match value {
        Value::Array(list) => list.iter_mut().for_each(|item| leaves(item, found)),
        Value::Object(fields) => fields.values_mut().for_each(|item| leaves(item, found)),
        leaf => found.push(leaf),
    }
}

/// A history with one change, or nothing if the fuzzer shall change the bytes itself.
pub fn history(text: &str, seed: u32) -> Option<String> {
    let mut dice = Dice(u64::from(seed));
    if dice.below(8) == 0 {
        return None;
    }
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    for _ in 0..=dice.below(3) {
        if lines.len() < 2 {
            return None;
        }
        // The first line is the configuration.
        let (at, other) = (dice.below(lines.len()), 1 + dice.below(lines.len() - 1));
        match dice.below(8) {
            0 => lines.insert(other, lines[at.max(1)].clone()),
            1 if lines.len() > 2 => drop(lines.remove(other)),
            2 => lines.swap(at.max(1), other),
            3 => {
                let line: Value = serde_json::from_str(&lines[other]).ok()?;
                let mut line = line.as_object()?.clone();
                let key = line.keys().nth(dice.below(line.len()))?.clone();
                line.remove(&key);
                lines[other] = Value::from(line).to_string();
            }
            _ => {
                let mut all: Vec<Value> = lines
                    .iter()
                    .filter_map(|line| serde_json::from_str(line).ok())
                    .collect();
                let mut there = Vec::new();
                all.iter_mut().for_each(|line| leaves(line, &mut there));
                let mut others: Vec<Value> = there.into_iter().map(|leaf| leaf.clone()).collect();
                let mut line: Value = serde_json::from_str(&lines[at]).ok()?;
                let mut found = Vec::new();
                leaves(&mut line, &mut found);
                let index = dice.below(found.len());
                let leaf = found.into_iter().nth(index)?;
                // Mostly a value of the same kind from elsewhere, such as a name that has a meaning there.
                if dice.below(4) > 0 {
                    let kind = std::mem::discriminant(leaf);
                    others.retain(|other| std::mem::discriminant(other) == kind);
                }
                *leaf = match dice.below(6) {
                    0 => WORDS[dice.below(WORDS.len())].into(),
                    1 => dice.below(4).into(),
                    2 => [
                        Value::Null,
                        true.into(),
                        false.into(),
                        1e300.into(),
                        (-1).into(),
                        0.5.into(),
                    ][dice.below(6)]
                    .clone(),
                    _ => others.get(dice.below(others.len()))?.clone(),
                };
                lines[at] = line.to_string();
            }
        }
    }
    Some(lines.join("\n"))
}
