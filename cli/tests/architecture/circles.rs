//! Within a crate, no files import each other in a circle: whoever reads a file can read first what it stands on.
//!
//! Imports are read from the text. A name that a module hands on is followed to the file that has it, so an import of
//! `crate::Error` is one of the file in which `Error` is.

use std::collections::{BTreeMap, BTreeSet};

use crate::sources;

/// A module's path in its crate, `[]` being the root, and the imports of its file: full paths, and whether they are handed on.
type Modules = BTreeMap<Vec<String>, Vec<(Vec<String>, bool)>>;

#[test]
fn files_of_a_crate_do_not_import_each_other_in_a_circle() {
    let mut crates: BTreeMap<String, BTreeMap<Vec<String>, String>> = BTreeMap::new();
    for (path, text) in sources() {
        if let Some((folder, file)) = path.split_once("/src/").filter(|(_, file)| !file.ends_with("tests.rs"))
        {
            crates.entry(folder.to_owned()).or_default().insert(module(file), text);
        }
    }
    let mut circles = Vec::new();
    for (folder, texts) in crates {
        let modules: Modules =
            texts.iter().map(|(module, text)| (module.clone(), imports(text, module, &texts))).collect();
        let edges: BTreeMap<&Vec<String>, BTreeSet<Vec<String>>> = modules
            .iter()
            .map(|(module, imports)| {
                let used = imports.iter().filter(|(_, handed_on)| !handed_on);
                let files = used.filter_map(|(path, _)| home(path, &modules)).filter(|file| file != module);
                (module, files.collect())
            })
            .collect();
        for module in modules.keys() {
            let circle = way_back(module, module, &edges, &mut BTreeSet::new());
            circles.extend(circle.map(|way| format!("{folder}: {}", way.join(" imports "))));
        }
    }
    assert!(circles.is_empty(), "{}", circles.join("\n"));
}

fn module(file: &str) -> Vec<String> {
    let path = file.trim_end_matches(".rs");
    let path = path.strip_suffix("/mod").unwrap_or(path);
    if ["lib", "main"].contains(&path) { Vec::new() } else { path.split('/').map(str::to_owned).collect() }
}

/// The paths below the crate's root that a file imports.
fn imports(text: &str, own: &[String], texts: &BTreeMap<Vec<String>, String>) -> Vec<(Vec<String>, bool)> {
    // A file's own tests come last.
    let text = text.split("#[cfg(test)]\nmod ").next().unwrap_or_default();
    let code: String =
        text.lines().map(|line| line.split("//").next().unwrap_or_default().to_owned() + "\n").collect();
    let mut found = Vec::new();
    for statement in code.split(';') {
        let line = statement.lines().rev().find(|line| {
            let line = line.trim_start();
            line.starts_with("use ") || line.starts_with("pub use ") || line.starts_with("pub(")
        });
        let Some(start) = line.and_then(|line| statement.find(line.trim_start())) else { continue };
        let Some((before, tree)) = statement[start..].split_once("use ") else { continue };
        for path in expanded(tree.trim()) {
            let mut path: Vec<String> = path.split("::").map(|part| part.trim().to_owned()).collect();
            let mut from = match path.first().map(String::as_str) {
                Some("crate") => Vec::new(),
                Some("self") => own.to_vec(),
                Some("super") => own[..own.len().saturating_sub(1)].to_vec(),
                Some(child) if texts.contains_key(&[own, &[child.to_owned()]].concat()) => {
                    path.insert(0, String::new());
                    own.to_vec()
                }
                _ => continue,
            };
            path.remove(0);
            while path.first().is_some_and(|part| part == "super") {
                path.remove(0);
                from.pop();
            }
            found.push(([from, path].concat(), before.starts_with("pub")));
        }
    }
    found
}

/// `a::{b, c::{d, e}}` as `a::b`, `a::c::d`, `a::c::e`.
fn expanded(tree: &str) -> Vec<String> {
    let Some((stem, rest)) = tree.split_once('{') else {
        return vec![tree.split(" as ").next().unwrap_or_default().trim().to_owned()];
    };
    let inside = &rest[..rest.rfind('}').unwrap_or(rest.len())];
    let (mut depth, mut branches) = (0, vec![String::new()]);
    for letter in inside.chars() {
        depth += i32::from(letter == '{') - i32::from(letter == '}');
        if letter == ',' && depth == 0 {
            branches.push(String::new());
        } else {
            branches.last_mut().unwrap().push(letter);
        }
    }
    let branches = branches.iter().map(|branch| branch.trim()).filter(|branch| !branch.is_empty());
    branches.flat_map(expanded).map(|branch| format!("{}{branch}", stem.trim())).collect()
}

/// The module whose file has what a path names.
fn home(path: &[String], modules: &Modules) -> Option<Vec<String>> {
    let length = (0..=path.len()).rev().find(|&length| modules.contains_key(&path[..length]))?;
    let (module, rest) = path.split_at(length);
    let handed_on = rest.first().and_then(|item| {
        let mut imports =
            modules[module].iter().filter(|(from, handed_on)| *handed_on && from.as_slice() != path);
        imports.find(|(from, _)| from.last() == Some(item)).and_then(|(from, _)| home(from, modules))
    });
    Some(handed_on.unwrap_or_else(|| module.to_vec()))
}

/// A way from one file to another along imports.
fn way_back(
    from: &Vec<String>,
    to: &Vec<String>,
    edges: &BTreeMap<&Vec<String>, BTreeSet<Vec<String>>>,
    seen: &mut BTreeSet<Vec<String>>,
) -> Option<Vec<String>> {
    for next in &edges[from] {
        let way = if next == to {
            Some(vec![next.join("/")])
        } else if seen.insert(next.clone()) {
            way_back(next, to, edges, seen)
        } else {
            None
        };
        if let Some(way) = way {
            return Some([vec![from.join("/")], way].concat());
        }
    }
    None
}
