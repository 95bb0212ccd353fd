//! The engine and the model side by side.

use crate::dice::Dice;
use crate::model::{Ask, Known, Model};
use crate::rules::Rules;
use opencode_delegate::{Engine, Event, Request};
use serde_json::{Value, json};
use std::collections::BTreeMap;

#[derive(Clone, Debug)]
pub enum Step {
    Event(Value),
    /// A request, and the number under which its ticket is noted.
    Decide(Ask, usize),
    Commit(usize, String, u64),
    Refund(usize),
    /// The engine is restored from its snapshot.
    Restore,
    /// A new engine reads the host's records. The number seeds their order.
    Restart(u64),
}

impl std::fmt::Display for Step {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Step::Event(event) => write!(f, "{event}"),
            other => write!(f, "{other:?}"),
        }
    }
}

pub struct World {
    pub config: String,
    pub engine: Engine,
    pub model: Model,
    /// The record of each session on the host.
    pub records: BTreeMap<String, Value>,
    /// The tickets of the engine and of the model, by number.
    pub tickets: BTreeMap<usize, (u64, usize)>,
}

impl World {
    pub fn new(config: &Value, rules: &Rules) -> World {
        let config = config.to_string();
        World {
            engine: Engine::new(&config).unwrap(),
            config,
            model: Model {
                rules: rules.clone(),
                ..Model::default()
            },
            records: BTreeMap::new(),
            tickets: BTreeMap::new(),
        }
    }

    pub fn run(&mut self, step: &Step) -> Result<(), String> {
        match step {
            Step::Event(event) => self.event(event)?,
            Step::Decide(ask, name) => self.decide(ask, *name)?,
            Step::Commit(name, id, now) => {
                if let Some((engine, model)) = self.tickets.get(name).copied() {
                    self.model.commit(model, id, *now);
                    self.feed(&json!({ "type": "ticket.commit", "now": now, "ticket": engine, "sessionID": id }))?;
                }
            }
            Step::Refund(name) => {
                if let Some((engine, model)) = self.tickets.get(name).copied() {
                    self.model.refund(model);
                    self.feed(&json!({ "type": "ticket.refund", "now": 0, "ticket": engine }))?;
                }
            }
            Step::Restore => {
                let snapshot = self.engine.snapshot();
                self.engine =
                    Engine::restore(&snapshot, &self.config).map_err(|e| e.to_string())?;
                if self.engine.snapshot() != snapshot {
                    return Err(format!(
                        "the snapshot differs: {snapshot}\n{}",
                        self.engine.snapshot()
                    ));
                }
            }
            Step::Restart(seed) => self.restart(*seed)?,
        }
        self.model.tidy();
        self.compare()
    }

    fn event(&mut self, event: &Value) -> Result<(), String> {
        let now = event["now"].as_u64().unwrap();
        let id = event["sessionID"].as_str().unwrap_or_default();
        match event["type"].as_str().unwrap() {
            "session.created" => self.model.created(now, &event["session"]),
            "root.reading" => self.model.reading(id),
            "root.read" => self.model.read(id),
            "session.status" => {
                let status = match event["status"].as_str().unwrap() {
                    "busy" => 0,
                    "retry" => 1,
                    _ => 2,
                };
                // An event about a session that is not confirmed yet changes nothing.
                self.model.status(now, id, status);
            }
            "session.named" => {
                let named = event["namedID"].as_str().unwrap();
                self.model
                    .note_named(id, named, event["messageID"].as_str().unwrap());
            }
            "session.reverted" => self.model.reverted(id, event["messageID"].as_str()),
            "message.removed" => {
                let message = event["messageID"].as_str().unwrap();
                let later = event["later"] == true;
                self.model.removed(id, message, later);
            }
            "session.usage" => {
                let amount = |field: &str| event[field].as_u64().unwrap();
                self.model
                    .usage(now, id, amount("tokens"), amount("window"));
            }
            "session.spent" => {
                let cost = event["spent"]["cost"].as_f64().unwrap();
                self.model.spent(id, (cost * 100.0).round() as u64);
            }
            "session.touched" => {
                for file in event["files"].as_array().unwrap() {
                    self.model.touched(id, file.as_str().unwrap());
                }
            }
            "session.prompted" => {
                let synthetic = event["synthetic"] == true;
                self.model.prompted(now, id, synthetic);
            }
            "session.alias" => {
                let news = self
                    .model
                    .new_alias(now, id, event["alias"].as_str().unwrap());
                if let Some(session) = self.model.get_mut(id) {
                    session.marked |= news;
                }
            }
            _ => {
                self.model.deleted(id);
                let known = |id: &String| self.model.get(id).is_some();
                self.records.retain(|id, _| known(id));
            }
        }
        self.feed(event)
    }

