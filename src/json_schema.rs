//! The JSON Schema of what people write: the plugin's options, and its fields of an agent. Editors show it.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

use crate::protocol::{ByName, Dollars};
use serde_json::{Map, Value, json};

/// A type that people write, with its JSON Schema.
pub(crate) trait Described {
    fn schema() -> Value;
}

macro_rules! described_as {
    ($($type:ty: $schema:tt),* $(,)?) => {
        $(impl Described for $type {
            fn schema() -> Value {
                json!($schema)
            }
        })*
    };
}

described_as! {
    bool: { "type": "boolean" },
    u32: { "type": "integer", "minimum": 0 },
    u64: { "type": "integer", "minimum": 0 },
    Dollars: { "type": "number", "minimum": 0 },
}

impl<T: Described> Described for Option<T> {
    fn schema() -> Value {
        T::schema()
    }
}

impl<T: Described> Described for ByName<T> {
    fn schema() -> Value {
        json!({ "type": "object", "additionalProperties": T::schema() })
    }
}

/// The schema of a field with a reader of its own.
///
/// # Panics
/// For a reader that has no line here.
pub(crate) fn read_by(reader: &str) -> Value {
    let share = json!({ "type": "number", "minimum": 0, "maximum": 1 });
    match reader {
        "share" => share,
        "threshold" => json!({ "anyOf": [{ "const": false }, share] }),
        "limit" | "least_one" => json!({ "type": "integer", "minimum": 1 }),
        "some_cost" => json!({ "type": "number", "exclusiveMinimum": 0 }),
        "models" => {
            json!({ "type": "array", "items": { "type": "string", "pattern": "^[^/]+/.+$" } })
        }
        // The host's own field: its schema is the host's.
        "permission" => json!({}),
        other => panic!("the reader {other} has no JSON Schema"),
    }
}

/// The schema of one of some words, each with what it means.
pub(crate) fn one_of(words: &[(&str, &str)], default: Option<&&str>) -> Value {
    let (names, meanings): (Vec<&str>, Vec<&str>) = words
        .iter()
        .map(|(word, about)| (*word, about.trim()))
        .unzip();
    let mut schema = json!({ "enum": names, "enumDescriptions": meanings });
    if let Some(default) = default {
        schema["default"] = json!(default);
    }
    schema
}

/// The schema of an object with these fields and no other, each with its name, what it means and its schema.
pub(crate) fn object<const N: usize>(fields: [(&str, &str, Value); N]) -> Value {
    let properties: Map<String, Value> = fields
        .into_iter()
        .map(|(name, about, mut schema)| {
            schema["description"] = json!(about.trim());
            (name.to_owned(), schema)
        })
        .collect();
    json!({ "type": "object", "properties": properties, "additionalProperties": false })
}

mod tests {
    use super::{Described, one_of};
    use crate::protocol::{AgentConfig, Config};
    use crate::rules::policy::Policy;
    use serde_json::{Value, json};

    /// The file of the schema, which the package publishes.
    const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/schema/options.json");

    /// The fields of an agent that are OpenCode's own.
    const OF_THE_HOST: [&str; 2] = ["mode", "permission"];

    /// Gives properties their defaults.
    fn with_defaults(schema: &mut Value, defaults: Value) {
        for (name, default) in defaults.as_object().unwrap() {
            schema["properties"][name]["default"] = default.clone();
        }
    }

    fn options() -> Value {
        let mut options = Config::schema();
        let properties = options["properties"].as_object_mut().unwrap();
        properties.retain(|name, _| name != "agents");
        let policy = Policy::default();
        with_defaults(
            &mut options,
            json!({
                "max_depth": policy.max_depth,
                "context_limit": policy.context_limit,
                "resume_ttl_ms": policy.resume_ttl_ms,
                "auto_resume": policy.auto_resume.map_or(json!(false), |least| json!(least)),
                "stall_ms": policy.stall_ms,
            }),
        );
        options
    }

    fn agent() -> Value {
        let mut agent = AgentConfig::schema();
        let properties = agent["properties"].as_object_mut().unwrap();
        properties.retain(|name, _| !OF_THE_HOST.contains(&name.as_str()));
        let policy = Policy::default();
        with_defaults(
            &mut agent,
            json!({ "task_budget": policy.budget(""), "callable_by_subagents": policy.callable("") }),
        );
        agent["description"] =
            json!("The fields of an agent in opencode.json that belong to opencode-delegate.");
        // OpenCode and other plugins have fields of their own there.
        agent["additionalProperties"] = json!(true);
        agent
    }

    fn schema() -> Value {
        let options = options();
        let mut schema = json!({
            "$schema": "http://json-schema.org/draft-07/schema#",
            "title": "The options of opencode-delegate",
            "description": "They stand beside the plugin's name in opencode.json.",
        });
        for (key, value) in options.as_object().unwrap() {
            schema[key] = value.clone();
        }
        // The host's adapter reads this option: the engine runs nothing.
        let executors = [
            ("delegate", "This package's task tool runs the children."),
            ("host", "OpenCode's own task tool runs the children."),
        ];
        let mut executor = one_of(&executors, Some(&"delegate"));
        executor["description"] = json!("Who runs the children; `delegate` unless given.");
        schema["properties"]["executor"] = executor;
        schema["definitions"] = json!({ "agent": agent() });
        schema
    }

