//! The form in which a text of a model, a person or another program stands within a text of this crate: on one line.

use std::borrow::Cow;

/// The longest piece of a text that another text repeats, in characters.
const PIECE: usize = 80;

/// The longest message of another program that a text repeats, in characters.
const MESSAGE: usize = 1_000;

/// The characters that would end the place of a text, each with the one that stands for it there.
type Ends = [(char, char)];

/// The form for a text between quotes: at most 80 characters, without double quotes.
pub(crate) fn quotable(text: &str) -> Cow<'_, str> {
    one_line(text, PIECE, &[('"', '\'')])
}

/// The form for a cell of a table or a box of a diagram: at most 80 characters, without bars, quotes and tags.
pub(crate) fn cell(text: &str) -> Cow<'_, str> {
    one_line(
        text,
        PIECE,
        &[('"', '\''), ('|', '¦'), ('<', '‹'), ('>', '›')],
    )
}

/// The form for a text that stands alone, such as a title: at most 80 characters.
pub(crate) fn alone(text: &str) -> Cow<'_, str> {
    one_line(text, PIECE, &[])
}

/// The form for a sentence or an error of another program: at most 1 000 characters.
pub(crate) fn message(text: &str) -> Cow<'_, str> {
    one_line(text, MESSAGE, &[])
}

/// Texts between quotes, with commas between.
pub(crate) fn quoted_list<T: AsRef<str>>(texts: &[T]) -> String {
    let quoted: Vec<String> = texts.iter().map(|text| quoted(text.as_ref())).collect();
    quoted.join(", ")
}

fn quoted(text: &str) -> String {
    ["\"", &quotable(text), "\""].concat()
}

/// Puts a text on one line. Blanks, line breaks and control characters become one blank, and marks without a shape are
/// left out.
// One function: each use that is inlined makes the wasm larger.
#[inline(never)]
fn one_line<'a>(text: &'a str, most: usize, ends: &Ends) -> Cow<'a, str> {
    let plain = |letter: u8| letter.is_ascii_alphanumeric() || matches!(letter, b'-' | b'_');
    if text.len() <= most && text.bytes().all(plain) {
        return Cow::Borrowed(text);
    }
    let (mut line, mut long, mut blank) = (String::new(), 0, false);
    for letter in text.chars() {
        if letter.is_whitespace() || letter.is_control() {
            blank = long > 0;
            continue;
        }
        if is_unseen(letter) {
            continue;
        }
        let more = 1 + usize::from(blank);
        if long + more > most {
            break;
        }
        if std::mem::take(&mut blank) {
            line.push(' ');
        }
        long += more;
        let end = ends.iter().find(|(end, _)| *end == letter);
        line.push(end.map_or(letter, |(_, other)| *other));
    }
    Cow::Owned(line)
}

/// Whether a character has no shape: it turns the direction of a text, joins nothing that is seen, or hides data.
fn is_unseen(letter: char) -> bool {
    matches!(letter, '\u{ad}' | '\u{61c}' | '\u{180e}'  | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}')
}

#[cfg(test)]
mod tests {
    use super::{alone, cell, message, quotable, quoted_list};

    #[test]
    fn a_text_of_several_lines_becomes_one() {
        for (given, line) in [
            ("Explore auth", "Explore auth"),
            ("plain", "plain"),
            ("", ""),
            (" \n ", ""),
            ("  a \r\n\t b\u{2028}c\u{2029}d\u{85}e  ", "a b c d e"),
            ("\u{1b}[31mred\u{7f}\u{0}", "[31mred"),
            ("\u{202e}a\u{2066}b\u{200e}c\u{feff}d\u{e0041}", "abcd"),
            (
                "größe 木 \u{1f469}\u{200d}\u{1f4bb}",
                "größe 木 \u{1f469}\u{200d}\u{1f4bb}",
            ),
        ] {
            assert_eq!(alone(given), line, "{given:?}");
        }
    }

    #[test]
    fn a_text_cannot_leave_its_place() {
        let text = "a \"b\" | `c` </task>";
        assert_eq!(alone(text), text);
        assert_eq!(message(text), text);
        assert_eq!(quotable(text), "a 'b' | `c` </task>");
        assert_eq!(cell(text), "a 'b' ¦ `c` ‹/task›");
        assert_eq!(quoted_list(&["a", "b\"c"]), "\"a\", \"b'c\"");
        assert_eq!((quotable("\""), cell("|")), ("'".into(), "¦".into()));
    }

    #[test]
    fn a_text_of_any_length_is_cut() {
        for text in [
            "x".repeat(300_000),
            "x y ".repeat(100_000),
            "\n木".repeat(1_000),
        ] {
            for (line, most) in [
                (quotable(&text), 80),
                (cell(&text), 80),
                (alone(&text), 80),
                (message(&text), 1_000),
            ] {
                let long = line.chars().count();
                assert!((most - 1..=most).contains(&long), "{long}");
            }
        }
        assert_eq!(quotable(&"x".repeat(80)), "x".repeat(80));
        assert_eq!(quotable(&"ä".repeat(81)), "ä".repeat(80));
    }
}
