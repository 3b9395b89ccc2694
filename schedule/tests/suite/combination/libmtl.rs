//! A second oracle beside TorchJD: LibMTL, called without its trainer (`tests/golden/libmtl.py`), where it computes what its source says.

use std::collections::BTreeMap;

use mtlift_schedule::{Gram, TaskGradients};
use serde::Deserialize;

use super::goldens::apart;
use super::steps::{InOrder, Known, first, near, rule};

#[derive(Deserialize)]
struct Golden {
    sequences: Sequences,
    matrices: Vec<Matrix>,
}

#[derive(Deserialize)]
struct Sequences {
    /// `[steps, tasks]`.
    losses: Vec<Vec<f64>>,
    /// The weights that a rule used in each step.
    weights: BTreeMap<String, Vec<Vec<f64>>>,
}

#[derive(Deserialize)]
struct Matrix {
    kind: String,
    /// The lower triangle, row by row.
    gram: Vec<f64>,
    weights: BTreeMap<String, Vec<f64>>,
}

fn golden() -> Golden {
    serde_json::from_str(include_str!("../../golden/libmtl.json")).unwrap()
}

/// How far a rule may be from LibMTL's; none where LibMTL does something else: its PCGrad also projects a gradient on itself, which shows
/// where gradients nearly depend on each other, its IMTL inverts a matrix that then has no inverse, its solver for CAGrad
/// ends early where gradients are long, and its MGDA ends after 250 steps.
fn tolerance(name: &str, kind: &str) -> Option<f64> {
    match (name, kind) {
        ("gradvac", _) => Some(1e-6),
        ("pcgrad", "any" | "conflicting" | "lengths") => Some(1e-6),
        ("imtl-g", "any" | "conflicting" | "lengths" | "near") => Some(1e-6),
        ("cagrad", "any" | "conflicting") => Some(1e-3),
        _ => None,
    }
}

#[test]
#[allow(clippy::print_stdout, reason = "the largest differences are published")]
fn rules_are_libmtls() {
    let mut worst: BTreeMap<String, f64> = BTreeMap::new();
    for Matrix { kind, gram, weights } in golden().matrices {
        let size = weights["pcgrad"].len();
        let step = Known::gram(Gram::of(size, |i, j| gram[j * (j + 1) / 2 + i]));
        for (name, want) in weights {
            let found = first(&name, &step);
            if name == "mgda" {
                let found: Vec<f64> = found.iter().map(|weight| weight / size as f64).collect();
                let rounding = 1e-9 * (0..size).map(|i| step.gram.at(i, i)).sum::<f64>();
                assert!(step.gram.square(&found) <= step.gram.square(&want) + rounding, "{kind}: {found:?}");
            }
            let Some(tolerance) = tolerance(&name, &kind) else { continue };
            // It divides by 1 + c² as here, and does not multiply by the number of tasks.
            let scale = if name == "cagrad" { size as f64 } else { 1.0 };
            let want: Vec<f64> = want.iter().map(|weight| scale * weight).collect();
            let apart = apart(&step.gram(), &found, &want);
            assert!(apart <= tolerance, "{name}, {kind}: {apart:.1e} {found:?} {want:?}");
            let worst = worst.entry(format!("{name} {kind}")).or_default();
            *worst = worst.max(apart);
        }
    }
    worst.iter().for_each(|(key, worst)| println!("{key} {worst:.1e}"));
    assert_eq!(worst.len(), 14, "{worst:?}");
}

#[test]
#[allow(clippy::print_stdout, reason = "the largest differences are published")]
fn weights_over_time_are_libmtls() {
    let Sequences { losses, weights } = golden().sequences;
    assert_eq!(weights.len(), 3);
    for (name, weights) in weights {
        let (rule, mut worst) = (rule(&name), 0.0_f64);
        let mut state = rule.state(3);
        for (step, want) in weights.iter().enumerate() {
            let found = rule.of_step(&Known::losses(&losses[step], &[1.0; 3]), &mut state, &mut InOrder);
            assert!(near(&found, want, 1e-9), "{name}, step {step}: {found:?} {want:?}");
            worst = found.iter().zip(want).map(|(a, b)| (a - b).abs()).fold(worst, f64::max);
            if step % 4 == 3 {
                rule.epoch_ended(&mut state);
            }
        }
        println!("{name} {worst:.1e}");
    }
}
