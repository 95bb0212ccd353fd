//! Random worlds of prompts against a host that does its worst. Each prompt has one end. An engine that is restored
//! now and then does the same as one that lives on.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    missing_docs
)]

#[path = "../../reference_engine/dice.rs"]
mod dice;
mod host;
mod notices;

use dice::Dice;
use host::{Prompt, PromptKey};
use notices::Notices;
use opencode_delegate::{Engine, Event, Request};
use serde_json::{Value, json};
use std::collections::BTreeMap;

struct World {
    dice: Dice,
    config: String,
    engine: Engine,
    twin: Engine,
    now: u64,
    sessions: Vec<String>,
    prompts: BTreeMap<PromptKey, Prompt>,
    notices: Notices,
    past: Vec<Value>,
    nested: bool,
    limit: usize,
    log: Vec<String>,
}

const ROOTS: [&str; 2] = ["ses_r1", "ses_r2"];

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

impl World {
    /// A session and all below it.
    fn within(&self, top: &str) -> Vec<String> {
        let is_below = |id: &&String| {
            let above = |id: &String| self.engine.session(id)?.parent_id.map(|id| id.to_string());
            let mut line = std::iter::successors(Some(id.to_string()), above);
            line.any(|id| id == top)
        };
        let below = self.sessions.iter().filter(is_below).cloned();
        below.chain([top.to_owned()]).collect()
    }

    fn new(seed: u64) -> World {
        let mut dice = Dice(seed);
        let limit = dice.below(3);
        let mut config = json!({ "agents": {
            "lead": { "task_budget": 3, "callable_by_subagents": true, "fallback_models": ["p/two"] },
            "explorer": { "callable_by_subagents": true },
            "general": { "callable_by_subagents": true },
        } });
        if limit > 0 {
            config["max_parallel"] = json!(limit);
        }
        let config = config.to_string();
        World {
            nested: dice.percent(50),
            dice,
            engine: Engine::new(&config).unwrap(),
            twin: Engine::new(&config).unwrap(),
            config,
            now: 1_000,
            sessions: Vec::new(),
            prompts: BTreeMap::new(),
            notices: Notices::new(),
            past: Vec::new(),
            limit,
            log: Vec::new(),
        }
    }

    fn apply(&mut self, event: Value) {
        self.now += self.dice.below(3) as u64;
        let mut event = event;
        if event.get("now").is_none() {
            event["now"] = json!(self.now);
        }
        self.log.push(event.to_string());
        let read = || Event::read(&event.to_string()).unwrap();
        let effects = self.engine.apply(read());
        if self.dice.percent(10) {
            let snapshot = self.twin.snapshot();
            self.twin = Engine::restore(&snapshot, &self.config).unwrap();
            assert_eq!(self.twin.snapshot(), snapshot, "{}", self.story());
        }
        let twins = self.twin.apply(read());
        assert!(effects == twins, "{effects:?}\n{twins:?}\n{}", self.story());
        self.past.push(event);
        for effect in effects {
            self.log.push(format!("  -> {}", json!(effect)));
            self.perform(&json!(effect));
        }
    }

    fn story(&self) -> String {
        self.log.join("\n")
    }

    fn check(&self, holds: bool, what: &str) {
        assert!(holds, "{what}\n{}", self.story());
    }

    /// Takes a call from its decision to its prompt.
    fn call(&mut self) {
        let running: Vec<String> = self.running().into_iter().map(|key| key.0).collect();
        let (caller, agent) = if self.nested && !running.is_empty() && self.dice.percent(40) {
            (self.dice.pick(&running).clone(), Some("lead"))
        } else {
            ((*self.dice.pick(&ROOTS)).to_owned(), None)
        };
        let background = self.dice.percent(40);
        let target = *self.dice.pick(&["lead", "lead", "explorer"]);
        let known = self.dice.percent(50) && !self.sessions.is_empty();
        let named = known.then(|| self.dice.pick(&self.sessions).clone());
        let request = json!({
            "now": self.now, "callID": format!("c{}", self.log.len()), "sessionID": caller, "callerAgent": agent,
            "agent": target, "description": "Do it", "prompt": "Do it.", "task_id": named, "background": background,
        });
        self.log.push(request.to_string());
        let request = request.to_string();
        let request = Request::read(&request).unwrap();
        let decided = self.engine.decide(&request);
        assert_eq!(json!(decided), json!(self.twin.decide(&request)));
        let decision = json!(*decided.decision);
        self.log.push(format!("  -> {decision}"));
        for effect in &decided.effects {
            self.log.push(format!("  -> {}", json!(effect)));
            self.perform(&json!(effect));
        }
        let action = text(&decision["action"]);
        if action == "deny" {
            return;
        }
        if action != "join" && self.dice.percent(10) {
            return self.apply(json!({ "type": "ticket.refund", "ticket": decision["ticket"] }));
        }
        let id = decision["sessionID"].clone();
        // This prompt is known before its effects are performed, for they refer to it.
        let id = match &*action {
            "spawn" => format!("ses_{}", self.sessions.len()),
            _ => text(&id),
        };
        let waits = self.prompts.keys().filter(|key| key.0 == id).count() as u64;
        let key = (id.clone(), waits + 1);
        self.prompts.insert(
            key,
            Prompt {
                caller: caller.clone(),
                background,
                ..Prompt::default()
            },
        );
        let model = self.dice.percent(70);
        self.apply(json!({
            "type": "prompt.kept", "ticket": decision.get("ticket"), "callerID": caller, "callerAgent": agent,
            "sessionID": (action != "spawn").then_some(id), "agent": target, "background": background,
            "parts": [{ "type": "text", "text": "Do it." }], "permission": [], "seed": format!("{:014}", self.log.len()),
            "model": model.then(|| json!({ "providerID": "p", "modelID": "one" })),
        }));
    }

