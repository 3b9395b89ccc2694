//! Means of a run's weights, beside their formula written out over the parameters of a plain trainer.

use mtlift_nn::{AdamWConfig, Store};
use mtlift_schedule::WeightAverage;
use mtlift_train::{Trainer, TrainingRows};

use crate::models::{Rows, TINY, all_rows, masks};

const STEPS: u64 = 8;

/// The parameters before the first step and after each, and the mean that counts in the end.
fn trained(average: Option<&str>) -> (Vec<Store<f32>>, Store<f32>) {
    let (network, params) = TINY.network(&[3]);
    let rows = [TINY.rows("classes", &[3, 7, 1, 4, 2], 3)];
    let mut trainer = Trainer::new(network, params.clone(), AdamWConfig::default(), Some(masks()), 1.0, 8);
    if let Some(average) = average {
        trainer = trainer.averaging(average.parse::<WeightAverage>().unwrap(), STEPS);
    }
    let mut all = vec![params];
    for _ in 0..STEPS {
        let training: [TrainingRows<'_>; 1] = rows.each_ref().map(Rows::training);
        trainer.step(&training, &all_rows(&rows), &[0.2], 1e-2);
        all.push(trainer.params.clone());
    }
    (all, trainer.counting().clone())
}

#[test]
fn means_are_those_of_the_formula() {
    let (plain, last) = trained(None);
    assert_eq!(Some(&last), plain.last(), "without an average the last step counts");
    let mean = |shares: &[f64]| -> Vec<f64> {
        (0..last.values().len())
            .map(|at| {
                plain.iter().zip(shares).map(|(step, share)| share * f64::from(step.values()[at])).sum()
            })
            .collect()
    };
    // By hand: the share of each step in the end.
    let ema = |decay: f64| {
        let mut shares = vec![1.0];
        for step in 1..=STEPS {
            let kept = decay.min((1.0 + step as f64) / (10.0 + step as f64));
            shares.iter_mut().for_each(|share| *share *= kept);
            shares.push(1.0 - kept);
        }
        shares
    };
    let swa = |from: usize| -> Vec<f64> {
        let count = STEPS as usize + 1 - from;
        (0..=STEPS as usize).map(|step| if step >= from { 1.0 / count as f64 } else { 0.0 }).collect()
    };
    for (name, shares) in [
        ("ema", ema(0.999)),
        ("ema(decay=0.3)", ema(0.3)),
        ("swa", swa(5)),
        ("swa(start=0)", swa(1)),
        ("swa(start=0.8)", swa(7)),
    ] {
        let (steps, counting) = trained(Some(name));
        assert_eq!(steps, plain, "{name}: steps are made as without");
        for (found, want) in counting.values().iter().zip(mean(&shares)) {
            assert!((f64::from(*found) - want).abs() < 1e-6, "{name}: {found}, expected {want}");
        }
    }
    // An average that has not begun, and one that keeps nothing, are the last step to the bit.
    for name in ["swa(start=1)", "ema(decay=0)"] {
        assert_eq!(trained(Some(name)).1, last, "{name}");
    }
}
