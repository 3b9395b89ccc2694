//! Training towards distributions over labels: by hand, beside hard labels to the bit, and whole runs on rows that are taught.

use mtlift_encoder::Config;
use mtlift_glue_data::{Target, Task};
use mtlift_nn::random::Stream;
use mtlift_nn::{AdamWConfig, Store};
use mtlift_schedule::HeadStart;
use mtlift_train::{
    Error, Job, JobTask, Mixing, Network, Outcome, Reader, RunFiles, SoftLabels, TaskHead, TaughtRows,
    Trainer, TrainingData, tokenizer_alone, train,
};

use crate::folder::{Folder, Run, Silent};
use crate::models::{Rows, TINY, all_rows, bits, run};

/// Makes steps over all rows with dropout; the loss of the first, and the parameters in the end.
fn train_steps(
    network: &Network,
    params: &Store<f32>,
    tasks: &[Rows],
    micro_batch: usize,
) -> (f64, Vec<u32>) {
    let (adam, dropout) = (AdamWConfig::default(), Some(Stream::new(3, "dropout")));
    let mut trainer = Trainer::new(network.clone(), params.clone(), adam, dropout, 1.0, micro_batch);
    let (rows, training) = (all_rows(tasks), tasks.iter().map(Rows::training).collect::<Vec<_>>());
    let weights = vec![1.0 / rows.len() as f64; tasks.len()];
    let losses: Vec<f64> = (0..3).map(|_| trainer.step(&training, &rows, &weights, 1e-2).loss).collect();
    (losses[0], bits(trainer.params.values()))
}

#[test]
fn distributions_of_one_label_train_as_the_labels_to_the_bit() {
    let shape = crate::models::Shape { dropout: 0.2, ..TINY };
    let (network, params) = shape.network(&[3, 1]);
    for class_weights in [None, Some(vec![0.1, 4.0, 1.5])] {
        let hard = Rows { class_weights, ..shape.rows("classes", &[3, 7, 1, 4, 2], 3) };
        let soft = Rows { soft_labels: Some(SoftLabels::one_hot(3, &hard.targets)), ..hard.clone() };
        let values = shape.rows("values", &[2, 5], 1);
        for micro_batch in [2, usize::MAX] {
            let [hard, soft] = [&hard, &soft]
                .map(|own| train_steps(&network, &params, &[own.clone(), values.clone()], micro_batch));
            assert_eq!(hard, soft);
        }
    }
}

/// A row weighs what its distribution's classes weigh on average, and all rows of a task 1 in the mean.
#[test]
fn weights_of_classes_weigh_distributions_by_hand() {
    let (network, params) = TINY.network(&[3]);
    let (weights, wanted) = ([0.5, 2.0, 4.0], vec![0.2, 0.8, 0.0, 0.5, 0.25, 0.25]);
    let soft_labels = SoftLabels::check(3, wanted.clone()).unwrap();
    let rows = Rows { soft_labels: Some(soft_labels), ..TINY.rows("classes", &[3, 5], 3) };
    let tasks = [Rows { class_weights: Some(weights.to_vec()), ..rows }];
    let (mut sum, mut of_weights) = (0.0, 0.0);
    for (row, wanted) in all_rows(&tasks).into_iter().zip(wanted.chunks_exact(3)) {
        let logits = run(&network, &params, &tasks, &[row], 1.0).logits.remove(&row).unwrap();
        let normaliser = logits.iter().map(|&x: &f32| f64::from(x).exp()).sum::<f64>().ln();
        let loss: f64 = wanted.iter().zip(&logits).map(|(p, &x)| p * (normaliser - f64::from(x))).sum();
        let weight: f64 = wanted.iter().zip(weights).map(|(p, weight)| p * weight).sum();
        (sum, of_weights) = (sum + weight * loss, of_weights + weight);
    }
    let mut trainer = Trainer::new(network, params, AdamWConfig::default(), None, 1.0, 1);
    let found = trainer.step(&[tasks[0].training()], &all_rows(&tasks), &[0.5], 1e-3).loss;
    assert!((found - sum / of_weights).abs() < 1e-6, "{found}, by hand {}", sum / of_weights);
}

