//! Rows that a model has labelled: the labels are that model's, none of them is read from a file, and what is trained on is what the
//! record says.

use std::collections::BTreeMap;
use std::fs;

use mtlift_glue_data::{Task, UNLABELLED};
use mtlift_train::{
    Error, Mixing, Outcome, Predictions, RunFiles, SelfTrainedJob, Settings, TrainedModel, read_predictions,
    train_self,
};

use crate::folder::{Folder, Run, Silent, assert_same, rows};

/// A folder with a finished run on `triples` in `labeller`, and 60 rows of that task without labels, five of them twice.
fn folder(run: &Run) -> (Folder, Task) {
    let folder = Folder::with_tasks();
    let text = rows("triples more", &["a", "b", "c"], 60, 2);
    let texts: Vec<&str> = text.lines().map(|line| line.split('\t').next().unwrap()).collect();
    let again = [&texts[..], &texts[1..6]].concat();
    fs::write(folder.path("more.tsv"), again.join("\n") + "\n").unwrap();
    let toml = folder.path("triples.toml");
    let with_more = fs::read_to_string(&toml).unwrap() + "unlabelled = \"more.tsv\"\n";
    fs::write(&toml, with_more).unwrap();
    let task = folder.task("triples");
    folder.train(run, std::slice::from_ref(&task), "labeller", &mut Silent).unwrap();
    (folder, task)
}

fn train_itself(
    folder: &Folder,
    run: &Run,
    task: &Task,
    texts_of: Option<&Task>,
    method: &str,
    out: &str,
) -> Result<Outcome, Error> {
    let labeller = folder.path("labeller/model");
    run.job(folder, std::slice::from_ref(task), out, |job| {
        let method = method.parse().unwrap();
        train_self(SelfTrainedJob { job, labeller: &labeller, texts_of, method }, &mut Silent)
    })
}

/// What the model that labels says of a split's rows, by label.
fn said(folder: &Folder, task: &Task, split: &str, rows: usize) -> BTreeMap<String, usize> {
    let model = TrainedModel::open(&folder.path("labeller/model"), task, None, None).unwrap();
    let found = model.read(task, split, None, &mut |_| {}).unwrap();
    let logits = model.logits(&found).unwrap();
    let Predictions::Classes(classes) = Predictions::from_logits(&logits, 3) else { panic!("classes") };
    let mut counts: BTreeMap<String, usize> = task.labels.iter().map(|label| (label.clone(), 0)).collect();
    for class in &classes[..rows] {
        *counts.get_mut(&model.head().labels.names[*class]).unwrap() += 1;
    }
    counts
}

const ALL: &str = "self-train(confidence=0,passes=0,deviations=1000,balance=0)";

#[test]
fn rows_have_the_labels_of_the_model() {
    let run = Run::new(Mixing::default());
    let (folder, task) = folder(&run);
    let found = train_itself(&folder, &run, &task, None, ALL, "out").unwrap().result;
    let record = found.self_training.unwrap();
    assert_eq!((record.gold, record.rows(), record.dropped.total()), (72, 65, 5), "{record:?}");
    assert_eq!(record.dropped.repeated, 5);
    assert_eq!(record.kept, said(&folder, &task, UNLABELLED, 60));
    assert_eq!(found.target.train_rows, 72 + 60);
    folder.assert_predicts(&RunFiles::at(&folder.path("out")), 1, &task);
    assert_eq!(RunFiles::at(&folder.path("out")).result().unwrap().self_training.unwrap().kept, record.kept);
    let predictions = read_predictions(&folder.path("out/predictions-dev.tsv")).unwrap();
    assert_eq!(predictions.rows.len(), 30, "labelled rows are not scored");
}

