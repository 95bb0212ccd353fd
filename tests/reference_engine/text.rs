//! The meaning of texts: names, ids, patterns.

pub enum Name {
    Invalid,
    Last,
    Id(String),
    Slug(String),
}

pub fn is_name_letter(c: char) -> bool {
    c.is_alphanumeric() || c == '_' || c == '-'
}

pub fn slug_of(text: &str) -> Option<String> {
    let mut slug = String::new();
    let lower: Vec<char> = text.to_lowercase().chars().collect();
    for (i, c) in lower.iter().enumerate() {
        if is_name_letter(*c) {
            slug.push(*c);
        } else if i == 0 || is_name_letter(lower[i - 1]) {
            slug.push('-');
        }
    }
    let slug = slug.trim_matches('-').to_owned();
    (!slug.is_empty() && slug.chars().count() <= 64).then_some(slug)
}

pub fn described_name(description: &str) -> String {
    let whole = slug_of(description).unwrap_or_default();
    let mut name = String::new();
    for word in whole.split('-').filter(|word| !word.is_empty()) {
        let longer = if name.is_empty() {
            word.to_owned()
        } else {
            format!("{name}-{word}")
        };
        if longer.chars().count() > 32 {
            break;
        }
        name = longer;
    }
    if ["", "last"].contains(&&*name) || name.starts_with("ses_") || is_task(&name) {
        return "task".to_owned();
    }
    name
}

/// Whether a name is in the form of the id of a background task.
pub fn is_task(name: &str) -> bool {
    let digit = |c: char| c.is_ascii_digit() || ('a'..='f').contains(&c);
    name.len() == 11 && name.starts_with("bg_") && name[3..].chars().all(digit)
}

/// The name that a caller can use, from a text that it was given.
pub fn usable_name(text: &str) -> Option<String> {
    match name_of(text) {
        Name::Slug(slug) => Some(slug),
        _ => None,
    }
}

/// The name that a child may have, from a text that it was given.
pub fn given_name(text: &str) -> Option<String> {
    usable_name(text).filter(|name| !is_task(name))
}

pub fn name_of(text: &str) -> Name {
    let bare = text.trim_matches(|c: char| !c.is_alphanumeric() && c != '_');
    if bare.starts_with("ses_") {
        return Name::Id(bare.to_owned());
    }
    match slug_of(text) {
        None => Name::Invalid,
        Some(slug) if slug == "last" => Name::Last,
        Some(slug) if slug.starts_with("ses_") => Name::Id(bare.to_owned()),
        Some(slug) => Name::Slug(slug),
    }
}

pub fn distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let mut rows = vec![vec![0; b.len() + 1]; a.len() + 1];
    for i in 0..=a.len() {
        for j in 0..=b.len() {
            rows[i][j] = if i == 0 || j == 0 {
                i + j
            } else {
                let change = rows[i - 1][j - 1] + usize::from(a[i - 1] != b[j - 1]);
                change.min(rows[i - 1][j] + 1).min(rows[i][j - 1] + 1)
            };
        }
    }
    rows[a.len()][b.len()]
}

/// Whether `*` and `?` in a pattern can stand for what they must.
pub fn wild(pattern: &[char], text: &[char]) -> bool {
    match (pattern.first(), text.first()) {
        (None, None) => true,
        (Some('*'), _) => {
            wild(&pattern[1..], text) || (!text.is_empty() && wild(pattern, &text[1..]))
        }
        (Some('?'), Some(_)) => wild(&pattern[1..], &text[1..]),
        (Some(p), Some(t)) if p == t => wild(&pattern[1..], &text[1..]),
        _ => false,
    }
}