/// Two models' softmax of (ln 4, 0) and (0, 0): (.8, .2) and (.5, .5); at temperature 2 the first is (2/3, 1/3).
#[test]
fn the_mean_of_what_models_predict() {
    let models = [vec![4f32.ln(), 0.0], vec![0.0, 0.0]];
    for (temperature, first) in [(1.0, 0.8), (2.0, 2.0 / 3.0)] {
        let mean = SoftLabels::mean_of(2, &models, temperature);
        assert!((mean.row(0)[0] - (first + 0.5) / 2.0).abs() < 1e-7, "{mean:?}");
        assert_eq!((mean.temperature(), mean.likeliest()), (temperature, vec![Target::Class(0)]));
    }
}

#[test]
fn what_is_no_distribution_is_refused() {
    for wrong in [[0.5, 0.4], [1.5, -0.5], [f64::NAN, 1.0]] {
        let values = [vec![0.5, 0.5], wrong.to_vec()].concat();
        let message = SoftLabels::check(2, values).unwrap_err().to_string();
        assert!(message.starts_with("row 1 has the distribution ["), "{message}");
    }
}

/// The rows that a run on `task` trains on, by its own settings.
fn own_rows(folder: &Folder, run: &Run, task: &Task) -> mtlift_train::Rows {
    let model = folder.path(run.model);
    let config = Config::read(&model).unwrap();
    let head = TaskHead::to_train(&config, task, HeadStart::Fresh).unwrap();
    let tokenizer = tokenizer_alone(&model, 32).unwrap();
    let reader = Reader { task, head: &head, tokenizer: &tokenizer, cache: None };
    let TrainingData { train, .. } = reader.training(&run.settings, true, &mut |_| {}).unwrap();
    train
}

fn train_taught(
    folder: &Folder,
    run: &Run,
    task: &Task,
    out: &str,
    taught: &TaughtRows,
) -> Result<Outcome, Error> {
    run.job(folder, std::slice::from_ref(task), out, |job| {
        let tasks = [JobTask { taught: Some(taught), ..job.tasks[0] }];
        train(Job { tasks: &tasks, ..job }, &mut Silent)
    })
}

#[test]
fn a_run_that_is_taught_its_own_labels_is_the_run_without() {
    let (folder, run) = (Folder::with_tasks(), Run::new(Mixing::default()));
    for name in ["pairs", "triples"] {
        let task = folder.task(name);
        let rows = own_rows(&folder, &run, &task);
        let own = SoftLabels::one_hot(task.labels.len(), rows.targets.as_ref().unwrap());
        let plain = folder.train(&run, std::slice::from_ref(&task), &format!("{name}-plain"), &mut Silent);
        let taught = TaughtRows::soft(rows, own);
        let soft = train_taught(&folder, &run, &task, &format!("{name}-soft"), &taught).unwrap();
        assert_eq!(plain.unwrap().result, soft.result);
    }
}

/// More rows than the task has labels for: the run counts and trains on what it is taught, and scores its own dev rows.
#[test]
fn a_run_is_taught_other_rows_and_goes_on_with_no_others() {
    let (folder, run) = (Folder::with_tasks(), Run::new(Mixing::default()));
    let task = folder.task("pairs");
    let mut rows = own_rows(&folder, &run, &task);
    let own = rows.clone();
    let mut labels = SoftLabels::one_hot(2, own.targets.as_ref().unwrap());
    rows.append(own);
    let uncertain = [0.5, 0.5].repeat(labels.rows());
    labels.append(&SoftLabels::check(2, uncertain).unwrap());
    let taught = TaughtRows::soft(rows, labels);
    let outcome = train_taught(&folder, &run, &task, "taught", &taught).unwrap();
    assert_eq!(outcome.result.target.train_rows, taught.rows.encoded.rows());
    folder.assert_predicts(&RunFiles::at(&folder.path("taught")), 1, &task);

    let others = TaughtRows { soft_labels: None, ..taught.clone() };
    let resumed = Run { resume: true, ..run };
    let message = train_taught(&folder, &resumed, &task, "taught", &others).unwrap_err().to_string();
    assert!(message.contains("taught"), "{message}");
    assert_eq!(train_taught(&folder, &resumed, &task, "taught", &taught).unwrap().result, outcome.result);
}
