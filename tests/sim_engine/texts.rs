//! The texts that an engine gives for a model, and their checks: bounded, and nothing of others outside its place.

use crate::host::Sid;
use crate::hostile::{ERROR_MARK, MARK};
use crate::world::World;
use opencode_delegate::rules::{session_diagram, session_table, wording};
use opencode_delegate::{Decision, Effect};
use serde_json::{Value, json};

/// The form of a text.
#[derive(Clone, Copy, PartialEq)]
enum Form {
    /// Sentences and lists: texts of others stand within quotes.
    Prose,
    /// A table: texts of others stand in cells.
    Table,
}

/// The most characters of a text: of one sentence, and of a list of 50 sessions.
const SENTENCE: usize = 1_000;
const RESULT: usize = 4_000;
const LIST: usize = 20_000;

/// The way in which a text lets another text out of its place, if any.
fn escapes(text: &str, form: Form, most: usize) -> Option<String> {
    let long = text.chars().count();
    if long > most {
        return Some(format!("has {long} characters, of {most}"));
    }
    let raw = |letter: char| letter.is_control() && letter != '\n';
    if let Some(letter) = text.chars().find(|letter| raw(*letter)) {
        return Some(format!("has a raw {letter:?}"));
    }
    let head = text.lines().next().unwrap_or_default();
    let columns = head.matches('|').count();
    let out = text.lines().find(|line| {
        let cells = line.matches('|').count();
        let in_cell = form == Form::Table && cells == columns && !line.contains(['<', '>', '"']);
        let quoted = |(place, _): (usize, &str)| line[..place].matches('"').count() % 2 == 1;
        !in_cell && !line.match_indices(MARK).all(quoted)
    });
    let out = out.map(|line| format!("has the line {line:?}"));
    // The error of a provider is one sentence within its line.
    let errors = text
        .lines()
        .filter(|line| line.contains(ERROR_MARK))
        .count();
    out.or((errors > 2).then(|| format!("spreads an error over {errors} lines")))
}

impl World {
    fn must_stay(&mut self, kind: &str, text: &str, form: Form, most: usize) {
        let escape = escapes(text, form, most);
        self.must(escape.is_none(), "I11", || {
            format!("a text of {kind} {}", escape.unwrap_or_default())
        });
    }

    fn words(&mut self, kind: &str, fields: &Value, most: usize) {
        let mut given = fields.clone();
        given["kind"] = json!(kind);
        match wording(&given.to_string()) {
            Ok(text) => self.must_stay(kind, &text, Form::Prose, most),
            Err(error) => self.must(false, "I9", || format!("no text of {kind}: {error}")),
        }
    }

    /// Checks the texts of a decision, as its caller reads them.
    pub fn read_decision(&mut self, slot: usize, caller: Sid, given: &str, decision: &Decision) {
        if !self.rules.hostile {
            return;
        }
        let mut fields = json!(decision);
        for key in ["message", "notice", "reason"] {
            if let Some(text) = fields[key].as_str().map(str::to_owned) {
                self.must_stay(key, &text, Form::Prose, SENTENCE);
                let lines = text.lines().count();
                self.must(lines < 2, "I11", || format!("a {key} has {lines} lines"));
            }
        }
        let task_id = fields["slug"].as_str().or(fields["sessionID"].as_str());
        fields["task_id"] = json!(task_id.unwrap_or(given));
        let kind = match decision {
            Decision::Deny { .. } => "denial",
            _ => "verdict",
        };
        self.words(kind, &fields, RESULT);
        if self.dice.percent(20) {
            self.read_lists(slot, caller, given);
        }
    }

    /// Checks the lists of the sessions that a caller may see.
    fn read_lists(&mut self, slot: usize, caller: Sid, given: &str) {
        let sessions = self.slots[slot].engine.visible(&self.host[caller].id);
        let table = session_table(&sessions, self.now);
        self.must_stay("the table", &table, Form::Table, LIST);
        let diagram = session_diagram(&sessions);
        self.must_stay("the diagram", &diagram, Form::Prose, LIST);
        let fields = json!({ "task_id": given, "sessions": sessions });
        self.words("summary_guide", &fields, LIST);
        self.words("no_session", &fields, LIST);
        let notices: Vec<String> = self.slots[slot].engine.notices().to_vec();
        let many = notices.len();
        self.must(many < 4, "I11", || format!("{many} notices: {notices:?}"));
        for notice in notices {
            self.must_stay("a notice", &notice, Form::Prose, SENTENCE);
        }
    }

    /// Checks the text with which the end of a prompt reaches its caller.
    pub fn read_end(&mut self, effect: &Effect) {
        if !self.rules.hostile {
            return;
        }
        let mut fields = json!(effect);
        let message = fields["message"]
            .as_str()
            .map_or(0, |text| text.chars().count());
        self.must(message <= SENTENCE, "I11", || {
            format!("the message of an end has {message} characters")
        });
        fields["task_id"] = fields["sessionID"].clone();
        let kind = match fields["to"].is_object() {
            true => {
                fields["taskID"] = fields["to"]["taskID"].clone();
                fields["lost"] = fields["to"]["lost"].clone();
                fields["gone"] = json!(false);
                "ended"
            }
            false => "failed",
        };
        if fields["state"] != "idle" {
            self.words(kind, &fields, RESULT);
        }
    }
}
