//! The same input gives the same bytes: random conversations, played natively and as WebAssembly, and
//! written down for the JavaScript API to repeat.
//!
//! `PARITY_REQUESTS` sets how many requests there are, `PARITY_SEED` the seed, `PARITY_FILE` where inputs and
//! outputs are written: a world a line. The test prints a digest of all outputs, which must be the
//! same wherever this runs.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    missing_docs
)]

#[path = "../reference_engine/dice.rs"]
#[allow(dead_code)]
mod dice;

use dice::Dice;
use opencode_delegate::{Engine, Event, Request};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::fmt::Write as _;

const REQUESTS: usize = 10_000;
const STEPS: usize = 60;
const AGENTS: [&str; 4] = ["explorer", "fixer", "lead", "größe"];
const WORDS: [&str; 12] = [
    "Explore auth",
    "explore-auth",
    "EXPLORE auth!",
    "last",
    "日本語 テスト",
    "été x\u{301} 🎉",
    "?!",
    "exp-1",
    "",
    "Find every place where tokens are refreshed and say what goes on",
    "ses_",
    "ses_nobody",
];

fn config(dice: &mut Dice) -> Value {
    let mut agents = json!({});
    for agent in AGENTS {
        agents[agent] = json!({
            "mode": "all", "task_budget": dice.below(4), "callable_by_subagents": dice.percent(80),
            "permission": { "task": { (*dice.pick(&["*", "fix*", "e?plorer"])): dice.pick(&["allow", "ask", "deny"]) } },
            "fallback_models": ["p/one", "p/two"],
        });
    }
    let mut config = json!({
        "slug_scope": dice.pick(&["root", "caller"]),
        "on_agent_mismatch": dice.pick(&["deny", "spawn", "resume"]),
        "on_context_full": dice.pick(&["compact", "resume", "spawn"]),
        "same_agent": dice.pick(&["spawn", "resume"]),
        "precedence": dice.pick(&["most_specific", "last_match"]),
        "max_depth": 1 + dice.below(3),
        "nested_calls": dice.pick(&["budget", "host"]),
    });
    if dice.percent(70) {
        config["agents"] = agents;
    }
    if dice.percent(30) {
        config["auto_resume"] = json!(0.0);
    }
    if dice.percent(20) {
        config["max_parallel"] = json!(1 + dice.below(2));
    }
    config
}

/// A world in the making, with the names that it has so far.
struct Author {
    dice: Dice,
    now: u64,
    ids: Vec<String>,
    names: Vec<String>,
    tickets: Vec<u64>,
    calls: usize,
}

impl Author {
    fn id(&mut self) -> String {
        let fresh = format!("ses_{:012x}", self.dice.next() >> 16);
        let known = self.dice.percent(75) && !self.ids.is_empty();
        let id = if known {
            self.dice.pick(&self.ids).clone()
        } else {
            fresh
        };
        if !known {
            self.ids.push(id.clone());
        }
        id
    }

    fn request(&mut self) -> Value {
        self.calls += 1;
        let session = self.id();
        let named = self.dice.below(4);
        let task_id = match named {
            0 => None,
            1 => Some((*self.dice.pick(&WORDS)).to_owned()),
            2 if !self.names.is_empty() => Some(self.dice.pick(&self.names).clone()),
            _ => Some(self.id()),
        };
        let mut request = json!({
            "now": self.now, "callID": format!("call_{}", self.calls - self.dice.below(2)), "sessionID": session,
            "agent": self.dice.pick(&AGENTS), "description": self.dice.pick(&WORDS), "prompt": "Look at it.",
        });
        if self.dice.percent(40) {
            request["messageID"] = json!(format!("msg_{}", self.dice.below(3)));
        }
        if self.dice.percent(10) {
            request["by"] = json!("user");
        }
        if self.dice.percent(70) {
            request["callerAgent"] = json!(self.dice.pick(&AGENTS));
        }
        if let Some(task_id) = task_id {
            request["task_id"] = json!(task_id);
        }
        if self.dice.percent(30) {
            request["background"] = json!(true);
        }
        request
    }

