//! Steps whose gradient is taken nearby: beside the formula written out in steps of the plain trainer.

use mtlift_nn::{AdamWConfig, Store};
use mtlift_schedule::{Combine, FlatMinima};
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
        let adam = AdamWConfig { beta1: 0.0, ..AdamWConfig::default() };
        let mut trainer =
            Trainer::new(self.network.clone(), params.clone(), adam, Some(masks()), f64::MAX, 2);
        if let Some(flat_minima) = flat_minima {
            trainer = trainer.climbing(flat_minima.parse::<FlatMinima>().unwrap());
        }
        if let Some(rule) = combine.parse::<Combine>().unwrap().combination() {
            trainer = trainer.combining(rule, masks());
        }
        let rows: [TrainingRows<'_>; 2] = self.rows.each_ref().map(Rows::training);
        trainer.step(&rows, &all_rows(&self.rows), &[0.2, 0.5], 1e-3);
        (trainer.optimizer().state().1.values().to_vec(), trainer)
    }
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
        let (_, plain) = setup.step(&params, None, combine);
        for name in ["sam(rho=0)", "asam(rho=0)"] {
            let (_, flat) = setup.step(&params, Some(name), combine);
            assert_eq!(flat.params, plain.params, "{name} {combine}");
            assert_eq!(flat.combination_state(), plain.combination_state(), "{name} {combine}");
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
