//! The layers of the crate: each file of `src` imports only from the layers below its own, no files import each other
//! in a circle, and no import reaches past the face of another folder.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    missing_docs
)]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

/// The layers, the highest first. `lib` is the crate page with its re-exports.
const LAYERS: &[&[&str]] = &[
    &["wasm", "samples"],
    &["lib"],
    &["engine"],
    &["state", "relevance"],
    &["rules"],
    &["protocol"],
    &["shape"],
    &["json"],
    &["error"],
    &["words"],
    &["typescript"],
    &["names", "time", "collections"],
];

/// A file by its path in the crate: `state/slots`, and `state` for `state/mod.rs`.
type Module = String;

/// Every file of a crate with its text.
type Sources = BTreeMap<Module, String>;

fn sources() -> Sources {
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
fn tokens(text: &str) -> Vec<String> {
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

/// Leaves out what stands behind `#[cfg(test)]`, to its closing brace.
fn without_tests(tokens: Vec<String>) -> Vec<String> {
    const TEST: [&str; 7] = ["#", "[", "cfg", "(", "test", ")", "]"];
    let mut kept = Vec::new();
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
            kept.push(tokens[here].clone());
            here += 1;
        }
    }
    kept
}

/// The paths of a tree as in `a::{b, c::d}`, from the token after what stands before it.
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

