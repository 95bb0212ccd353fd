//! The next step of a random world.

use crate::dice::Dice;
use crate::model::{Ask, Goal, Known, Model, Open};
use crate::world::{Step, World};
use serde_json::json;

pub const AGENTS: [&str; 4] = ["explorer", "explorer2", "fixer", "main"];
/// An agent that no configuration has.
pub const GONE: &str = "temp";
/// The longest slug: the next free one must be cut.
const LONGEST: &str = "find-every-place-where-tokens-are-refreshed-and-say-what-goes-on";
/// Names with which children are confirmed. No session may have one of the last three.
const SLUGS: [&str; 9] = [
    "auth",
    "auth",
    "Explore Auth",
    "read docs",
    "größe",
    LONGEST,
    "Last",
    "Ses_x",
    "bg_0a1b2c3d",
];
pub const DESCRIPTIONS: [&str; 12] = [
    "bg_0a1b2c3d",
    "Exp 1",
    "Explore auth",
    "Explore: the Auth!",
    "Find every place where tokens are refreshed",
    "Größe ändern",
    "Fix it",
    "Last!",
    "Review auth tokens",
    "Re-review auth tokens",
    "parse_header in auth",
    "Docs",
];
/// What sessions are asked.
const PROMPTS: [&str; 5] = [
    "Do it.",
    "Read parse_header in src/auth.",
    "The httpHeader policies of utf8 boxes",
    "Fixing caches: docs and tests",
    "",
];
/// Files that sessions touch. No session keeps the last two.
const FILES: [&str; 7] = [
    "src/auth/token.rs",
    "src/auth/parse_header.test.rs",
    "docs/.hidden",
    "docs/index.md",
    "caches",
    "/etc/passwd",
    "../other.rs",
];
/// The first three share the four digits of their derived ids, the first two even eight.
pub const ROOTS: [&str; 4] = [
    "ses_root7464",
    "ses_root22428",
    "ses_root157122",
    "ses_root",
];

fn mistyped(dice: &mut Dice, text: &str) -> String {
    let mut letters: Vec<char> = text.chars().collect();
    for _ in 0..=dice.below(3) {
        let at = 4.min(letters.len()) + dice.below(letters.len().saturating_sub(4));
        match dice.below(3) {
            0 => letters.insert(at.min(letters.len()), *dice.pick(&['x', '7'])),
            1 if at < letters.len() => letters[at] = *dice.pick(&['x', '7']),
            _ if at < letters.len() => drop(letters.remove(at)),
            _ => {}
        }
    }
    letters.into_iter().collect()
}

/// Draws the next step from the present state.
pub struct Author {
    pub dice: Dice,
    pub now: u64,
    pub ids: usize,
    pub names: usize,
    pub last: Option<(Ask, usize)>,
    pub roots: Vec<&'static str>,
    /// Whether children get the ids that the engine gives them. Some hosts allow it.
    pub takes_ids: bool,
}

impl Author {
    /// Ids come in pairs that are one edit apart. The pairs are far from each other.
    pub fn fresh(&mut self) -> String {
        self.ids += 1;
        let pair = (self.ids / 2 * 40503) % 65536;
        format!(
            "ses_{pair:04x}{:04x}{}",
            65535 - pair,
            ["a", "b"][self.ids % 2]
        )
    }

    pub fn session(&mut self, model: &Model) -> Option<Known> {
        let all: Vec<&Known> = model.sessions.iter().collect();
        (!all.is_empty()).then(|| (*self.dice.pick(&all)).clone())
    }

