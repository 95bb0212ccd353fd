//! The imports of a file, and the files that they lead to.

use crate::sources::{Module, Sources, tokens};
use std::collections::BTreeSet;

/// The paths of a tree as in `a::{b, c::d}`, after a path that stands before it.
fn paths(tokens: &[String], here: &mut usize, before: &[String], all: &mut Vec<Vec<String>>) {
    let mut path = before.to_vec();
    loop {
        match tokens.get(*here).map(String::as_str) {
            Some("{") => {
                *here += 1;
                while tokens.get(*here).is_some_and(|token| token != "}") {
                    let from = *here;
                    paths(tokens, here, &path, all);
                    while tokens
                        .get(*here)
                        .is_some_and(|token| token != "," && token != "}")
                    {
                        *here += 1;
                    }
                    if tokens.get(*here).is_some_and(|token| token == ",") || *here == from {
                        *here += 1;
                    }
                }
                *here += 1;
                return;
            }
            Some(word) if word.starts_with(|c: char| c.is_alphanumeric() || c == '_') => {
                path.push(word.to_owned());
                *here += 1;
            }
            _ => break,
        }
        if tokens.get(*here).is_none_or(|token| token != "::") {
            break;
        }
        *here += 1;
    }
    all.push(path);
}

/// The imports of a file, as paths from the root of the crate.
pub fn imports(module: &str, text: &str, all: &Sources) -> Vec<Vec<String>> {
    let tokens = tokens(text);
    let own: Vec<String> = module
        .split('/')
        .filter(|part| !part.is_empty() && *part != "lib")
        .map(str::to_owned)
        .collect();
    let is_child = |name: &str| {
        let child = own.iter().map(String::as_str).chain([name]);
        all.contains_key(&child.collect::<Vec<_>>().join("/"))
    };
    let mut found = Vec::new();
    for index in 0..tokens.len() {
        let follows = index > 0 && tokens[index - 1] == "::";
        let uses = index > 0 && tokens[index - 1] == "use";
        let leads = tokens.get(index + 1).is_some_and(|token| token == "::");
        let (mut here, before) = match tokens[index].as_str() {
            "crate" if leads && !follows => (index + 2, Vec::new()),
            "self" if leads && !follows => (index + 2, own.clone()),
            "super" if leads && !follows => {
                let mut above = own.clone();
                above.pop();
                let mut here = index + 2;
                while tokens.get(here).is_some_and(|token| token == "super") {
                    above.pop();
                    here += 2;
                }
                (here, above)
            }
            // A face re-exports from its files by their bare names.
            name if uses && is_child(name) => (index, own.clone()),
            _ => continue,
        };
        paths(&tokens, &mut here, &before, &mut found);
    }
    found
}

/// The file that a path leads to: the deepest one on its way.
pub fn file(path: &[String], all: &Sources) -> Module {
    let deepest = (1..=path.len())
        .rev()
        .map(|length| path[..length].join("/"));
    deepest
        .into_iter()
        .find(|module| all.contains_key(module))
        .unwrap_or_else(|| "lib".to_owned())
}

/// The modules that a file declares for its folder alone.
pub fn private(text: &str) -> BTreeSet<String> {
    let tokens = tokens(text);
    let mut names = BTreeSet::new();
    for (index, window) in tokens.windows(3).enumerate() {
        let public = index > 0 && (tokens[index - 1] == "pub" || tokens[index - 1] == ")");
        if window[0] == "mod" && window[2] == ";" && !public {
            names.insert(window[1].clone());
        }
    }
    names
}
