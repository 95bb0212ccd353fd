//! The layers of the crate: each file of `src` imports only from the layers below its own, no files import each other
//! in a circle, and no import reaches past the face of another folder.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    missing_docs
)]

#[path = "layers/faults.rs"]
mod faults;
#[path = "layers/imports.rs"]
mod imports;
#[path = "layers/sources.rs"]
mod sources;

use faults::{LAYERS, faults};
use imports::imports;
use sources::{Sources, sources};

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
fn every_layer_has_files() {
    let all = sources();
    for name in LAYERS.iter().flat_map(|layer| layer.iter()) {
        let found = all
            .keys()
            .any(|module| module.split('/').next() == Some(name));
        assert!(found, "{name}");
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
