//! A text of JSON, parsed and read, with the faults that it has.

use crate::error::{Code, DelegateError, Wrong};
use crate::json::Field;
use crate::json_value::JsonValue;
use crate::one_line::quotable;

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
    let value = parse(json, code)?;
    reader(Field::root(&value, code)).map_err(|fault| {
        let mut faults = vec![fault];
        add_faults(&value, code, &|field| reader(field).err(), &mut faults);
        DelegateError::of_all(faults)
    })
}

fn parse(json: &str, code: Code) -> Result<JsonValue<'_>, DelegateError> {
    serde_json::from_str(json).map_err(|_| DelegateError::at(code, "", fault(json)))
}

/// Adds the faults that show once the last one is out of the way.
fn add_faults(
    value: &JsonValue<'_>,
    code: Code,
    fault: &dyn Fn(Field<'_>) -> Option<Wrong>,
    faults: &mut Vec<Wrong>,
) {
    let last = faults.last().and_then(|fault| fault.field.as_deref());
    if let Some(rest) = without(value, last.unwrap_or_default())
        && faults.len() < FAULTS
        && let Some(next) = fault(Field::root(&rest, code))
    {
        faults.push(next);
        add_faults(&rest, code, fault, faults);
    }
}

/// A value without the field of a path, or without the list that holds it. `None` if it is not there.
fn without<'a>(value: &JsonValue<'a>, path: &str) -> Option<JsonValue<'a>> {
    let mut found = false;
    let fields = value.as_object()?.iter().filter_map(|(key, value)| {
        let kept = || Some((key.clone(), value.clone()));
        let rest = path.strip_prefix(&*quotable(key));
        // A name may hold a dot, so several keys may begin a path.
        let rest = rest.filter(|rest| rest.is_empty() || rest.starts_with('.'));
        let left = match rest.map(|rest| rest.strip_prefix('.').unwrap_or_default()) {
            None => return kept(),
            Some("") => None,
            Some(_) if value.as_list().is_some() => None,
            Some(rest) => match without(value, rest) {
                None => return kept(),
                left => left,
            },
        };
        found = true;
        left.map(|left| (key.clone(), left))
    });
    let rest = JsonValue::Object(fields.collect());
    found.then_some(rest)
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
