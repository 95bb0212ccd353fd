//! Runs the shared cases, natively and as WebAssembly: every file of `tests/cases`, which the
//! JavaScript tests read too.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    missing_docs
)]

use opencode_delegate::{
    Decided, DelegateError, Engine, Event, ListLookup, OutlineLookup, RankLookup, Request,
    ResolveLookup, SteerLookup,
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use std::collections::HashMap;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    name: String,
    config: Option<Value>,
    error: Option<Value>,
    #[serde(default)]
    steps: Vec<Step>,
}

/// One step. Just one of the fields that name an action is given. `effects` lists all of its effects, field
/// by field. `does` lists parts of some of them. `error` describes a refused event or request.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Step {
    apply: Option<Map<String, Value>>,
    ask: Option<Map<String, Value>>,
    effects: Option<Value>,
    does: Option<Value>,
    error: Option<Value>,
    decide: Option<Map<String, Value>>,
    rank: Option<Map<String, Value>>,
    resolve: Option<Map<String, Value>>,
    explain: Option<Map<String, Value>>,
    outline: Option<Map<String, Value>>,
    list: Option<Map<String, Value>>,
    steer: Option<Map<String, Value>>,
    spelled: Option<String>,
    expect: Option<Value>,
    #[serde(rename = "as")]
    name: Option<String>,
    commit: Option<String>,
    #[serde(rename = "sessionID")]
    session_id: Option<String>,
    now: Option<u64>,
    refund: Option<String>,
    /// A session, and the caller to whom it is named.
    #[serde(rename = "nameFor")]
    name_for: Option<(String, String)>,
    session: Option<String>,
    sessions: Option<String>,
    restore: Option<Value>,
    notices: Option<Vec<String>>,
}

struct World {
    engine: Engine,
    config: String,
    tickets: HashMap<String, u32>,
}

macro_rules! files {
    ($($name:literal),*) => { &[$(($name, include_str!($name))),*] };
}

const FILES: &[(&str, &str)] = files![
    "aborts.json",
    "aliases.json",
    "budgets.json",
    "config.json",
    "ends.json",
    "events.json",
    "failures.json",
    "follow_ups.json",
    "gates.json",
    "history.json",
    "host_calls.json",
    "idempotency.json",
    "kept.json",
    "limits.json",
    "lists.json",
    "messages.json",
    "models.json",
    "names.json",
    "notices.json",
    "outline.json",
    "permissions.json",
    "places.json",
    "plugins.json",
    "processes.json",
    "prompts.json",
    "records.json",
    "rows.json",
    "snapshots.json",
    "spent.json",
    "steering.json",
    "stops.json",
    "stored.json",
    "tasks.json"
];

#[cfg_attr(not(target_arch = "wasm32"), test)]
#[cfg_attr(target_arch = "wasm32", wasm_bindgen_test::wasm_bindgen_test)]
fn cases() {
    let (mut ran, mut failures) = (0, Vec::new());
    for (file, text) in FILES {
        let cases: Vec<Case> =
            serde_json::from_str(text).unwrap_or_else(|error| panic!("{file}: {error}"));
        let mut names: Vec<&str> = cases.iter().map(|case| &*case.name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), cases.len(), "{file}: a name is used twice");
        for case in &cases {
            ran += 1;
            if let Err(wrong) = run(case, false) {
                failures.push(format!("{file}: {}: {wrong}", case.name));
            } else if let Err(wrong) = run(case, true) {
                failures.push(format!(
                    "{file}: {}: restored each time: {wrong}",
                    case.name
                ));
            }
        }
    }
    assert!(
        failures.is_empty(),
        "{} of {ran} cases fail:\n\n{}\n",
        failures.len(),
        failures.join("\n\n")
    );
}

#[cfg(not(target_arch = "wasm32"))]
#[test]
fn every_file_of_cases_is_read() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/cases");
    let entries = std::fs::read_dir(folder).unwrap();
    let mut names: Vec<_> = entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.ends_with(".json"))
        .collect();
    names.sort();
    assert_eq!(
        names,
        FILES.iter().map(|(name, _)| *name).collect::<Vec<_>>()
    );
}

