//! The binding: the engine for JavaScript. It converts and nothing else.
//!
//! Objects cross as JSON text: one copy each way, read by the same code as in Rust, so that the same
//! input gives the same bytes. Errors are thrown as the JSON of a [`DelegateError`].

use crate::error::DelegateError;
use crate::protocol::{Event, RankLookup, Request, ResolveLookup};
use crate::rules::decision_table::RULES;
use crate::rules::permission::Question;
use crate::rules::prompt_table::TRANSITIONS;
use serde::Serialize;
use std::borrow::Cow;
use wasm_bindgen::prelude::*;

fn json(value: &impl Serialize) -> String {
    serde_json::to_string(value).unwrap_or_default()
}

fn thrown(error: DelegateError) -> JsValue {
    JsValue::from_str(&json(&error))
}

/// What is left of a text, and whether all of it is ASCII, where characters are bytes.
struct Pieces<'a>(&'a str, bool);

impl<'a> Pieces<'a> {
    /// Cuts off a piece of so many UTF-16 units.
    fn take(&mut self, units: i32) -> Option<&'a str> {
        let mut left = usize::try_from(units).ok()?;
        let end = if self.1 {
            left
        } else {
            let cut = |(_, c): &(usize, char)| {
                let more = left > 0;
                left = left.saturating_sub(c.len_utf16());
                !more
            };
            self.0
                .char_indices()
                .find(cut)
                .map_or(self.0.len(), |(end, _)| end)
        };
        let (piece, rest) = self.0.split_at_checked(end)?;
        self.0 = rest;
        Some(piece)
    }
}

/// Has the module made anew by the next call: engines made before are stale. That call must be
/// [`ready`], since what others hand over would still be put into the old memory.
#[wasm_bindgen]
pub fn reinit() {
    wasm_bindgen::handler::schedule_reinit();
}

/// Does nothing, in a module that is sound.
#[wasm_bindgen]
pub fn ready() {}

/// An engine behind the boundary.
#[wasm_bindgen]
pub struct Core(crate::Engine);

#[wasm_bindgen]
impl Core {
    /// As `Engine::new`.
    #[wasm_bindgen(constructor)]
    pub fn new(config: &str) -> Result<Core, JsValue> {
        crate::Engine::new(config).map(Core).map_err(thrown)
    }

    /// As `Engine::restore`.
    pub fn restore(snapshot: &str, config: &str) -> Result<Core, JsValue> {
        crate::Engine::restore(snapshot, config)
            .map(Core)
            .map_err(thrown)
    }

    /// As `Engine::decide`, of a request in one text: its strings one after the other, the prompt
    /// last, and the lengths of the others as JavaScript counts them, -1 for one that is left out.
    #[allow(clippy::too_many_arguments)] // numbers cross for nothing, a string each would not
    pub fn decide(
        &mut self,
        text: &str,
        call_id: i32,
        session_id: i32,
        caller_agent: i32,
        agent: i32,
        description: i32,
        task_id: i32,
        now: f64,
        background: bool,
    ) -> String {
        let mut rest = Pieces(text, text.is_ascii());
        let request = Request {
            call_id: rest.take(call_id).unwrap_or_default().into(),
            session_id: rest.take(session_id).unwrap_or_default().into(),
            caller_agent: rest.take(caller_agent).map(Cow::Borrowed),
            agent: rest.take(agent).unwrap_or_default().into(),
            description: rest.take(description).unwrap_or_default().into(),
            task_id: rest.take(task_id).map(Cow::Borrowed),
            prompt: rest.0.into(),
            now: now as u64,
            background: Some(background),
        };
        json(&*self.0.decide(&request))
    }

    /// What is wrong with a request that is not of its shape.
    pub fn check(&self, request: &str) -> Result<(), JsValue> {
        Request::read(request).map(drop).map_err(thrown)
    }

    /// As `Engine::apply`.
    pub fn apply(&mut self, event: &str) -> Result<String, JsValue> {
        Ok(json(&self.0.apply(Event::read(event).map_err(thrown)?)))
    }

    /// As `Engine::rank`.
    pub fn rank(&self, lookup: &str) -> Result<String, JsValue> {
        let lookup = RankLookup::read(lookup).map_err(thrown)?;
        Ok(json(&self.0.rank(&lookup)))
    }

    /// As `Engine::resolve`.
    pub fn resolve(&self, lookup: &str) -> Result<Option<String>, JsValue> {
        let lookup = ResolveLookup::read(lookup).map_err(thrown)?;
        Ok(self.0.resolve(&lookup).map(|session| json(&session)))
    }

    /// As `Engine::explain`.
    pub fn explain(&self, request: &str) -> Result<String, JsValue> {
        let request = Request::read(request).map_err(thrown)?;
        Ok(json(&self.0.explain(&request)))
    }

    /// As `Engine::session`.
    pub fn session(&self, id: &str) -> Option<String> {
        self.0.session(id).map(|session| json(&session))
    }

    /// As `Engine::sessions`.
    pub fn sessions(&self, root_id: &str) -> String {
        json(&self.0.sessions(root_id))
    }

    /// As `Engine::spelled`.
    pub fn spelled(&self, agent: &str) -> String {
        self.0.spelled(agent).to_owned()
    }

    /// As `Engine::notices`.
    pub fn notices(&mut self) -> String {
        json(&self.0.notices())
    }

    /// As `Engine::snapshot`.
    pub fn snapshot(&self) -> String {
        self.0.snapshot()
    }
}

/// As `names::derive_session_id`.
#[wasm_bindgen(js_name = deriveSessionID)]
pub fn derive_session_id(root_id: &str, slug: &str) -> String {
    crate::names::derive_session_id(root_id, slug)
}

/// As `names::normalize_slug`.
#[wasm_bindgen(js_name = normalizeSlug)]
pub fn normalize_slug(text: &str) -> Option<String> {
    crate::names::normalize_slug(text).map(String::from)
}

/// As `permission::evaluate`, of the JSON of a `Question`.
#[wasm_bindgen(js_name = evaluatePermission)]
pub fn evaluate_permission(question: &str) -> Result<String, JsValue> {
    Question::read(question)
        .map(|question| json(&question.answer()))
        .map_err(thrown)
}

/// As `host_settings`.
#[wasm_bindgen(js_name = hostSettings)]
pub fn host_settings(config: &str) -> Result<String, JsValue> {
    crate::host_settings(config)
        .map(|settings| json(&settings))
        .map_err(thrown)
}

/// As `inherited_permission`.
#[wasm_bindgen(js_name = inheritedPermission)]
pub fn inherited_permission(given: &str) -> Result<String, JsValue> {
    crate::inherited_permission(given)
        .map(|rules| json(&rules))
        .map_err(thrown)
}

/// The decision table and that of a prompt's transitions as JSON.
#[wasm_bindgen]
pub fn tables() -> String {
    json(&(RULES, TRANSITIONS))
}
