//! The types for TypeScript, from the same lines as the Rust types.

use crate::json_value::JsonValue;
use std::borrow::Cow;
use std::sync::Arc;

/// A type's name in TypeScript: the texts before, in and after it.
#[allow(dead_code)] // read when the crate is compiled
pub(crate) trait Ts {
    const HEAD: &'static str = "";
    const NAME: &'static str;
    const TAIL: &'static str = "";
}

macro_rules! ts {
    ($($type:ty => $name:literal),* $(,)?) => {
        $(impl Ts for $type {
            const NAME: &'static str = $name;
        })*
    };
}

ts! {
    String => "string",
    str => "string",
    &'static str => "string",
    bool => "boolean",
    u32 => "number",
    u64 => "number",
    usize => "number",
    f64 => "number",
    JsonValue<'static> => "unknown",
    (Arc<str>, Arc<str>) => "[string, string]",
    (Arc<str>, u64) => "[string, number]",
    (&'static str, &'static str) => "[string, string]",
}

macro_rules! same {
    ($([$($generic:tt)*] $type:ty),* $(,)?) => {
        $(impl<$($generic)*> Ts for $type {
            const HEAD: &'static str = T::HEAD;
            const NAME: &'static str = T::NAME;
            const TAIL: &'static str = T::TAIL;
        })*
    };
}

same! {
    [T: Ts + ?Sized] Arc<T>,
    [T: Ts] Option<T>,
    [T: Ts + ToOwned + ?Sized] Cow<'_, T>,
}

impl<T: Ts> Ts for Vec<T> {
    const NAME: &'static str = T::NAME;
    const TAIL: &'static str = "[]";
}

/// The bytes of some parts together.
#[cfg(target_arch = "wasm32")]
#[allow(dead_code)] // it runs when the crate is compiled
pub(crate) const fn length(parts: &[&str]) -> usize {
    let (mut length, mut rest) = (0, parts);
    while let [part, others @ ..] = rest {
        length += part.len();
        rest = others;
    }
    length
}

/// The parts in one text of [`length`] bytes.
#[cfg(target_arch = "wasm32")]
#[allow(dead_code)] // it runs when the crate is compiled
pub(crate) const fn joined<const LENGTH: usize>(parts: &[&str]) -> [u8; LENGTH] {
    let (mut text, mut left, mut rest) = ([0; LENGTH], LENGTH, parts);
    while let [others @ .., part] = rest {
        let mut bytes = part.as_bytes();
        while let [before @ .., byte] = bytes {
            left -= 1;
            if let Some((_, end)) = text.split_at_mut_checked(left)
                && let [place, ..] = end
            {
                *place = *byte;
            }
            bytes = before;
        }
        rest = others;
    }
    text
}

/// Adds a text to the types for TypeScript.
#[cfg(target_arch = "wasm32")]
macro_rules! declare {
    ($($part:expr),* $(,)?) => {
        #[allow(dead_code)] // the binding reads it when the crate is compiled
        const _: () = {
            const PARTS: &[&str] = &[$($part),*];
            const BYTES: [u8; $crate::typescript::length(PARTS)] = $crate::typescript::joined(PARTS);
            #[wasm_bindgen::prelude::wasm_bindgen(typescript_custom_section)]
            const DECLARATION: &str = match std::str::from_utf8(&BYTES) {
                Ok(text) => text,
                Err(_) => "",
            };
        };
    };
}

/// Natively the parts are only checked.
#[cfg(not(target_arch = "wasm32"))]
macro_rules! declare {
    ($($part:expr),* $(,)?) => {
        const _: &[&str] = &[$($part),*];
    };
}

pub(crate) use declare;
