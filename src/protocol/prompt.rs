//! What a child is asked: kept as it is, and sent as it is kept.

use crate::error::Wrong;
use crate::json::Field;
use crate::names::part_id;
use crate::protocol::permission::HostRule;
use serde::Serialize;
use serde_json::Value;

/// A model as OpenCode names it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
pub struct Model {
    /// The provider.
    #[serde(rename = "providerID")]
    pub provider_id: String,
    /// The provider's name for the model.
    #[serde(rename = "modelID")]
    pub model_id: String,
}

impl Model {
    /// Reads `provider/model`; the model's own name may hold further slashes.
    pub(crate) fn parse(text: &str) -> Option<Model> {
        let (provider, model) = text.split_once('/')?;
        (!provider.is_empty() && !model.is_empty()).then(|| Model {
            provider_id: provider.to_owned(),
            model_id: model.to_owned(),
        })
    }

    pub(crate) fn of(model: Field<'_>) -> Result<Model, Wrong> {
        Ok(Model {
            provider_id: model.must("providerID")?.text()?.to_owned(),
            model_id: model.must("modelID")?.text()?.to_owned(),
        })
    }
}

/// What was asked: everything that an attempt needs to ask it again.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
pub struct Prompt {
    /// The parts of the user message, as OpenCode takes them, without ids.
    #[cfg_attr(
        target_arch = "wasm32",
        tsify(type = "{ type: string, [field: string]: unknown }[]")
    )]
    pub parts: Vec<Value>,
    /// The system text beside the agent's own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub system: Option<String>,
    /// The agent that is asked.
    pub agent: String,
    /// The models to ask, in order: the first is the agent's own or its caller's.
    pub models: Vec<Model>,
    /// The variant of the first model.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub variant: Option<String>,
    /// What the child may not do because its caller may not.
    pub permission: Vec<HostRule>,
}

impl Prompt {
    pub(crate) fn of(prompt: Field<'_>) -> Result<Prompt, Wrong> {
        let text = |key| {
            prompt
                .maybe(key)?
                .map(|text| text.text().map(str::to_owned))
                .transpose()
        };
        Ok(Prompt {
            parts: parts(prompt.must("parts")?)?,
            system: text("system")?,
            agent: prompt.must("agent")?.text()?.to_owned(),
            models: prompt
                .must("models")?
                .list()?
                .map(Model::of)
                .collect::<Result<_, Wrong>>()?,
            variant: text("variant")?,
            permission: rules(prompt.must("permission")?)?,
        })
    }

    /// The request of an attempt: the whole prompt, or nothing but the wish to go on. Everything that
    /// is sent is built here, of what is kept.
    pub(crate) fn message(&self, whole: bool, model: usize, id: String) -> Message {
        let parts = self.parts.iter().filter(|_| whole).enumerate();
        let parts = parts.map(|(place, part)| {
            let mut part = part.clone();
            if let Some(fields) = part.as_object_mut() {
                fields.insert("id".to_owned(), part_id(&id, place).into());
            }
            part
        });
        Message {
            parts: parts.collect(),
            message_id: id,
            system: self.system.clone(),
            agent: self.agent.clone(),
            model: self.models.get(model).cloned(),
            variant: self.variant.clone().filter(|_| model == 0),
        }
    }
}

/// The request that prompts a session, as OpenCode takes it.
///
/// Its ids are chosen here: a request that is sent twice overwrites its message with the same, and
/// whether it arrived can be looked up.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
pub struct Message {
    /// The id of the user message that it makes.
    #[serde(rename = "messageID")]
    pub message_id: String,
    /// Its parts, with ids; none continues from the session's history.
    #[cfg_attr(
        target_arch = "wasm32",
        tsify(type = "{ id: string, type: string, [field: string]: unknown }[]")
    )]
    pub parts: Vec<Value>,
    /// The system text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub system: Option<String>,
    /// The agent.
    pub agent: String,
    /// The model.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub model: Option<Model>,
    /// The model's variant.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub variant: Option<String>,
}

/// The parts of a prompt: objects with a type.
pub(crate) fn parts(list: Field<'_>) -> Result<Vec<Value>, Wrong> {
    list.list()?
        .map(|part| {
            part.must("type")?.text()?;
            Ok(part.json().clone())
        })
        .collect()
}

pub(crate) fn rules(list: Field<'_>) -> Result<Vec<HostRule>, Wrong> {
    list.list()?.map(HostRule::of).collect()
}

/// How far a prompt has come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
pub enum State {
    /// What was asked is kept and not sent: it waits for its turn or for its next attempt.
    #[default]
    Created,
    /// The call that sends it was made.
    Sent,
    /// Its user message is in the session.
    Accepted,
    /// It was answered.
    Idle,
    /// It was given up.
    Failed,
    /// Somebody ended it.
    Cancelled,
    /// Its session is gone.
    Deleted,
}

/// Every state with its spelling.
pub(crate) const STATES: [(&str, State); 7] = [
    ("created", State::Created),
    ("sent", State::Sent),
    ("accepted", State::Accepted),
    ("idle", State::Idle),
    ("failed", State::Failed),
    ("cancelled", State::Cancelled),
    ("deleted", State::Deleted),
];

impl State {
    /// Whether nothing can come after it.
    pub fn is_over(self) -> bool {
        !matches!(self, State::Created | State::Sent | State::Accepted)
    }

    pub(crate) fn of(word: Field<'_>) -> Result<State, Wrong> {
        word.one_of(&STATES)
    }
}
