//! What must not matter: where a row stands, with which it is packed, in how many parts a batch is run.
//!
//! A logit is computed from its own row alone, its sums always in the same order: it must keep every bit. The gradient
//! of a parameter is a sum over rows and tokens, whose order changes with the batch. The terms of the sum are the same
//! bits, and at most some hundred, so two orders differ by less than 100·2⁻²⁴ of the sum of their magnitudes; that sum is of
//! the size of the greatest gradient of the model, to which [`TOLERANCE`] relates.

use std::ops::RangeInclusive;

use mtlift_nn::{AdamWConfig, Precision, Store};
use mtlift_schedule::Row;
use mtlift_train::{Network, Trainer};
use proptest::prelude::*;

use crate::models::{Pass, Rows, Shape, TINY, all_rows, bits, masks, run};

/// Of the greatest gradient.
const TOLERANCE: f32 = 1e-5;

/// A network for two tasks, a classification and a regression, with some rows of each.
#[derive(Clone, Debug)]
struct Case {
    network: Network,
    params: Store<f32>,
    tasks: [Rows; 2],
    dropout: bool,
}

impl Case {
    fn run(&self, rows: &[Row]) -> Pass<f32> {
        run(&self.network, &self.params, &self.tasks, rows, 0.25)
    }
}

fn case() -> impl Strategy<Value = Case> {
    case_of(1..=4, TINY)
}

/// Some blocks of a product's sum of tokens.
fn case_of_many_rows() -> impl Strategy<Value = (Case, Vec<Row>)> {
    let precision = prop::sample::select(vec![Precision::Float32, Precision::Bf16]);
    let case =
        precision.prop_flat_map(|precision| case_of(40..=80, Shape { longest: 40, precision, ..TINY }));
    in_any_order(case)
}

fn case_of(rows: RangeInclusive<usize>, tiny: Shape) -> impl Strategy<Value = Case> {
    let families = prop::sample::select(vec!["bert", "roberta", "distilbert", "electra"]);
    let activations = prop::sample::select(vec!["gelu", "gelu_new", "relu", "silu", "tanh"]);
    let sizes = (1..=3usize, 2..=4usize, 1..=9usize, 1..=2usize, 2..=12usize);
    let lengths = || prop::collection::vec(1..=tiny.longest, rows.clone());
    let dropout = prop::bool::ANY;
    (families, activations, sizes, lengths(), lengths(), dropout).prop_map(
        move |(family, activation, (heads, width, feed_forward, layers, embedding), one, other, dropout)| {
            let hidden = 2 * heads * width;
            let rate = if dropout { 0.2 } else { 0.0 };
            let shape = Shape {
                family,
                activation,
                hidden,
                heads,
                feed_forward,
                layers,
                embedding,
                dropout: rate,
                ..tiny
            };
            let (network, params) = shape.network(&[3, 1]);
            let tasks = [shape.rows("classes", &one, 3), shape.rows("values", &other, 1)];
            Case { network, params, tasks, dropout }
        },
    )
}

fn case_and_order() -> impl Strategy<Value = (Case, Vec<Row>)> {
    in_any_order(case())
}

fn in_any_order(case: impl Strategy<Value = Case>) -> impl Strategy<Value = (Case, Vec<Row>)> {
    case.prop_flat_map(|case| {
        let rows = all_rows(&case.tasks);
        (Just(case), Just(rows).prop_shuffle())
    })
}

#[track_caller]
fn assert_close(got: &[f32], want: &[f32]) {
    let greatest = want.iter().fold(0.0f32, |m, g| m.max(g.abs()));
    assert!(greatest > 0.0, "there are gradients");
    for (i, (got, want)) in got.iter().zip(want).enumerate() {
        assert!(
            (got - want).abs() <= TOLERANCE * greatest,
            "gradient {i}: {got} and {want}, greatest {greatest}"
        );
    }
}

#[track_caller]
fn assert_same_logits<'a>(got: impl IntoIterator<Item = (&'a Row, &'a Vec<f32>)>, whole: &Pass<f32>) {
    for (row, logits) in got {
        assert_eq!(bits(logits), bits(&whole.logits[row]), "logits of {row:?}");
    }
}

fn add(sum: &mut [f32], pass: &Pass<f32>) {
    sum.iter_mut().zip(&pass.gradient).for_each(|(sum, g)| *sum += g);
}