    /// Hands an event to the engine, and stores the records that it asks for.
    fn feed(&mut self, event: &Value) -> Result<(), String> {
        let event = Event::read(&event.to_string()).map_err(|error| error.to_string())?;
        let effects = self.engine.apply(event);
        self.store(&serde_json::to_value(effects).unwrap())
    }

    /// Stores the records that the engine asks for.
    fn store(&mut self, effects: &Value) -> Result<(), String> {
        self.model.store();
        for effect in effects.as_array().unwrap() {
            let id = effect["sessionID"].as_str().unwrap();
            let Some(session) = self.model.get(id) else {
                return Err(format!("{id} is stored, which is not there"));
            };
            let (limit, used, _) = session.budget.unwrap_or_default();
            let expected = json!([
                session.slug,
                session.derived,
                session.agent,
                limit,
                used,
                session.tokens,
                session.window,
                session.aliases,
                session.spawned.as_ref().map(|spawned| &spawned.0),
                session.removed,
                session.model.as_deref().map(model_of),
                session.files,
                session.by_user,
                session.hints
            ]);
            let record = &effect["record"];
            let count = |field: &str| record[field].as_u64().unwrap_or_default();
            let actual = json!([
                record["slug"],
                record["id"],
                record["agent"],
                record["budget"],
                record["used"],
                record["tokens"],
                record["window"],
                record.get("aliases").unwrap_or(&json!([])),
                record["spawned"][0],
                record["undone"] == true,
                record["model"],
                record.get("files").unwrap_or(&json!([])),
                record["by"] == "user",
                [count("hinted"), count("hint_followed")]
            ]);
            if actual != expected {
                return Err(format!("stored of {id}: expected {expected}, got {actual}"));
            }
            self.records.insert(id.to_owned(), record.clone());
        }
        for session in self.model.sessions.iter().filter(|s| s.parent.is_some()) {
            if self.records.contains_key(&session.id) != session.stored {
                return Err(format!("stored or not, against the model: {session:?}"));
            }
        }
        for (id, record) in &self.records {
            // After a restart the host has not confirmed every session yet.
            let Some(session) = self.model.get(id).filter(|session| session.confirmed) else {
                continue;
            };
            let (limit, used, _) = session.budget.unwrap_or_default();
            let slug = session.slug.as_ref().filter(|_| session.stored_name);
            if json!([record["slug"], record["budget"], record["used"]])
                != json!([slug, limit, used])
            {
                return Err(format!(
                    "the record of {id} is out of date: {record}, but {session:?}"
                ));
            }
        }
        Ok(())
    }

    fn decide(&mut self, ask: &Ask, name: usize) -> Result<(), String> {
        if self.model.gone.contains(&ask.session) {
            // A deleted session makes no calls.
            return Ok(());
        }
        let request = json!({
            "now": ask.now, "callID": ask.call, "messageID": ask.message,
            "by": if ask.by_user { "user" } else { "model" }, "sessionID": ask.session, "callerAgent": ask.caller_agent,
            "agent": ask.agent, "description": ask.description, "prompt": ask.prompt,
            "task_id": ask.task_id, "model": ask.model, "background": ask.background,
        });
        let request = Request::read(&request.to_string()).map_err(|error| error.to_string())?;
        let decided = self.engine.decide(&request);
        let decision = serde_json::to_value(&*decided.decision).unwrap();
        let answer = self.model.decide(ask);
        self.store(&serde_json::to_value(&decided.effects).unwrap())?;
        let mut expected = json!({
            "action": answer.action, "rule": answer.rule, "sessionID": answer.session,
            "slug": answer.slug, "code": answer.code,
        });
        let mut actual = json!({});
        for field in ["action", "rule", "sessionID", "slug", "code"] {
            actual[field] = decision[field].clone();
        }
        expected["model"] = answer.model.as_deref().map_or(Value::Null, model_of);
        actual["model"] = decision["model"].clone();
        if let Some(message) = &answer.message {
            expected["message"] = json!(message);
            actual["message"] = decision["message"].clone();
        }
        if let Some((candidates, others)) = &answer.candidates {
            expected["candidates"] = json!(candidates);
            expected["others"] = json!(others);
            actual["others"] = json!(decision["others"].as_u64().unwrap_or(0));
            let list = decision["candidates"].as_array().unwrap();
            // The model has powers of fractions, the engine of whole numbers: the last digit may differ.
            let near = |(id, own): &(String, u64), listed: &Value| {
                let other = (listed["confidence"].as_f64().unwrap() * 1000.0).round() as u64;
                listed["sessionID"] == **id && own.abs_diff(other) <= 1
            };
            let all = list.len() == candidates.len();
            if all
                && candidates
                    .iter()
                    .zip(list)
                    .all(|(own, listed)| near(own, listed))
            {
                actual["candidates"] = expected["candidates"].clone();
            } else {
                actual["candidates"] = json!(list);
            }
        }
        if let Some(notice) = answer.notice {
            expected["notice"] = json!(notice);
            actual["notice"] = json!(!decision["notice"].is_null());
        }
        if actual != expected {
            return Err(format!(
                "decision: expected {expected}, got {actual} ({decision})"
            ));
        }
        match (decision["ticket"].as_u64(), answer.ticket) {
            (Some(engine), Some(model)) => {
                self.tickets.insert(name, (engine, model));
                Ok(())
            }
            (None, None) => Ok(()),
            _ => Err(format!("a ticket is missing or too many: {decision}")),
        }
    }

