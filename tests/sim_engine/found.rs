//! Worlds in which the simulation has found faults, each with its fewest steps.

use opencode_delegate::{Engine, Event, Request, ResolveLookup};
use serde_json::{Value, json};

const AGENTS: &str =
    r#"{"agents":{"lead":{"task_budget":2,"callable_by_subagents":true},"explorer":{}}}"#;

struct Play {
    engine: Engine,
    /// The records to store at once, and later.
    stored: Vec<Value>,
    later: Vec<Value>,
}

impl Play {
    fn new() -> Play {
        Play {
            engine: Engine::new(AGENTS).unwrap(),
            stored: Vec::new(),
            later: Vec::new(),
        }
    }

    fn apply(&mut self, event: Value) -> Value {
        let effects = json!(self.engine.apply(Event::read(&event.to_string()).unwrap()));
        self.note_stores(&effects);
        effects
    }

    fn note_stores(&mut self, effects: &Value) {
        for effect in effects.as_array().unwrap() {
            if effect["type"] == "store" {
                let list = match effect["later"] == true {
                    true => &mut self.later,
                    false => &mut self.stored,
                };
                list.push(effect.clone());
            }
        }
    }

    fn created(
        &mut self,
        id: &str,
        parent: Option<&str>,
        description: &str,
        record: Value,
    ) -> Value {
        self.apply(json!({ "type": "session.created", "now": 1, "session": {
            "id": id, "parentID": parent, "agent": "explorer", "description": description,
            "record": if record.is_null() { None } else { Some(record) }, "alive": false,
        } }))
    }

    fn decide(&mut self, call: &str, description: &str, task_id: Option<&str>) -> Value {
        let request = json!({
            "now": 2, "callID": call, "sessionID": "ses_root", "agent": "explorer", "description": description,
            "prompt": "Do it.", "task_id": task_id,
        });
        let request = Request::read(&request.to_string()).unwrap();
        let decided = self.engine.decide(&request);
        self.note_stores(&json!(decided.effects));
        json!(*decided.decision)
    }

    fn ask(&mut self, of: Value) -> Value {
        let mut asked = json!({
            "type": "prompt.kept", "now": 3, "callerID": "ses_root", "agent": "explorer", "background": true,
            "parts": [{ "type": "text", "text": "Do it." }], "permission": [], "seed": "0", "process": "1:1",
        });
        let fields = asked.as_object_mut().unwrap();
        fields.extend(of.as_object().unwrap().clone());
        self.apply(asked)
    }

    fn resolve(&self, name: &str) -> Option<String> {
        let lookup = json!({ "sessionID": "ses_root", "agent": "explorer", "task_id": name });
        let lookup = ResolveLookup::read(&lookup.to_string()).unwrap();
        let session = self.engine.resolve(&lookup);
        session.map(|session| session.id.to_string())
    }
}

fn record(slug: &str) -> Value {
    json!({ "v": 2, "slug": slug, "id": format!("ses_b1eb_{slug}"), "budget": 0, "used": 0 })
}

fn task(id: &str) -> Value {
    json!([{ "id": id, "prompt_no": 1, "callerID": "ses_root", "state": "running", "since": 1, "delivered": false }])
}

#[test]
fn a_snapshot_keeps_the_name_of_a_task_apart_from_its_session() {
    let mut play = Play::new();
    play.created("ses_root", None, "", Value::Null);
    // It has no name while a call of its parent to create a child is open.
    play.decide("c1", "Look", None);
    play.created("ses_a", Some("ses_root"), "Look", Value::Null);
    play.ask(json!({ "sessionID": "ses_a" }));
    let after = Engine::restore(&play.engine.snapshot(), AGENTS).unwrap();
    let slug = |engine: &Engine| engine.session("ses_a").unwrap().slug;
    assert_eq!(slug(&after), slug(&play.engine));
}

#[test]
fn a_session_that_yields_its_name_keeps_the_name_of_its_task() {
    let mut play = Play::new();
    play.created("ses_root", None, "", Value::Null);
    let stored =
        json!({ "v": 2, "budget": 0, "used": 0, "tasks": task("bg_00000001"), "process": "1:1" });
    play.created("ses_a", Some("ses_root"), "Look", stored);
    assert_eq!(play.resolve("bg_00000001").as_deref(), Some("ses_a"));
    play.created("ses_b", Some("ses_root"), "Look", record("look"));
    assert_eq!(play.resolve("bg_00000001").as_deref(), Some("ses_a"));
}

