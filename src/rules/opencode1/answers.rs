//! The answer to a prompt, read from an outline of its session's messages.

use super::errors::AttemptFailure;
use crate::error::{Code, DelegateError};
use crate::json_value::JsonValue;
use crate::parse::read;
use serde::Serialize;

/// How a prompt stands in the messages of its session. A pair is the index of a message in the list, and the index of a
/// part in that message.
///
/// Of `answer`, `error` and `failed` one is there if the prompt has ended, and none before.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct PromptReading {
    /// Whether the user message is in the session, with a part of it.
    pub asked: bool,
    /// The part whose text is the answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub answer: Option<[usize; 2]>,
    /// The parts with the answers before that one: after each, a message steered the session on.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub earlier: Vec<[usize; 2]>,
    /// The part of the tool that failed, whose error ends the prompt.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<[usize; 2]>,
    /// The failure, if the prompt ended without an answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failed: Option<AttemptFailure>,
    /// The part with the last text of any assistant message.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub words: Option<[usize; 2]>,
}

/// Reads how a prompt stands in its session, from the JSON of `{ messages, messageID? }`.
///
/// A message is `{ id?, role, error?, finish?, summary?, parts }`, and a part `{ type, text?, status?, continues?, steers?, result? }`.
/// `error` is OpenCode's own, `{ name, data? }`; `text` is the length of the part's text, `status` the status of a tool's
/// state, `continues` the mark `compaction_continue` of its metadata. `steers` is this package's mark of a message for a running turn,
/// and `result` its mark of the result of a background task. So no text crosses: the reading gives the indexes of parts. Fields of
/// other names and other types are ignored.
///
/// OpenCode stores a message before its parts. A user message without parts is not there yet: a kill may have come between.
///
/// The answer to a user message is in the last assistant message before the next user message that asks something. A user
/// message without parts asks nothing: a prompt continues from history with it. Nor do those ask with which OpenCode
/// summarises a session in the middle of a turn and goes on, nor those that steer a turn. A summary is no answer. Without a `messageID`, the answer is
/// in the last assistant message of all.
///
/// The results of a session's background tasks may come while its turn goes on. Then they do not end the turn.
///
/// A message that steers a session may come while it writes its answer. OpenCode then asks the model once more, so the answer
/// of before is a part of the whole.
///
/// As in OpenCode's own task tool, an error of the message comes first, then the last tool that failed, then the last
/// text. An answer without any text is a trouble here, and an empty answer there.
///
/// Source: OpenCode 1.18.33, `packages/opencode/src/tool/task.ts`, at the call that runs the child's prompt.
///
/// ```
/// use opencode_delegate::rules::opencode1::read_answer;
/// let reading = read_answer(r#"{"messageID":"msg_1","messages":[
///   {"id":"msg_1","role":"user","parts":[{"type":"text","text":5}]},
///   {"id":"msg_2","role":"assistant","finish":"stop","parts":[{"type":"step-start"},{"type":"text","text":9}]}
/// ]}"#)?;
/// assert!(reading.asked);
/// assert_eq!(reading.answer, Some([1, 1]));
/// # Ok::<(), opencode_delegate::DelegateError>(())
/// ```
///
/// # Errors
/// `invalid_request` for a text that is not JSON.
pub fn read_answer(json: &str) -> Result<PromptReading, DelegateError> {
    read(json, Code::InvalidRequest, |given| {
        Ok(read_messages(given.json()))
    })
}

