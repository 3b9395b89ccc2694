//! A study's directory: who may have it, what is read in it, what is in it that nobody asked for.

use std::fs;
use std::path::Path;

use mtlift_schedule::Arm;
use serde_json::{Value, json};

use super::Store;
use crate::error::Error;
use crate::made_up::spec;
use crate::spec::{Question, Spec};

fn question() -> Spec {
    spec(Question::Compare, &["target"], &["other"])
}

fn message(error: &Error, directory: &Path) -> String {
    error.to_string().replace(&directory.display().to_string(), "DIR")
}

/// A directory with a study whose `study.json` is changed.
fn study(change: impl FnOnce(&mut Value)) -> tempfile::TempDir {
    let directory = tempfile::tempdir().expect("a temporary directory");
    Store::at(directory.path()).begin(&question()).expect("a study");
    let file = directory.path().join("study.json");
    let mut json: Value = mtlift_files::read_record(&file).expect("what was just written");
    change(&mut json);
    mtlift_files::write_record(&file, &json).expect("a file that can be written");
    directory
}

#[test]
fn a_study_is_read_as_it_was_written() {
    let directory = study(|json| assert_eq!(json["format"], 2));
    assert_eq!(Store::existing(directory.path()).expect("a study").1, question());
}

/// Without a number, and without the settings that came later.
#[test]
fn a_study_of_0_1_0_is_read() {
    let directory = study(|json| {
        let fields = json.as_object_mut().expect("an object");
        fields.remove("format");
        fields["mixing"].as_object_mut().expect("an object").remove("combine");
    });
    assert_eq!(Store::existing(directory.path()).expect("a study").1, question());
}

#[test]
fn a_study_of_a_newer_format_is_refused_by_name() {
    let directory = study(|json| {
        json["format"] = json!(3);
        json["something_new"] = json!(true);
    });
    let error = Store::existing(directory.path()).expect_err("a newer format");
    assert_eq!(
        message(&error, directory.path()),
        "DIR/study.json was written by a newer mtlift: its format is 3, this one reads up to 2; update mtlift"
    );
}

#[test]
fn a_damaged_study_is_named() {
    for format in [json!(0), json!("two"), json!(-1)] {
        let directory = study(|json| json["format"] = format.clone());
        let error = Store::existing(directory.path()).expect_err("no format");
        assert_eq!(
            message(&error, directory.path()),
            format!(
                "DIR/study.json: not what mtlift wrote there: `format` is {format}, expected a number from 1"
            )
        );
    }
    let directory = study(|json| json["unheard_of"] = json!(1));
    let error = Store::existing(directory.path()).expect_err("an unknown setting");
    assert!(message(&error, directory.path()).contains("unknown field `unheard_of`"), "{error}");
}

#[test]
fn a_study_grows_and_does_not_change() {
    let directory = study(|_| {});
    let more = Spec { seeds: vec![1, 2, 3, 4, 5, 6], ..question() };
    assert_eq!(
        Store::check(directory.path(), &more, true).expect("the study grows"),
        ["seeds: 1,2,3,4,5,6 in place of 1,2,3,4,5"]
    );
    assert!(matches!(Store::check(directory.path(), &question(), false), Err(Error::Exists { .. })));
    let mut other = question();
    other.settings.epochs = 7;
    other.arms = vec![Arm::Single.into()];
    let error = Store::check(directory.path(), &other, true).expect_err("another study");
    assert_eq!(
        message(&error, directory.path()),
        "DIR holds another study, which differs in arms (single,stilts,mtl there, single asked), \
         settings.epochs (3 there, 7 asked): ask the same, or give another --out"
    );
}

#[test]
fn runs_that_nobody_asked_for_say_why_they_are_there() {
    let directory = study(|_| {});
    let store = Store::at(directory.path());
    let ids = ["0000000000000001", "0000000000000002", "0000000000000003"];
    for (id, numerics) in ids.into_iter().zip([1, 99, 1]) {
        store.claim(id, &format!("run {id}"), &json!({"numerics": numerics})).expect("a lock");
    }
    fs::create_dir(directory.path().join("runs/0000000000000004")).expect("a directory");
    fs::write(directory.path().join("runs/notes.txt"), "somebody's own").expect("a file");
    let orphans = store.orphans(|id| id == ids[2]).expect("a directory that can be read");
    let found: Vec<(&str, &str)> =
        orphans.iter().map(|orphan| (orphan.label.as_str(), orphan.reason.as_str())).collect();
    assert_eq!(
        found[..2],
        [
            ("run 0000000000000001", "made with data, a model or settings that this study does not have"),
            ("run 0000000000000002", "made by another version of mtlift, whose runs give other results")
        ]
    );
    assert_eq!(found[2].0, "unknown");
    assert_eq!(found.len(), 3);
}

#[test]
fn a_directory_of_somebody_elses_is_left_alone() {
    let directory = tempfile::tempdir().expect("a temporary directory");
    fs::write(directory.path().join("thesis.tex"), "").expect("a file");
    let error = Store::check(directory.path(), &question(), false).expect_err("not ours");
    assert_eq!(
        message(&error, directory.path()),
        "DIR holds `thesis.tex` but no study: give an --out that is empty or does not exist"
    );
}
