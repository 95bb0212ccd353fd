//! The sessions and calls that the model knows, in plain lists.

use crate::rules::Rules;

#[derive(Clone, Debug, PartialEq)]
pub struct Ask {
    pub now: u64,
    pub call: String,
    pub message: Option<String>,
    pub by_user: bool,
    pub session: String,
    pub caller_agent: Option<String>,
    pub agent: String,
    pub description: String,
    pub prompt: String,
    pub task_id: Option<String>,
    pub model: Option<String>,
    pub background: bool,
}

impl Ask {
    /// The agent whose permissions bind the call: none binds the user.
    pub fn speaker(&self) -> Option<&String> {
        let agent = self.caller_agent.as_ref();
        agent.filter(|_| !self.by_user)
    }

    /// The model that it asks for. The host may know others by a name without a provider.
    pub fn model(&self) -> Option<String> {
        let model = self.model.clone();
        model.filter(|model| model.contains('/'))
    }
}

#[derive(Clone, Debug, PartialEq)]
pub enum Goal {
    Spawn { slug: String, derived: String },
    Prompt { id: String },
}

#[derive(Clone, Debug)]
pub struct Open {
    pub number: usize,
    pub caller: String,
    pub turn: u32,
    /// The delegation to its caller, and the last one to the session that it is to prompt.
    pub delegation: u32,
    pub before: u32,
    pub goal: Goal,
    /// Whether its name went to a child that the host confirmed before the commit.
    pub given: bool,
    pub agent: String,
    pub description: String,
    pub prompt: String,
    pub by_user: bool,
    pub message: Option<String>,
    pub model: Option<String>,
    pub waits: bool,
    pub call: String,
    /// The caller, its turn and delegation, whether it waits, and the call.
    pub joined: Vec<(String, (u32, u32), bool, String)>,
}