fn read_messages(given: &JsonValue<'_>) -> PromptReading {
    let message_id = word(given, "messageID");
    let mut reading = PromptReading {
        asked: message_id.is_none(),
        ..PromptReading::default()
    };
    let empty = JsonValue::Number(0.into());
    // Whether the messages that are read now answer the prompt.
    let mut answers = reading.asked;
    // The answer that stands unless a message steers the session on.
    let mut whole = None;
    // Whether the turn of the prompt goes on.
    let mut runs = false;
    for (index, message) in list(given, "messages").iter().enumerate() {
        let (mut text, mut failed) = (None, None);
        let parts = list(message, "parts");
        for (part_index, part) in parts.iter().enumerate() {
            let at = Some([index, part_index]);
            match word(part, "type") {
                Some("text") if part.get("text").is_some_and(|long| *long != empty) => text = at,
                Some("tool") if word(part, "status") == Some("error") => failed = at,
                _ => {}
            }
        }
        if word(message, "role") == Some("assistant") {
            if !flag(message, "summary") {
                reading.words = text.or(reading.words);
                if answers {
                    end(&mut reading, message, text, failed);
                    let goes_on = word(message, "finish") == Some("tool-calls")
                        || parts.iter().any(|part| word(part, "type") == Some("tool"));
                    whole = reading.answer.filter(|_| !goes_on);
                    runs = goes_on && reading.failed.is_none();
                }
            }
        } else if steers(parts) {
            reading.earlier.extend(whole.take());
        } else if parts.iter().any(asks) && !(runs && reports(parts)) {
            answers &= message_id.is_none();
            reading.earlier.retain(|_| message_id.is_some());
            whole = None;
        }
        if !reading.asked && word(message, "id") == message_id {
            (reading.asked, answers, runs) = (!parts.is_empty(), true, true);
        }
    }
    // An answer that the steering message did not change is the last one, or stands before one without text.
    let last = reading.answer.or_else(|| reading.earlier.last().copied());
    let empty = reading
        .failed
        .as_ref()
        .is_some_and(AttemptFailure::is_empty);
    if empty && last.is_some() {
        (reading.answer, reading.failed) = (last, None);
    }
    reading.earlier.retain(|at| Some(*at) != reading.answer);
    reading
}

/// Whether a part of a user message asks something, as those do not with which OpenCode summarises and goes on, nor those that
/// steer a running turn.
fn asks(part: &JsonValue<'_>) -> bool {
    word(part, "type") != Some("compaction") && !flag(part, "continues") && !flag(part, "steers")
}

/// Whether a user message only steers a turn.
fn steers(parts: &[JsonValue<'_>]) -> bool {
    !parts.is_empty() && parts.iter().all(|part| flag(part, "steers"))
}

/// Whether a user message only brings results of background tasks.
fn reports(parts: &[JsonValue<'_>]) -> bool {
    parts.iter().all(|part| flag(part, "result"))
}

/// Reads how an assistant message ended, with its last text and its last tool that failed.
fn end(
    reading: &mut PromptReading,
    message: &JsonValue<'_>,
    text: Option<[usize; 2]>,
    failed: Option<[usize; 2]>,
) {
    (reading.answer, reading.error, reading.failed) = (None, None, None);
    if let Some(error) = message.get("error").filter(|error| !error.is_null()) {
        reading.failed = Some(AttemptFailure::of(error));
    } else if word(message, "finish").is_none_or(str::is_empty) {
        // An attempt that is aborted while OpenCode waits to try again ends without a finish.
        reading.failed = Some(AttemptFailure::host("MessageAbortedError", "Aborted", None));
    } else if failed.is_some() {
        reading.error = failed;
    } else if text.is_some() {
        reading.answer = text;
    } else {
        reading.failed = Some(AttemptFailure {
            kind: "empty",
            name: String::new(),
            message: "It gave an empty answer.".to_owned(),
            retryable: None,
        });
    }
}

fn word<'v>(value: &'v JsonValue<'v>, key: &'v str) -> Option<&'v str> {
    value.get(key).and_then(JsonValue::as_str)
}

fn flag(value: &JsonValue<'_>, key: &str) -> bool {
    value.get(key) == Some(&JsonValue::Bool(true))
}