    /// Plays an event of a running attempt.
    fn happen(&mut self, key: &PromptKey, kind: usize) {
        let prompt = self.prompts.get_mut(key).unwrap();
        let of = |kind: &str| json!({ "type": kind, "sessionID": key.0, "prompt_no": key.1, "attempt": prompt.attempt });
        let mut event = match kind {
            0 => of("prompt.sent"),
            1 | 2 => of("prompt.accepted"),
            3 | 4 => of("prompt.answered"),
            5 => of("prompt.cancelled"),
            _ => of("prompt.failed"),
        };
        match kind {
            0 => prompt.progress = prompt.progress.max(1),
            1 | 2 => prompt.progress = 2,
            _ => {}
        }
        if kind > 5 {
            // The process lives, so nothing is lost.
            let name =
                ["APIError", "Retrying", "MessageAbortedError", "APIError"][self.dice.below(4)];
            let message = ["Agent not found: x", "Overloaded"][self.dice.below(2)];
            let retryable = self.dice.percent(50);
            event["failure"] = match name {
                "Retrying" => json!({ "kind": "retrying", "message": message }),
                _ => {
                    json!({ "kind": "host", "name": name, "message": message, "retryable": retryable })
                }
            };
            event["live"] = json!(self.dice.percent(30));
            event["jitter"] = json!(0.5);
        }
        self.apply(event);
    }

    fn deliver(&mut self, delivered: bool) {
        let delivering = self.prompts.iter().find(|(_, prompt)| prompt.delivering);
        if let Some(key) = delivering.map(|(key, _)| key.clone()) {
            // The result of a deleted session is delivered once, or never.
            let delivered = delivered || self.engine.session(&key.0).is_none();
            let prompt = self.prompts.get_mut(&key).unwrap();
            prompt.delivering = false;
            prompt.delivered = usize::from(delivered);
            self.apply(
                json!({ "type": "task.delivered", "sessionID": key.0, "prompt_no": key.1, "delivered": delivered }),
            );
        }
    }

