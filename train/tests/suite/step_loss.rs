//! The loss of a step over two tasks, in both forms, by hand: each row alone through the network, its loss from its logits
//! by the formula, and the rows' losses weighed as the form is defined.

use mtlift_glue_data::Target;
use mtlift_nn::{AdamWConfig, Store};
use mtlift_schedule::{Row, StepLoss};
use mtlift_train::{Network, Trainer};

use crate::models::{Rows, TINY, all_rows, run};

/// Task 0 has five rows of three classes, task 1 two values; they weigh 0.5 and 3.
const WEIGHTS: [f64; 2] = [0.5, 3.0];

struct Step {
    network: Network,
    params: Store<f32>,
    tasks: [Rows; 2],
    rows: Vec<Row>,
}

impl Step {
    fn new() -> Self {
        let (network, params) = TINY.network(&[3, 1]);
        let tasks = [TINY.rows("classes", &[3, 7, 1, 4, 2], 3), TINY.rows("values", &[2, 5], 1)];
        let mut rows = all_rows(&tasks);
        // The tasks' rows take turns.
        rows.swap(1, 5);
        rows.swap(3, 6);
        Self { network, params, tasks, rows }
    }

    /// With weights of the classes of task 0.
    fn weighing(class_weights: &[f64; 3]) -> Self {
        let mut step = Self::new();
        step.tasks[0].class_weights = Some(class_weights.to_vec());
        step
    }

    /// What a row weighs beside the others of its task.
    fn class_weight_of(&self, row: Row) -> f64 {
        let task = &self.tasks[row.task as usize];
        match (&task.class_weights, task.targets[row.row as usize]) {
            (Some(weights), Target::Class(class)) => weights[class],
            _ => 1.0,
        }
    }

    /// Cross-entropy or squared error of a row, from its logits.
    fn loss_of(&self, row: Row) -> f64 {
        let logits = run(&self.network, &self.params, &self.tasks, &[row], 1.0).logits.remove(&row).unwrap();
        let logit = |class: usize| f64::from(logits[class]);
        match self.tasks[row.task as usize].targets[row.row as usize] {
            Target::Class(class) => (0..3).map(|i| logit(i).exp()).sum::<f64>().ln() - logit(class),
            Target::Value(value) => (logit(0) - f64::from(value)).powi(2),
        }
    }

    /// The mean loss of a task's rows, weighed by class.
    fn mean(&self, task: u32) -> f64 {
        let rows = || self.rows.iter().filter(|row| row.task == task).copied();
        let sum: f64 = rows().map(|row| self.class_weight_of(row) * self.loss_of(row)).sum();
        sum / rows().map(|row| self.class_weight_of(row)).sum::<f64>()
    }

    /// What a trainer makes of it: the loss, and the gradient, which without momentum is Adam's first mean.
    fn train(&self, loss: StepLoss, micro_batch: usize) -> (f64, Vec<f32>) {
        let adam = AdamWConfig { beta1: 0.0, ..AdamWConfig::default() };
        let (network, params) = (self.network.clone(), self.params.clone());
        let mut trainer = Trainer::new(network, params, adam, None, f64::MAX, micro_batch);
        let weights = loss.weights(&self.rows, &WEIGHTS);
        let report = trainer.step(&self.tasks.each_ref().map(Rows::training), &self.rows, &weights, 1e-3);
        (report.loss, trainer.optimizer().state().1.values().to_vec())
    }

    #[track_caller]
    fn assert_loss(&self, loss: StepLoss, expected: f64) {
        let (found, _) = self.train(loss, usize::MAX);
        assert!((found - expected).abs() < 1e-5 * expected, "{loss}: {found}, by hand {expected}");
    }
}

/// Weights of classes are no weights of tasks: what a task counts stays, whatever its classes weigh.
fn steps() -> [Step; 3] {
    [Step::new(), Step::weighing(&[0.1, 4.0, 1.5]), Step::weighing(&[100.0, 100.0, 3000.0])]
}

#[test]
fn task_means_are_summed() {
    for step in steps() {
        step.assert_loss(StepLoss::TaskMeans, 0.5 * step.mean(0) + 3.0 * step.mean(1));
    }
}

#[test]
fn an_example_mean_is_over_all_rows() {
    for step in steps() {
        let expected = (0.5 * 5.0 * step.mean(0) + 3.0 * 2.0 * step.mean(1)) / 7.0;
        step.assert_loss(StepLoss::ExampleMean, expected);
    }
}

/// A micro-batch may hold one task alone or another share of the two; the weights are those of the whole step.
#[test]
fn micro_batches_do_not_change_the_weights() {
    for (step, loss) in steps().iter().flat_map(|step| StepLoss::ALL.map(|loss| (step, loss))) {
        let (whole, gradient) = step.train(loss, usize::MAX);
        let greatest = gradient.iter().fold(0.0f32, |most, g| most.max(g.abs()));
        for micro_batch in 1..=6 {
            let (parts, of_parts) = step.train(loss, micro_batch);
            assert!((parts - whole).abs() <= 1e-12 * whole, "{loss}, {micro_batch}: {parts} and {whole}");
            let close = of_parts.iter().zip(&gradient).all(|(a, b)| (a - b).abs() <= 1e-5 * greatest);
            assert!(close, "{loss}, {micro_batch}: gradients");
        }
    }
}