#[test]
fn a_plain_name_is_stored_at_once_if_an_older_session_has_none() {
    let mut play = Play::new();
    play.created("ses_root", None, "", Value::Null);
    let ours = play.decide("c1", "Look", None)["ticket"].clone();
    play.decide("c2", "Something else", None);
    // A child of the user's, without a name while the two calls are open.
    play.created("ses_a", Some("ses_root"), "Look", Value::Null);
    play.apply(json!({ "type": "ticket.commit", "now": 4, "ticket": ours, "sessionID": "ses_b" }));
    assert_eq!(play.resolve("look").as_deref(), Some("ses_b"));
    // The process ends before the late writes.
    let mut next = Play::new();
    next.created("ses_root", None, "", Value::Null);
    for id in ["ses_a", "ses_b"] {
        let stored = play.stored.iter().rfind(|it| it["sessionID"] == id);
        let record = stored.map_or(Value::Null, |it| it["record"].clone());
        next.created(id, Some("ses_root"), "Look", record);
    }
    assert_eq!(next.resolve("look").as_deref(), Some("ses_b"));
}

#[test]
fn a_name_that_replaces_a_taken_one_is_stored_when_it_is_confirmed() {
    let mut play = Play::new();
    play.created("ses_root", None, "", Value::Null);
    play.created("ses_a", Some("ses_root"), "Look", record("auth"));
    play.created("ses_b", Some("ses_root"), "Look", record("auth"));
    let name = play.decide("c1", "Look", Some("ses_b"))["slug"].clone();
    play.apply(json!({ "type": "ticket.refund", "now": 4, "ticket": 0 }));
    let stored = play.stored.iter().chain(&play.later);
    let mut stored = stored.filter(|it| it["sessionID"] == "ses_b");
    assert!(stored.any(|it| it["record"]["slug"] == name), "{name}");
}

#[test]
fn a_repeated_former_name_changes_nothing() {
    let mut play = Play::new();
    play.created("ses_root", None, "", Value::Null);
    play.created("ses_a", Some("ses_root"), "Look", record("auth"));
    play.created("ses_b", Some("ses_root"), "Look", record("auth"));
    let before = play.engine.session("ses_b").unwrap().slug;
    play.created("ses_b", Some("ses_root"), "Look", record("auth"));
    assert_eq!(play.engine.session("ses_b").unwrap().slug, before);
}

#[test]
fn a_former_name_outlives_a_restart() {
    let mut play = Play::new();
    play.created("ses_root", None, "", Value::Null);
    play.created("ses_a", Some("ses_root"), "Look", record("auth"));
    play.created("ses_a", Some("ses_root"), "Look", record("other"));
    assert_eq!(play.resolve("auth").as_deref(), Some("ses_a"));
    let now = json!({ "type": "session.alias", "now": 5, "sessionID": "ses_a", "alias": "exp-1" });
    play.apply(now);
    let mut next = Play::new();
    next.created("ses_root", None, "", Value::Null);
    let stored = play.stored.last().unwrap()["record"].clone();
    next.created("ses_a", Some("ses_root"), "Look", stored);
    assert_eq!(next.resolve("auth").as_deref(), Some("ses_a"));
}

#[test]
fn a_clock_that_is_set_back_removes_no_alias() {
    let mut play = Play::new();
    play.created("ses_root", None, "", Value::Null);
    for (id, now) in [("ses_a", 1_000), ("ses_b", 500)] {
        play.created(id, Some("ses_root"), "Look", Value::Null);
        play.apply(
            json!({ "type": "session.alias", "now": now, "sessionID": id, "alias": "exp-1" }),
        );
    }
    assert_eq!(play.resolve("exp-1").as_deref(), Some("ses_a"));
}

#[test]
fn the_tasks_of_a_session_keep_their_name() {
    let mut play = Play::new();
    play.created("ses_root", None, "", Value::Null);
    let mut stored = record("auth");
    (stored["tasks"], stored["process"]) = (task("bg_00000001"), json!("1:1"));
    // A session of another root has the same derived id, for the digests begin alike.
    play.created("ses_other", None, "", Value::Null);
    play.created("ses_b", Some("ses_other"), "Look", record("auth"));
    play.created("ses_a", Some("ses_root"), "Look", stored);
    let came = play.ask(json!({ "sessionID": "ses_a" }));
    let wait = came
        .as_array()
        .unwrap()
        .iter()
        .find(|it| it["type"] == "wait");
    assert_eq!(wait.unwrap()["taskID"], "bg_00000001");
}

#[test]
fn a_child_is_not_stored_without_its_prompt_before_its_call_is_committed() {
    let mut play = Play::new();
    play.created("ses_root", None, "", Value::Null);
    let ticket = play.decide("c1", "Look", None)["ticket"].clone();
    let came = play.ask(json!({ "ticket": ticket, "background": false }));
    let mut record = came[0]["record"].clone();
    // The host's event comes first. The shim reports nothing of an instance's own prompts.
    for field in ["prompt", "messageID", "tasks"] {
        record.as_object_mut().unwrap().remove(field);
    }
    play.created("ses_a", Some("ses_root"), "Look", record);
    play.apply(json!({ "type": "session.usage", "now": 4, "sessionID": "ses_a", "tokens": 1, "window": 2 }));
    let mut stored = play.stored.iter().chain(&play.later);
    assert!(stored.all(|it| it["record"]["prompt"].is_object()));
}