    fn step(&mut self) {
        let running = self.running();
        let open = self.prompts.iter().filter(|(_, prompt)| !prompt.ended);
        let open: Vec<PromptKey> = open.map(|(key, _)| key.clone()).collect();
        match self.dice.below(22) {
            0..=4 => self.call(),
            5..=12 if !running.is_empty() => {
                let key = self.dice.pick(&running).clone();
                let kind = self.dice.below(9);
                self.happen(&key, kind);
            }
            13 if !open.is_empty() => {
                let (id, prompt_no) = self.dice.pick(&open).clone();
                let attempt = self.prompts[&(id.clone(), prompt_no)].attempt.max(1);
                self.apply(json!({ "type": "prompt.cancelled", "sessionID": id, "prompt_no": prompt_no, "attempt": attempt }));
            }
            // An event is repeated.
            14 if !self.past.is_empty() => {
                let event = self.dice.pick(&self.past).clone();
                let again = [
                    "prompt.kept",
                    "prompt.accepted",
                    "session.prompted",
                    "task.delivered",
                    "session.status",
                ];
                if !again.contains(&&*text(&event["type"])) {
                    self.apply(event);
                }
            }
            15 => {
                let status = *self.dice.pick(&["busy", "idle"]);
                let root = *self.dice.pick(&ROOTS);
                self.apply(
                    json!({ "type": "session.status", "sessionID": root, "status": status }),
                );
            }
            // An abort ends the background prompts of its session and of all below it, and no others.
            20 => {
                let callers: Vec<String> = ROOTS
                    .map(str::to_owned)
                    .into_iter()
                    .chain(self.sessions.clone())
                    .collect();
                let caller = self.dice.pick(&callers).clone();
                let within = self.within(&caller);
                let of = |prompt: &Prompt| prompt.background && within.contains(&prompt.caller);
                let open = |world: &World| -> Vec<PromptKey> {
                    let open = world.prompts.iter().filter(|(_, it)| !it.ended);
                    open.map(|(place, _)| place.clone()).collect()
                };
                let before = open(self);
                self.apply(json!({ "type": "session.aborted", "sessionID": caller }));
                let left: Vec<PromptKey> = before
                    .into_iter()
                    .filter(|place| !of(&self.prompts[place]))
                    .collect();
                self.check(
                    open(self) == left,
                    "an abort ends other prompts than those asked below its session",
                );
            }
            // An agent cancels the prompts of one session and of all below it, and no others. Its own tasks count as
            // delivered.
            21 if !self.sessions.is_empty() => {
                let id = self.dice.pick(&self.sessions).clone();
                let caller = (*self.dice.pick(&ROOTS)).to_owned();
                let open = |world: &World| -> Vec<PromptKey> {
                    let open = world.prompts.iter().filter(|(_, it)| !it.ended);
                    open.map(|(place, _)| place.clone()).collect()
                };
                let (before, within) = (open(self), self.within(&id));
                self.apply(
                    json!({ "type": "session.cancelled", "sessionID": id, "callerID": caller }),
                );
                let (ended, left): (Vec<_>, Vec<_>) = before
                    .into_iter()
                    .partition(|place| within.contains(&place.0));
                self.check(
                    open(self) == left,
                    "a cancellation ends other prompts than those below its session",
                );
                for place in ended {
                    let prompt = self.prompts.get_mut(&place).unwrap();
                    if prompt.background && prompt.caller == caller {
                        prompt.delivered = 1;
                    }
                }
            }
            // The host's idle event comes late, or between two attempts.
            16 if !self.sessions.is_empty() => {
                let id = self.dice.pick(&self.sessions).clone();
                self.apply(json!({ "type": "session.status", "sessionID": id, "status": "idle" }));
            }
            17 => {
                let delivered = self.dice.percent(80);
                self.deliver(delivered);
                self.report_notices(delivered);
            }
            18 => {
                let root = *self.dice.pick(&ROOTS);
                let id = format!("msg_{:012x}user", self.now);
                self.apply(
                    json!({ "type": "session.prompted", "sessionID": root, "messageID": id }),
                );
            }
            19 if self.dice.percent(20) && !self.sessions.is_empty() => {
                let id = self.dice.pick(&self.sessions).clone();
                self.apply(json!({ "type": "session.deleted", "sessionID": id }));
            }
            _ => {}
        }
        self.look();
    }

    /// Ends all prompts, and delivers all results.
    fn drain(&mut self) {
        while let Some(key) = self.running().pop() {
            self.happen(&key, 4);
        }
        let stuck: Vec<&PromptKey> = self
            .prompts
            .iter()
            .filter(|(_, it)| !it.ended)
            .map(|(key, _)| key)
            .collect();
        self.check(stuck.is_empty(), &format!("{stuck:?} wait for ever"));
        let callers: Vec<String> = ROOTS
            .iter()
            .map(|&id| id.to_owned())
            .chain(self.sessions.clone())
            .collect();
        for caller in callers {
            self.now += 10;
            self.apply(json!({ "type": "session.status", "sessionID": caller, "status": "idle" }));
            self.apply(
                json!({ "type": "session.prompted", "sessionID": caller, "messageID": "msg_user", "synthetic": !ROOTS.contains(&&*caller) }),
            );
        }
        while self.prompts.values().any(|prompt| prompt.delivering) {
            self.deliver(true);
        }
        self.drain_notices();
        for ((id, prompt_no), prompt) in &self.prompts {
            // A deleted caller gets no result.
            let gone =
                !ROOTS.contains(&&*prompt.caller) && self.engine.session(&prompt.caller).is_none();
            self.check(
                prompt.delivered == 1 || gone,
                &format!("{id} {prompt_no} was not delivered"),
            );
        }
        for id in &self.sessions {
            if let Some(session) = self.engine.session(id) {
                let quiet = session.prompt.is_none() && json!(session.status) == "idle";
                self.check(quiet, &format!("{id} is not idle"));
            }
        }
    }
}

#[test]
fn each_prompt_ends_once() {
    let (mut prompts, mut delivered, mut noticed) = (0, 0, 0);
    for seed in 0..400 {
        let mut world = World::new(seed);
        for root in ROOTS {
            world.apply(json!({ "type": "session.created", "session": { "id": root } }));
        }
        for _ in 0..60 {
            world.step();
        }
        world.drain();
        prompts += world.prompts.len();
        delivered += world
            .prompts
            .values()
            .filter(|it| it.background && it.delivered == 1)
            .count();
        noticed += world.notices.len();
    }
    println!("{prompts} prompts, {delivered} delivered in the background, {noticed} noticed");
    assert!(prompts > 3_000 && delivered > 1_000 && noticed > 50);
}