/// A row that selects or scores is not trained on, whatever label it would get.
#[test]
fn rows_that_are_known_are_not_trained_on() {
    let run = Run::new(Mixing::default());
    let (folder, task) = folder(&run);
    let train = fs::read_to_string(folder.path("triples-train.tsv")).unwrap();
    let dev = fs::read_to_string(folder.path("triples-dev.tsv")).unwrap();
    let texts = |text: &str| {
        text.lines()
            .skip(1)
            .map(|line| line.split('\t').next().unwrap().to_owned() + "\n")
            .collect::<String>()
    };
    fs::write(folder.path("more.tsv"), format!("text\n{}{}", texts(&train), texts(&dev))).unwrap();
    let record = train_itself(&folder, &run, &task, None, ALL, "out").unwrap().result.self_training.unwrap();
    assert_eq!((record.rows(), record.dropped.gold), (110, 110), "those held out as well");
}

/// Dropout that never drops leaves every pass as it is; with some, passes differ.
#[test]
fn agreement_is_that_of_passes_with_dropout() {
    let mut run = Run::new(Mixing::default());
    let (folder, task) = folder(&run);
    let agreeing = "self-train(confidence=0,agreement=1,passes=5,deviations=1000,balance=0)";
    let mut dropped = |rate: f64, out: &str| {
        run.settings = Settings { dropout: Some(rate), ..run.settings.clone() };
        let found = train_itself(&folder, &run, &task, None, agreeing, out).unwrap().result;
        found.self_training.unwrap().dropped.agreement
    };
    assert_eq!(dropped(0.0, "never"), 0);
    assert!(dropped(0.5, "often") > 0);
}

#[test]
fn texts_of_another_task_are_labelled_and_its_labels_are_not_read() {
    let run = Run::new(Mixing::default());
    let (folder, task) = folder(&run);
    let pairs = folder.task("pairs");
    let found = train_itself(&folder, &run, &task, Some(&pairs), ALL, "out").unwrap().result;
    let record = found.self_training.unwrap();
    assert_eq!((record.unlabelled[0].task.as_str(), record.rows()), ("pairs", 48));
    // With the labels of its file exchanged nothing else changes.
    let toml = folder.path("pairs.toml");
    let exchanged = fs::read_to_string(&toml).unwrap().replace("[\"no\", \"yes\"]", "[\"yes\", \"no\"]");
    fs::write(&toml, exchanged).unwrap();
    train_itself(&folder, &run, &task, Some(&folder.task("pairs")), ALL, "again").unwrap();
    assert_same(&folder.path("again"), &folder.path("out"), "whatever the labels of the texts");
}

#[test]
fn what_cannot_be_labelled_is_named() {
    let run = Run::new(Mixing::default());
    let (folder, task) = folder(&run);
    let twins = folder.task("twins");
    let refused = train_itself(&folder, &run, &twins, None, ALL, "out").unwrap_err().to_string();
    assert!(refused.starts_with("task twins has no row without a label for self-training"), "{refused}");
    // The model that labels is of another task.
    let mut run = run;
    run.settings.max_train = Some(20);
    let refused = train_itself(&folder, &run, &twins, None, ALL, "out").unwrap_err().to_string();
    assert!(
        refused.contains("predicts the labels a, b, c, task twins has the labels left, right"),
        "{refused}"
    );
    let number =
        fs::read_to_string(folder.path("twins.toml")).unwrap().replace("classification", "regression");
    let number = number.replace("labels = [\"left\", \"right\"]\n", "").replace("accuracy", "mse");
    fs::write(folder.path("twins.toml"), number).unwrap();
    for split in ["train", "dev"] {
        let file = folder.path(&format!("twins-{split}.tsv"));
        let values = fs::read_to_string(&file).unwrap().replace("\tleft", "\t0").replace("\tright", "\t1");
        fs::write(file, values).unwrap();
    }
    let refused =
        train_itself(&folder, &run, &folder.task("twins"), None, ALL, "out").unwrap_err().to_string();
    assert_eq!(refused, "task twins is a regression, and self-training labels classes: leave out the arm");
    assert!(task.splits().contains(&UNLABELLED));
}
