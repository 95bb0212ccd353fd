//! A text of JSON, parsed and read, with the faults that it has.

use crate::error::{Code, DelegateError, Wrong};
use crate::json::Field;
use crate::one_line::quotable;
use serde_json::Value;

/// The most faults that an error names.
const FAULTS: usize = 20;

/// Parses a text and reads it. `code` is the code of its errors.
pub(crate) fn read<T>(
    json: &str,
    code: Code,
    reader: impl FnOnce(Field<'_>) -> Result<T, Wrong>,
) -> Result<T, DelegateError> {
    let value = parse(json, code)?;
    reader(Field::root(&value, code)).map_err(|wrong| *wrong)
}

/// Parses a text and reads it, as [`read`]. The error names each field at fault.
pub(crate) fn read_all<T>(
    json: &str,
    code: Code,
    reader: impl Fn(Field<'_>) -> Result<T, Wrong>,
) -> Result<T, DelegateError> {
    let mut value = parse(json, code)?;
    let mut faults: Vec<Wrong> = Vec::new();
    loop {
        let fault = match reader(Field::root(&value, code)) {
            Ok(read) if faults.is_empty() => return Ok(read),
            Ok(_) => break,
            Err(fault) => fault,
        };
        // The other faults show once this one is out of the way.
        let more = take_out(&mut value, fault.field.as_deref().unwrap_or_default());
        faults.push(fault);
        if !more || faults.len() == FAULTS {
            break;
        }
    }
    Err(DelegateError::of_all(faults))
}

fn parse(json: &str, code: Code) -> Result<Value, DelegateError> {
    serde_json::from_str(json).map_err(|_| DelegateError::at(code, "", fault(json)))
}

/// Takes the field of a path out of a value, or the list that holds it. `false` if it is not there.
fn take_out(value: &mut Value, path: &str) -> bool {
    let Some(fields) = value.as_object_mut() else {
        return false;
    };
    let mut found = None;
    for (key, value) in fields.iter_mut() {
        let rest = path.strip_prefix(&*quotable(key));
        // A name may hold a dot, so several keys may begin a path.
        let rest = rest.filter(|rest| rest.is_empty() || rest.starts_with('.'));
        match rest.map(|rest| rest.strip_prefix('.').unwrap_or_default()) {
            None => {}
            Some("") => found = Some(key.clone()),
            Some(_) if value.is_array() => found = Some(key.clone()),
            Some(rest) if take_out(value, rest) => return true,
            Some(_) => {}
        }
    }
    let before = fields.len();
    fields.retain(|key, _| Some(key) != found.as_ref());
    fields.len() < before
}

/// The deepest nesting that the parser reads, in levels.
const DEPTH: usize = 127;

/// The fault of a text that cannot be parsed.
fn fault(json: &str) -> &'static str {
    let (mut depth, mut in_string, mut escaped) = (0_usize, false, false);
    for byte in json.bytes() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_string => escaped = true,
            b'"' => in_string = !in_string,
            b'[' | b'{' if !in_string => depth += 1,
            b']' | b'}' if !in_string => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth > DEPTH {
            return "the text is nested deeper than 127 levels";
        }
    }
    "the text is not JSON"
}