proptest! {
    #[test]
    fn order_of_rows((case, order) in case_and_order()) {
        let (whole, other) = (case.run(&all_rows(&case.tasks)), case.run(&order));
        assert_same_logits(&other.logits, &whole);
        assert_close(&other.gradient, &whole.gradient);
        prop_assert!((other.loss - whole.loss).abs() <= 1e-12 * whole.loss.abs());
    }

    #[test]
    fn packed_together_or_alone((case, order) in case_and_order()) {
        let whole = case.run(&order);
        let mut gradient = vec![0.0; whole.gradient.len()];
        for row in &order {
            let alone = case.run(std::slice::from_ref(row));
            assert_same_logits(&alone.logits, &whole);
            add(&mut gradient, &alone);
        }
        assert_close(&gradient, &whole.gradient);
    }

    /// Without momentum, Adam's first mean is the gradient itself.
    #[test]
    fn micro_batches((case, order) in case_and_order(), micro_batch in 1..=5usize) {
        let tasks = case.tasks.each_ref().map(Rows::training);
        let step = |micro_batch| {
            let adam = AdamWConfig { beta1: 0.0, ..AdamWConfig::default() };
            let stream = case.dropout.then(masks);
            let (network, params) = (case.network.clone(), case.params.clone());
            let mut trainer = Trainer::new(network, params, adam, stream, f64::MAX, micro_batch);
            let report = trainer.step(&tasks, &order, &[1.0 / order.len() as f64; 2], 1e-3);
            (report, trainer.optimizer().state().1.values().to_vec())
        };
        let ((whole, gradient), (parts, of_parts)) = (step(usize::MAX), step(micro_batch));
        assert_close(&of_parts, &gradient);
        prop_assert_eq!(parts.tokens, whole.tokens);
        prop_assert!((parts.loss - whole.loss).abs() <= 1e-12 * whole.loss);
        prop_assert!((parts.grad_norm - whole.grad_norm).abs() <= f64::from(TOLERANCE) * whole.grad_norm);
        // And the trainer's gradient is that of the mean loss.
        let direct = run(&case.network, &case.params, &case.tasks, &order, 1.0 / order.len() as f64);
        prop_assert_eq!(bits(&gradient), bits(&direct.gradient));
        prop_assert!((whole.loss - direct.loss).abs() <= 1e-12 * whole.loss);
    }

    /// To the bit: unlike micro-batches, passes go on with the sums of the ones before.
    #[test]
    fn passes((case, order) in case_of_many_rows(), tokens in 100..=2000usize) {
        let tasks = case.tasks.each_ref().map(Rows::training);
        let step = |tokens| {
            let (network, params) = (case.network.clone(), case.params.clone());
            let stream = case.dropout.then(masks);
            let trainer = Trainer::new(network, params, AdamWConfig::default(), stream, 1.0, usize::MAX);
            let mut trainer = trainer.in_passes_of(tokens);
            let reports = [0, 1].map(|_| trainer.step(&tasks, &order, &[0.01, 0.02], 1e-3));
            (reports, trainer.losses().to_vec(), bits(trainer.params.values()))
        };
        prop_assert_eq!(step(tokens), step(usize::MAX));
    }

    #[test]
    fn two_tasks_in_one_batch_or_in_two((case, order) in case_and_order()) {
        let whole = case.run(&order);
        let mut gradient = vec![0.0; whole.gradient.len()];
        let mut loss = 0.0;
        for task in 0..2 {
            let rows: Vec<Row> = order.iter().filter(|row| row.task == task).copied().collect();
            let one = case.run(&rows);
            assert_same_logits(&one.logits, &whole);
            add(&mut gradient, &one);
            loss += one.loss;
            // A task says nothing to the other's head.
            let other_head = format!("task.{}.", 1 - task);
            let entries = case.network.layout().entries();
            for entry in entries.iter().filter(|entry| entry.name.starts_with(&other_head)) {
                prop_assert!(one.gradient[entry.range.clone()].iter().all(|&g| g == 0.0), "{}", entry.name);
            }
        }
        assert_close(&gradient, &whole.gradient);
        prop_assert!((loss - whole.loss).abs() <= 1e-12 * whole.loss.abs());
    }
}