#[test]
fn an_instance_that_only_reads_stores_nothing() {
    let mut play = Play::new();
    play.created("ses_root", None, "", Value::Null);
    play.created("ses_a", Some("ses_root"), "Look", record("auth"));
    // Meanwhile the other instance has stored an alias, a count and a task. This one hears of none of them.
    for (now, status) in [(2, "busy"), (3, "idle")] {
        play.apply(
            json!({ "type": "session.status", "now": now, "sessionID": "ses_a", "status": status }),
        );
    }
    assert!(play.stored.is_empty() && play.later.is_empty());
}

#[test]
fn a_prompt_of_another_instance_is_recovered_once_that_instance_is_gone() {
    let mut play = Play::new();
    play.created("ses_root", None, "", Value::Null);
    let mut stored = record("auth");
    (stored["tasks"], stored["process"]) = (task("bg_00000001"), json!("1:1"));
    let seen = |alive: bool| {
        json!({ "type": "session.created", "now": 1, "session": {
            "id": "ses_a", "parentID": "ses_root", "description": "Look", "record": stored, "alive": alive,
        } })
    };
    play.apply(seen(true));
    let came = play.apply(seen(false));
    assert!(
        came.as_array()
            .unwrap()
            .iter()
            .any(|it| it["type"] == "check")
    );
}

#[test]
fn a_call_of_an_earlier_delegation_is_not_refunded_to_the_next() {
    let mut play = Play::new();
    let made = |now: u64, id: &str, parent: Option<&str>| json!({ "type": "session.created", "now": now, "session": { "id": id, "parentID": parent, "agent": "lead" } });
    play.apply(made(1, "ses_top", None));
    play.apply(made(1, "ses_root", Some("ses_top")));
    let call = |play: &mut Play, now: u64, call: &str| {
        let request = json!({
            "now": now, "callID": call, "sessionID": "ses_root", "agent": "lead", "description": call, "prompt": "",
        });
        json!(
            *play
                .engine
                .decide(&Request::read(&request.to_string()).unwrap())
                .decision
        )
    };
    let first = call(&mut play, 2, "c1")["ticket"].clone();
    // The commit of the call comes late: the next delegation has begun since.
    play.apply(
        json!({ "type": "session.prompted", "now": 3, "sessionID": "ses_root", "messageID": "msg_1" }),
    );
    for (name, id) in [("c2", "ses_a"), ("c3", "ses_b")] {
        let ticket = call(&mut play, 4, name)["ticket"].clone();
        play.apply(json!({ "type": "ticket.commit", "now": 5, "ticket": ticket, "sessionID": id }));
    }
    assert_eq!(call(&mut play, 6, "c4")["code"], "budget_exhausted");
    play.ask(json!({ "ticket": first, "agent": "lead", "background": false }));
    play.apply(json!({ "type": "ticket.commit", "now": 7, "ticket": first, "sessionID": "ses_c" }));
    play.apply(json!({
        "type": "prompt.cancelled", "now": 8, "sessionID": "ses_c", "prompt_no": 1, "attempt": 1,
    }));
    assert_eq!(call(&mut play, 9, "c5")["code"], "budget_exhausted");
}

#[test]
fn an_alias_stays_until_another_name_is_confirmed() {
    let mut play = Play::new();
    play.created("ses_root", None, "", Value::Null);
    play.created("ses_a", Some("ses_root"), "Exp 1", Value::Null);
    let stored =
        json!({ "v": 2, "slug": "auth", "budget": 0, "used": 0, "aliases": [["exp-1", 1]] });
    play.created("ses_b", Some("ses_root"), "Look", stored);
    assert_eq!(play.resolve("exp-1").as_deref(), Some("ses_b"));
}

#[test]
fn a_clock_that_is_set_back_still_ends_a_turn() {
    let mut play = Play::new();
    play.created("ses_root", None, "", Value::Null);
    play.created("ses_a", Some("ses_root"), "Look", record("auth"));
    let status = |now: u64, status: &str| json!({ "type": "session.status", "now": now, "sessionID": "ses_a", "status": status });
    play.apply(status(1_000, "busy"));
    play.apply(json!({ "type": "clock.set_back", "now": 500 }));
    play.apply(status(500, "idle"));
    assert_eq!(json!(play.engine.session("ses_a"))["status"], "idle");
}
