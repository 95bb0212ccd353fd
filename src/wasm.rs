//! The binding: the engine for JavaScript. It converts, draws seeds and jitter, and nothing else.
//!
//! Objects cross as JSON text, one copy each way. The same code as in Rust reads it, so that the same input gives the
//! same bytes. Errors are thrown as the JSON of a [`DelegateError`].

use crate::EngineOptions;
use crate::error::{Code, DelegateError};
use crate::json::Read;
use crate::parse::read;
use crate::protocol::{
    Author, Event, Limits, ListLookup, OutlineLookup, RankLookup, Request, ResolveLookup,
    SteerLookup, stated, stated_task_id,
};
use crate::rules::decision_table::RULES;
use crate::rules::permission::Question;
use crate::rules::prompt_table::TRANSITIONS;
use crate::rules::recovery_table::RECOVERY;
use serde::Serialize;
use std::borrow::Cow;
use wasm_bindgen::prelude::*;

fn json(value: &impl Serialize) -> String {
    serde_json::to_string(value).unwrap_or_default()
}

fn thrown(error: DelegateError) -> JsValue {
    JsValue::from_str(&json(&error))
}

/// Random bytes. Every browser, Node and Bun have them; without them they are zeros, and ids differ by their time alone.
fn random<const LENGTH: usize>() -> [u8; LENGTH] {
    let mut bytes = [0; LENGTH];
    let _ = getrandom::fill(&mut bytes);
    bytes
}

/// Fourteen random letters and digits.
fn seed() -> String {
    let letter = |byte: u8| char::from_digit(u32::from(byte % 36), 36).unwrap_or('0');
    random::<14>().map(letter).iter().collect()
}

/// A random number from 0 to 1.
fn jitter() -> f64 {
    f64::from(u32::from_le_bytes(random())) / f64::from(u32::MAX)
}

/// The rest of a text, and whether all of the text is ASCII: then each character is one byte.
struct Pieces<'a>(&'a str, bool);

impl<'a> Pieces<'a> {
    /// Cuts off a piece with this number of UTF-16 units.
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

/// Has the next call make the module again: engines made before are stale. That call must be
/// [`ready`]: the arguments of any other would still be put into the old memory.
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
    /// As `Engine::with`.
    #[wasm_bindgen(constructor)]
    pub fn new(config: &str, process: Option<String>) -> Result<Core, JsValue> {
        crate::Engine::with(config, EngineOptions { process })
            .map(Core)
            .map_err(thrown)
    }

    /// As `Engine::restore_with`.
    pub fn restore(snapshot: &str, config: &str, process: Option<String>) -> Result<Core, JsValue> {
        crate::Engine::restore_with(snapshot, config, EngineOptions { process })
            .map(Core)
            .map_err(thrown)
    }

    /// As `Engine::decide`, of a request in one text: its strings in the order of these arguments, and the prompt last.
    /// The numbers are the lengths of the others as JavaScript counts them, -1 for one that is left out.
    ///
    /// JSON would cost a decision a third more. A test of the API decides by each field, one by one.
    #[allow(clippy::too_many_arguments)] // numbers cross for nothing, a string each would not
    pub fn decide(
        &mut self,
        text: &str,
        call_id: i32,
        message_id: i32,
        session_id: i32,
        caller_agent: i32,
        agent: i32,
        description: i32,
        task_id: i32,
        permission: i32,
        model: i32,
        limits: i32,
        now: f64,
        background: bool,
        by_user: bool,
    ) -> String {
        let mut rest = Pieces(text, text.is_ascii());
        let request = Request {
            call_id: rest.take(call_id).unwrap_or_default().into(),
            message_id: rest.take(message_id).map(Cow::Borrowed),
            session_id: rest.take(session_id).unwrap_or_default().into(),
            caller_agent: rest.take(caller_agent).map(Cow::Borrowed),
            agent: rest.take(agent).unwrap_or_default().into(),
            description: rest.take(description).unwrap_or_default().trim().into(),
            task_id: rest
                .take(task_id)
                .and_then(stated_task_id)
                .map(Cow::Borrowed),
            permission: rest.take(permission).map(Cow::Borrowed),
            model: rest.take(model).and_then(stated).map(Cow::Borrowed),
            // They crossed as JSON, and `check` has refused any that are not of the shape.
            limits: rest
                .take(limits)
                .and_then(|json| read(json, Code::InvalidRequest, Limits::of).ok()),
            prompt: rest.0.into(),
            now: now as u64,
            background: Some(background),
            by: by_user.then_some(Author::User),
        };
        json(&self.0.decide(&request))
    }