    /// The event with which the host confirms a child again.
    pub fn created_again(&self, id: &str) -> Option<Value> {
        let child = self.model.get(id).filter(|s| s.parent.is_some());
        child.map(|child| self.as_stored(child))
    }

    fn as_stored(&self, session: &Known) -> Value {
        let mut created = json!({ "id": session.id, "parentID": session.parent });
        match self.records.get(&session.id) {
            Some(record) => created["record"] = record.clone(),
            None => {
                created["agent"] = json!(session.agent);
                created["description"] = json!(session.description);
            }
        }
        created
    }

    fn restart(&mut self, seed: u64) -> Result<(), String> {
        let known = std::mem::take(&mut self.model.sessions);
        let named = |s: &Known| {
            let record = self.records.get(&s.id);
            s.parent.is_none() || record.is_some_and(|record| record["slug"].is_string())
        };
        let mut dice = Dice(seed);
        let mut order: Vec<&Known> = known.iter().collect();
        // A name that is made up again may depend on the order of the sessions.
        if seed % 2 == 1 && known.iter().all(named) {
            for i in (1..order.len()).rev() {
                order.swap(i, dice.below(i + 1));
            }
        }
        self.engine = Engine::new(&self.config).unwrap();
        self.model = Model {
            rules: self.model.rules.clone(),
            ..Model::default()
        };
        self.tickets.clear();
        let before = self.records.clone();
        for session in order {
            let created = self.as_stored(session);
            let now = session.last_used;
            self.event(&json!({ "type": "session.created", "now": now, "session": created }))?;
        }
        // A late session may be stored again, unchanged but for a later use.
        let as_it_was = |(id, record): (&String, &Value)| {
            before.get(id).is_some_and(|before| {
                let mut earlier = record.clone();
                earlier["lastUsed"] = before["lastUsed"].clone();
                earlier == *before && record["lastUsed"].as_u64() >= before["lastUsed"].as_u64()
            })
        };
        if self.records.len() != before.len() || !self.records.iter().all(as_it_was) {
            return Err(format!(
                "stored before: {before:?}, stored now: {:?}",
                self.records
            ));
        }
        for session in known.iter().filter(|session| session.status != 2) {
            self.event(&json!({
                "type": "session.status", "now": session.status_at, "sessionID": session.id, "status": "busy",
            }))?;
        }
        Ok(())
    }

    fn compare(&self) -> Result<(), String> {
        for session in self.model.sessions.iter().filter(|s| s.parent.is_some()) {
            let budget = session.budget;
            let status = ["busy", "retry", "idle"][usize::from(session.status)];
            let expected = json!({
                "id": session.id, "parentID": session.parent, "rootID": self.model.root(&session.id),
                "depth": self.model.line(&session.id).len() - 1, "agent": session.agent,
                "description": session.description,
                "slug": session.slug.as_ref().filter(|_| !self.model.undone(session)), "derivedID": session.derived,
                "status": status,
                "lastUsed": session.last_used, "tokens": session.tokens, "window": session.window,
                "budget": budget.map(|b| b.0), "used": budget.map_or(0, |b| b.1),
            });
            let actual = json!(self.engine.session(&session.id));
            for (field, value) in expected.as_object().unwrap() {
                if actual[field] != *value {
                    return Err(format!(
                        "{} of {}: expected {value}, got {actual}",
                        field, session.id
                    ));
                }
            }
            let (limit, used, reserved) = budget.unwrap_or_default();
            assert!(
                used + reserved <= limit,
                "the model itself overspends: {session:?}"
            );
        }
        for root in self.model.sessions.iter().filter(|s| s.parent.is_none()) {
            let mut expected = self.model.children_below(&root.id);
            let sessions = self.engine.sessions(&root.id);
            let mut actual: Vec<String> = sessions.iter().map(|s| s.id.to_string()).collect();
            actual.retain(|id| *id != root.id);
            expected.sort();
            actual.sort();
            if actual != expected {
                return Err(format!(
                    "below {}: expected {expected:?}, got {actual:?}",
                    root.id
                ));
            }
        }
        for id in &self.model.gone {
            if self
                .engine
                .session(id)
                .is_some_and(|session| *session.id == **id)
            {
                return Err(format!("{id} was deleted and is there"));
            }
        }
        Ok(())
    }
}

/// A model as records and decisions hold it.
fn model_of(model: &str) -> Value {
    let (provider, model) = model.split_once('/').unwrap();
    json!({ "providerID": provider, "modelID": model })
}
