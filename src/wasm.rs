//! The binding: the engine for JavaScript. It converts and nothing else.
//!
//! Objects cross as JSON text: one copy each way, read by the same code as in Rust, so that the same
//! input gives the same bytes. Errors are thrown as the JSON of a [`DelegateError`].

use crate::decision::Request;
use crate::error::DelegateError;
use crate::event::Event;
use crate::permission::Question;
use crate::table::RULES;
use serde::Serialize;
use wasm_bindgen::prelude::*;

fn json(value: &impl Serialize) -> String {
    serde_json::to_string(value).unwrap_or_default()
}

fn thrown(error: DelegateError) -> JsValue {
    JsValue::from_str(&json(&error))
}

/// Readies the module: after a panic it is made anew at the next call, and older engines are stale.
#[wasm_bindgen(start)]
pub fn start() {
    std::panic::set_hook(Box::new(|_| wasm_bindgen::handler::schedule_reinit()));
}

/// Makes the module anew at the next call: older engines are stale.
#[wasm_bindgen]
pub fn reinit() {
    wasm_bindgen::handler::schedule_reinit();
}

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

    /// As `Engine::decide`.
    pub fn decide(&mut self, request: &str) -> Result<String, JsValue> {
        let request = Request::read(request).map_err(thrown)?;
        Ok(json(&*self.0.decide(&request)))
    }

    /// As `Engine::apply`.
    pub fn apply(&mut self, event: &str) -> Result<String, JsValue> {
        Ok(json(&self.0.apply(Event::read(event).map_err(thrown)?)))
    }

    /// As `Engine::rank`.
    pub fn rank(&self, request: &str) -> Result<String, JsValue> {
        let request = Request::read(request).map_err(thrown)?;
        Ok(json(&self.0.rank(&request)))
    }

    /// As `Engine::session`.
    pub fn session(&self, id: &str) -> Option<String> {
        self.0.session(id).map(|session| json(&session))
    }

    /// As `Engine::sessions`.
    pub fn sessions(&self, root_id: &str) -> String {
        json(&self.0.sessions(root_id))
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

/// As `id::derive_session_id`.
#[wasm_bindgen(js_name = deriveSessionID)]
pub fn derive_session_id(root_id: &str, slug: &str) -> String {
    crate::id::derive_session_id(root_id, slug)
}

/// As `id::normalize_slug`.
#[wasm_bindgen(js_name = normalizeSlug)]
pub fn normalize_slug(text: &str) -> Option<String> {
    crate::id::normalize_slug(text).map(String::from)
}

/// As `permission::evaluate`, of the JSON of a `Question`.
#[wasm_bindgen(js_name = evaluatePermission)]
pub fn evaluate_permission(question: &str) -> Result<String, JsValue> {
    Question::read(question)
        .map(|question| json(&question.answer()))
        .map_err(thrown)
}

/// The decision table as JSON.
#[wasm_bindgen]
pub fn rules() -> String {
    json(&RULES)
}