/// Runs a case. If `restored`, a new engine takes each step.
fn run(case: &Case, restored: bool) -> Result<(), String> {
    let config = case.config.clone().unwrap_or_else(|| json!({})).to_string();
    let engine = match (Engine::new(&config), &case.error) {
        (Ok(engine), None) => engine,
        (Ok(_), Some(error)) => return Err(format!("accepted, but should fail with {error}")),
        (Err(error), None) => return Err(format!("refused: {error}")),
        (Err(error), Some(expected)) => return subset(expected, &json(&error), "error"),
    };
    let mut world = World {
        engine,
        config,
        tickets: HashMap::new(),
    };
    for (index, step) in case.steps.iter().enumerate() {
        // A snapshot does not hold the notices for a person.
        if restored && step.notices.is_some() {
            return Ok(());
        }
        let before = if restored {
            world.restore(&Value::Null)
        } else {
            Ok(())
        };
        before
            .and_then(|()| world.step(index, step))
            .map_err(|wrong| format!("step {index}: {wrong}"))?;
    }
    Ok(())
}

impl World {
    fn step(&mut self, index: usize, step: &Step) -> Result<(), String> {
        let now = step.now.unwrap_or(1000 + index as u64);
        let expected = step.expect.as_ref().unwrap_or(&Value::Null);
        if let Some(event) = &step.apply {
            self.apply(&with(json!({ "now": now }), event), step)
        } else if let Some(prompt) = &step.ask {
            let mut event = with(
                json!({
                    "type": "prompt.kept", "now": now, "callerID": "ses_root", "agent": "explorer",
                    "parts": [{ "type": "text", "text": "Look." }], "permission": [], "seed": "abcdefghijklmn",
                }),
                prompt,
            );
            if let Some(name) = prompt.get("ticket").and_then(Value::as_str) {
                event["ticket"] = self.ticket(name)?.into();
            }
            self.apply(&event, step)
        } else if let Some(name) = &step.commit {
            let ticket = self.ticket(name)?;
            let id = step.session_id.as_ref().ok_or("commit without sessionID")?;
            let event =
                json!({ "type": "ticket.commit", "now": now, "ticket": ticket, "sessionID": id });
            self.apply(&event, step)
        } else if let Some(name) = &step.refund {
            let event =
                json!({ "type": "ticket.refund", "now": now, "ticket": self.ticket(name)? });
            self.apply(&event, step)
        } else if let Some(request) = &step.decide {
            let request = match (filled(request, index), &step.error) {
                (Ok(request), None) => request,
                (Ok(_), Some(error)) => {
                    return Err(format!("read, but should fail with {error}"));
                }
                (Err(error), None) => return Err(error.to_string()),
                (Err(error), Some(expected)) => return subset(expected, &json(&error), "error"),
            };
            let Decided { decision, effects } = self.engine.decide(&request);
            if let Some(name) = &step.name {
                let ticket = decision.ticket();
                let ticket = ticket.ok_or_else(|| format!("no ticket: {decision:?}"))?;
                self.tickets.insert(name.clone(), ticket);
            }
            let any = json!({});
            let expected = step.expect.as_ref().unwrap_or(&any);
            subset(expected, &json(&decision), "decision")?;
            self.does(&json(&effects), step)
        } else if let Some(request) = &step.rank {
            let request = filled(request, index).map_err(|error| error.to_string())?;
            let candidates = self.engine.rank(&RankLookup::of(&request));
            subset(expected, &json(&candidates), "rank")
        } else if let Some(request) = &step.resolve {
            let part_id = request.get("partID").and_then(Value::as_str);
            let request = filled(request, index).map_err(|error| error.to_string())?;
            let mut lookup = ResolveLookup::of(&request);
            lookup.message_id = part_id.and(request.message_id.as_deref().map(Into::into));
            lookup.part_id = part_id.map(Into::into);
            subset(expected, &json(&self.engine.resolve(&lookup)), "resolve")
        } else if let Some(request) = &step.explain {
            let request = filled(request, index).map_err(|error| error.to_string())?;
            subset(expected, &json(&self.engine.explain(&request)), "explain")
        } else if let Some(lookup) = &step.outline {
            let lookup = OutlineLookup::read(&json!(lookup).to_string());
            let lookup = lookup.map_err(|error| error.to_string())?;
            subset(expected, &json(&self.engine.outline(&lookup)), "outline")
        } else if let Some(lookup) = &step.list {
            let lookup = ListLookup::read(&json!(lookup).to_string());
            let lookup = lookup.map_err(|error| error.to_string())?;
            subset(expected, &json(&self.engine.list(&lookup)), "list")
        } else if let Some(lookup) = &step.steer {
            let lookup = SteerLookup::read(&json!(lookup).to_string());
            let lookup = lookup.map_err(|error| error.to_string())?;
            subset(expected, &json(&self.engine.steer(&lookup)), "steer")
        } else if let Some(agent) = &step.spelled {
            subset(expected, &json(&self.engine.spelled(agent)), "spelled")
        } else if let Some((id, caller)) = &step.name_for {
            subset(
                expected,
                &json(&self.engine.name_for(id, caller)),
                "nameFor",
            )
        } else if let Some(id) = &step.session {
            subset(expected, &json(&self.engine.session(id)), "session")
        } else if let Some(root) = &step.sessions {
            let sessions = self.engine.sessions(root);
            let ids: Vec<&str> = sessions.iter().map(|session| &*session.id).collect();
            subset(expected, &json(&ids), "sessions")
        } else if let Some(config) = &step.restore {
            self.restore(config)
        } else if let Some(expected) = &step.notices {
            subset(&json(expected), &json(&self.engine.notices()), "notices")
        } else {
            Err("the step does nothing".to_owned())
        }
    }

