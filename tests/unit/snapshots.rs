//! A snapshot that was cut, changed or mixed up gives `corrupt_snapshot` or the very same engine: never
//! another engine, and never a panic.
//!
//! `SNAPSHOTS` sets how many engines are grown, `SNAPSHOT_SEED` with which to begin.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    missing_docs
)]

#[path = "../reference_engine/dice.rs"]
mod dice;

use dice::Dice;
use opencode_delegate::{Code, Engine, Event, Request};
use serde_json::json;
use std::borrow::Cow;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Up to this length each bit of a snapshot is flipped; of a longer one a sample of [`SAMPLE`] bits.
const SMALL: usize = 900;
const SAMPLE: usize = 200;
/// How often each kind of mixing is tried on a snapshot.
const MIXES: usize = 12;

const CONFIGS: [&str; 3] = [
    "{}",
    r#"{"max_parallel":1,"same_agent":"resume","slug_scope":"caller"}"#,
    r#"{"max_depth":9,"agents":{"größe":{"task_budget":2,"callable_by_subagents":true,"fallback_models":["a/b"]},
        "探索者":{"task_budget":1,"callable_by_subagents":true},"general":{}}}"#,
];
const AGENTS: [&str; 3] = ["größe", "探索者", "general"];
/// Between bars.
const NAMES: &str = "auth|Explore Auth|größe|Größe ändern|探索 認証|مصادقة|אימות|e\u{301}te\u{301}|👩‍👩‍👧 family|İstanbul|\u{fffd}x\
    |\"\\\u{0}\u{1f}\u{2028}|last|find-every-place-where-tokens-are-refreshed-and-say-what-goes-on";
const TICKET: [&str; 3] = ["ticket.commit", "ticket.commit", "ticket.refund"];
const SESSION: [&str; 3] = ["session.usage", "session.alias", "session.prompted"];
const PROMPT: [&str; 4] = ["sent", "accepted", "answered", "failed"];

/// An engine and its history.
struct History {
    dice: Dice,
    engine: Engine,
    now: u64,
    ids: Vec<String>,
    tickets: Vec<u32>,
}

impl History {
    fn id(&mut self) -> String {
        if self.ids.len() < 3 || self.dice.percent(20) {
            let number = self.ids.len();
            let tail = *self.dice.pick(&["", "é", "\n", "木"]);
            self.ids.push(format!("ses_{number:04x}{tail}"));
            return self.ids[number].clone();
        }
        self.dice.pick(&self.ids).clone()
    }

    fn name(&mut self) -> &'static str {
        let names: Vec<&str> = NAMES.split('|').collect();
        names[self.dice.below(names.len())]
    }

    fn decide(&mut self) {
        let agent = *self.dice.pick(&AGENTS);
        let mut request = json!({
            "now": self.now, "callID": format!("call {}", self.now), "sessionID": self.id(), "agent": agent,
            "description": self.name(), "prompt": "看", "background": self.dice.percent(30),
        });
        match self.dice.below(4) {
            0 => request["task_id"] = json!(self.id()),
            1 | 2 => request["task_id"] = json!(self.name()),
            _ => {}
        }
        if self.dice.percent(50) {
            request["callerAgent"] = json!(self.dice.pick(&AGENTS));
        }
        let request = Request::read(&request.to_string()).unwrap();
        self.tickets
            .extend(self.engine.decide(&request).decision.ticket());
    }

    /// Plays the next event or request.
    fn step(&mut self) {
        self.now += self.dice.below(50) as u64;
        let (now, id, other) = (self.now, self.id(), self.id());
        let (name, agent) = (self.name(), *self.dice.pick(&AGENTS));
        let record = json!({ "v": 2, "slug": name, "budget": 2, "used": 1, "aliases": [["exp 1", 3], [name, 5]] });
        let record = [json!(null), record, json!("somebody else's")][self.dice.below(3)].clone();
        let ticket = self.tickets.pop();
        let (kind, more) = match self.dice.below(16) {
            0..4 => return self.decide(),
            4..7 => (
                (*self.dice.pick(&TICKET)).to_owned(),
                json!({ "ticket": ticket.unwrap_or(9) }),
            ),
            7 | 8 => (
                "prompt.kept".to_owned(),
                json!({ "callerID": other, "agent": agent, "parts": [{ "type": "text", "text": [1.5, null, { "ü": -1 }] }],
                    "permission": [{ "permission": "*", "pattern": name, "action": "deny" }], "seed": "abc", "process": "7",
                    "background": self.dice.percent(50), "system": name, "ticket": ticket,
                    "sessionID": ticket.is_none().then_some(&id) }),
            ),
            9..12 => (
                "session.created".to_owned(),
                json!({ "session": { "id": id, "parentID": other, "agent": agent, "description": name, "slug": name,
                    "record": record } }),
            ),
            12 => (
                "session.status".to_owned(),
                json!({ "status": self.dice.pick(&["busy", "idle", "idle", "retry"]) }),
            ),
            13 => (
                (*self.dice.pick(&SESSION)).to_owned(),
                json!({ "tokens": 9e15, "window": 12.5, "alias": name, "messageID": name }),
            ),
            14 if self.dice.percent(40) => ("session.deleted".to_owned(), json!({})),
            _ => (
                format!("prompt.{}", self.dice.pick(&PROMPT)),
                json!({ "prompt_no": 1 + self.dice.below(2), "attempt": 1, "failure": { "kind": "lost" } }),
            ),
        };
        let mut event = json!({ "type": kind, "now": now, "sessionID": id });
        for (key, value) in more.as_object().unwrap() {
            event[key] = value.clone();
        }
        self.engine.apply(Event::read(&event.to_string()).unwrap());
    }
}

