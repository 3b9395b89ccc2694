//! Steps whose gradient is taken nearby: beside the formula written out in steps of the plain trainer.

use mtlift_nn::random::Stream;
use mtlift_nn::{AdamWConfig, Role, Store};
use mtlift_schedule::{Combine, FlatMinima, Gram, Row, TaskGradients};
use mtlift_train::{Network, Trainer, TrainingRows};

use crate::models::{Rows, TINY, all_rows, masks};

/// A step's gradient (Adam's first mean without momentum) and the trainer after it.
struct Setup {
    network: Network,
    rows: [Rows; 2],
}

impl Setup {
    fn new() -> (Self, Store<f32>) {
        let (network, params) = TINY.network(&[3, 1]);
        (
            Self {
                network,
                rows: [TINY.rows("classes", &[3, 7, 1, 4, 2], 3), TINY.rows("values", &[2, 5], 1)],
            },
            params,
        )
    }

    fn step(&self, params: &Store<f32>, flat_minima: Option<&str>, combine: &str) -> (Vec<f32>, Trainer) {
        self.step_on(&all_rows(&self.rows), params, flat_minima, combine)
    }

    fn step_on(
        &self,
        all: &[Row],
        params: &Store<f32>,
        flat_minima: Option<&str>,
        combine: &str,
    ) -> (Vec<f32>, Trainer) {
        let adam = AdamWConfig { beta1: 0.0, ..AdamWConfig::default() };
        let mut trainer =
            Trainer::new(self.network.clone(), params.clone(), adam, Some(masks()), f64::MAX, 2);
        let combine: Combine = combine.parse().unwrap();
        let mut rule = combine.combination();
        if let Some(flat_minima) = flat_minima {
            let flat_minima: FlatMinima = flat_minima.parse().unwrap();
            if flat_minima.is_of_each_task() {
                rule = Some(combine.of_each_task());
            }
            trainer = trainer.climbing(flat_minima);
        }
        if let Some(rule) = rule {
            trainer = trainer.combining(rule, masks());
        }
        let rows: [TrainingRows<'_>; 2] = self.rows.each_ref().map(Rows::training);
        trainer.step(&rows, all, &[0.2, 0.5], 1e-3);
        (trainer.optimizer().state().1.values().to_vec(), trainer)
    }

    fn rows_of(&self, task: u32) -> Vec<Row> {
        all_rows(&self.rows).into_iter().filter(|row| row.task == task).collect()
    }

    /// The gradient of one task's rows.
    fn gradient_of(&self, task: u32, params: &Store<f32>) -> Vec<f64> {
        let (gradient, _) = self.step_on(&self.rows_of(task), params, None, "sum");
        gradient.into_iter().map(f64::from).collect()
    }

    /// Where a task's gradient leads, the encoder within a ball of 0.3 and its head within another.
    fn top_of_each_part(&self, params: &Store<f32>, gradient: &[f64], by_size: bool) -> Store<f32> {
        let size = |at: usize| if by_size { f64::from(params.values()[at]) } else { 1.0 };
        let mut point = params.clone();
        for is_encoder in [true, false] {
            let entries = self.network.layout().entries().iter();
            let part = entries.filter(|entry| (entry.role == Role::Encoder) == is_encoder);
            let part: Vec<usize> = part.flat_map(|entry| entry.range.clone()).collect();
            let length = part.iter().map(|&at| (size(at) * gradient[at]).powi(2)).sum::<f64>().sqrt();
            for at in part {
                point.values_mut()[at] += (0.3 * size(at).powi(2) * gradient[at] / length) as f32;
            }
        }
        point
    }

    /// What a rule makes of gradients.
    fn coefficients(&self, combine: &str, gradients: &[Vec<f64>; 2]) -> Vec<f64> {
        let encoder = self.network.layout().entries().iter().filter(|entry| entry.role == Role::Encoder);
        let encoder: Vec<usize> = encoder.flat_map(|entry| entry.range.clone()).collect();
        let dot = |i: usize, j: usize| encoder.iter().map(|&at| gradients[i][at] * gradients[j][at]).sum();
        let rule = combine.parse::<Combine>().unwrap().of_each_task();
        let step = Inner(Gram::of(2, dot));
        rule.of_step(&step, &mut rule.state(2), &mut Stream::new(0, "none").at(0))
    }
}

/// The inner products of two tasks' gradients.
struct Inner(Gram);

impl TaskGradients for Inner {
    fn tasks(&self) -> &[usize] {
        &[0, 1]
    }

    fn losses(&self) -> Vec<f64> {
        vec![1.0; 2]
    }

