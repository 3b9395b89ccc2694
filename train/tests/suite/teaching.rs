//! What trained models teach: the mean of what they predict, of which rows, and that no label is looked at.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

use mtlift_glue_data::{Example, Target, Task};
use mtlift_schedule::Distillation;
use mtlift_train::{
    Job, JobTask, Mixing, RunFiles, TaughtRows, TrainedModel, TrainingSplit, probabilities, taught_by, train,
};
use proptest::prelude::*;

use crate::folder::{Folder, Run, Silent};

/// Two runs on a task, and what they teach a third.
struct Case {
    folder: Folder,
    task: Task,
    run: Run,
    teachers: Vec<PathBuf>,
}

impl Case {
    fn new(folder: Folder, task: Task) -> Self {
        let run = Run::new(Mixing::default());
        let teach = |seed: u64| {
            let mut run = run.clone();
            run.settings.seed = seed;
            let out = format!("teacher-{seed}");
            folder.train(&run, std::slice::from_ref(&task), &out, &mut Silent).unwrap();
            RunFiles::at(&folder.path(&out)).model(1, &task.name)
        };
        let teachers = vec![teach(1), teach(2)];
        Self { folder, task, run, teachers }
    }

    fn taught(&self, distillation: &str, max_train: Option<usize>) -> TaughtRows {
        let distillation: Distillation = distillation.parse().unwrap();
        self.run.job(&self.folder, std::slice::from_ref(&self.task), "student", |job| {
            let tasks = [JobTask { max_train, ..job.tasks[0] }];
            taught_by(&self.teachers, distillation, Job { tasks: &tasks, ..job }, &mut Silent).unwrap()
        })
    }

    /// `[rows, L]` of each teacher, of the rows that are taught.
    fn logits(&self, taught: &TaughtRows) -> Vec<Vec<f32>> {
        let of_teacher = |directory: &PathBuf| {
            let model = TrainedModel::open(directory, &self.task, None, None).unwrap();
            model.logits(&taught.rows).unwrap()
        };
        self.teachers.iter().map(of_teacher).collect()
    }
}

#[test]
fn the_mean_of_the_teachers_probabilities_takes_the_labels_place() {
    let folder = Folder::with_tasks();
    let task = folder.task("triples");
    let case = Case::new(folder, task);
    for (distillation, temperature) in [("distill", 1.0f32), ("distill(temperature=2)", 2.0)] {
        let taught = case.taught(distillation, None);
        let soft = taught.soft_labels.as_ref().unwrap();
        // Of 80 rows 8 are held out.
        assert_eq!((soft.rows(), taught.rows.encoded.rows()), (72, 72));
        let each = case.logits(&taught).into_iter().map(|logits| {
            probabilities(&logits.iter().map(|logit| logit / temperature).collect::<Vec<f32>>(), 3)
        });
        let each: Vec<Vec<f64>> = each.collect();
        for row in 0..72 {
            for (label, p) in soft.row(row).iter().enumerate() {
                let mean = (each[0][3 * row + label] + each[1][3 * row + label]) / 2.0;
                assert!((p - mean).abs() < 1e-6, "row {row}: {p} and {mean}");
            }
        }
    }
}

/// Labels of a teacher's head stand in an order of their own, and a teacher teaches by their names.
#[test]
fn teachers_are_understood_by_the_names_of_their_labels() {
    let folder = Folder::with_tasks();
    let task = folder.task("triples");
    let case = Case::new(folder, task.clone());
    let turned = Task { labels: vec!["c".to_owned(), "a".to_owned(), "b".to_owned()], ..task };
    let (plain, case) = (case.taught("distill", None), Case { task: turned, ..case });
    let other = case.taught("distill", None);
    let (labels, turned) = (plain.soft_labels.unwrap(), other.soft_labels.unwrap());
    // Which rows are held out depends on the order of the labels.
    let mut both = 0;
    for (row, index) in plain.rows.indices.iter().enumerate() {
        let Some(there) = other.rows.indices.iter().position(|other| other == index) else { continue };
        let there = turned.row(there);
        for (p, there) in labels.row(row).iter().zip([there[1], there[2], there[0]]) {
            assert!((p - there).abs() < 1e-12, "row {row}: {p} and {there}");
        }
        both += 1;
    }
    assert!(both > 50, "{both} rows of both");
}