/// The number of tries, and the failures.
#[derive(Default)]
struct Count {
    snapshots: usize,
    bytes: usize,
    prefixes: usize,
    flips: usize,
    mixed: usize,
    wrong: usize,
}

/// Whether a text is refused or gives the very engine of a snapshot.
fn harmless(text: &str, config: &str, whole: &str) -> bool {
    match Engine::restore(text, config) {
        Err(error) => error.code == Code::CorruptSnapshot,
        Ok(engine) => engine.snapshot() == whole,
    }
}

fn check(whole: &str, other: &str, config: &str, dice: &mut Dice, count: &mut Count) {
    let again = Engine::restore(whole, config).unwrap_or_else(|error| panic!("{error}: {whole}"));
    assert_eq!(again.snapshot(), whole);
    let mut seen = |text: &str, what: &str, at: usize| {
        if !harmless(text, config, whole) {
            println!("another engine, {what} at {at}: {text}");
            count.wrong += 1;
        }
    };
    // A text ends between two letters. A letter that is cut is read as a host would.
    for end in 0..whole.len() {
        let read = || String::from_utf8_lossy(&whole.as_bytes()[..end]);
        seen(&whole.get(..end).map_or_else(read, Cow::from), "cut", end);
    }
    let all = 8 * whole.len();
    let small = whole.len() <= SMALL;
    let bits = if small { all } else { SAMPLE };
    for bit in 0..bits {
        let bit = if small { bit } else { dice.below(all) };
        let mut bytes = whole.as_bytes().to_vec();
        bytes[bit / 8] ^= 1 << (bit % 8);
        seen(&String::from_utf8_lossy(&bytes), "flipped", bit);
    }
    // A snapshot is one line, so its parts between two commas are mixed like lines.
    for _ in 0..MIXES {
        let mut pieces: Vec<&str> = whole.split(',').collect();
        let (one, two) = (dice.below(pieces.len()), dice.below(pieces.len()));
        pieces.swap(one, two);
        seen(&pieces.join(","), "swapped", one);
        pieces.swap(one, two);
        pieces.insert(two, pieces[one]);
        seen(&pieces.join(","), "doubled", one);
        pieces[two] = *dice.pick(&["", " ", "\n", "\"\"", "null", "{}", "\u{feff}"]);
        seen(&pieces.join(","), "inserted", two);
        pieces.remove(two);
        pieces.remove(one);
        seen(&pieces.join(","), "left out", one);
        let blank = *dice.pick(&["\n", " ", "\0", "}", "\r\n"]);
        seen(&[whole, blank].concat(), "followed", 0);
        seen(&[blank, whole].concat(), "preceded", 0);
        let head = whole.split_at_checked(dice.below(whole.len()));
        let tail = other.split_at_checked(dice.below(other.len()));
        let mixed = [head.unwrap_or_default().0, tail.unwrap_or_default().1].concat();
        seen(&mixed, "mixed with another", 0);
    }
    count.snapshots += 1;
    count.bytes += whole.len();
    count.prefixes += whole.len();
    count.flips += bits;
    count.mixed += 7 * MIXES;
}

#[test]
fn a_changed_snapshot_is_refused_or_gives_the_same_engine() {
    let var = |name: &str| std::env::var(name).ok();
    let given = |name| var(name).map(|text| text.parse::<u64>().unwrap());
    let first = given("SNAPSHOT_SEED").unwrap_or(1);
    let engines = given("SNAPSHOTS").unwrap_or(12);
    let mut count = Count::default();
    for seed in first..first + engines {
        let mut dice = Dice(seed);
        let config = *dice.pick(&CONFIGS);
        let grown = catch_unwind(AssertUnwindSafe(|| {
            let mut history = History {
                engine: Engine::new(config).unwrap(),
                now: 0,
                ids: Vec::new(),
                tickets: Vec::new(),
                dice: Dice(dice.next()),
            };
            // Some stay so small that each of their bits can be flipped.
            let steps = *dice.pick(&[0, 1, 2, 3, 4, 6, 30, 80]);
            (0..steps).for_each(|_| history.step());
            let whole = history.engine.snapshot();
            history.step();
            let other = history.engine.snapshot();
            check(&whole, &other, config, &mut dice, &mut count);
        }));
        assert!(
            grown.is_ok(),
            "SNAPSHOT_SEED={seed} SNAPSHOTS=1 fails again"
        );
    }
    println!(
        "{} snapshots of {} bytes, {} mixed up",
        count.snapshots, count.bytes, count.mixed
    );
    println!(
        "snapshots: {} prefixes and {} flipped bits, {} wrong engines",
        count.prefixes, count.flips, count.wrong
    );
    assert_eq!(count.wrong, 0);
}
