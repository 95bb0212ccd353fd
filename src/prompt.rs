//! What a child is asked: kept as it is, and sent as it is kept.

use crate::error::Wrong;
use crate::permission::HostRule;
use crate::read::Field;
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

/// The characters of an id after its time.
const SEED: usize = 14;

/// The id of a message that is made at a time, as OpenCode makes them: twelve hexadecimal digits that
/// ascend with the time, and what comes from outside so that no two are alike. Within its
/// millisecond it stands before every id of the host's.
pub(crate) fn message_id(now: u64, seed: &str) -> String {
    let time = now.wrapping_mul(4096) & 0xffff_ffff_ffff;
    let seed = seed.chars().filter(char::is_ascii_alphanumeric);
    let seed: String = seed.chain(std::iter::repeat('0')).take(SEED).collect();
    format!("msg_{time:012x}{seed}")
}

/// The id of a part of a message: in the order of its parts.
pub(crate) fn part_id(message_id: &str, place: usize) -> String {
    let rest = message_id.get(4..).unwrap_or_default();
    let (time, seed) = rest.split_at_checked(12).unwrap_or((rest, ""));
    let time = u64::from_str_radix(time, 16).unwrap_or_default();
    let time = time.wrapping_add(place as u64) & 0xffff_ffff_ffff;
    format!("prt_{time:012x}{seed}")
}

/// The id of a part that is added to a message of others.
pub(crate) fn part_of(message_id: &str, seed: &str) -> String {
    let time = message_id.get(4..16).unwrap_or_default();
    part_id(
        &["msg_", time, seed.get(..SEED).unwrap_or(seed)].concat(),
        4000,
    )
}

#[cfg(test)]
mod tests {
    use super::{message_id, part_id};

    #[test]
    fn ids_ascend_with_time_and_place() {
        let id = message_id(1_763_700_000_000, "abcdefghijklmnop");
        assert_eq!(id.len(), 30);
        assert!(id.ends_with("abcdefghijklmn"));
        assert!(id < message_id(1_763_700_000_001, "000"));
        assert!(part_id(&id, 0) < part_id(&id, 1));
        assert_eq!(message_id(0, "é-x"), "msg_000000000000x0000000000000");
    }
}