    fn event(&mut self) -> Value {
        let (now, id) = (self.now, self.id());
        match self.dice.below(12) {
            0 | 1 => {
                let parent = self.id();
                json!({ "type": "session.created", "now": now, "session": {
                    "id": id, "parentID": parent, "agent": self.dice.pick(&AGENTS), "description": self.dice.pick(&WORDS) } })
            }
            2 | 3 => json!({ "type": "session.status", "now": now, "sessionID": id,
                "status": self.dice.pick(&["busy", "idle", "idle", "retry"]) }),
            4 => json!({ "type": "session.usage", "now": now, "sessionID": id,
                "tokens": self.dice.below(1000), "window": 1000 }),
            5 => {
                json!({ "type": "session.alias", "now": now, "sessionID": id, "alias": self.dice.pick(&WORDS) })
            }
            8 => {
                let named = self.id();
                json!({ "type": "session.named", "now": now, "sessionID": id,
                    "messageID": self.dice.pick(&WORDS), "partID": "prt_1", "namedID": named })
            }
            9 => {
                let message = self.dice.percent(50).then(|| self.dice.pick(&WORDS));
                json!({ "type": "session.reverted", "now": now, "sessionID": id, "messageID": message })
            }
            10 => {
                json!({ "type": "message.removed", "now": now, "sessionID": id, "messageID": self.dice.pick(&WORDS) })
            }
            11 if self.dice.percent(50) => {
                json!({ "type": self.dice.pick(&["root.reading", "root.read"]), "now": now, "sessionID": id })
            }
            6 if self.dice.percent(20) => {
                json!({ "type": "session.deleted", "now": now, "sessionID": id })
            }
            7 if !self.tickets.is_empty() => {
                json!({ "type": "ticket.refund", "now": now, "ticket": self.dice.pick(&self.tickets) })
            }
            _ if !self.tickets.is_empty() => {
                json!({ "type": "ticket.commit", "now": now, "ticket": self.dice.pick(&self.tickets), "sessionID": id })
            }
            _ => json!({ "type": "session.status", "now": now, "sessionID": id, "status": "busy" }),
        }
    }

    /// Remembers the names and tickets of an output.
    fn learn(&mut self, said: &Value) {
        self.tickets.extend(said["ticket"].as_u64());
        for name in ["slug", "sessionID"] {
            self.names.extend(said[name].as_str().map(str::to_owned));
        }
    }
}

/// Plays one world. Gives its inputs, its outputs as text, and the number of its requests.
fn play(seed: u64) -> (Value, Vec<String>, usize) {
    let mut dice = Dice(seed);
    let config = config(&mut dice);
    let mut engine = Engine::new(&config.to_string()).unwrap();
    let mut author = Author {
        dice,
        now: 1_000,
        ids: Vec::new(),
        names: Vec::new(),
        tickets: Vec::new(),
        calls: 1,
    };
    let (mut steps, mut said, mut requests) = (Vec::new(), Vec::new(), 0);
    for _ in 0..STEPS {
        author.now += author.dice.below(2_000_000) as u64;
        if author.dice.percent(55) {
            let request = author.request();
            requests += 1;
            let decided = engine.decide(&Request::read(&request.to_string()).unwrap());
            said.push(serde_json::to_string(&decided).unwrap());
            author.learn(&serde_json::to_value(&*decided.decision).unwrap());
            steps.push(json!({ "decide": request }));
        } else {
            let event = author.event();
            let effects = engine.apply(Event::read(&event.to_string()).unwrap());
            said.push(serde_json::to_string(&effects).unwrap());
            steps.push(json!({ "apply": event }));
        }
    }
    said.push(engine.snapshot());
    (json!({ "config": config, "steps": steps }), said, requests)
}

fn setting(name: &str, or: usize) -> usize {
    std::env::var(name).map_or(or, |value| value.parse().unwrap())
}

#[cfg_attr(not(target_arch = "wasm32"), test)]
#[cfg_attr(target_arch = "wasm32", wasm_bindgen_test::wasm_bindgen_test)]
fn the_same_input_gives_the_same_bytes() {
    let (seed, wanted) = (
        setting("PARITY_SEED", 1) as u64,
        setting("PARITY_REQUESTS", REQUESTS),
    );
    let (mut digest, mut lines) = (Sha256::new(), String::new());
    let (mut worlds, mut requests) = (0, 0);
    while requests < wanted {
        let (world, said, made) = play(seed.wrapping_mul(0x1_0000_0000).wrapping_add(worlds));
        for text in &said {
            digest.update(text.as_bytes());
            digest.update(b"\n");
        }
        writeln!(lines, "{}", json!({ "world": world, "said": said })).unwrap();
        worlds += 1;
        requests += made;
    }
    let digest: String = digest
        .finalize()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    let line =
        format!("wasm_parity: {worlds} worlds, {requests} requests, digest {digest}, 0 differ");
    #[cfg(target_arch = "wasm32")]
    wasm_bindgen_test::console_log!("{line}");
    #[cfg(not(target_arch = "wasm32"))]
    {
        println!("{line}");
        if let Ok(file) = std::env::var("PARITY_FILE") {
            std::fs::write(file, lines).unwrap();
        }
    }
}