#[derive(Clone, Debug, Default)]
pub struct Known {
    pub id: String,
    pub parent: Option<String>,
    pub confirmed: bool,
    pub agent: Option<String>,
    pub description: String,
    pub slug: Option<String>,
    pub derived: Option<String>,
    /// Its former names, and their ids.
    pub former: Vec<(String, String)>,
    /// Names that its record gives it and that stand for another session here.
    pub elsewhere: Vec<(String, String)>,
    /// Whether the engine has had it stored, and whether the engine took part in its present turn.
    pub engine_stored: bool,
    pub part: bool,
    /// Its aliases, and since when its parent knows them.
    pub aliases: Vec<(String, u64)>,
    /// Whether its record on the host is out of date, until the end of the next event.
    pub marked: bool,
    /// Whether the host has a record of it, and whether the record holds its name.
    pub stored: bool,
    pub stored_name: bool,
    /// 0 busy, 1 retry, 2 idle.
    pub status: u8,
    pub status_at: u64,
    pub last_used: u64,
    pub tokens: u64,
    pub window: u64,
    pub usage_at: u64,
    /// The cost that the host reported for it, and that of deleted sessions below it, in cents.
    pub cost: u64,
    pub cost_of_gone: u64,
    /// The model that a call chose for it.
    pub model: Option<String>,
    /// Limit, spent, reserved.
    pub budget: Option<(u64, u64, u64)>,
    pub turn: u32,
    /// How many delegations to it have begun, and when the last did.
    pub delegation: u32,
    pub delegated_at: u64,
    pub waits: Vec<String>,
    /// The sessions that its calls of the present delegation have joined.
    pub joins: Vec<String>,
    /// The message that spawned it and whether the host has shown the call, and whether that message was removed.
    pub spawned: Option<(String, bool)>,
    pub removed: bool,
    /// The first of its own messages that is reverted.
    pub reverted: Option<String>,
    /// The sessions of other roots that its messages name, and the message of each.
    pub named: Vec<(String, String)>,
    /// The last call of its parent that named it, and the names that it lost while it was undone.
    pub last: Option<(String, bool)>,
    pub freed: Vec<String>,
    /// Its first prompt, the files that it touched, and whether a person's call spawned it.
    pub prompt: String,
    pub files: Vec<String>,
    pub by_user: bool,
    /// How many hints named it, how many were followed, and who got the last.
    pub hints: (u64, u64),
    pub hint_to: Option<String>,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Answer {
    pub action: &'static str,
    pub rule: &'static str,
    pub session: Option<String>,
    pub slug: Option<String>,
    pub model: Option<String>,
    pub code: Option<&'static str>,
    /// Only if the design quotes it.
    pub message: Option<String>,
    /// Only if the design lists them.
    pub candidates: Option<(Vec<(String, u64)>, usize)>,
    /// Only if the design says whether there is one.
    pub notice: Option<bool>,
    pub ticket: Option<usize>,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Who {
    Session(String),
    Ticket(usize),
}

#[derive(Default)]
pub struct Model {
    pub rules: Rules,
    /// In the order in which they became known.
    pub sessions: Vec<Known>,
    pub open: Vec<Open>,
    pub tickets: usize,
    pub gone: Vec<String>,
    /// The roots that the host is reading: no name is made up under them.
    pub reading: Vec<String>,
    pub calls: Vec<(String, Answer)>,
}

impl Known {
    /// The number of its names.
    pub fn names(&self) -> (usize, usize, bool) {
        let other = self.former.len() + self.elsewhere.len();
        (other, self.aliases.len(), self.slug.is_some())
    }

    /// Whether a name is its own.
    pub fn is_called(&self, name: &str) -> bool {
        let mut former = self.former.iter().map(|(former, _)| former);
        self.slug.as_deref() == Some(name) || former.any(|former| former == name)
    }

    /// Whether a name is or was its own.
    pub fn was_called(&self, name: &str) -> bool {
        self.is_called(name) || self.freed.iter().any(|freed| freed == name)
    }

    pub fn claim(&mut self, slug: &str, derived: &str) {
        if self.elsewhere.iter().all(|known| known.0 != slug) {
            self.elsewhere.push((slug.to_owned(), derived.to_owned()));
        }
    }

    /// A call chooses a model for it.
    pub fn choose(&mut self, model: Option<String>) {
        if model.is_some() && self.model != model {
            self.model = model;
            self.marked = true;
        }
    }

    /// A caller learns its name. The name must go on resolving, so the host is to store it.
    pub fn promise_name(&mut self) {
        self.marked |= !self.stored_name;
    }
}

impl Model {
    /// Removes roots that were never confirmed and that no child or call needs any more.
    pub fn tidy(&mut self) {
        let held = |s: &Known| {
            s.confirmed
                || s.parent.is_some()
                || self
                    .sessions
                    .iter()
                    .any(|child| child.parent.as_ref() == Some(&s.id))
                || self.open.iter().any(|open| open.caller == s.id)
        };
        let held: Vec<bool> = self.sessions.iter().map(held).collect();
        let mut held = held.iter();
        self.sessions.retain(|_| *held.next().unwrap());
    }

    /// Stores each marked session.
    pub fn store(&mut self) {
        for session in &mut self.sessions {
            if std::mem::take(&mut session.marked) {
                session.stored = true;
                session.engine_stored |= session.confirmed && session.parent.is_some();
                session.stored_name |= session.slug.is_some();
            }
        }
    }

    pub fn get(&self, id: &str) -> Option<&Known> {
        self.sessions.iter().find(|session| session.id == id)
    }

    pub fn get_mut(&mut self, id: &str) -> Option<&mut Known> {
        self.sessions.iter_mut().find(|session| session.id == id)
    }

    pub fn find_or_add(&mut self, id: &str) -> &mut Known {
        if self.get(id).is_none() {
            self.sessions.push(Known {
                id: id.to_owned(),
                status: 2,
                ..Known::default()
            });
        }
        self.get_mut(id).unwrap()
    }

    /// A session and all above it, from the bottom.
    pub fn line(&self, id: &str) -> Vec<String> {
        let mut line = vec![id.to_owned()];
        while let Some(parent) = self
            .get(line.last().unwrap())
            .and_then(|s| s.parent.clone())
        {
            line.push(parent);
        }
        line
    }

    pub fn root(&self, id: &str) -> String {
        self.line(id).pop().unwrap()
    }

    pub fn children_below(&self, id: &str) -> Vec<String> {
        let below = |s: &&Known| s.id != id && self.line(&s.id).contains(&id.to_owned());
        self.sessions
            .iter()
            .filter(below)
            .map(|s| s.id.clone())
            .collect()
    }

    /// What a session and all below it cost, in cents.
    pub fn cost(&self, id: &str) -> u64 {
        let mut line = self.children_below(id);
        line.push(id.to_owned());
        let of = |id: &String| self.get(id).map_or(0, |s| s.cost + s.cost_of_gone);
        line.iter().map(of).sum()
    }

    pub fn open(&self, number: usize) -> &Open {
        self.open.iter().find(|open| open.number == number).unwrap()
    }

    pub fn running(&self, session: &Known) -> bool {
        let prompted = |open: &Open| matches!(&open.goal, Goal::Prompt { id } if *id == session.id);
        session.status != 2 || self.open.iter().any(prompted)
    }

    /// Whether one session's turn cannot end before another's.
    pub fn waits_for(&self, waiting: &str, caller: &str) -> bool {
        let above = self.line(caller);
        let mut seen = vec![waiting.to_owned()];
        let mut from = 0;
        while from < seen.len() {
            if above.contains(&seen[from]) {
                return true;
            }
            let mut next: Vec<String> = Vec::new();
            if let Some(session) = self.get(&seen[from]) {
                next.extend(session.waits.iter().cloned());
            }
            for id in next {
                if self.get(&id).is_some_and(|s| self.running(s)) && !seen.contains(&id) {
                    seen.push(id);
                }
            }
            from += 1;
        }
        false
    }

    pub fn full(&self, session: &Known) -> bool {
        session.window > 0
            && session.tokens as f64 > self.rules.context_limit * session.window as f64
    }

    pub fn grant(&mut self, id: &str) {
        let agent = self.get(id).and_then(|s| s.agent.clone());
        let budget = agent.map(|agent| self.rules.agents.get(&agent).map_or(0, |a| a.0));
        let session = self.find_or_add(id);
        if session.parent.is_some() && session.budget.is_none() {
            session.budget = budget.map(|limit| (limit, 0, 0));
        }
    }
}