/// What a file imports, as paths from the root of the crate.
fn imports(module: &str, text: &str, all: &Sources) -> Vec<Vec<String>> {
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
fn file(path: &[String], all: &Sources) -> Module {
    let deepest = (1..=path.len())
        .rev()
        .map(|length| path[..length].join("/"));
    deepest
        .into_iter()
        .find(|module| all.contains_key(module))
        .unwrap_or_else(|| "lib".to_owned())
}

fn layer(module: &str) -> Option<usize> {
    let top = module.split('/').next().unwrap_or_default();
    LAYERS.iter().position(|layer| layer.contains(&top))
}

/// The modules that a file declares for its folder alone.
fn private(text: &str) -> BTreeSet<String> {
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

/// Everything that is wrong with the imports of a crate.
fn faults(all: &Sources) -> Vec<String> {
    let mut faults = Vec::new();
    let mut graph: BTreeMap<&Module, BTreeSet<Module>> = BTreeMap::new();
    for (module, text) in all {
        let Some(own) = layer(module) else {
            faults.push(format!("{module} is in no layer"));
            continue;
        };
        let top = module.split('/').next().unwrap();
        for path in imports(module, text, all) {
            let to = file(&path, all);
            if to == *module {
                continue;
            }
            let other = to.split('/').next().unwrap();
            if other != top && layer(&to).is_none_or(|layer| layer <= own) {
                faults.push(format!("{module} imports from {to}, which is not below it"));
            }
            let folder = path.first().and_then(|folder| all.get(folder));
            if other != top
                && let (Some(face), Some(name), Some(_)) = (folder, path.get(1), path.get(2))
                && private(face).contains(name)
            {
                faults.push(format!("{module} imports past the face of {other}: {name}"));
            }
            graph.entry(module).or_default().insert(to);
        }
    }
    let mut done = BTreeSet::new();
    for module in all.keys() {
        circle(module, &graph, &mut Vec::new(), &mut done, &mut faults);
    }
    faults
}

fn circle<'a>(
    module: &'a Module,
    graph: &'a BTreeMap<&Module, BTreeSet<Module>>,
    way: &mut Vec<&'a Module>,
    done: &mut BTreeSet<&'a Module>,
    faults: &mut Vec<String>,
) {
    if let Some(from) = way.iter().position(|passed| *passed == module) {
        let names: Vec<&str> = way[from..].iter().map(|passed| passed.as_str()).collect();
        faults.push(format!("a circle: {} -> {module}", names.join(" -> ")));
        return;
    }
    if done.contains(module) {
        return;
    }
    way.push(module);
    for to in graph.get(module).into_iter().flatten() {
        circle(to, graph, way, done, faults);
    }
    way.pop();
    done.insert(module);
}

#[test]
fn imports_run_down_without_circles() {
    let all = sources();
    let faults = faults(&all);
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
    let count: usize = all
        .iter()
        .map(|(module, text)| imports(module, text, &all).len())
        .sum();
    println!("{} files, {count} imports", all.len());
    assert!(all.len() > 40 && count > 200, "{} {count}", all.len());
}

#[test]
fn every_layer_but_relevance_has_files() {
    let all = sources();
    for name in LAYERS.iter().flat_map(|layer| layer.iter()) {
        let found = all
            .keys()
            .any(|module| module.split('/').next() == Some(name));
        assert!(found || *name == "relevance", "{name}");
    }
}

fn crate_of(files: &[(&str, &str)]) -> Sources {
    let files = files.iter();
    files
        .map(|(module, text)| ((*module).to_owned(), (*text).to_owned()))
        .collect()
}

/// The faults of a crate that has these files beside sound ones.
fn faults_with(files: &[(&str, &str)]) -> Vec<String> {
    let mut all = crate_of(&[
        (
            "lib",
            "mod engine; mod state; pub mod rules; pub use engine::Engine;",
        ),
        (
            "engine",
            "mod look; use crate::state::Registry; use crate::engine::look::see;",
        ),
        (
            "engine/look",
            "use crate::rules::table::{self, Row}; use crate::state::Registry;",
        ),
        (
            "state",
            "mod registry; mod slots; pub(crate) use registry::Registry;",
        ),
        (
            "state/registry",
            "use crate::state::slots::Slots; use crate::rules::table::Row;",
        ),
        (
            "state/slots",
            "use crate::time::Millis; // use crate::engine::Engine;\n",
        ),
        ("rules", "pub mod table;"),
        (
            "rules/table",
            "fn of() -> crate::time::Millis { \"crate::engine::Engine\" }",
        ),
        (
            "time",
            "#[cfg(test)] mod tests { use crate::engine::Engine; }",
        ),
    ]);
    all.extend(crate_of(files));
    faults(&all)
}

#[test]
fn a_sound_crate_has_no_fault() {
    assert_eq!(faults_with(&[]), Vec::<String>::new());
}

#[test]
fn each_kind_of_wrong_import_is_found() {
    let wrong: &[(&str, &str, &str)] = &[
        (
            "rules/table",
            "use crate::state::Registry;",
            "which is not below it",
        ),
        (
            "rules/table",
            "use super::super::engine;",
            "which is not below it",
        ),
        (
            "rules/table",
            "fn of() -> crate::engine::Engine {}",
            "which is not below it",
        ),
        (
            "time",
            "use crate::{rules::table::Row};",
            "which is not below it",
        ),
        ("state/slots", "use crate::Engine;", "imports from lib"),
        (
            "state/slots",
            "use crate::state::registry::Registry;",
            "a circle: ",
        ),
        (
            "state/slots",
            "use super::registry::Registry;",
            "a circle: ",
        ),
        (
            "state/slots",
            "use crate::state::{\n    registry::{Registry as R, Other},\n};",
            "a circle: ",
        ),
        ("state/slots", "use crate::state::Registry;", "a circle: "),
        (
            "engine/look",
            "use crate::state::slots::Slots;",
            "past the face of state: slots",
        ),
        (
            "engine/look",
            "use crate::{state::{slots::Slots}};",
            "past the face of state: slots",
        ),
        ("attic", "", "is in no layer"),
    ];
    for (module, text, fault) in wrong {
        let found = faults_with(&[(module, text)]);
        let named = found.iter().any(|found| found.contains(fault));
        assert!(named, "{module}: {text}: {found:?}");
    }
}

#[test]
fn texts_and_comments_are_no_imports() {
    let sound = [
        "/* use crate::engine::Engine; */ /// [`crate::engine::Engine`]",
        "const A: &str = r#\"use crate::engine::Engine; \"#; const B: char = '\"'; const C: char = '\\'';",
        "const A: &str = \"\\\" use crate::engine::Engine;\"; fn f<'a>(a: &'a str) {}",
        "#[cfg(test)] mod tests { fn f() { crate::engine::f() } } use crate::time::Millis;",
    ];
    for text in sound {
        assert_eq!(
            faults_with(&[("state/slots", text)]),
            Vec::<String>::new(),
            "{text}"
        );
    }
    let after = "#[cfg(test)] mod tests {} use crate::engine::Engine;";
    assert!(!faults_with(&[("state/slots", after)]).is_empty());
}
