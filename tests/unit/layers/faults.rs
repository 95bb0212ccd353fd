//! The layers, and the imports that break them.

use crate::imports::{file, imports, private};
use crate::sources::{Module, Sources};
use std::collections::{BTreeMap, BTreeSet};

/// The layers, the highest first. `lib` is the crate page with its re-exports.
pub const LAYERS: &[&[&str]] = &[
    &["wasm", "samples", "json_schema"],
    &["lib"],
    &["engine"],
    &["state"],
    &["relevance"],
    &["rules"],
    &["protocol"],
    &["unions"],
    &["shape"],
    &["parse"],
    &["json"],
    &["error"],
    &["words"],
    &["typescript"],
    &["names", "one_line", "time", "collections", "json_value"],
];

/// The number of a file's layer, from the highest.
fn layer(module: &str) -> Option<usize> {
    let top = module.split('/').next().unwrap_or_default();
    LAYERS.iter().position(|layer| layer.contains(&top))
}

/// All faults in the imports of a crate.
pub fn faults(all: &Sources) -> Vec<String> {
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

/// Notes each circle of imports that begins at a file.
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
