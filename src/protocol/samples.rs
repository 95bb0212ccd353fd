//! The smallest and the largest value of each shape, for the tests.

use crate::protocol::Decision;
use crate::words::Words;
use serde_json::{Value, json};
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

/// A type with a smallest and a largest value: without and with all that may be absent.
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
    Value: json!({ "type": "text", "id": "" }), json!({ "type": "text", "id": "prt_1", "text": "text" });
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

impl<T: Sample> Sample for BTreeMap<String, T> {
    fn sample(large: bool) -> Self {
        let one = || ("text".to_owned(), T::sample(large));
        large.then(one).into_iter().collect()
    }
}