#[test]
fn of_a_regression_the_mean_value_is_taught() {
    let folder = Folder::with_tasks();
    let numbers = |split: &str| {
        let text = fs::read_to_string(folder.path(&format!("pairs-{split}.tsv"))).unwrap();
        text.replace("\tno", "\t0.5").replace("\tyes", "\t2.5")
    };
    for split in ["train", "dev"] {
        fs::write(folder.path(&format!("numbers-{split}.tsv")), numbers(split)).unwrap();
    }
    let toml = fs::read_to_string(folder.path("pairs.toml")).unwrap();
    let lines = toml.lines().filter(|line| !line.starts_with("labels ="));
    let toml = lines.collect::<Vec<_>>().join("\n");
    let toml =
        toml.replace("classification", "regression").replace("accuracy", "mse").replace("pairs", "numbers");
    fs::write(folder.path("numbers.toml"), toml).unwrap();
    let task = folder.task("numbers");
    assert_eq!(task.metrics, ["mse"]);
    let case = Case::new(folder, task);
    let taught = case.taught("distill", None);
    assert!(taught.soft_labels.is_none());
    let (said, targets) = (case.logits(&taught), taught.rows.targets.unwrap());
    for (row, target) in targets.iter().enumerate() {
        let mean = (f64::from(said[0][row]) + f64::from(said[1][row])) / 2.0;
        assert_eq!(*target, Target::Value(mean as f32));
    }
}

#[test]
fn unlabelled_rows_are_taught_beside_those_to_train_on() {
    let folder = Folder::with_tasks();
    let task = folder.task("triples");
    let case = Case::new(folder, task);
    let plain = case.taught("distill", Some(40));
    let more = case.taught("distill(unlabelled=10)", Some(40));
    assert_eq!((plain.rows.encoded.rows(), more.rows.encoded.rows()), (36, 46));
    assert_eq!(plain.rows.indices, more.rows.indices[..36]);
    let different: BTreeSet<&String> = more.rows.indices.iter().collect();
    assert_eq!(different.len(), 46);
    // Where no row is left there are none.
    assert_eq!(case.taught("distill(unlabelled=10)", None).rows.encoded.rows(), 72);

    let outcome = case.run.job(&case.folder, std::slice::from_ref(&case.task), "student", |job| {
        let tasks = [JobTask { max_train: Some(40), taught: Some(&more), ..job.tasks[0] }];
        train(Job { tasks: &tasks, ..job }, &mut Silent).unwrap()
    });
    assert_eq!(outcome.result.target.train_rows, 46);
    case.folder.assert_predicts(&RunFiles::at(&case.folder.path("student")), 1, &case.task);
}

proptest! {
    #[test]
    fn no_unlabelled_row_is_trained_on_held_out_or_scored_or_drawn_by_its_label(
        rows in prop::collection::vec((0u8..60, 0usize..3), 4..120),
        max_train in 2usize..80,
        count in 1usize..60,
    ) {
        let example = |(row, &(text, class)): (usize, &(u8, usize))| Example {
            text_a: format!("text {text}"),
            text_b: None,
            target: Some(Target::Class(class)),
            group: None,
            index: row.to_string(),
            line: row + 1,
        };
        let examples: Vec<Example> = rows.iter().enumerate().map(example).collect();
        let targets: Vec<Target> = examples.iter().filter_map(|example| example.target).collect();
        let split = TrainingSplit::draw(&targets, Some(max_train), Some(0.1));
        let scored = split.to_score(&examples, 5);
        let unlabelled = split.unlabelled(&examples, &scored, count);
        let taken: BTreeSet<&String> = split.train.iter().chain(split.held_out.iter().flatten()).chain(&scored)
            .map(|&row| &examples[row].text_a).collect();
        let texts: BTreeSet<&String> = unlabelled.iter().map(|&row| &examples[row].text_a).collect();
        prop_assert!(unlabelled.len() <= count && texts.len() == unlabelled.len());
        prop_assert!(unlabelled.is_sorted() && texts.is_disjoint(&taken));
        let others = examples.iter().map(|example| Example { target: Some(Target::Class(0)), ..example.clone() });
        let others: Vec<Example> = others.collect();
        prop_assert_eq!(split.unlabelled(&others, &scored, count), unlabelled);
    }
}
