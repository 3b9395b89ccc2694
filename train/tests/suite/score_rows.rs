//! Unused training rows that are scored beside dev: which they are, what they change, and what is told who cannot have any.

use std::collections::BTreeSet;
use std::fs;

use mtlift_glue_data::{Example, Target};
use mtlift_schedule::HeadStart;
use mtlift_train::{
    Mixing, Protocol, RunFiles, SCORE_ROWS, Settings, TaskResult, TrainingSplit, read_predictions,
};
use proptest::prelude::*;

use crate::folder::{Folder, Run, Silent};

/// Rows of few texts, so that many stand twice.
fn examples(rows: &[(u8, usize)]) -> Vec<Example> {
    let example = |(row, &(text, class)): (usize, &(u8, usize))| Example {
        text_a: format!("text {}", text / 2),
        text_b: (text % 2 == 0).then(|| "second".to_owned()),
        target: Some(Target::Class(class)),
        group: None,
        index: row.to_string(),
        line: row + 1,
    };
    rows.iter().enumerate().map(example).collect()
}

proptest! {
    #[test]
    fn no_scored_row_is_trained_on_or_held_out_or_repeats_a_text(
        rows in prop::collection::vec((0u8..60, 0usize..3), 4..120),
        max_train in 2usize..80,
        held_out in prop::option::of(0.05f64..0.5),
        count in 1usize..60,
    ) {
        let examples = examples(&rows);
        let targets: Vec<Target> = examples.iter().filter_map(|example| example.target).collect();
        let drawn = TrainingSplit::draw(&targets, Some(max_train), held_out);
        let used: BTreeSet<usize> = drawn.train.iter().chain(drawn.held_out.iter().flatten()).copied().collect();
        prop_assert_eq!(used.len() + drawn.unused.len(), rows.len(), "each row is for one thing");
        prop_assert!(drawn.unused.iter().all(|row| !used.contains(row)));

        let text = |row: usize| (&examples[row].text_a, &examples[row].text_b);
        let of_used: BTreeSet<_> = used.iter().map(|&row| text(row)).collect();
        let scored = drawn.to_score(&examples, count);
        prop_assert!(scored.iter().all(|row| drawn.unused.contains(row) && !of_used.contains(&text(*row))));
        prop_assert!(scored.is_sorted() && scored.len() <= count);
        prop_assert_eq!(scored.iter().map(|&row| text(row)).collect::<BTreeSet<_>>().len(), scored.len());
        let fresh: BTreeSet<_> = drawn.unused.iter().map(|&row| text(row)).filter(|text| !of_used.contains(text)).collect();
        prop_assert_eq!(drawn.to_score(&examples, rows.len()).len(), fresh.len(), "all there are");
    }

    /// Whether rows are scored and which share is held out changes nothing in what is trained on.
    #[test]
    fn the_unused_rows_are_what_the_cut_leaves(
        rows in prop::collection::vec((0u8..60, 0usize..3), 10..60), max_train in 2usize..80,
    ) {
        let targets: Vec<Target> = examples(&rows).iter().filter_map(|example| example.target).collect();
        let without = TrainingSplit::draw(&targets, Some(max_train), None);
        let with = TrainingSplit::draw(&targets, Some(max_train), Some(0.2));
        prop_assert_eq!(&without.unused, &with.unused);
        prop_assert_eq!(TrainingSplit::draw(&targets, None, None).unused, Vec::<usize>::new());
    }
}

fn settings(score_rows: Option<usize>) -> Settings {
    Settings { max_train: Some(24), score_rows, epochs: 1, ..Run::new(Mixing::default()).settings }
}

fn pairs(folder: &Folder, run: &Run, out: &str) -> TaskResult {
    folder.train(run, &[folder.task("pairs")], out, &mut Silent).unwrap().result.target
}

/// The indices of a run's scored rows, and how many of them it has right.
fn scored(folder: &Folder, out: &str) -> (Vec<String>, usize) {
    let task = folder.task("pairs");
    let train = task.read("train").unwrap();
    let file = RunFiles::at(&folder.path(out)).predictions(1, "pairs", SCORE_ROWS);
    let rows = read_predictions(&file).unwrap().rows;
    let is_right = |row: &&mtlift_train::Prediction| {
        let example = train.examples.iter().find(|example| example.index == row.index).unwrap();
        example.target.and_then(|target| target.class()).map(|class| &task.labels[class])
            == Some(&row.prediction)
    };
    (rows.iter().map(|row| row.index.clone()).collect(), rows.iter().filter(is_right).count())
}