    #[test]
    fn the_published_schema_is_that_of_the_types() {
        let text = serde_json::to_string_pretty(&schema()).unwrap() + "\n";
        if std::env::var("SHAPES").is_ok_and(|what| what == "write") {
            std::fs::write(FILE, &text).unwrap();
        }
        let written = std::fs::read_to_string(FILE).unwrap_or_default();
        assert!(
            written == text,
            "schema/options.json is out of date: SHAPES=write cargo test schema"
        );
    }

    /// Values that a schema accepts, and values that it refuses.
    fn probes(schema: &Value) -> (Vec<Value>, Vec<Value>) {
        let mut good: Vec<Value> = schema.get("default").cloned().into_iter().collect();
        if let Some(any) = schema["anyOf"].as_array() {
            let each: Vec<_> = any.iter().map(probes).collect();
            good.extend(each.iter().flat_map(|(good, _)| good.clone()));
            let bad = each.into_iter().flat_map(|(_, bad)| bad);
            let bad = bad
                .filter(|value| !good.contains(value) && *value != json!(0))
                .collect();
            return (good, bad);
        }
        if let Some(words) = schema["enum"].as_array() {
            good.extend(words.clone());
            return (good, vec![json!("no such word"), json!(true), json!(1)]);
        }
        if let Some(one) = schema.get("const") {
            return (
                vec![one.clone()],
                vec![json!(true), json!("false"), json!(0)],
            );
        }
        match schema["type"].as_str().expect("a type") {
            "boolean" => (
                vec![json!(true), json!(false)],
                vec![json!("true"), json!(1)],
            ),
            "array" => (
                vec![json!([]), json!(["acme/one"]), json!(["acme/one/two"])],
                vec![
                    json!("acme/one"),
                    json!(["acme"]),
                    json!(["/one"]),
                    json!(["acme/"]),
                    json!([1]),
                ],
            ),
            "object" => {
                let properties = schema["properties"].as_object().expect("properties");
                let (mut good, mut bad) = (vec![json!({})], vec![json!(1), json!({ "no": 1 })]);
                for (name, schema) in properties {
                    let (takes, refuses) = probes(schema);
                    good.extend(takes.iter().map(|value| json!({ name: value })));
                    bad.extend(refuses.iter().map(|value| json!({ name: value })));
                }
                (good, bad)
            }
            "number" if schema["exclusiveMinimum"] == json!(0) => (
                vec![json!(0.5), json!(1_000_000)],
                vec![json!(0), json!(-1), json!("1")],
            ),
            kind => {
                let least = schema["minimum"].as_i64().expect("a least value");
                good.push(json!(least));
                let mut bad = vec![json!(least - 1), json!("1"), json!([]), json!({})];
                if kind == "integer" {
                    bad.push(json!(1.5));
                } else {
                    good.push(json!(0.5));
                }
                match schema["maximum"].as_i64() {
                    Some(most) => {
                        good.push(json!(most));
                        bad.push(json!(most as f64 + 0.5));
                    }
                    None => good.push(json!(1_000_000)),
                }
                (good, bad)
            }
        }
    }

    #[test]
    fn the_reader_accepts_and_refuses_what_the_schema_does() {
        let reads = |config: Value| Config::read(&config.to_string()).is_ok();
        let mut probed = 0;
        let mut probe = |properties: &Value, of: &dyn Fn(&str, &Value) -> Value| {
            for (name, schema) in properties.as_object().unwrap() {
                let (good, bad) = probes(schema);
                for value in good {
                    assert!(reads(of(name, &value)), "{name} takes {value}");
                }
                for value in bad {
                    assert!(!reads(of(name, &value)), "{name} refuses {value}");
                }
                probed += 1;
            }
        };
        probe(
            &options()["properties"],
            &|name, value| json!({ name: value }),
        );
        probe(
            &agent()["properties"],
            &|name, value| json!({ "agents": { "helper": { name: value } } }),
        );
        assert!(probed > 15);
        assert!(!reads(json!({ "no_such_option": 1 })));
    }

    #[test]
    fn each_property_says_what_it_means_and_its_default() {
        let schema = schema();
        for properties in [
            &schema["properties"],
            &schema["definitions"]["agent"]["properties"],
        ] {
            for (name, property) in properties.as_object().unwrap() {
                let about = property["description"].as_str().unwrap();
                assert!(about.len() > 10, "{name}");
                let none = about.contains("no limit")
                    || name.ends_with("models") && name != "unlisted_models";
                assert_eq!(property.get("default").is_none(), none, "{name}");
            }
        }
    }
}
