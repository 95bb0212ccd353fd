//! The answer to a prompt, read from an outline of its session's messages.

use super::errors::{HostError, host_error};
use crate::error::{Code, DelegateError, Wrong};
use crate::json::{Field, read};
use serde::Serialize;

/// How a prompt stands in the messages of its session.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
pub struct PromptReading {
    /// Whether the user message is in the session.
    pub asked: bool,
    /// How the last assistant message of the prompt ended; none if there is none yet.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub end: Option<PromptEnd>,
    /// The last text of any assistant message.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub words: Option<PartIndex>,
}

/// A part, by its index in its message and the index of that message in the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
pub struct PartIndex {
    /// The index of the message.
    #[serde(rename = "messageIndex")]
    pub message_index: usize,
    /// The index of the part.
    #[serde(rename = "partIndex")]
    pub part_index: usize,
}

/// How an assistant message ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
pub enum PromptEnd {
    /// With an answer: the `text` of this part.
    Text(PartIndex),
    /// With a tool that failed: the `state.error` of this part.
    ToolError(PartIndex),
    /// Without an answer.
    Failed(HostError),
}

/// Reads how a prompt stands in its session, from the JSON of `{ messages, messageID? }`.
///
/// A message is `{ id?, role, error?, finish?, parts }`, and a part `{ type, text?, status? }`. `error` is OpenCode's own,
/// `{ name, data? }`; `text` is the length of the part's text, `status` the status of a tool's state. So no text crosses:
/// the reading gives the places of parts. Other fields are ignored.
///
/// The answer to a user message is in the last assistant message before the next user message with parts. A user message
/// without parts asks nothing: a prompt continues from history with it. Without a `messageID`, the answer is in the last
/// assistant message of all.
///
/// As in OpenCode's own task tool, an error of the message is the first thing to be read, then the last tool that failed,
/// then the last text. An answer without any text is a trouble here, and an empty answer there.
///
/// Source: OpenCode 1.18.33, `packages/opencode/src/tool/task.ts`, where the child's prompt is run.
///
/// ```
/// use opencode_delegate::rules::opencode1::read_answer;
/// let reading = read_answer(r#"{"messageID":"msg_1","messages":[
///   {"id":"msg_1","role":"user","parts":[{"type":"text","text":5}]},
///   {"id":"msg_2","role":"assistant","finish":"stop","parts":[{"type":"step-start"},{"type":"text","text":9}]}
/// ]}"#)?;
/// assert!(reading.asked);
/// let end = serde_json::to_string(&reading.end).unwrap_or_default();
/// assert_eq!(end, r#"{"kind":"text","messageIndex":1,"partIndex":1}"#);
/// # Ok::<(), opencode_delegate::DelegateError>(())
/// ```
///
/// # Errors
/// `invalid_request`, with the field, for a list or a field that is missing or of another type.
pub fn read_answer(json: &str) -> Result<PromptReading, DelegateError> {
    read(json, Code::InvalidRequest, |given| {
        let message_id = given.maybe("messageID")?;
        let message_id = message_id.as_ref().map(Field::text).transpose()?;
        let mut reading = PromptReading {
            asked: message_id.is_none(),
            ..PromptReading::default()
        };
        // Whether the messages that are read now answer the prompt.
        let mut answers = reading.asked;
        for (index, message) in given.must("messages")?.list()?.enumerate() {
            let id = message.maybe("id")?;
            let id = id.as_ref().map(Field::text).transpose()?;
            if message.must("role")?.text()? == "assistant" {
                if let Some(part) = last(&message, is_text)? {
                    reading.words = Some(at(index, part));
                }
                if answers {
                    reading.end = Some(end(index, &message)?);
                }
            } else if answers && message_id.is_some() {
                answers = message.must("parts")?.list()?.next().is_none();
            }
            if !reading.asked && id == message_id {
                (reading.asked, answers) = (true, true);
            }
        }
        Ok(reading)
    })
}