    /// A text that names a session, and the session's agent.
    pub fn task_id(&mut self, model: &Model, caller: &str) -> (Option<String>, Option<String>) {
        if self.dice.percent(25) {
            return (None, None);
        }
        if self.dice.percent(20) {
            let words = [
                "last",
                "last",
                "LAST",
                "?!",
                "auth",
                "auth-2",
                "Read Docs",
                "größe",
                "exp-1",
                "exp-1",
                "EXP-2",
                "exp-12",
                "bg_0a1b2c3d",
                "BG_0a1b2c3D",
                "bg_0a1b2c3",
                LONGEST,
            ];
            return (Some((*self.dice.pick(&words)).to_owned()), None);
        }
        let held: Vec<&Open> = model.open.iter().collect();
        if !held.is_empty() && self.dice.percent(10) {
            let open = self.dice.pick(&held);
            if let Goal::Spawn { slug, derived } = &open.goal {
                let name = self.dice.pick(&[slug, derived]).to_string();
                return (Some(name), Some(open.agent.clone()));
            }
        }
        let near = self.dice.percent(85);
        let root = model.root(caller);
        let all = model.sessions.iter();
        let all: Vec<&Known> = all
            .filter(|s| !near || s.id != root && model.root(&s.id) == root)
            .collect();
        if all.is_empty() {
            let name = self.dice.percent(20).then(|| "ses_nowhere".to_owned());
            return (name, None);
        }
        let session = (*self.dice.pick(&all)).clone();
        let name = match self.dice.below(4) {
            0 | 1 => session.slug.unwrap_or(session.id),
            2 => session.derived.unwrap_or(session.id),
            _ => session.id,
        };
        let written = match self.dice.below(8) {
            0 => format!("\"{name}\""),
            1 => mistyped(&mut self.dice, &name),
            2 if name.starts_with("ses_") => mistyped(&mut self.dice, &name),
            2 => name.to_uppercase(),
            _ => name,
        };
        (Some(written), session.agent)
    }

    pub fn decide(&mut self, model: &Model) -> Step {
        if let Some((ask, name)) = self.last.clone()
            && self.dice.percent(8)
        {
            // The same call again. At times its content differs, or its message.
            let mut ask = ask;
            ask.now = self.now;
            if ask.message.is_some() && self.dice.percent(30) {
                self.names += 1;
                ask.message = Some(format!("m{}", self.names));
                return Step::Decide(ask, self.names);
            }
            if self.dice.percent(30) {
                ask.description = (*self.dice.pick(&DESCRIPTIONS)).to_owned();
                self.names += 1;
                return Step::Decide(ask, self.names);
            }
            return Step::Decide(ask, name);
        }
        let caller = self.session(model).filter(|_| self.dice.percent(97));
        let session = match &caller {
            Some(caller) => caller.id.clone(),
            None => (*self.dice.pick(&self.roots)).to_owned(),
        };
        let (task_id, owner) = self.task_id(model, &session);
        let dice = &mut self.dice;
        let agent = match caller.and_then(|caller| caller.agent) {
            Some(agent) if dice.percent(90) => Some(agent),
            _ if dice.percent(50) => Some((*dice.pick(&AGENTS)).to_owned()),
            _ => None,
        };
        self.names += 1;
        // Some providers begin their ids of calls again in each message.
        let message = dice.percent(60).then(|| format!("m{}", self.names));
        let call = match &message {
            Some(_) => (*dice.pick(&["call_0", "prt_0"])).to_owned(),
            None => format!("c{}", self.names),
        };
        let ask = Ask {
            now: self.now,
            call,
            message,
            by_user: dice.percent(8),
            session,
            caller_agent: agent,
            agent: match owner {
                Some(owner) if dice.percent(75) => owner,
                _ if dice.percent(3) => "nobody".to_owned(),
                _ => (*dice.pick(&AGENTS)).to_owned(),
            },
            description: (*dice.pick(&DESCRIPTIONS)).to_owned(),
            prompt: (*dice.pick(&PROMPTS)).to_owned(),
            task_id,
            model: dice
                .percent(12)
                .then(|| (*dice.pick(&["a/one", "a/one", "a/two/b", "one"])).to_owned()),
            background: dice.percent(30),
        };
        self.last = Some((ask.clone(), self.names));
        Step::Decide(ask, self.names)
    }

