//! The files of `src` and the words and signs of each.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

/// A file by its path in the crate: `state/slots`, and `state` for `state/mod.rs`.
pub type Module = String;

/// Every file of a crate with its text.
pub type Sources = BTreeMap<Module, String>;

/// Every file of `src`.
pub fn sources() -> Sources {
    fn read(folder: &Path, above: &str, all: &mut Sources) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
            let module = [above, &name].concat();
            if path.is_dir() {
                read(&path, &[&module, "/"].concat(), all);
            } else if path.extension().is_some_and(|ext| ext == "rs") {
                let module = match name.as_str() {
                    "mod" => above.trim_end_matches('/').to_owned(),
                    _ => module,
                };
                all.insert(module, fs::read_to_string(&path).unwrap());
            }
        }
    }
    let mut all = Sources::new();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    read(&root, "", &mut all);
    all
}

/// A text without comments, literals and test modules: the words and signs that are left.
pub fn tokens(text: &str) -> Vec<String> {
    let chars: Vec<char> = text.chars().collect();
    let at = |index: usize| chars.get(index).copied().unwrap_or('\0');
    let mut tokens = Vec::new();
    let mut here = 0;
    while here < chars.len() {
        match at(here) {
            '/' if at(here + 1) == '/' => {
                while here < chars.len() && at(here) != '\n' {
                    here += 1;
                }
            }
            '/' if at(here + 1) == '*' => {
                here += 2;
                while here < chars.len() && (at(here), at(here + 1)) != ('*', '/') {
                    here += 1;
                }
                here += 2;
            }
            'r' if at(here + 1) == '"' || at(here + 1) == '#' && "\"#".contains(at(here + 2)) => {
                let signs = (here + 1..).take_while(|index| at(*index) == '#').count();
                let end: String = ["\"", &"#".repeat(signs)].concat();
                let rest: String = chars[here + 2 + signs..].iter().collect();
                let length = rest
                    .find(&end)
                    .map_or(rest.len(), |end| rest[..end].chars().count());
                here += 2 + signs + length + 1 + signs;
            }
            '"' => {
                here += 1;
                while here < chars.len() && at(here) != '"' {
                    here += if at(here) == '\\' { 2 } else { 1 };
                }
                here += 1;
            }
            '\'' if at(here + 1) == '\\' => {
                here += 3;
                while here < chars.len() && at(here) != '\'' {
                    here += 1;
                }
                here += 1;
            }
            '\'' if at(here + 2) == '\'' => here += 3,
            c if c.is_alphanumeric() || c == '_' => {
                let word = chars[here..].iter();
                let word: String = word
                    .take_while(|c| c.is_alphanumeric() || **c == '_')
                    .collect();
                here += word.chars().count();
                tokens.push(word);
            }
            ':' if at(here + 1) == ':' => {
                tokens.push("::".to_owned());
                here += 2;
            }
            c => {
                if !c.is_whitespace() {
                    tokens.push(c.to_string());
                }
                here += 1;
            }
        }
    }
    without_tests(tokens)
}

/// Leaves out the item behind `#[cfg(test)]`, to its closing brace.
fn without_tests(tokens: Vec<String>) -> Vec<String> {
    const TEST: [&str; 7] = ["#", "[", "cfg", "(", "test", ")", "]"];
    let mut left = Vec::new();
    let mut here = 0;
    while here < tokens.len() {
        if tokens[here..].iter().take(TEST.len()).eq(TEST.iter()) {
            while here < tokens.len() && tokens[here] != "{" && tokens[here] != ";" {
                here += 1;
            }
            let mut depth = 0;
            while here < tokens.len() {
                depth += i32::from(tokens[here] == "{") - i32::from(tokens[here] == "}");
                here += 1;
                if depth <= 0 {
                    break;
                }
            }
        } else {
            left.push(tokens[here].clone());
            here += 1;
        }
    }
    left
}
