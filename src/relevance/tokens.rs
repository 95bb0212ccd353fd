//! The tokens of a text: words without their endings, and identifiers and tickets as they are.

use crate::relevance::terms::{Term, Terms};

/// The part of a description that counts, in bytes.
const DESCRIPTION: usize = 512;

/// The part of a prompt that counts, in bytes.
pub(crate) const PROMPT: usize = 4_096;

/// The bit that marks the token of an identifier.
const IDENTIFIER: u32 = 1 << 31;

/// The words that say nothing about the subject of a text, as hashes in order.
const STOP: [u32; 103] = sorted([
    "add", "after", "all", "also", "an", "and", "any", "are", "as", "at", "be", "been", "before",
    "but", "by", "can", "could", "did", "do", "does", "each", "for", "from", "get", "had", "has",
    "have", "he", "her", "his", "how", "if", "in", "into", "is", "it", "its", "just", "let",
    "like", "make", "may", "me", "more", "most", "my", "need", "needs", "new", "no", "not", "now",
    "of", "on", "one", "only", "or", "other", "our", "out", "over", "please", "she", "should",
    "so", "some", "such", "sure", "than", "that", "the", "their", "them", "then", "there", "these",
    "they", "this", "those", "to", "too", "up", "us", "use", "used", "using", "very", "via", "was",
    "we", "were", "what", "when", "where", "which", "while", "who", "why", "will", "with", "would",
    "you", "your",
]);

/// The hashes of words, in order.
#[allow(clippy::indexing_slicing)]
const fn sorted<const WORDS: usize>(words: [&str; WORDS]) -> [u32; WORDS] {
    let mut hashes = [0; WORDS];
    let mut known = 0;
    while known < WORDS {
        let new = hash(words[known].as_bytes());
        let mut at = known;
        while at > 0 && hashes[at - 1] > new {
            hashes[at] = hashes[at - 1];
            at -= 1;
        }
        hashes[at] = new;
        known += 1;
    }
    hashes
}

/// Adds the tokens of a text that was asked: those of the description count twice.
pub(super) fn add_text(to: &mut Terms, description: &str, prompt: &str) {
    add(to, head(description, DESCRIPTION), 2, &|term| {
        &mut term.text
    });
    add(to, head(prompt, PROMPT), 1, &|term| &mut term.text);
}

/// Adds the words of a path, without its last extension.
pub(super) fn add_path(to: &mut Terms, path: &str) {
    let name = path.rfind('/').map_or(0, |slash| slash + 1);
    let end = path.rfind('.').filter(|dot| *dot > name);
    add(to, head(path, end.unwrap_or(path.len())), 1, &|term| {
        &mut term.path
    });
}

/// The beginning of a text, of at most that many bytes.
pub(crate) fn head(text: &str, bytes: usize) -> &str {
    text.get(..text.floor_char_boundary(bytes)).unwrap_or(text)
}

type Count<'a> = &'a dyn Fn(&mut Term) -> &mut u32;

/// Adds the tokens of a text, each that many times.
fn add(to: &mut Terms, text: &str, times: u32, count: Count<'_>) {
    let mut note = |token: u32| {
        if let Some(term) = to.of(token) {
            *count(term) += times;
        }
    };
    let letter = |c: char| c.is_alphanumeric() || c == '_';
    let mut rest = text;
    while let Some(start) = rest.find(letter) {
        let before = rest.get(..start).unwrap_or_default();
        let from = rest.get(start..).unwrap_or_default();
        let end = from.find(|c| !letter(c)).unwrap_or(from.len());
        let (run, after) = from.split_at_checked(end).unwrap_or((from, ""));
        if run.is_ascii() {
            add_run(run, &mut note);
            if let Some(ticket) = ticket(run, before, from) {
                note(hash(ticket.as_bytes()) | IDENTIFIER);
            }
        } else if run.chars().nth(1).is_some() {
            note(hash(run.to_lowercase().as_bytes()));
        }
        rest = after;
    }
}