    fn restore(&mut self, config: &Value) -> Result<(), String> {
        if config.is_object() {
            self.config = config.to_string();
        }
        let before = self.engine.snapshot();
        self.engine = Engine::restore(&before, &self.config).map_err(|error| error.to_string())?;
        let after = self.engine.snapshot();
        let wrong = || format!("the snapshot differs:\n  before {before}\n  after  {after}");
        (before == after).then_some(()).ok_or_else(wrong)
    }

    fn apply(&mut self, event: &Value, step: &Step) -> Result<(), String> {
        let event = match (Event::read(&event.to_string()), &step.error) {
            (Ok(event), None) => event,
            (Ok(_), Some(error)) => return Err(format!("taken in, but should fail with {error}")),
            (Err(error), None) => return Err(error.to_string()),
            (Err(error), Some(expected)) => return subset(expected, &json(&error), "error"),
        };
        let effects = json(&self.engine.apply(event));
        self.does(&effects, step)
    }

    /// Compares effects with those that a step expects.
    fn does(&self, effects: &Value, step: &Step) -> Result<(), String> {
        if let Some(expected) = &step.does {
            subset(expected, effects, "effects")?;
        }
        match &step.effects {
            Some(expected) if !same(expected, effects) => Err(format!(
                "effects:\n  expected {expected}\n  but got  {effects}"
            )),
            _ => Ok(()),
        }
    }

    fn ticket(&self, name: &str) -> Result<u32, String> {
        let ticket = self.tickets.get(name).copied();
        ticket.ok_or_else(|| format!("no ticket is called {name}"))
    }
}

/// The request, with defaults for its absent fields.
fn filled(request: &Map<String, Value>, index: usize) -> Result<Request<'static>, DelegateError> {
    let whole = json!({
        "now": 1000 + index, "callID": format!("call-{index}"), "sessionID": "ses_root",
        "agent": "explorer", "description": "Explore auth", "prompt": "Look.",
    });
    Request::read(&with(whole, request).to_string())
}

/// An object with added or replaced fields.
fn with(mut whole: Value, fields: &Map<String, Value>) -> Value {
    for (field, value) in fields {
        whole[field] = value.clone();
    }
    whole
}

fn json(value: &impl Serialize) -> Value {
    serde_json::to_value(value).unwrap()
}

/// Checks that each expected part is there. `null` stands for an absent field, and lists must be as long.
fn subset(expected: &Value, actual: &Value, path: &str) -> Result<(), String> {
    match (expected, actual) {
        (Value::Object(fields), Value::Object(all)) => {
            fields.iter().try_for_each(|(name, value)| {
                let path = format!("{path}.{name}");
                subset(value, all.get(name).unwrap_or(&Value::Null), &path)
            })
        }
        (Value::Array(list), Value::Array(all)) if list.len() == all.len() => {
            let mut pairs = list.iter().zip(all).enumerate();
            pairs.try_for_each(|(i, (value, found))| subset(value, found, &format!("{path}[{i}]")))
        }
        _ if same(expected, actual) => Ok(()),
        _ => Err(format!(
            "{path}:\n  expected {expected}\n  but got  {actual}"
        )),
    }
}

/// Equality, with `1` and `1.0` as one number.
fn same(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Number(a), Value::Number(b)) => a.as_f64() == b.as_f64(),
        (Value::Array(a), Value::Array(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b))
        }
        (Value::Object(a), Value::Object(b)) => {
            let equal = |(name, value)| b.get(name).is_some_and(|other| same(value, other));
            a.len() == b.len() && a.iter().all(equal)
        }
        _ => a == b,
    }
}