#[test]
fn scoring_more_rows_changes_the_score_and_nothing_that_is_trained() {
    let folder = Folder::with_tasks();
    let mut run = Run::new(Mixing::default());
    run.settings = settings(None);
    let plain = pairs(&folder, &run, "plain");
    run.settings = settings(Some(10));
    let with = pairs(&folder, &run, "with");
    assert_eq!(with.parameters, plain.parameters);
    assert!(plain.score_rows.is_none() && !folder.path("plain/predictions-score-rows.tsv").exists());

    // Ten rows beside the 24 of dev, together as one set.
    let beside = with.score_rows.clone().unwrap();
    let (indices, right) = scored(&folder, "with");
    assert_eq!((beside.rows, indices.len()), (10, 10));
    assert_eq!(Some(&beside.dev), plain.metrics.as_ref());
    assert!((beside.unused.headline() - right as f64 / 10.0).abs() < 1e-12);
    let together = (24.0 * beside.dev.headline() + right as f64) / 34.0;
    assert!((with.metrics.unwrap().headline() - together).abs() < 1e-12);
    let description = fs::read_to_string(folder.path("with/run.json")).unwrap();
    let description: serde_json::Value = serde_json::from_str(&description).unwrap();
    assert_eq!(description["tasks"][0]["score_rows"]["rows"], 10);
    let identity = &description["settings"];
    assert_eq!((identity["score_rows"].as_u64(), identity["max_train"].as_u64()), (Some(10), Some(24)));
}

/// A kept head has its own order of labels, and a study draws the rows without knowing it.
#[test]
fn the_same_rows_are_scored_under_every_seed_and_head() {
    let folder = Folder::with_tasks();
    folder.write_model("reversed", "bert", &["yes", "no"]);
    fs::copy(folder.path("model/vocab.txt"), folder.path("reversed/vocab.txt")).unwrap();
    let mut run = Run::new(Mixing::default());
    run.settings = settings(Some(10));
    pairs(&folder, &run, "one");
    run.settings.seed = 7;
    pairs(&folder, &run, "other-seed");
    (run.model, run.start) = ("reversed", HeadStart::Kept);
    pairs(&folder, &run, "other-head");
    let task = folder.task("pairs");
    let train = task.read("train").unwrap();
    let drawn = TrainingSplit::draw(&train.targets().unwrap(), Some(24), Some(run.settings.held_out));
    let drawn = drawn.to_score(&train.examples, 10);
    let drawn: Vec<String> = drawn.into_iter().map(|row| train.examples[row].index.clone()).collect();
    for out in ["one", "other-seed", "other-head"] {
        assert_eq!(scored(&folder, out).0, drawn, "{out}");
    }
}

#[test]
fn who_cannot_have_such_rows_is_told_why() {
    let folder = Folder::with_tasks();
    let refused = |settings: Settings, message: &str| {
        let run = Run { settings, ..Run::new(Mixing::default()) };
        let error = folder.train(&run, &[folder.task("pairs")], "out", &mut Silent).unwrap_err();
        assert_eq!(error.to_string(), message);
    };
    let without_cut = Settings { max_train: None, ..settings(Some(10)) };
    refused(
        without_cut,
        "score-rows is 10, expected max-train beside it: the rows that are scored are those that max-train leaves unused",
    );
    let paper = Settings { protocol: Protocol::Paper, ..settings(Some(10)) };
    refused(
        paper,
        "score-rows is 10, expected protocol held-out or fixed: paper scores on the dev rows by which it selects, and on no others",
    );
    refused(settings(Some(0)), "score-rows is 0, expected at least 1");
    refused(
        Settings { max_train: Some(48), ..settings(Some(10)) },
        "no row of `train` is left to be scored beside dev, of pairs: each is trained on or held out, or has the texts of one that \
         is; lower --max-train, or leave out --score-rows",
    );
    let toml = fs::read_to_string(folder.path("pairs.toml")).unwrap();
    fs::write(folder.path("pairs.toml"), toml.replace("dev = \"pairs-dev.tsv\"\n", "")).unwrap();
    refused(
        settings(Some(10)),
        "task pairs has no dev split, and rows are to be scored beside it: name a file `dev` under [files], or carve rows out of \
         train with `dev = 0.1` under [split]",
    );
}
