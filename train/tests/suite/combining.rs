//! Several tasks' gradients as one: what a rule sees, and what becomes of its coefficients.

use std::num::NonZeroU32;

use mtlift_nn::{AdamWConfig, Role, Store};
use mtlift_schedule::{Combination, Combine, Row, TaskGradients, Weighs};
use mtlift_train::{Network, Trainer};
use rand::RngCore;

use crate::models::{Rows, TINY, all_rows, masks};

/// Gives the same coefficients whatever it sees.
struct Fixed(&'static [f64]);

impl Combination for Fixed {
    fn coefficients(&self, step: &dyn TaskGradients, _: &mut [f64], _: &mut dyn RngCore) -> Vec<f64> {
        step.tasks().iter().map(|&task| self.0[task]).collect()
    }
}

/// Minus one where a task's gradient is the longer, so that the Gram matrix shows in the result.
struct Longest;

impl Combination for Longest {
    fn state(&self, tasks: usize) -> Vec<f64> {
        vec![0.0; tasks]
    }

    fn coefficients(&self, step: &dyn TaskGradients, state: &mut [f64], _: &mut dyn RngCore) -> Vec<f64> {
        let gram = step.gram();
        let squares: Vec<f64> = (0..gram.size()).map(|k| gram.at(k, k)).collect();
        state.copy_from_slice(&squares);
        let longest = squares.iter().copied().fold(0.0, f64::max);
        squares.into_iter().map(|square| if square == longest { -1.0 } else { 1.0 }).collect()
    }
}

fn rule(name: &str) -> Option<Box<dyn Combination>> {
    name.parse::<Combine>().unwrap().combination()
}

struct Tasks {
    network: Network,
    params: Store<f32>,
    rows: [Rows; 2],
}

impl Tasks {
    fn new() -> Self {
        let (network, params) = TINY.network(&[3, 1]);
        let rows = [TINY.rows("classes", &[3, 7, 1, 4, 2], 3), TINY.rows("values", &[2, 5], 1)];
        Self { network, params, rows }
    }

    /// The gradient of a step over `rows`: without momentum Adam's first mean. And the trainer.
    fn gradient(
        &self,
        rows: &[Row],
        micro_batch: usize,
        rule: Option<Box<dyn Combination>>,
    ) -> (Vec<f32>, Trainer) {
        self.stepped(self.trainer(micro_batch, rule), rows)
    }

    fn trainer(&self, micro_batch: usize, rule: Option<Box<dyn Combination>>) -> Trainer {
        let adam = AdamWConfig { beta1: 0.0, ..AdamWConfig::default() };
        let (network, params) = (self.network.clone(), self.params.clone());
        let trainer = Trainer::new(network, params, adam, Some(masks()), f64::MAX, micro_batch);
        match rule {
            Some(rule) => trainer.combining(rule, masks()),
            None => trainer,
        }
    }

    fn stepped(&self, mut trainer: Trainer, rows: &[Row]) -> (Vec<f32>, Trainer) {
        trainer.step(&self.rows.each_ref().map(Rows::training), rows, &[0.2, 0.5], 1e-3);
        (trainer.optimizer().state().1.values().to_vec(), trainer)
    }

    fn all(&self) -> Vec<Row> {
        let mut rows = all_rows(&self.rows);
        rows.swap(1, 5);
        rows
    }

    fn of(&self, task: u32) -> Vec<Row> {
        self.all().into_iter().filter(|row| row.task == task).collect()
    }

    /// That a gradient is `coefficients` of the tasks' own over the encoder, and `of_heads` of them over the heads.
    #[track_caller]
    fn assert_combined(&self, found: &[f32], coefficients: [f32; 2], of_heads: [f32; 2]) {
        let own = [0, 1].map(|task| self.gradient(&self.of(task), usize::MAX, None).0);
        let greatest = found.iter().fold(0.0f32, |most, g| most.max(g.abs()));
        for entry in self.network.layout().entries() {
            let [a, b] = if entry.role == Role::Encoder { coefficients } else { of_heads };
            for at in entry.range.clone() {
                let want = a * own[0][at] + b * own[1][at];
                assert!((found[at] - want).abs() <= 1e-5 * greatest, "{} {}: {want}", entry.name, found[at]);
            }
        }
    }
}

#[test]
fn coefficients_weigh_the_encoder_and_leave_the_heads() {
    let tasks = Tasks::new();
    for micro_batch in [1, 2, usize::MAX] {
        let (found, _) = tasks.gradient(&tasks.all(), micro_batch, Some(Box::new(Fixed(&[2.0, -0.5]))));
        tasks.assert_combined(&found, [2.0, -0.5], [1.0; 2]);
    }
}

#[test]
fn the_gram_matrix_is_over_the_encoder() {
    let tasks = Tasks::new();
    let (found, trainer) = tasks.gradient(&tasks.all(), usize::MAX, Some(Box::new(Longest)));
    let squares = [0, 1].map(|task| {
        let own = tasks.gradient(&tasks.of(task), usize::MAX, None).0;
        let encoder = tasks.network.layout().entries().iter().filter(|entry| entry.role == Role::Encoder);
        encoder.flat_map(|entry| entry.range.clone()).map(|at| f64::from(own[at]).powi(2)).sum::<f64>()
    });
    for (found, want) in trainer.combination_state().iter().zip(squares) {
        assert!((found - want).abs() <= 1e-5 * want, "{found} {want}");
    }
    let signs = if squares[0] > squares[1] { [-1.0, 1.0] } else { [1.0, -1.0] };
    tasks.assert_combined(&found, signs, [1.0; 2]);
}

#[test]
fn a_weighting_of_losses_weighs_the_heads_too() {
    let tasks = Tasks::new();
    for micro_batch in [2, usize::MAX] {
        let (found, trainer) = tasks.gradient(&tasks.all(), micro_batch, rule("scale-invariant"));
        let [a, b] = [(0, 5.0), (1, 2.0)].map(|(task, rows)| (rows / trainer.losses()[task]) as f32);
        tasks.assert_combined(&found, [a, b], [a, b]);
    }
}

/// A rule for losses takes one gradient, and where it weighs all of them by 1 that is the plain sum's.
#[test]
fn losses_that_are_weighed_by_one_give_the_plain_sum_to_the_bit() {
    let tasks = Tasks::new();
    for micro_batch in [2, usize::MAX] {
        let (plain, _) = tasks.gradient(&tasks.all(), micro_batch, None);
        assert_eq!(tasks.gradient(&tasks.all(), micro_batch, rule("fixed(supports=1)")).0, plain);
    }
}

/// A step that has rows of one task is a step of that task, to the bit, whatever the rule for gradients.
#[test]
fn one_task_alone_is_trained_as_without_a_rule() {
    let tasks = Tasks::new();
    for of_table in Combine::rules().iter().filter(|rule| rule.weighs == Weighs::Gradients) {
        let name = of_table.about.name;
        for task in [0, 1] {
            let rows = tasks.of(task);
            let (plain, _) = tasks.gradient(&rows, 2, None);
            assert_eq!(tasks.gradient(&rows, 2, rule(name)).0, plain, "{name}");
        }
    }
}

/// Its weights come of the losses before and after the update, under the same masks.
#[test]
fn famo_looks_at_the_losses_again() {
    let tasks = Tasks::new();
    let (_, trainer) = tasks.gradient(&tasks.all(), 2, rule("famo(decay=0)"));
    let [before, after] = [tasks.params.clone(), trainer.params.clone()].map(|params| {
        let again = Tasks { params, rows: Tasks::new().rows, network: tasks.network.clone() };
        let losses = again.gradient(&tasks.all(), 2, None).1.losses().to_vec();
        [losses[0] / 5.0, losses[1] / 2.0].map(f64::ln)
    });
    let fallen: f64 = before[0] - after[0] - (before[1] - after[1]);
    // Adam's means of both slopes, of weights of a half.
    let means = &trainer.combination_state()[2..4];
    for (mean, want) in means.iter().zip([0.1 * 0.25 * fallen, -0.1 * 0.25 * fallen]) {
        assert!((mean - want).abs() < 1e-6 * fallen.abs().max(1e-3), "{mean} {want}");
    }
}

#[test]
fn what_each_task_counted_is_known() {
    let tasks = Tasks::new();
    let (_, trainer) = tasks.gradient(&tasks.all(), 2, Some(Box::new(Fixed(&[2.0, -0.5]))));
    assert_eq!([0, 1].map(|task| trainer.coefficient(task)), [Some(2.0), Some(-0.5)]);
    let (_, trainer) = tasks.gradient(&tasks.of(1), 2, rule("fixed"));
    assert_eq!([0, 1].map(|task| trainer.coefficient(task)), [None, Some(0.5)]);
    let (_, trainer) = tasks.gradient(&tasks.all(), 2, None);
    assert_eq!(trainer.coefficient(0), None);
}

/// Norms and cosines are those of the tasks' own gradients over the encoder, before a rule and before the parameters are moved; and
/// the step ends with the bits that it has without.
#[test]
fn conflict_is_seen_and_changes_no_bit() {
    let tasks = Tasks::new();
    let encoder = |gradient: &[f32]| -> Vec<f64> {
        let entries = tasks.network.layout().entries().iter().filter(|entry| entry.role == Role::Encoder);
        entries.flat_map(|entry| &gradient[entry.range.clone()]).map(|&g| f64::from(g)).collect()
    };
    let own = [0, 1].map(|task| encoder(&tasks.gradient(&tasks.of(task), usize::MAX, None).0));
    let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
    let norms = own.each_ref().map(|own| dot(own, own).sqrt());
    let cosine = dot(&own[0], &own[1]) / norms[0] / norms[1];
    for name in ["sum", "pcgrad", "uncertainty", "famo"] {
        for flat_minima in [None, Some("sam"), Some("fs-mtl")] {
            let trainer = || {
                let rule = match flat_minima {
                    Some("fs-mtl") => Some(name.parse::<Combine>().unwrap().of_each_task()),
                    _ => rule(name),
                };
                let trainer = tasks.trainer(2, rule);
                match flat_minima {
                    Some(flat_minima) => trainer.climbing(flat_minima.parse().unwrap()),
                    None => trainer,
                }
            };
            let (plain, without) = tasks.stepped(trainer(), &tasks.all());
            let every = NonZeroU32::new(2).unwrap();
            let (watched, with) = tasks.stepped(trainer().watching(every), &tasks.all());
            assert_eq!(watched, plain, "{name}");
            assert_eq!(with.params, without.params, "{name}");
            assert_eq!(with.losses(), without.losses(), "{name}");
            assert_eq!(with.combination_state(), without.combination_state(), "{name}");
            assert!(without.conflict().is_none());
            let conflict = with.conflict().unwrap();
            for (task, want) in norms.iter().enumerate() {
                let found = conflict.norm(task).unwrap();
                assert!((found - want).abs() <= 1e-5 * want, "{name}: {found} {want}");
            }
            assert_eq!(conflict.cosines(0), Vec::<f64>::new());
            let [found] = conflict.cosines(1)[..] else { panic!("one task stands before it") };
            assert!((found - cosine).abs() <= 1e-5, "{name}: {found} {cosine}");

            let (_, second) = tasks.stepped(with, &tasks.all());
            assert!(second.conflict().is_none(), "every other step is looked at");
            let (_, third) = tasks.stepped(second, &tasks.of(1));
            let conflict = third.conflict().unwrap();
            assert_eq!((conflict.norm(0), conflict.cosines(1)), (None, Vec::new()), "it had one task");
        }
    }
}

#[test]
fn losses_of_tasks_are_those_of_their_rows() {
    let tasks = Tasks::new();
    let (_, whole) = tasks.gradient(&tasks.all(), usize::MAX, None);
    for task in [0, 1] {
        let (_, own) = tasks.gradient(&tasks.of(task as u32), usize::MAX, None);
        assert!((whole.losses()[task] - own.losses()[task]).abs() < 1e-6);
        assert_eq!(own.losses()[1 - task], 0.0);
    }
}