    pub fn created(&mut self, model: &Model) -> Step {
        let parent = self.session(model);
        let id = self.fresh();
        let dice = &mut self.dice;
        let mut session = json!({ "id": id });
        match parent {
            Some(parent) if dice.percent(95) => session["parentID"] = json!(parent.id),
            _ => session["id"] = json!(dice.pick(&self.roots)),
        }
        if dice.percent(5)
            && let Some(gone) = model.gone.first()
        {
            session[if dice.percent(50) { "id" } else { "parentID" }] = json!(gone);
        }
        session["agent"] = if dice.percent(10) {
            json!(GONE)
        } else {
            json!(dice.pick(&AGENTS))
        };
        if dice.percent(80) {
            session["description"] = json!(dice.pick(&DESCRIPTIONS));
        } else {
            session["description"] = json!("Look");
        }
        if dice.percent(30) {
            session["slug"] = json!(dice.pick(&SLUGS));
        }
        Step::Event(json!({ "type": "session.created", "now": self.now, "session": session }))
    }

    /// A call in the messages of a session names another, or some messages are undone.
    fn history(&mut self, model: &Model, id: &str) -> Step {
        let now = self.now;
        let parents: Vec<&str> = model
            .sessions
            .iter()
            .filter_map(|s| s.parent.as_deref())
            .collect();
        let dice = &mut self.dice;
        let id = match parents.is_empty() || dice.percent(20) {
            true => id,
            false => *dice.pick(&parents),
        };
        let of = |s: &&Known| s.parent.as_deref() == Some(id);
        let children: Vec<&Known> = model.sessions.iter().filter(of).collect();
        let message = format!("msg_{}", dice.below(4));
        Step::Event(match dice.below(5) {
            0..3 => {
                let named = if children.is_empty() || dice.percent(30) {
                    let all: Vec<&Known> = model.sessions.iter().collect();
                    *dice.pick(&all)
                } else {
                    *dice.pick(&children)
                };
                json!({ "type": "session.named", "now": now, "sessionID": id, "messageID": message, "partID": "prt_1", "namedID": named.id })
            }
            3 if dice.percent(50) => {
                json!({ "type": "session.reverted", "now": now, "sessionID": id })
            }
            3 => {
                json!({ "type": "session.reverted", "now": now, "sessionID": id, "messageID": message })
            }
            _ => {
                let later = dice.percent(30);
                json!({ "type": "message.removed", "now": now, "sessionID": id, "messageID": message, "later": later })
            }
        })
    }

