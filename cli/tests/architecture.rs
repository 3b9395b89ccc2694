//! The workspace's shape, kept by reading it: which crate may depend on which, and what every source file owes its reader.
//!
//! The rules are the tables at the top; whoever wants another shape changes a line there and says why in the commit.

#![allow(clippy::unwrap_used, reason = "in a test an unwrap is an assertion")]

#[path = "architecture/circles.rs"]
mod circles;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use toml::{Table, Value};

/// Each crate's folder, and those of the workspace's crates on which it may depend. Dev-dependencies are free.
const ARROWS: &[(&str, &[&str])] = &[
    ("nn", &[]),
    ("schedule", &[]),
    ("eval", &[]),
    ("files", &[]),
    ("hub", &["files"]),
    ("tokenizer", &["files"]),
    ("glue-data", &["files", "tokenizer"]),
    ("encoder", &["nn", "files", "tokenizer"]),
    ("heads", &["nn"]),
    ("train", &["nn", "files", "tokenizer", "encoder", "heads", "schedule", "glue-data", "eval"]),
    ("report", &["schedule", "eval"]),
    ("study", &["files", "train", "schedule", "glue-data", "eval", "report"]),
    ("cli", &["files", "hub", "tokenizer", "study", "report", "train", "schedule", "glue-data", "eval"]),
    (
        "fuzz",
        &["nn", "files", "hub", "tokenizer", "encoder", "schedule", "glue-data", "train", "report", "study"],
    ),
    (
        "benches",
        &[
            "nn",
            "files",
            "tokenizer",
            "encoder",
            "heads",
            "schedule",
            "glue-data",
            "eval",
            "train",
            "report",
            "study",
        ],
    ),
];

/// What the crates at the bottom may use from outside. The others choose for themselves.
const OUTSIDE: &[(&str, &[&str])] = &[
    ("nn", &["libm", "ndarray", "ndarray-rand", "rayon"]),
    ("schedule", &["libm", "rand", "rayon", "serde", "strsim", "thiserror"]),
    ("eval", &["rand", "serde", "statrs", "thiserror"]),
];

/// The crates that compute and do nothing else, and what they therefore have no use for.
const PURE: &[&str] = &["nn", "heads", "schedule", "eval", "report"];
const IMPURE_MODULES: &[&str] = &["env", "fs", "io", "net", "process", "time"];

/// The files that may use the keyword which suspends the compiler's checks: vector instructions, and an allocator that counts.
const UNCHECKED: &[&str] = &[
    "benches/benches/peak.rs",
    "fuzz/src/memory.rs",
    "nn/src/gemm/kernel.rs",
    "nn/src/gemm/kernel/int8.rs",
    "nn/src/gemm/kernel/rounding.rs",
    "nn/src/gemm/kernel/transpose.rs",
    "nn/src/simd.rs",
    "train/tests/allocations.rs",
];
/// In two parts, so that this file does not hold it.
const UNCHECKED_KEYWORD: &str = concat!("un", "safe");

#[test]
fn crates_depend_only_along_the_arrows() {
    let arrows: BTreeMap<&str, &[&str]> = ARROWS.iter().copied().collect();
    let outside: BTreeMap<&str, &[&str]> = OUTSIDE.iter().copied().collect();
    for folder in members() {
        let allowed = arrows.get(&*folder).unwrap_or_else(|| panic!("ARROWS has no line for {folder}"));
        for dependency in dependencies(&manifest(&folder)) {
            match dependency.strip_prefix("mtlift-") {
                Some(ours) => assert!(allowed.contains(&ours), "{folder} may not depend on {ours}"),
                None if dependency == "mtlift" => panic!("{folder} may not depend on the binary"),
                None => assert!(
                    outside.get(&*folder).is_none_or(|allowed| allowed.contains(&&*dependency)),
                    "{folder} may not depend on {dependency} from outside"
                ),
            }
        }
    }
}

#[test]
fn a_crate_is_named_after_its_folder_and_takes_the_workspaces_lints() {
    for folder in members() {
        let manifest = manifest(&folder);
        let expected = if folder == "cli" { "mtlift".to_owned() } else { format!("mtlift-{folder}") };
        assert_eq!(manifest["package"]["name"].as_str(), Some(&*expected), "{folder}/Cargo.toml");
        let lints = manifest.get("lints").and_then(|lints| lints.get("workspace"));
        assert_eq!(lints, Some(&Value::Boolean(true)), "{folder}/Cargo.toml: [lints] workspace = true");
    }
}

#[test]
fn pure_crates_do_no_input_or_output() {
    let is_pure = |path: &str| PURE.iter().any(|folder| path.starts_with(&format!("{folder}/src/")));
    for (path, text) in sources().iter().filter(|(path, _)| is_pure(path)) {
        for line in text.lines().filter(|line| line.contains("std::")) {
            let found = words(line).find(|word| IMPURE_MODULES.contains(word));
            assert_eq!(found, None, "{path}: {line}");
        }
    }
}

/// A crate whose documentation is its README says so in place of `//!`.
#[test]
fn every_source_file_opens_with_what_it_is_for() {
    let silent: Vec<String> = sources()
        .into_iter()
        .filter(|(_, text)| !text.starts_with("//! ") && !text.starts_with("#![doc = include_str!("))
        .map(|(path, _)| path)
        .collect();
    assert!(silent.is_empty(), "no `//!` on the first line of {silent:?}");
}

#[test]
fn the_compilers_checks_are_suspended_in_the_listed_files_only() {
    let found: Vec<String> = sources()
        .into_iter()
        .filter(|(_, text)| text.lines().flat_map(words).any(|word| word == UNCHECKED_KEYWORD))
        .map(|(path, _)| path)
        .collect();
    assert_eq!(found, UNCHECKED);
}

/// The words of a line's code.
fn words(line: &str) -> impl Iterator<Item = &str> {
    let code = line.split("//").next().unwrap_or_default();
    code.split(|c: char| !c.is_alphanumeric() && c != '_')
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

fn read_toml(path: &Path) -> Table {
    fs::read_to_string(path).unwrap().parse().unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn manifest(folder: &str) -> Table {
    read_toml(&root().join(folder).join("Cargo.toml"))
}

/// The folders of the workspace's crates.
fn members() -> Vec<String> {
    let workspace = read_toml(&root().join("Cargo.toml"));
    let members = workspace["workspace"]["members"].as_array().unwrap();
    members.iter().map(|member| member.as_str().unwrap().to_owned()).collect()
}

/// The packages that a crate needs to be built, on any target.
fn dependencies(manifest: &Table) -> BTreeSet<String> {
    let targets = manifest.get("target").and_then(Value::as_table).into_iter().flat_map(Table::values);
    let tables = targets.filter_map(Value::as_table).chain([manifest]);
    let kinds = tables.flat_map(|table| ["dependencies", "build-dependencies"].map(|kind| table.get(kind)));
    let entries = kinds.flatten().filter_map(Value::as_table).flatten();
    entries
        .map(|(name, dependency)| {
            let renamed = dependency.get("package").and_then(Value::as_str);
            renamed.unwrap_or(name).to_owned()
        })
        .collect()
}

/// Path from the root, with `/`, and text of every Rust file of the workspace, in order.
fn sources() -> BTreeMap<String, String> {
    let mut folders: Vec<PathBuf> = members().iter().map(|member| root().join(member)).collect();
    let mut sources = BTreeMap::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let text = fs::read_to_string(&path).unwrap();
                let from_root = path.strip_prefix(root()).unwrap().to_string_lossy().replace('\\', "/");
                sources.insert(from_root, text);
            }
        }
    }
    sources
}
