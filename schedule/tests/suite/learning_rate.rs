//! Learning rates against transformers' schedules, and their range for any settings.

use mtlift_schedule::{LearningRate, Shape};
use proptest::prelude::*;
use serde::Deserialize;

#[derive(Deserialize)]
struct Golden {
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    name: String,
    shape: Shape,
    peak: f64,
    warmup: Option<f64>,
    warmup_steps: u64,
    total_steps: u64,
    rates: Vec<f64>,
}

#[test]
fn agrees_with_transformers_at_every_step() {
    let golden: Golden = serde_json::from_str(include_str!("../golden/learning_rates.json")).unwrap();
    for Case { name, shape, peak, warmup, warmup_steps, total_steps, rates } in golden.cases {
        let recorded = LearningRate::with_warmup_steps(shape, peak, warmup_steps, total_steps).unwrap();
        if let Some(warmup) = warmup {
            assert_eq!(LearningRate::check(shape, peak, warmup, total_steps).unwrap(), recorded, "{name}");
        }
        assert_eq!(rates.len() as u64, total_steps, "{name}");
        for (step, expected) in (0..).zip(rates) {
            let found = recorded.at(step);
            // The cosines come from two mathematical libraries; all else is the same arithmetic.
            let tolerance = if shape == Shape::Cosine { 1e-15 * peak } else { 0.0 };
            assert!(
                (found - expected).abs() <= tolerance,
                "{name}, step {step}: {found}, expected {expected}"
            );
        }
    }
}

proptest! {
    #[test]
    fn stays_between_zero_and_the_peak_which_it_reaches(
        shape in prop::sample::select(&Shape::ALL[..]),
        peak in 1e-9f64..1.0,
        warmup in 0.0f64..1.0,
        total_steps in 1u64..300,
    ) {
        let rate = LearningRate::check(shape, peak, warmup, total_steps).unwrap();
        for step in 0..total_steps + 10 {
            prop_assert!((0.0..=peak).contains(&rate.at(step)), "step {step}: {}", rate.at(step));
            if step < rate.warmup_steps() {
                prop_assert!(rate.at(step) < rate.at(step + 1), "falls in the warm-up, step {step}");
            } else {
                prop_assert!(rate.at(step) >= rate.at(step + 1), "rises after the warm-up, step {step}");
            }
        }
        prop_assert_eq!(rate.at(rate.warmup_steps()), peak);
        let end = if shape == Shape::Constant { peak } else { 0.0 };
        prop_assert_eq!([rate.at(total_steps), rate.at(u64::MAX)], [end; 2]);
    }
}