/// Adds the words of a run of ASCII letters, digits and `_`, and the run itself if it is a compound.
fn add_run(run: &str, note: &mut dyn FnMut(u32)) {
    let bytes = run.as_bytes();
    let at = |index: usize| bytes.get(index).copied().unwrap_or(b'_');
    let (mut start, mut parts) = (0, 0);
    for index in 1..=bytes.len() {
        if index < bytes.len() && !is_border(at(index - 1), at(index), at(index + 1)) {
            continue;
        }
        let part = run.get(start..index).unwrap_or_default();
        start = index;
        if part.starts_with('_') {
            continue;
        }
        parts += 1;
        let word = part.as_bytes();
        if word.len() >= 2
            && word.iter().all(u8::is_ascii_alphabetic)
            && STOP.binary_search(&hash(word)).is_err()
        {
            note(stem(word));
        }
    }
    if parts >= 2 && bytes.iter().any(u8::is_ascii_alphabetic) {
        note(hash(bytes) | IDENTIFIER);
    }
}

/// Whether a part ends between two bytes of a run, of which the third follows.
fn is_border(before: u8, byte: u8, next: u8) -> bool {
    let kind = |byte: u8| match byte {
        b'_' => 0,
        b'0'..=b'9' => 1,
        _ => 2,
    };
    let capital = byte.is_ascii_uppercase();
    kind(before) != kind(byte)
        || capital
            && (before.is_ascii_lowercase()
                || before.is_ascii_uppercase() && next.is_ascii_lowercase())
}

/// The ticket that begins with a run, as `ENT-108` and `2.3`, or that a mark before it begins, as `#183`.
fn ticket<'a>(run: &'a str, before: &str, from: &'a str) -> Option<&'a str> {
    let digits =
        |text: &str| text.len() - text.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let all = |kind: fn(&u8) -> bool| run.as_bytes().iter().all(kind);
    if all(u8::is_ascii_digit) {
        if before.ends_with('#') {
            return Some(run);
        }
        // Only the first number of a version begins it.
        if before == "." {
            return None;
        }
        let mut end = run.len();
        while let Some(more) = from.get(end..).and_then(|rest| rest.strip_prefix('.'))
            && digits(more) > 0
        {
            end += 1 + digits(more);
        }
        return from.get(..end).filter(|_| end > run.len());
    }
    let more = from.get(run.len()..)?.strip_prefix('-')?;
    let end = run.len() + 1 + digits(more);
    let is_key = (2..=10).contains(&run.len()) && all(u8::is_ascii_uppercase);
    from.get(..end).filter(|_| is_key && digits(more) > 0)
}

/// The hash of a word without its ending.
fn stem(word: &[u8]) -> u32 {
    let long = word.len();
    let tail = |word: &[u8], end: &[u8]| {
        let tail = word
            .len()
            .checked_sub(end.len())
            .and_then(|at| word.get(at..));
        tail.is_some_and(|tail| tail.eq_ignore_ascii_case(end))
    };
    let head = |cut: usize| word.get(..long - cut).unwrap_or(word);
    if long > 4 && tail(word, b"ies") {
        return more(hash_all(head(3)), b'y') & !IDENTIFIER;
    }
    let sibilant = || [b"ses", b"xes", b"zes"].iter().any(|end| tail(word, *end));
    let stem = if long > 5 && tail(word, b"ing") {
        head(3)
    } else if long > 4 && (tail(word, b"ed") || sibilant()) {
        head(2)
    } else if long > 3 && tail(word, b"s") && !tail(word, b"ss") {
        head(1)
    } else {
        word
    };
    let silent = stem.len() > 3 && tail(stem, b"e");
    hash(stem.get(..stem.len() - usize::from(silent)).unwrap_or(stem))
}

