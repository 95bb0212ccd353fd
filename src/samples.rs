//! The smallest and the largest value of each shape, for the tests.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use crate::json_value::JsonValue;
use crate::protocol::{Decision, Dollars};
use crate::words::Words;
use serde_json::json;
use std::borrow::Cow;
use std::sync::Arc;

/// A type with a smallest and a largest value: without and with every optional field.
pub(crate) trait Sample {
    fn sample(large: bool) -> Self;
}

/// A union: a value of each variant.
pub(crate) trait Samples: Sized {
    fn samples(large: bool) -> Vec<Self>;
}

macro_rules! samples {
    ($($type:ty: $small:expr, $large:expr;)*) => {
        $(impl Sample for $type {
            fn sample(large: bool) -> Self {
                if large { $large } else { $small }
            }
        })*
    };
}

samples! {
    String: String::new(), "text".into();
    Arc<str>: "".into(), "text".into();
    Cow<'_, str>: "".into(), "text".into();
    &'static str: "", "text";
    bool: false, true;
    u32: 0, u32::MAX;
    u64: 0, 9_007_199_254_740_991;
    usize: 0, 7;
    f64: 0.0, 0.5;
    Dollars: Dollars::default(), 0.25.into();
    JsonValue<'static>: json!({ "type": "text", "id": "" }).into(), json!({ "type": "text", "id": "prt_1", "text": "text" }).into();
}

impl Sample for Arc<Decision> {
    fn sample(large: bool) -> Self {
        Arc::new(Decision::sample(large))
    }
}

impl<T: Words> Sample for T {
    fn sample(large: bool) -> Self {
        let mut words = T::WORDS.iter();
        let word = if large {
            words.next_back()
        } else {
            words.next()
        };
        word.expect("no words").1
    }
}

impl<T: Sample> Sample for Option<T> {
    fn sample(large: bool) -> Self {
        large.then(|| T::sample(large))
    }
}

impl<T: Sample> Sample for Vec<T> {
    fn sample(large: bool) -> Self {
        if large {
            vec![T::sample(false), T::sample(true)]
        } else {
            Vec::new()
        }
    }
}

impl<A: Sample, B: Sample> Sample for (A, B) {
    fn sample(large: bool) -> Self {
        (A::sample(large), B::sample(large))
    }
}

mod tests {
    use super::{Sample, Samples};
    use crate::json::{Field, Read};
    use crate::protocol::*;
    use crate::rules::HostSettings;
    use crate::typescript::Ts;
    use serde::Serialize;
    use std::fmt::Debug;

    /// The file of the values, for the compiler of TypeScript.
    const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/shim/shapes.ts");

    /// A type's name and some of its values.
    type Values = (&'static str, Vec<String>);

    fn values<T: Ts + Serialize>(values: &[T]) -> Values {
        let text = |value| serde_json::to_string(value).unwrap();
        (T::NAME, values.iter().map(text).collect())
    }

    fn both<T: Ts + Serialize + Sample>() -> Values {
        values(&[T::sample(false), T::sample(true)])
    }

    fn each<T: Ts + Serialize + Samples>() -> Values {
        let mut all = T::samples(false);
        all.extend(T::samples(true));
        values(&all)
    }

    fn shapes() -> Vec<Values> {
        vec![
            both::<AttemptRef>(),
            both::<Candidate>(),
            both::<Created>(),
            both::<Decided>(),
            both::<Delivery>(),
            both::<FailedAttempt>(),
            both::<HostRule>(),
            both::<HostSettings>(),
            both::<KeptPrompt>(),
            both::<Look>(),
            both::<Message>(),
            both::<Model>(),
            both::<ListLookup>(),
            both::<OutlineLookup>(),
            both::<OutlineRow>(),
            both::<Prompt>(),
            both::<Record>(),
            both::<Request<'_>>(),
            both::<Session>(),
            both::<SteerLookup>(),
            both::<Task>(),
            each::<Decision>(),
            each::<Effect>(),
            each::<Event>(),
            each::<Failure>(),
            each::<Steering>(),
        ]
    }

    #[test]
    fn shapes_of_typescript_are_checked_with_values_of_today() {
        let shapes = shapes();
        let names: Vec<&str> = shapes.iter().map(|(name, _)| *name).collect();
        let mut text = format!(
            "// The smallest and the largest value of each shape, as Rust writes them. tsc checks them against the types.\n// `SHAPES=write cargo test shapes` writes this file.\n\nimport type {{ {} }} from \"opencode-delegate/engine\"\n",
            names.join(", ")
        );
        for (name, values) in &shapes {
            let values = values.join(",\n  ");
            text.push_str(&format!(
                "\nexport const of{name}: {name}[] = [\n  {values},\n]\n"
            ));
        }
        if std::env::var("SHAPES").is_ok_and(|what| what == "write") {
            std::fs::write(FILE, &text).unwrap();
        }
        let written = std::fs::read_to_string(FILE).unwrap_or_default();
        assert!(
            written == text,
            "tests/shim/shapes.ts is out of date: SHAPES=write cargo test shapes"
        );
    }

    fn comes_back<T: Read + Serialize + PartialEq + Debug>(value: T) {
        let json = serde_json::to_value(&value).unwrap();
        assert_eq!(T::of(Field::alone(&json.clone().into())).unwrap(), value);
    }

    fn both_come_back<T: Read + Serialize + Sample + PartialEq + Debug>() {
        comes_back(T::sample(false));
        comes_back(T::sample(true));
    }

    #[test]
    fn each_shape_reads_what_it_writes() {
        both_come_back::<AttemptRef>();
        both_come_back::<Candidate>();
        both_come_back::<Created>();
        both_come_back::<FailedAttempt>();
        both_come_back::<HostRule>();
        both_come_back::<KeptPrompt>();
        both_come_back::<Model>();
        both_come_back::<Prompt>();
        both_come_back::<Request<'static>>();
        both_come_back::<Task>();
        for large in [false, true] {
            Event::samples(large).into_iter().for_each(comes_back);
            Decision::samples(large).into_iter().for_each(comes_back);
            Failure::samples(large).into_iter().for_each(comes_back);
            let mut record = Record {
                v: RECORD_VERSION,
                ..Record::sample(large)
            };
            // A record with another number of a prompt is unreadable.
            let tasks = record.tasks.iter_mut();
            tasks.for_each(|task| task.prompt_no = task.prompt_no.clamp(1, LAST_PROMPT_NO));
            let record = serde_json::to_value(record).unwrap();
            let read = Record::of(Field::alone(&record.clone().into())).unwrap();
            assert_eq!(serde_json::to_value(read).unwrap(), record);
        }
    }
}