    pub fn next(&mut self, world: &World) -> Step {
        let model = &world.model;
        self.now += 1 + self.dice.below(30) as u64 + if self.dice.percent(3) { 1500 } else { 0 };
        let at = if self.dice.percent(15) {
            self.now - self.dice.below(60) as u64
        } else {
            self.now
        };
        if self.dice.percent(6) {
            let id = match self.session(model) {
                Some(session) if self.dice.percent(10) => session.id,
                _ => (*self.dice.pick(&self.roots)).to_owned(),
            };
            let kind = *self.dice.pick(&["root.reading", "root.read"]);
            return Step::Event(json!({ "type": kind, "now": at, "sessionID": id }));
        }
        let chance = self.dice.below(100);
        if chance < 38 {
            return self.decide(model);
        }
        if chance < 62 {
            let names: Vec<usize> = world.tickets.keys().copied().collect();
            if let Some(name) = names.last().copied() {
                let name = if self.dice.percent(70) {
                    name
                } else {
                    *self.dice.pick(&names)
                };
                if self.dice.percent(15) {
                    return Step::Refund(name);
                }
                let number = world.tickets[&name].1;
                let open = model.open.iter().find(|open| open.number == number);
                let given = open.is_some_and(|open| open.given);
                let id = match open.map(|open| &open.goal) {
                    Some(Goal::Prompt { id }) => id.clone(),
                    Some(Goal::Spawn { slug, derived }) if self.dice.percent(20) => {
                        // The host confirms the child before the commit of its call.
                        return self.created_first(open.unwrap(), slug, derived);
                    }
                    // A host takes no id that another session got meanwhile.
                    Some(Goal::Spawn { derived, .. }) if self.takes_ids && !given => {
                        derived.clone()
                    }
                    _ if self.dice.percent(4) && !model.gone.is_empty() => {
                        self.dice.pick(&model.gone).clone()
                    }
                    _ => self.claimed(model, open).unwrap_or_else(|| self.fresh()),
                };
                return Step::Commit(name, id, at);
            }
        }
        let Some(session) = self.session(model) else {
            return self.created(model);
        };
        let id = session.id;
        if self.dice.percent(15) {
            return self.history(model, &id);
        }
        if self.dice.percent(10) {
            let number = 1 + self.dice.below(2);
            let files: Vec<&str> = (0..number).map(|_| *self.dice.pick(&FILES)).collect();
            return Step::Event(
                json!({ "type": "session.touched", "now": at, "sessionID": id, "files": files }),
            );
        }
        if chance < 82 {
            let idle = session.status != 2 && self.dice.percent(75);
            let status = if idle {
                "idle"
            } else {
                *self.dice.pick(&["busy", "busy", "busy", "retry", "idle"])
            };
            return Step::Event(
                json!({ "type": "session.status", "now": at, "sessionID": id, "status": status }),
            );
        }
        if chance < 85 {
            self.names += 1;
            let (message, synthetic) = (format!("msg_{}", self.names), self.dice.percent(30));
            return Step::Event(
                json!({ "type": "session.prompted", "now": at, "sessionID": id, "messageID": message, "synthetic": synthetic }),
            );
        }
        if chance < 89 && self.dice.percent(50) {
            let spent = json!({ "tokens": 100, "cost": self.dice.below(50) as f64 / 100.0 });
            return Step::Event(
                json!({ "type": "session.spent", "now": at, "sessionID": id, "spent": spent }),
            );
        }
        if chance < 89 {
            let tokens = 500 + self.dice.below(501);
            let window = *self.dice.pick(&[1000, 1000, 0]);
            return Step::Event(
                json!({ "type": "session.usage", "now": at, "sessionID": id, "tokens": tokens, "window": window }),
            );
        }
        if chance < 92 {
            return Step::Event(json!({ "type": "session.deleted", "now": at, "sessionID": id }));
        }
        if chance < 93 && self.dice.percent(70) || chance < 90 && self.dice.percent(30) {
            let alias = *self.dice.pick(&[
                "exp-1",
                "exp-1",
                "Exp 2",
                "exp-2",
                "auth",
                "?!",
                "ses_x",
                "bg_0a1b2c3d",
                "last",
            ]);
            return Step::Event(
                json!({ "type": "session.alias", "now": at, "sessionID": id, "alias": alias }),
            );
        }
        if chance < 94 {
            return Step::Restore;
        }
        if chance < 95 {
            return Step::Restart(self.dice.next());
        }
        if let Some(again) = world.created_again(&id)
            && self.dice.percent(20)
        {
            return Step::Event(json!({ "type": "session.created", "now": at, "session": again }));
        }
        self.created(model)
    }

    /// A child without a name that the call may have made.
    pub fn claimed(&mut self, model: &Model, open: Option<&Open>) -> Option<String> {
        let caller = &open?.caller;
        let child = |s: &&Known| s.parent.as_ref() == Some(caller) && s.slug.is_none();
        model.sessions.iter().find(child).map(|s| s.id.clone())
    }

    fn created_first(&mut self, open: &Open, slug: &str, derived: &str) -> Step {
        let id = if self.takes_ids {
            derived.to_owned()
        } else {
            self.fresh()
        };
        let mut session = json!({ "id": id, "parentID": open.caller, "agent": open.agent, "description": open.description });
        if self.dice.percent(50) {
            session["slug"] = json!(slug);
        }
        Step::Event(json!({ "type": "session.created", "now": self.now, "session": session }))
    }
}