fn at(message_index: usize, part_index: usize) -> PartIndex {
    PartIndex {
        message_index,
        part_index,
    }
}

/// How an assistant message ended.
fn end(index: usize, message: &Field<'_>) -> Result<PromptEnd, Wrong> {
    if let Some(error) = message.maybe("error")? {
        return Ok(PromptEnd::Failed(host_error(&error)?));
    }
    // An attempt that is aborted while OpenCode waits to try again ends without a finish.
    if message
        .maybe("finish")?
        .is_none_or(|it| it.text() == Ok(""))
    {
        return Ok(PromptEnd::Failed(HostError {
            name: "MessageAbortedError".to_owned(),
            message: "Aborted".to_owned(),
            retryable: None,
        }));
    }
    if let Some(part) = last(message, has_failed)? {
        return Ok(PromptEnd::ToolError(at(index, part)));
    }
    Ok(match last(message, is_text)? {
        Some(part) => PromptEnd::Text(at(index, part)),
        None => PromptEnd::Failed(HostError {
            name: "EmptyAnswer".to_owned(),
            message: "It gave an empty answer.".to_owned(),
            retryable: Some(true),
        }),
    })
}

/// The index of a message's last part of some sort.
fn last(
    message: &Field<'_>,
    fits: fn(&Field<'_>) -> Result<bool, Wrong>,
) -> Result<Option<usize>, Wrong> {
    let mut last = None;
    for (index, part) in message.must("parts")?.list()?.enumerate() {
        if fits(&part)? {
            last = Some(index);
        }
    }
    Ok(last)
}

fn is_text(part: &Field<'_>) -> Result<bool, Wrong> {
    let long = part.maybe("text")?.map(|long| long.amount()).transpose()?;
    Ok(part.must("type")?.text()? == "text" && long.unwrap_or(0) > 0)
}

fn has_failed(part: &Field<'_>) -> Result<bool, Wrong> {
    let status = part.maybe("status")?;
    let status = status.as_ref().map(Field::text).transpose()?;
    Ok(part.must("type")?.text()? == "tool" && status == Some("error"))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing)]

    use super::read_answer;
    use serde_json::{Value, json};

    fn text(long: u32) -> Value {
        json!({"type": "text", "text": long})
    }

    fn said(parts: &[Value]) -> Value {
        json!({"id": "m", "role": "assistant", "finish": "stop", "parts": parts})
    }

    fn asked(id: &str, parts: &[Value]) -> Value {
        json!({"id": id, "role": "user", "parts": parts})
    }

    fn reading(messages: &[Value], message_id: Option<&str>) -> Value {
        let given = json!({"messages": messages, "messageID": message_id});
        serde_json::to_value(read_answer(&given.to_string()).unwrap()).unwrap()
    }

    fn at(kind: &str, message: u32, part: u32) -> Value {
        json!({"kind": kind, "messageIndex": message, "partIndex": part})
    }

    #[test]
    fn an_assistant_message_ends_as_in_the_task_tool_of_opencode() {
        let failed = json!({"type": "tool", "status": "error"});
        let worked = json!({"type": "tool", "status": "completed"});
        let thought = json!({"type": "reasoning", "text": 3});
        let with = |fields: Value| {
            let mut message = said(&[text(2)]);
            for (key, value) in fields.as_object().unwrap() {
                message
                    .as_object_mut()
                    .unwrap()
                    .insert(key.clone(), value.clone());
            }
            message
        };
        let aborted =
            json!({"kind": "failed", "name": "MessageAbortedError", "message": "Aborted"});
        let empty = json!({
            "kind": "failed", "name": "EmptyAnswer", "message": "It gave an empty answer.", "retryable": true
        });
        for (message, expected) in [
            (
                said(&[
                    text(8),
                    worked.clone(),
                    text(5),
                    json!({"type": "step-finish"}),
                ]),
                at("text", 0, 2),
            ),
            (said(&[text(5), text(0)]), at("text", 0, 0)),
            (
                said(&[text(3), failed.clone(), worked.clone()]),
                at("tool_error", 0, 1),
            ),
            (
                said(&[failed.clone(), failed, text(3)]),
                at("tool_error", 0, 1),
            ),
            (said(&[thought, worked]), empty.clone()),
            (said(&[]), empty),
            (with(json!({"finish": null})), aborted.clone()),
            (with(json!({"finish": ""})), aborted),
            (
                with(
                    json!({"error": {"name": "APIError", "data": {"message": "429", "isRetryable": true}}}),
                ),
                json!({"kind": "failed", "name": "APIError", "message": "429", "retryable": true}),
            ),
            (
                with(json!({"finish": null, "error": {"name": "UnknownError"}})),
                json!({"kind": "failed", "name": "UnknownError", "message": "UnknownError"}),
            ),
        ] {
            assert_eq!(
                reading(&[message.clone()], None)["end"],
                expected,
                "{message}"
            );
        }
    }

    #[test]
    fn a_prompt_is_answered_before_the_next_question() {
        let go = [text(3)];
        let (one, two) = (said(&[text(4)]), said(&[json!({"type": "x"}), text(4)]));
        let ask = |id| asked(id, &go);
        for (messages, id, was_asked, end) in [
            (
                vec![
                    ask("u0"),
                    two.clone(),
                    ask("u1"),
                    one.clone(),
                    two.clone(),
                    ask("u2"),
                    one.clone(),
                ],
                Some("u1"),
                true,
                Some(at("text", 4, 1)),
            ),
            (
                vec![ask("u1"), one.clone(), two.clone()],
                Some("u1"),
                true,
                Some(at("text", 2, 1)),
            ),
            (
                vec![ask("u1"), one.clone(), asked("u2", &[]), two.clone()],
                Some("u1"),
                true,
                Some(at("text", 3, 1)),
            ),
            (
                vec![ask("u1"), ask("u2"), asked("u3", &[]), two.clone()],
                Some("u1"),
                true,
                None,
            ),
            (vec![ask("u1")], Some("u1"), true, None),
            (
                vec![one.clone(), ask("u1"), ask("u2"), two.clone()],
                Some("u1"),
                true,
                None,
            ),
            (vec![ask("u1"), one.clone()], Some("u2"), false, None),
            (vec![], Some("u1"), false, None),
            (vec![], None, true, None),
            (
                vec![ask("u1"), one.clone(), ask("u2"), two, ask("u3")],
                None,
                true,
                Some(at("text", 3, 1)),
            ),
            (vec![one], None, true, Some(at("text", 0, 0))),
        ] {
            let reading = reading(&messages, id);
            assert_eq!(reading["asked"], was_asked, "{messages:?}");
            assert_eq!(reading.get("end"), end.as_ref(), "{messages:?}");
        }
    }

    #[test]
    fn the_last_words_are_of_any_assistant_message() {
        let go = asked("u1", &[text(3)]);
        let thought = json!({"type": "reasoning", "text": 3});
        let said_all = [
            said(&[text(4)]),
            said(&[text(4), text(0)]),
            said(&[]),
            go.clone(),
        ];
        let words = json!({"messageIndex": 1, "partIndex": 0});
        assert_eq!(reading(&said_all, None)["words"], words);
        assert_eq!(reading(&said_all, Some("u1"))["words"], words);
        assert_eq!(reading(&[go, said(&[thought])], None).get("words"), None);
    }

    #[test]
    fn an_outline_names_its_field_at_fault() {
        for (given, field) in [
            ("{}", "messages"),
            (r#"{"messages":[{}]}"#, "messages.0.role"),
            (r#"{"messages":[{"role":"assistant"}]}"#, "messages.0.parts"),
            (
                r#"{"messages":[{"role":"assistant","parts":[{}]}]}"#,
                "messages.0.parts.0.type",
            ),
            (r#"{"messages":[],"messageID":3}"#, "messageID"),
        ] {
            assert_eq!(
                read_answer(given).unwrap_err().field.as_deref(),
                Some(field)
            );
        }
    }
}