    fn gram(&self) -> Gram {
        self.0.clone()
    }
}

fn difference(a: &[f64], b: &[f64]) -> Vec<f64> {
    a.iter().zip(b).map(|(a, b)| a - b).collect()
}

/// The gradient is that of the parameters `θ + ρ g/‖g‖`, and the update is of `θ`.
#[test]
fn the_gradient_is_that_of_the_steepest_point() {
    let (setup, params) = Setup::new();
    for combine in ["sum", "mgda"] {
        for (name, by_size) in [("sam(rho=0.3)", false), ("asam(rho=0.3)", true)] {
            let (gradient, _) = setup.step(&params, None, combine);
            let size = |at: usize| if by_size { f64::from(params.values()[at]) } else { 1.0 };
            let scaled = gradient.iter().enumerate().map(|(at, &g)| (size(at) * f64::from(g)).powi(2));
            let length = scaled.sum::<f64>().sqrt();
            let mut point = params.clone();
            for (at, value) in point.values_mut().iter_mut().enumerate() {
                *value += (0.3 * size(at).powi(2) * f64::from(gradient[at]) / length) as f32;
            }
            let (want, _) = setup.step(&point, None, combine);
            let (found, trainer) = setup.step(&params, Some(name), combine);
            let most = want.iter().fold(0.0_f32, |most, g| most.max(g.abs()));
            for (found, want) in found.iter().zip(&want) {
                assert!((found - want).abs() < 1e-4 * most, "{name} {combine}: {found} {want}");
            }
            assert_ne!(found, gradient, "{name} {combine}");
            // A step from where the parameters were: by Adam no farther than the rate, and the decay.
            let moved = trainer.params.values().iter().zip(params.values());
            assert!(moved.clone().all(|(a, b)| (a - b).abs() <= 1.1e-3), "{name} {combine}");
        }
    }
}

/// A ball of no radius is no ball, to the bit, whatever a rule carries from step to step.
#[test]
fn without_a_radius_a_step_is_plain() {
    let (setup, params) = Setup::new();
    for combine in ["sum", "nash", "gradvac", "uncertainty", "famo", "random"] {
        let (want, plain) = setup.step(&params, None, combine);
        let weighs_losses = ["sum", "uncertainty", "famo"].contains(&combine);
        for name in ["sam(rho=0)", "asam(rho=0)", "fs-mtl(rho=0)", "fs-mtl(rho=0,adaptive=0)"] {
            let (found, flat) = setup.step(&params, Some(name), combine);
            // Losses that are only added are added in another order where each task has a gradient of its own.
            if weighs_losses && name.starts_with("fs-mtl") {
                let most = want.iter().fold(0.0_f32, |most, g| most.max(g.abs()));
                let mut both = found.iter().zip(&want);
                assert!(both.all(|(found, want)| (found - want).abs() < 1e-5 * most), "{name} {combine}");
            } else {
                assert!(flat.params == plain.params, "{name} {combine}");
                let state = &flat.combination_state()[..plain.combination_state().len()];
                assert_eq!(state, plain.combination_state(), "{name} {combine}");
            }
            assert_eq!(flat.losses(), plain.losses());
        }
    }
}

/// The losses that are reported are those of the step's own parameters.
#[test]
fn losses_are_those_before_the_climb() {
    let (setup, params) = Setup::new();
    let (_, plain) = setup.step(&params, None, "sum");
    let (_, flat) = setup.step(&params, Some("sam(rho=0.5)"), "sum");
    assert_eq!(flat.losses(), plain.losses());
}

/// What FS-MTL makes of two tasks, by its formulas in f64: with rules that weigh gradients, what the climbs add is combined apart.
#[test]
fn each_task_climbs_by_itself() {
    let (setup, params) = Setup::new();
    for combine in ["sum", "mgda", "upgrad", "fixed"] {
        for (name, by_size) in [("fs-mtl(rho=0.3)", true), ("fs-mtl(rho=0.3,adaptive=0)", false)] {
            let own = [0, 1].map(|task| setup.gradient_of(task, &params));
            let climbed = [0, 1].map(|task| {
                let point = setup.top_of_each_part(&params, &own[task as usize], by_size);
                setup.gradient_of(task, &point)
            });
            let added = [0, 1].map(|task| difference(&climbed[task], &own[task]));
            let [of_own, of_added] = [&own, &added].map(|gradients| setup.coefficients(combine, gradients));
            let is_loss_rule = matches!(combine, "sum" | "fixed");
            let (found, _) = setup.step(&params, Some(name), combine);
            let most = found.iter().fold(0.0_f32, |most, g| most.max(g.abs()));
            for entry in setup.network.layout().entries() {
                for at in entry.range.clone() {
                    let want: f64 = (0..2)
                        .map(|task| match entry.role == Role::Encoder || is_loss_rule {
                            true => of_own[task] * own[task][at] + of_added[task] * added[task][at],
                            false => climbed[task][at],
                        })
                        .sum();
                    let error = (f64::from(found[at]) - want).abs();
                    assert!(error < 1e-4 * f64::from(most), "{name} {combine} {}: {error}", entry.name);
                }
            }
        }
    }
}

/// A step that has rows of one task is that task's step of sam or asam, to the bit.
#[test]
fn one_task_climbs_as_it_does_alone() {
    let (setup, params) = Setup::new();
    for (apart, together) in
        [("fs-mtl(rho=0.3)", "asam(rho=0.3)"), ("fs-mtl(rho=0.3,adaptive=0)", "sam(rho=0.3)")]
    {
        for combine in ["sum", "nash", "pcgrad"] {
            let rows = setup.rows_of(0);
            let [apart, together] =
                [apart, together].map(|name| setup.step_on(&rows, &params, Some(name), combine).1);
            assert_eq!(apart.params, together.params, "{combine}");
        }
    }
}