    /// Throws the error of a request that is not of its shape.
    pub fn check(&self, request: &str) -> Result<(), JsValue> {
        Request::read(request).map(drop).map_err(thrown)
    }

    /// As `Engine::apply`. A seed or jitter that the event leaves out is drawn.
    pub fn apply(&mut self, event: &str) -> Result<String, JsValue> {
        let mut event = Event::read(event).map_err(thrown)?;
        match &mut event {
            Event::Kept(prompt) if prompt.seed.is_none() => prompt.seed = Some(seed()),
            Event::Broken(failed) if failed.jitter.is_none() => failed.jitter = Some(jitter()),
            _ => {}
        }
        Ok(json(&self.0.apply(event)))
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

    /// As `Engine::outline`.
    pub fn outline(&self, lookup: &str) -> Result<String, JsValue> {
        let lookup = OutlineLookup::read(lookup).map_err(thrown)?;
        Ok(json(&self.0.outline(&lookup)))
    }

    /// As `Engine::steer`. A seed that the lookup leaves out is drawn.
    pub fn steer(&self, lookup: &str) -> Result<String, JsValue> {
        let mut lookup = SteerLookup::read(lookup).map_err(thrown)?;
        lookup.seed.get_or_insert_with(|| seed().into());
        Ok(json(&self.0.steer(&lookup)))
    }

    /// As `Engine::list`.
    pub fn list(&self, lookup: &str) -> Result<String, JsValue> {
        let lookup = ListLookup::read(lookup).map_err(thrown)?;
        Ok(self.0.list(&lookup))
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

    /// As `Engine::name_for`.
    #[wasm_bindgen(js_name = nameFor)]
    pub fn name_for(&self, id: &str, caller_id: &str) -> Option<String> {
        self.0.name_for(id, caller_id).as_deref().map(str::to_owned)
    }

    /// As `Engine::sessions`.
    pub fn sessions(&self, root_id: &str) -> String {
        json(&self.0.sessions(root_id))
    }

    /// As `Engine::resumable`.
    pub fn resumable(&self, session_id: &str) -> String {
        json(&self.0.resumable(session_id))
    }

    /// As `Engine::visible`.
    pub fn visible(&self, session_id: &str) -> String {
        json(&self.0.visible(session_id))
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

/// As `names::classify_task_id`.
#[wasm_bindgen(js_name = classifyTaskID)]
pub fn classify_task_id(text: &str) -> String {
    crate::names::classify_task_id(text).to_owned()
}

/// As `names::is_own_task_id`.
#[wasm_bindgen(js_name = isOwnTaskID)]
pub fn is_own_task_id(text: &str, slug: Option<String>) -> bool {
    crate::names::is_own_task_id(text, slug.as_deref())
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

/// As `narrowed_permission`.
#[wasm_bindgen(js_name = narrowedPermission)]
pub fn narrowed_permission(given: &str) -> Result<String, JsValue> {
    crate::narrowed_permission(given)
        .map(|rules| json(&rules))
        .map_err(thrown)
}

/// As `narrowed_tools`.
#[wasm_bindgen(js_name = narrowedTools)]
pub fn narrowed_tools(given: &str) -> Result<String, JsValue> {
    crate::narrowed_tools(given)
        .map(|tools| json(&tools))
        .map_err(thrown)
}

/// The decision table, the prompt table and the recovery table, as JSON.
#[wasm_bindgen]
pub fn tables() -> String {
    json(&(RULES, TRANSITIONS, RECOVERY))
}

/// As `rules::wording`.
#[wasm_bindgen]
pub fn wording(given: &str) -> Result<String, JsValue> {
    crate::rules::wording(given).map_err(thrown)
}

/// The result of the function of `rules::opencode1` that `rule` names, called with one text; as JSON.
#[wasm_bindgen(js_name = openCode1)]
pub fn open_code_1(rule: &str, given: &str) -> Result<String, JsValue> {
    use crate::rules::is_answered;
    use crate::rules::opencode1::{
        child_description, context_tokens, may_have_children, read_answer, read_error,
    };
    match rule {
        "child_description" => Ok(json(&child_description(given))),
        "context_tokens" => context_tokens(given).map(|tokens| json(&tokens)),
        "is_answered" => is_answered(given).map(|answered| json(&answered)),
        "may_have_children" => may_have_children(given).map(|may| json(&may)),
        "read_answer" => read_answer(given).map(|reading| json(&reading)),
        _ => read_error(given).map(|error| json(&error)),
    }
    .map_err(thrown)
}

/// As `opencode1::holds_result`.
#[wasm_bindgen(js_name = holdsResult)]
pub fn holds_result(ids: &str, part_id: &str) -> bool {
    crate::rules::opencode1::holds_result(ids, part_id)
}
