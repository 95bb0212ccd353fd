//! The prompts on the host, and the effects that an engine may give.

use crate::{ROOTS, World, text};
use serde_json::{Value, json};

pub type PromptKey = (String, u64);

/// A prompt on the host.
#[derive(Debug, Default)]
pub struct Prompt {
    pub caller: String,
    pub background: bool,
    pub sent: bool,
    pub attempt: u64,
    /// The events of its present attempt: 0 none, 1 sent, 2 accepted.
    pub progress: usize,
    pub ended: bool,
    /// The number of its deliveries, and whether one is on its way.
    pub delivered: usize,
    pub delivering: bool,
}

impl World {
    pub fn perform(&mut self, effect: &Value) {
        let kind = text(&effect["type"]);
        if kind == "create" {
            let id = format!("ses_{}", self.sessions.len());
            self.sessions.push(id.clone());
            return self.apply(
                json!({ "type": "ticket.commit", "ticket": effect["ticket"], "sessionID": id }),
            );
        }
        let key = (
            text(&effect["sessionID"]),
            effect["prompt_no"].as_u64().unwrap_or(0),
        );
        match &*kind {
            "send" => {
                let others = self.running().iter().filter(|at| at.0 == key.0).count();
                self.check(others == 0, "two run in one session");
                let prompt = self.prompts.get(&key);
                self.check(
                    prompt.is_some_and(|prompt| !prompt.sent && !prompt.ended),
                    "sent twice or late",
                );
                let root = self.engine.session(&key.0).unwrap().root_id;
                let running = self.running();
                let under = running.iter().filter(|at| {
                    let session = self.engine.session(&at.0);
                    session.is_some_and(|session| session.root_id == root)
                });
                let full = self.limit > 0 && under.count() >= self.limit;
                self.check(self.nested || !full, "more run than may");
                let prompt = self.prompts.get_mut(&key).unwrap();
                (prompt.sent, prompt.attempt) = (true, 1);
            }
            "retry" => {
                let attempt = effect["attempt"].as_u64().unwrap();
                let open = self.prompts.get(&key);
                self.check(
                    open.is_some_and(|it| it.sent && !it.ended && it.attempt + 1 == attempt),
                    "an attempt out of turn",
                );
                let accepted = self.prompts[&key].progress == 2;
                let whole = !effect["message"]["parts"].as_array().unwrap().is_empty();
                self.check(
                    whole != accepted,
                    "sent whole where it was accepted, or not where not",
                );
                let prompt = self.prompts.get_mut(&key).unwrap();
                prompt.attempt = attempt;
                if !accepted {
                    prompt.progress = 0;
                }
            }
            "forget" => {
                let open = self.prompts.get(&key).is_some_and(|it| !it.ended);
                self.check(open, "it ends twice");
                self.prompts.get_mut(&key).unwrap().ended = true;
            }
            "deliver" if effect["to"].get("via").is_some() => self.notice(&key, effect),
            "deliver" => {
                let prompt = &self.prompts[&key];
                let background = effect.get("to").is_some();
                self.check(prompt.background == background, "delivered another way");
                self.check(
                    prompt.ended && !prompt.delivering,
                    "delivered too early, or at once twice",
                );
                self.check(prompt.delivered == 0, "delivered twice");
                if let Some(to) = effect.get("to") {
                    self.check(to["callerID"] == *prompt.caller, "delivered to another");
                }
                let prompt = self.prompts.get_mut(&key).unwrap();
                if background {
                    prompt.delivering = true;
                } else {
                    prompt.delivered = 1;
                }
            }
            _ => {}
        }
    }

    pub fn running(&self) -> Vec<PromptKey> {
        let open = self.prompts.iter().filter(|(_, it)| it.sent && !it.ended);
        open.map(|(key, _)| key.clone()).collect()
    }

    /// Checks the properties that hold at any time.
    pub fn look(&self) {
        for root in ROOTS {
            for session in self.engine.sessions(root) {
                let within = session.budget.is_none_or(|budget| session.used <= budget);
                self.check(within, "more spent than there is");
            }
        }
        for ((id, prompt_no), prompt) in &self.prompts {
            if !prompt.background && prompt.ended {
                self.check(
                    prompt.delivered == 1,
                    &format!("{id} {prompt_no} ended unheard"),
                );
            }
            if !prompt.ended {
                let known = self
                    .engine
                    .session(id)
                    .is_some_and(|it| it.prompt.is_some());
                self.check(known, &format!("{id} {prompt_no} is lost"));
            }
        }
    }
}
