//! Inner products beside TorchJD (`tests/golden/combinations.py`), and what holds for any.

use std::collections::BTreeMap;

use mtlift_schedule::{Gram, TaskGradients, Weighs};
use proptest::prelude::*;
use serde::Deserialize;

use super::any_gradients;
use super::steps::{InOrder, Known, Vectors, all, first, near, rule};

#[derive(Deserialize)]
struct Golden {
    matrices: Vec<Matrix>,
}

#[derive(Deserialize)]
struct Matrix {
    kind: String,
    /// The lower triangle, row by row.
    gram: Vec<f64>,
    /// What TorchJD's iteration for MGDA ends at.
    mgda_square: f64,
    weights: BTreeMap<String, Vec<f64>>,
}

impl Matrix {
    fn step(&self) -> Known {
        let size = self.weights["mgda"].len();
        Known::gram(Gram::of(size, |i, j| self.gram[j * (j + 1) / 2 + i]))
    }
}

/// By how much a TorchJD rule is multiplied here.
fn scale(name: &str, tasks: f64) -> f64 {
    match name {
        "aligned-mtl" | "upgrad" | "mgda" => tasks,
        "cagrad" => tasks / (1.0 + 0.4 * 0.4),
        _ => 1.0,
    }
}

/// How far the combined gradients are apart, as a share of their length: where gradients depend on each other, many coefficients
/// give the same.
pub(super) fn apart(gram: &Gram, found: &[f64], want: &[f64]) -> f64 {
    let difference: Vec<f64> = found.iter().zip(want).map(|(a, b)| a - b).collect();
    let length = gram.square(want).max(gram.square(found)).sqrt();
    let all: f64 = (0..gram.size()).map(|i| gram.at(i, i)).sum();
    gram.square(&difference).sqrt() / length.max(1e-6 * all.sqrt())
}

/// Whether they solve Nash-MTL's equation to a hundredth.
fn is_bargain(gram: &Gram, alpha: &[f64]) -> bool {
    alpha.iter().enumerate().all(|(j, alpha_j)| (gram.with(alpha, j) * alpha_j - 1.0).abs() < 0.01)
}

/// The largest distance for each rule and kind of matrix.
fn compare(golden: &str) -> BTreeMap<String, f64> {
    let golden: Golden = serde_json::from_str(golden).unwrap();
    let mut worst: BTreeMap<String, f64> = BTreeMap::new();
    for matrix in &golden.matrices {
        let step = matrix.step();
        for (name, want) in &matrix.weights {
            if name == "nash" && !is_bargain(&step.gram, want) {
                *worst.entry("nash unsolved by TorchJD".to_owned()).or_default() += 1.0;
                continue;
            }
            let scale = scale(name, want.len() as f64);
            let want: Vec<f64> = want.iter().map(|weight| scale * weight).collect();
            let key = format!("{name} {}", matrix.kind);
            let worst = worst.entry(key).or_default();
            *worst = worst.max(apart(&step.gram, &first(name, &step), &want));
        }
        let shortest = step.gram.square(&first("mgda", &step)).sqrt() / step.gram.size() as f64;
        let scale = 1e-9 * (0..step.gram.size()).map(|i| step.gram.at(i, i)).sum::<f64>().sqrt();
        assert!(shortest <= matrix.mgda_square.sqrt() + scale, "{shortest} {}", matrix.mgda_square);
    }
    worst
}

/// What TorchJD solves iteratively it ends early; the equations themselves are checked below.
fn tolerance(name: &str) -> f64 {
    match name {
        "nash" => 0.05,
        "cagrad" => 1e-3,
        _ => 1e-6,
    }
}

#[track_caller]
fn assert_close(worst: &BTreeMap<String, f64>) {
    for (key, worst) in worst.iter().filter(|(key, _)| !key.contains("unsolved")) {
        let name = key.split(' ').next().unwrap();
        assert!(*worst <= tolerance(name), "{key}: {worst}");
    }
}