/// FNV-1a of a text in lower case, cut to 31 bits.
const fn hash(text: &[u8]) -> u32 {
    hash_all(text) & !IDENTIFIER
}

// Of a constant there are no iterators.
#[allow(clippy::indexing_slicing)]
const fn hash_all(text: &[u8]) -> u32 {
    let (mut hash, mut at) = (2_166_136_261, 0);
    while at < text.len() {
        hash = more(hash, text[at]);
        at += 1;
    }
    hash
}

/// A hash with one more letter.
const fn more(hash: u32, letter: u8) -> u32 {
    (hash ^ letter.to_ascii_lowercase() as u32).wrapping_mul(16_777_619)
}

/// Whether a token is that of an identifier or a ticket.
pub(super) fn is_identifier(token: u32) -> bool {
    token & IDENTIFIER != 0
}

#[cfg(test)]
#[allow(clippy::indexing_slicing)]
mod tests {
    use super::*;

    /// The tokens of a text, in words: those of `words` that it has, and the number of all.
    fn has(text: &str, words: &[&str]) {
        let mut terms = Terms::with(8);
        add(&mut terms, text, 1, &|term| &mut term.text);
        let mut expected: Vec<u32> = words
            .iter()
            .map(|word| match word.strip_prefix('=') {
                Some(name) => hash(name.as_bytes()) | IDENTIFIER,
                None => hash(word.as_bytes()),
            })
            .collect();
        let mut found: Vec<u32> = terms.list.iter().map(|term| term.token).collect();
        expected.sort_unstable();
        found.sort_unstable();
        assert_eq!(found, expected, "{text}: {words:?}");
    }

    #[test]
    fn a_compound_gives_its_words_and_itself() {
        has("id_cursor", &["id", "cursor", "=id_cursor"]);
        has(
            "parseHTTPHeader",
            &["pars", "http", "header", "=parsehttpheader"],
        );
        has("utf8", &["utf", "=utf8"]);
        has("__main__ x 12", &["main"]);
    }

    #[test]
    fn a_ticket_is_one_token() {
        has("ENT-108", &["ent", "=ent-108"]);
        has("#183 (2.3.1)", &["=183", "=2.3.1"]);
        has("3. Plan-9", &["plan"]);
    }

    #[test]
    fn a_word_loses_its_ending_and_a_stop_word_is_none() {
        has(
            "The policies: fixing classes, added caches",
            &["policy", "fix", "class", "add", "cach"],
        );
        has("boxes pass use", &["box", "pass"]);
    }

    #[test]
    fn a_run_of_another_script_is_one_word() {
        has(
            "Größe ändern 認証を直す é",
            &["größe", "ändern", "認証を直す"],
        );
    }

    #[test]
    fn a_path_gives_its_words_without_its_last_extension() {
        let mut terms = Terms::with(8);
        add_path(&mut terms, "src/.env/auth.test.rs");
        let found: Vec<u32> = terms.list.iter().map(|term| term.token).collect();
        assert_eq!(
            found,
            ["src", "env", "auth", "test"].map(|word| hash(word.as_bytes()))
        );
        assert!(
            terms
                .list
                .iter()
                .all(|term| (term.text, term.path) == (0, 1))
        );
    }

    #[test]
    fn a_text_counts_up_to_its_limit() {
        let long = "é".repeat(PROMPT);
        assert_eq!(head(&long, PROMPT - 1).len(), PROMPT - 2);
        let many: String = (0..3_000)
            .map(|n| format!("w{} ", char::from_u32(0x4e00 + n).unwrap_or('x')))
            .collect();
        let mut terms = Terms::with(8);
        add(&mut terms, &many, 1, &|term| &mut term.text);
        assert_eq!(terms.list.len(), crate::relevance::TERMS);
    }

    #[test]
    fn the_stop_words_are_in_order_and_no_two_are_alike() {
        assert!(STOP.is_sorted_by(|one, other| one < other));
    }
}
