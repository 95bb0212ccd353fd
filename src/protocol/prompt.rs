//! The prompt of a child, sent as it was stored.

use crate::error::Wrong;
use crate::json::{Field, Read};
use crate::json_value::JsonValue;
use crate::names::part_id;
use crate::protocol::permission::HostRule;
use crate::shape::shape;
use crate::words::words;

shape! {
    /// A model as OpenCode names it.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub read struct Model {
        /// The provider.
        provider_id "providerID": String => must,
        /// The provider's name for the model.
        model_id "modelID": String => must,
    }
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

    /// Its name, as `provider/model`.
    pub(crate) fn text(&self) -> String {
        [&*self.provider_id, "/", &*self.model_id].concat()
    }
}

shape! {
    /// A prompt: everything that an attempt needs to send it.
    #[derive(Clone, Debug, Default, PartialEq)]
    pub read struct Prompt {
        /// The parts of the user message, as OpenCode takes them, without ids.
        parts: Vec<JsonValue<'static>> => must(parts) as "{ type: string, [field: string]: unknown }[]",
        /// The system text beside the agent's own.
        system: Option<String> => maybe,
        /// The agent that is asked.
        agent: String => must,
        /// The models to ask, in order: the first is the agent's own or its caller's.
        models: Vec<Model> => must,
        /// The variant of the first model.
        variant: Option<String> => maybe,
        /// The rules that its callers pass on to the session.
        permission: Vec<HostRule> => must,
        /// Another process that is to send it. The prompt of a record that names none is that of the record's `process`.
        process: Option<String> => maybe,
    }
}

impl Prompt {
    /// The request of an attempt: the whole prompt, or one without parts, which continues from history. Each
    /// request is built here, of the stored prompt.
    pub(crate) fn message(&self, whole: bool, model: usize, id: String) -> Message {
        let parts = self.parts.iter().filter(|_| whole).enumerate();
        let parts = parts.map(|(place, part)| {
            let mut part = part.clone();
            part.set("id", JsonValue::Text(part_id(&id, place).into()));
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

shape! {
    /// The request that prompts a session, as OpenCode takes it.
    ///
    /// The engine chooses its ids. So a request that is sent twice makes one message, and
    /// its arrival can be looked up.
    #[derive(Clone, Debug, PartialEq)]
    pub write struct Message {
        /// The id of the user message that it makes.
        message_id "messageID": String => must,
        /// Its parts, with ids; none continues from the session's history.
        parts: Vec<JsonValue<'static>> => must as "{ id: string, type: string, [field: string]: unknown }[]",
        /// The system text.
        system: Option<String> => maybe,
        /// The agent.
        agent: String => must,
        /// The model.
        model: Option<Model> => maybe,
        /// The model's variant.
        variant: Option<String> => maybe,
    }
}

/// The parts of a prompt: objects with a type.
pub(crate) fn parts(list: Field<'_>) -> Result<Vec<JsonValue<'static>>, Wrong> {
    list.each(|part| {
        part.must("type")?.text()?;
        JsonValue::of(part)
    })
}

pub(crate) fn rules(list: Field<'_>) -> Result<Vec<HostRule>, Wrong> {
    Vec::of(list)
}

words! {
    /// How far a prompt has come.
    #[derive(Hash)]
    pub enum PromptState: Created {
        /// It is stored and not sent: it waits in the queue, or for its next attempt.
        Created = "created",
        /// The host was called to send it.
        Sent = "sent",
        /// Its user message is in the session.
        Accepted = "accepted",
        /// It was answered.
        Idle = "idle",
        /// It failed, and no attempt is left.
        Failed = "failed",
        /// A user or an agent cancelled it.
        Cancelled = "cancelled",
        /// Its session is gone.
        Deleted = "deleted",
    }
}

impl PromptState {
    /// Whether it is an end: no state comes after it.
    ///
    /// ```
    /// use opencode_delegate::PromptState;
    /// assert!(PromptState::Failed.is_over());
    /// assert!(!PromptState::Accepted.is_over());
    /// ```
    pub fn is_over(self) -> bool {
        !matches!(
            self,
            PromptState::Created | PromptState::Sent | PromptState::Accepted
        )
    }
}
