//! Weights of classes: PyTorch's loss and scikit-learn's balance, and what a run makes of them.

use std::collections::BTreeMap;
use std::path::PathBuf;

use mtlift_encoder::Config;
use mtlift_files::{TensorFile, read_record};
use mtlift_glue_data::Target;
use mtlift_nn::AdamWConfig;
use mtlift_schedule::Row;
use mtlift_tokenizer::Encoded;
use mtlift_train::{ClassWeights, Model, TaskHead, Trainer, TrainingRows, imbalance};
use proptest::prelude::*;
use serde::Deserialize;

use crate::folder;

/// What `class_weights.py` wrote.
#[derive(Deserialize)]
struct Golden {
    balanced: Vec<Balanced>,
    losses: Vec<Losses>,
}

#[derive(Deserialize)]
struct Balanced {
    classes: Vec<usize>,
    weights: Vec<f64>,
}

#[derive(Deserialize)]
struct Losses {
    weights: Vec<f64>,
    loss: f64,
    /// Of the classifier's bias.
    gradient: Vec<f64>,
}

fn directory() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/golden")
}

fn golden() -> Golden {
    read_record(&directory().join("class_weights.json")).unwrap()
}

fn labels(count: usize) -> Vec<String> {
    (0..count).map(|label| format!("label {label}")).collect()
}

fn targets(classes: &[usize]) -> Vec<Target> {
    classes.iter().copied().map(Target::Class).collect()
}

/// The recorded batch of a model of four labels.
fn recorded() -> (Encoded, Vec<Target>) {
    let file = TensorFile::open(&directory().join("bert-gelu-new-4class/golden.safetensors")).unwrap();
    let (shape, ids) = file.i64("input_ids").unwrap();
    let (_, mask) = file.i64("attention_mask").unwrap();
    let (_, segments) = file.i64("token_type_ids").unwrap();
    let mut encoded = Encoded::default();
    for row in 0..shape[0] {
        for at in (row * shape[1]..(row + 1) * shape[1]).filter(|&at| mask[at] == 1) {
            encoded.ids.push(ids[at] as u32);
            encoded.segments.push(segments[at] as u32);
        }
        encoded.offsets.push(encoded.ids.len());
    }
    let classes: Vec<usize> = file.i64("labels").unwrap().1.iter().map(|&class| class as usize).collect();
    (encoded, targets(&classes))
}

/// A step's loss is `cross_entropy(weight=..., reduction="mean")`, and so is its gradient, in whatever micro-batches.
#[test]
fn a_step_is_that_of_pytorch() {
    let model = directory().join("bert-gelu-new-4class");
    let config = Config::read(&model).unwrap();
    let task = folder::task(&["a", "b", "c", "d"]);
    let head = TaskHead::trained(&model, &config, &task, Some(&task.labels)).unwrap();
    let (Model { network, params, .. }, _) = Model::read(&model, config, &head, 0).unwrap();
    let (encoded, targets) = recorded();
    let rows: Vec<Row> = (0..targets.len() as u32).map(|row| Row { task: 0, row }).collect();
    for Losses { weights, loss, gradient } in golden().losses {
        for micro_batch in [1, 2, usize::MAX] {
            // Without momentum Adam's first mean is the gradient.
            let adam = AdamWConfig { beta1: 0.0, ..AdamWConfig::default() };
            let mut trainer =
                Trainer::new(network.clone(), params.clone(), adam, None, f64::MAX, micro_batch);
            let training =
                TrainingRows { class_weights: Some(&weights), ..TrainingRows::plain(&encoded, &targets) };
            let report = trainer.step(&[training], &rows, &[1.0 / rows.len() as f64], 1e-3);
            assert!((report.loss - loss).abs() < 1e-5, "{weights:?}: {} and {loss}", report.loss);
            let bias = network.layout().find("classifier.bias").unwrap().range.clone();
            let (_, mean, _) = trainer.optimizer().state();
            for (found, want) in mean.values()[bias].iter().zip(&gradient) {
                assert!((f64::from(*found) - want).abs() < 1e-6, "{weights:?}: {found} and {want}");
            }
        }
    }
}

#[test]
fn balanced_is_that_of_scikit_learn() {
    for Balanced { classes, weights } in golden().balanced {
        let found = ClassWeights::Balanced.of_classes(&labels(weights.len()), &targets(&classes)).unwrap();
        for (found, want) in found.iter().zip(&weights) {
            assert!((found - want).abs() < 1e-12, "{classes:?}: {found} and {want}");
        }
    }
}

proptest! {
    /// Together the rows of a class weigh as much as those of any other, and all rows what they do unweighed.
    #[test]
    fn balanced_lets_every_class_count_the_same(classes in prop::collection::vec(0usize..4, 1..60)) {
        let weights = ClassWeights::Balanced.of_classes(&labels(4), &targets(&classes)).unwrap();
        let mut sums = BTreeMap::new();
        for &class in &classes {
            *sums.entry(class).or_insert(0.0) += weights[class];
        }
        let each = classes.len() as f64 / sums.len() as f64;
        prop_assert!(sums.values().all(|sum| (sum - each).abs() < 1e-9), "{sums:?}");
    }

    #[test]
    fn what_is_written_is_read_again(weights in prop::collection::btree_map("[a-z =_]{1,8}", 0.001f64..1e6, 1..5)) {
        let weights = ClassWeights::Given(weights);
        prop_assert_eq!(weights.to_string().parse::<ClassWeights>().unwrap(), weights.clone());
        let json = serde_json::to_string(&weights).unwrap();
        prop_assert_eq!(serde_json::from_str::<ClassWeights>(&json).unwrap(), weights);
    }

    #[test]
    fn a_task_is_imbalanced_from_four_fifths(few in 0usize..40, many in 1usize..160) {
        let classes = [vec![1; few], vec![0; many]].concat();
        let said = imbalance("toy", &labels(2), &targets(&classes));
        // Of two classes, either may be the larger.
        prop_assert_eq!(said.is_some(), few.max(many) * 5 >= (few + many) * 4, "{:?}", said);
    }
}

#[test]
fn a_regression_has_no_classes_to_weigh() {
    let values = [Target::Value(1.0), Target::Value(2.0)];
    for weights in [ClassWeights::Balanced, ClassWeights::Given([("LABEL_0".to_owned(), 2.0)].into())] {
        assert_eq!(weights.of_classes(&["LABEL_0".to_owned()], &values), None);
    }
    assert_eq!(imbalance("toy", &["LABEL_0".to_owned()], &values), None);
}

/// A run is recognised by the weights of its own tasks' labels, so it is shared by studies that differ in others'.
#[test]
fn weights_of_other_tasks_are_left_out() {
    let (pair, number) = (folder::task(&["no", "yes"]), folder::task(&["one"]));
    let given = |pairs: &[(&str, f64)]| {
        ClassWeights::Given(pairs.iter().map(|&(label, weight)| (label.to_owned(), weight)).collect())
    };
    let all = given(&[("yes", 3.0), ("left", 2.0)]);
    assert_eq!(all.among([&pair].into_iter()), given(&[("yes", 3.0)]));
    assert_eq!(all.among([&pair, &number].into_iter()), given(&[("yes", 3.0)]));
    assert_eq!(given(&[("left", 2.0)]).among([&pair].into_iter()), ClassWeights::None);
    assert_eq!(ClassWeights::Balanced.among([&number].into_iter()), ClassWeights::None);
    assert_eq!(ClassWeights::Balanced.among([&number, &pair].into_iter()), ClassWeights::Balanced);
}