/// `python combinations.py --matrices 1000 --out FILE` makes more of them; `MTLIFT_COMBINATIONS` names that file.
#[test]
#[allow(clippy::print_stdout, reason = "the largest differences are published")]
fn rules_are_torchjds() {
    let worst = match std::env::var("MTLIFT_COMBINATIONS") {
        Ok(file) => compare(&std::fs::read_to_string(file).unwrap()),
        Err(_) => compare(include_str!("../../golden/combinations.json")),
    };
    worst.iter().for_each(|(key, worst)| println!("{key} {worst:.1e}"));
    assert!(worst.len() >= 8 * 5, "{worst:?}");
    assert_close(&worst);
}

fn permuted(vectors: &Vectors, order: &[usize]) -> Vectors {
    Vectors::new(&order.iter().map(|&place| vectors.gradients[place].clone()).collect::<Vec<_>>())
}

fn squares(vectors: &Vectors) -> f64 {
    let gram = vectors.gram();
    (0..gram.size()).map(|i| gram.at(i, i)).sum()
}

/// Rules that look at tasks in an order or draw for each are not the same after a permutation.
const IN_ORDER: [&str; 5] = ["pcgrad", "gradvac", "random", "rlw", "fixed"];

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(200) })]

    #[test]
    fn permuted_tasks_have_permuted_coefficients(
        gradients in any_gradients(), order in Just((0..5).collect::<Vec<usize>>()).prop_shuffle()
    ) {
        let vectors = Vectors::new(&gradients);
        let order: Vec<usize> = order.into_iter().filter(|&place| place < gradients.len()).collect();
        let other = permuted(&vectors, &order);
        for name in all().filter(|name| !IN_ORDER.contains(name)) {
            // Losses go by the place, and have their own test.
            if rule(name).weighs() == Weighs::Gradients && name != "gradnorm" {
                let (a, b) = (vectors.sum(&first(name, &vectors)), other.sum(&first(name, &other)));
                let length = squares(&vectors).sqrt();
                // Of Aligned-MTL and IMTL-G the rank may be decided by rounding.
                let is_singular = ["aligned-mtl", "imtl-g"].contains(&name) && gradients.len() >= gradients[0].len();
                prop_assert!(is_singular || near(&a, &b, 1e-5 * (1.0 + length)), "{name}: {a:?} {b:?}");
            }
        }
    }

    #[test]
    fn permuted_losses_have_permuted_weights(losses in prop::collection::vec(0.01..9.0_f64, 2..6)) {
        let backwards: Vec<f64> = losses.iter().rev().copied().collect();
        let lengths = vec![1.0; losses.len()];
        for name in all().filter(|name| !IN_ORDER.contains(name)) {
            let found = first(name, &Known::losses(&losses, &lengths));
            let other: Vec<f64> = first(name, &Known::losses(&backwards, &lengths)).into_iter().rev().collect();
            prop_assert!(near(&found, &other, 1e-9), "{name}: {found:?} {other:?}");
        }
    }

    /// `GᵀG α = 1/α`, the length √K, and α of gradients `s` times as long is α over `s`.
    #[test]
    fn nash_solves_its_equation(gradients in any_gradients(), scale in 0.01..100.0_f64) {
        let vectors = Vectors::new(&gradients);
        let gram = vectors.gram();
        let alpha = first("nash", &vectors);
        if alpha.iter().all(|&alpha| alpha > 0.0) {
            for (j, alpha_j) in alpha.iter().enumerate() {
                prop_assert!((gram.with(&alpha, j) * alpha_j - 1.0).abs() < 1e-6, "{alpha:?}");
            }
            let scaled: Vec<Vec<f64>> =
                gradients.iter().map(|g| g.iter().map(|x| scale * x).collect()).collect();
            let shorter: Vec<f64> = first("nash", &Vectors::new(&scaled)).iter().map(|a| a * scale).collect();
            prop_assert!(near(&shorter, &alpha, 1e-6), "{shorter:?} {alpha:?}");
        } else {
            // No direction is better for all tasks, or a task has no gradient.
            let shortest = gram.square(&first("mgda", &vectors)) / squares(&vectors).max(1e-300);
            let is_still = (0..gram.size()).any(|i| gram.at(i, i) == 0.0);
            prop_assert!(is_still || shortest < 1e-6, "{alpha:?} {shortest}");
        }
    }

    /// The shortest mixture, and what UPGrad gives, harm no task. CAGrad goes to the edge of its ball, where the mixture's task or
    /// tasks gain least.
    #[test]
    fn no_task_is_harmed(gradients in any_gradients()) {
        let vectors = Vectors::new(&gradients);
        let (gram, k) = (vectors.gram(), gradients.len());
        let rounding = 1e-9 * squares(&vectors);
        let mixture: Vec<f64> = first("mgda", &vectors).iter().map(|weight| weight / k as f64).collect();
        prop_assert!((mixture.iter().sum::<f64>() - 1.0).abs() < 1e-9 && mixture.iter().all(|&w| w >= 0.0));
        let square = gram.square(&mixture);
        let projected = first("upgrad", &vectors);
        let sizes: f64 = projected.iter().map(|weight| weight.abs()).sum();
        for j in 0..k {
            prop_assert!(gram.with(&mixture, j) >= square - rounding, "mgda {mixture:?}");
            // Up to the ridge that keeps the weights small.
            let ridge = 1e-4 * squares(&vectors) * sizes;
            prop_assert!(gram.with(&projected, j) >= -ridge - rounding, "upgrad {projected:?}");
        }
        let scale = k as f64 / 1.16;
        let away: Vec<f64> = first("cagrad", &vectors).iter().map(|c| c / scale - 1.0 / k as f64).collect();
        let mean = gram.square(&vec![1.0 / k as f64; k]).sqrt();
        let distance = gram.square(&away).sqrt();
        let is_stationary = (distance - mean).abs() <= rounding.sqrt();
        if !is_stationary {
            prop_assert!((distance - 0.4 * mean).abs() <= 1e-6 * mean + rounding.sqrt(), "{distance} {mean}");
            let direction: Vec<f64> = away.iter().map(|away| away + 1.0 / k as f64).collect();
            let gain = |j: usize| gram.with(&direction, j);
            let sum: f64 = away.iter().sum();
            let of_mixture: f64 = away.iter().enumerate().map(|(j, weight)| weight / sum * gain(j)).sum();
            prop_assert!(away.iter().all(|&weight| weight >= -1e-12), "{away:?}");
            for j in 0..k {
                prop_assert!(gain(j) >= of_mixture - 1e-6 * squares(&vectors), "{j}: {} {of_mixture}", gain(j));
            }
        }
    }

    /// A step that has rows of one task is that task's.
    #[test]
    fn one_task_is_combined_with_none(gradient in prop::collection::vec(-3.0..3.0_f64, 1..5), random: u64) {
        let vectors = Vectors::new(&[gradient]);
        for name in all() {
            let rule = rule(name);
            if rule.weighs() == Weighs::Gradients {
                let mut state = rule.state(1);
                prop_assert_eq!(rule.of_step(&vectors, &mut state, &mut super::seed(random)), [1.0]);
                prop_assert_eq!(state, rule.state(1));
            }
        }
    }

    /// Gradients that do not conflict are added as they are.
    #[test]
    fn upgrad_of_gradients_that_agree_is_the_sum(gradients in any_gradients()) {
        let positive: Vec<Vec<f64>> = gradients.iter().map(|g| g.iter().map(|x| x.abs()).collect()).collect();
        let found = first("upgrad", &Vectors::new(&positive));
        prop_assert_eq!(found, vec![1.0; positive.len()]);
    }
}

/// The order that a test gives is that of the tasks.
#[test]
fn the_generator_of_these_tests_keeps_the_order() {
    let step = Known::gram(Gram::of(3, |i, j| [[1.0, -0.9, -0.8], [0.0, 1.0, 0.7], [0.0, 0.0, 1.0]][i][j]));
    // g_0 loses -0.9 along g_1; what is left along g_2 is -0.8 + 0.63.
    let found = rule("pcgrad").of_step(&step, &mut [], &mut InOrder);
    let first = [1.0, 0.9, 0.17];
    let second = [0.9, 1.0, 0.02];
    let third = [0.8, 0.02, 1.0];
    let sum: Vec<f64> = (0..3).map(|i| first[i] + second[i] + third[i]).collect();
    assert!(near(&found, &sum, 1e-9), "{found:?} {sum:?}");
}