fn list<'v>(value: &'v JsonValue<'v>, key: &'v str) -> &'v [JsonValue<'v>] {
    value
        .get(key)
        .and_then(JsonValue::as_list)
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing)]

    use super::{PromptReading, read_answer};
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
        json!({ (kind): [message, part] })
    }

    /// The fields that say how a prompt ended.
    fn end(mut reading: Value) -> Value {
        let fields = reading.as_object_mut().unwrap();
        fields.retain(|key, _| !matches!(&**key, "asked" | "words"));
        reading
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
        let aborted = json!({"failed": {"kind": "host", "name": "MessageAbortedError", "message": "Aborted"}});
        let empty = json!({"failed": {"kind": "empty", "message": "It gave an empty answer."}});
        for (message, expected) in [
            (
                said(&[
                    text(8),
                    worked.clone(),
                    text(5),
                    json!({"type": "step-finish"}),
                ]),
                at("answer", 0, 2),
            ),
            (said(&[text(5), text(0)]), at("answer", 0, 0)),
            (
                said(&[text(3), failed.clone(), worked.clone()]),
                at("error", 0, 1),
            ),
            (said(&[failed.clone(), failed, text(3)]), at("error", 0, 1)),
            (said(&[thought, worked]), empty.clone()),
            (said(&[]), empty),
            (with(json!({"finish": null})), aborted.clone()),
            (with(json!({"finish": ""})), aborted),
            (
                with(
                    json!({"error": {"name": "APIError", "data": {"message": "429", "isRetryable": true}}}),
                ),
                json!({"failed": {"kind": "host", "name": "APIError", "message": "429", "retryable": true}}),
            ),
            (
                with(json!({"finish": null, "error": {"name": "UnknownError"}})),
                json!({"failed": {"kind": "host", "name": "UnknownError", "message": "UnknownError"}}),
            ),
        ] {
            assert_eq!(
                end(reading(std::slice::from_ref(&message), None)),
                expected,
                "{message}"
            );
        }
    }

    #[test]
    fn a_summary_in_the_middle_of_a_turn_neither_answers_nor_asks() {
        let ask = asked("u1", &[text(3)]);
        let compaction = asked("u2", &[json!({"type": "compaction"})]);
        let mut goes_on = text(9);
        goes_on["continues"] = json!(true);
        let goes_on = asked("u3", &[goes_on]);
        let mut summary = said(&[text(8)]);
        summary["summary"] = json!(true);
        let half =
            json!({"id": "m", "role": "assistant", "finish": "tool-calls", "parts": [text(4)]});
        let mut turn = vec![ask, half, compaction, summary];
        assert_eq!(end(reading(&turn, Some("u1"))), at("answer", 1, 0));
        turn.extend([goes_on, said(&[json!({"type": "x"}), text(4)])]);
        for id in [Some("u1"), None] {
            assert_eq!(end(reading(&turn, id)), at("answer", 5, 1));
        }
        turn.truncate(4);
        let turn = [&turn[..1], &turn[2..]].concat();
        for id in [Some("u1"), None] {
            assert_eq!(end(reading(&turn, id)), json!({}));
        }
    }

    #[test]
    fn an_answer_that_a_message_steers_on_stands_before_the_next() {
        let steer = || {
            let mut part = text(7);
            part["steers"] = json!(true);
            asked("s", &[part])
        };
        let ask = |id| asked(id, &[text(3)]);
        let (one, two) = (said(&[text(4)]), said(&[json!({"type": "x"}), text(5)]));
        let both = |from: u32| json!({"answer": [from + 2, 1], "earlier": [[from, 0]]});
        let turn = [ask("u1"), one.clone(), steer(), two.clone()];
        for id in [Some("u1"), None] {
            assert_eq!(end(reading(&turn, id)), both(1));
        }
        // The next prompt has its own answer alone.
        let next = [&turn[..], &[ask("u2"), two.clone()]].concat();
        assert_eq!(end(reading(&next, Some("u1"))), both(1));
        for id in [Some("u2"), None] {
            assert_eq!(end(reading(&next, id)), at("answer", 5, 1));
        }
        // A step that called a tool was no answer, and one without text leaves the answer of before.
        let calls = said(&[text(4), json!({"type": "tool", "status": "completed"})]);
        let turn = [ask("u1"), calls, steer(), two];
        assert_eq!(end(reading(&turn, Some("u1"))), at("answer", 3, 1));
        let turn = [ask("u1"), one, steer(), said(&[])];
        assert_eq!(end(reading(&turn, Some("u1"))), at("answer", 1, 0));
    }

    #[test]
    fn the_result_of_a_background_task_ends_no_turn_that_goes_on() {
        let result = || {
            let mut part = text(7);
            part["result"] = json!(true);
            part
        };
        let ask = asked("u1", &[text(3)]);
        let comes = |id, part: Value| asked(id, &[part]);
        let failed = json!({"type": "tool", "status": "error"});
        let mut calls = said(&[text(4), failed]);
        calls["finish"] = json!("tool-calls");
        let end_of = |turn: &[Value]| end(reading(turn, Some("u1")));
        // Beside the prompt, and between two steps.
        let turn = [
            ask.clone(),
            comes("r1", result()),
            calls.clone(),
            comes("r2", result()),
            said(&[text(5)]),
        ];
        assert_eq!(end_of(&turn), at("answer", 4, 0));
        // After the answer it begins a turn of its own.
        let next = [&turn[..], &[comes("r3", result()), said(&[text(6)])]].concat();
        assert_eq!(end_of(&next), at("answer", 4, 0));
        // So it does after a turn that broke off.
        let mut aborted = calls.clone();
        aborted["error"] = json!({"name": "MessageAbortedError"});
        let next = [
            ask.clone(),
            aborted,
            comes("r1", result()),
            said(&[text(6)]),
        ];
        assert_eq!(
            end_of(&next)["failed"]["name"],
            json!("MessageAbortedError")
        );
        // A person's message asks, also with a result in it.
        let person = asked("u2", &[result(), text(3)]);
        let turn = [ask, calls, person, said(&[text(5)])];
        assert_eq!(end_of(&turn), at("error", 1, 1));
    }

    #[test]
    fn a_prompt_is_answered_before_the_next_question() {
        let parts = [text(3)];
        let (one, two) = (said(&[text(4)]), said(&[json!({"type": "x"}), text(4)]));
        let ask = |id| asked(id, &parts);
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
                Some(at("answer", 4, 1)),
            ),
            (
                vec![ask("u1"), one.clone(), two.clone()],
                Some("u1"),
                true,
                Some(at("answer", 2, 1)),
            ),
            (
                vec![ask("u1"), one.clone(), asked("u2", &[]), two.clone()],
                Some("u1"),
                true,
                Some(at("answer", 3, 1)),
            ),
            (
                vec![ask("u1"), ask("u2"), asked("u3", &[]), two.clone()],
                Some("u1"),
                true,
                None,
            ),
            (vec![ask("u1")], Some("u1"), true, None),
            (vec![asked("u1", &[])], Some("u1"), false, None),
            (
                vec![asked("u1", &[]), one.clone()],
                Some("u1"),
                false,
                Some(at("answer", 1, 0)),
            ),
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
                Some(at("answer", 3, 1)),
            ),
            (vec![one], None, true, Some(at("answer", 0, 0))),
        ] {
            let reading = reading(&messages, id);
            assert_eq!(reading["asked"], was_asked, "{messages:?}");
            assert_eq!(self::end(reading), end.unwrap_or(json!({})), "{messages:?}");
        }
    }

    #[test]
    fn the_last_words_are_of_any_assistant_message() {
        let question = asked("u1", &[text(3)]);
        let thought = json!({"type": "reasoning", "text": 3});
        let said_all = [
            said(&[text(4)]),
            said(&[text(4), text(0)]),
            said(&[]),
            question.clone(),
        ];
        let words = json!([1, 0]);
        assert_eq!(reading(&said_all, None)["words"], words);
        assert_eq!(reading(&said_all, Some("u1"))["words"], words);
        assert_eq!(
            reading(&[question, said(&[thought])], None).get("words"),
            None
        );
    }

    #[test]
    fn an_outline_of_another_form_has_no_answer() {
        for given in [
            "{}",
            "[]",
            r#"{"messages":[{}]}"#,
            r#"{"messages":[{"role":"user"},3]}"#,
            r#"{"messages":{"role":"assistant"}}"#,
        ] {
            let reading = read_answer(given).unwrap();
            assert_eq!(
                reading,
                PromptReading {
                    asked: true,
                    ..PromptReading::default()
                }
            );
        }
        assert!(read_answer("{").is_err());
    }
}
