//! The threshold of two classes: against every threshold there is, and where it stays at 0.5.

use mtlift_eval::{Error, Metric, Outcome, TaskMetrics, choose_threshold};
use proptest::prelude::*;

/// The headline of these rows at a threshold.
fn at(
    probabilities: &[f64],
    reference: &[usize],
    positive: usize,
    threshold: f64,
    metrics: &TaskMetrics,
) -> f64 {
    let class = |p: &f64| if *p >= threshold { positive } else { 1 - positive };
    let predicted: Vec<usize> = probabilities.iter().map(class).collect();
    metrics.score(&Outcome::classes(&predicted, reference, 2, positive).unwrap()).unwrap().headline()
}

fn of(metrics: &[Metric]) -> TaskMetrics {
    TaskMetrics::check(metrics).unwrap()
}

proptest! {
    #[test]
    fn no_other_threshold_that_predicts_both_classes_is_better(
        rows in prop::collection::vec((0u8..=20, 0usize..2), 1..40),
        positive in 0usize..2,
        metric in 0usize..4,
    ) {
        // On a coarse grid, so that rows share probabilities.
        let probabilities: Vec<f64> = rows.iter().map(|(p, _)| f64::from(*p) / 20.0).collect();
        let reference: Vec<usize> = rows.iter().map(|(_, class)| *class).collect();
        let metrics = of(&[[Metric::Accuracy, Metric::F1, Metric::Mcc, Metric::MacroF1][metric]]);
        let found = choose_threshold(&probabilities, &reference, positive, &metrics).unwrap();
        let score = |threshold| at(&probabilities, &reference, positive, threshold, &metrics);
        prop_assert!((found.score - score(found.probability)).abs() < 1e-12, "{found:?}");
        prop_assert!((found.at_half - score(0.5)).abs() < 1e-12, "{found:?}");
        prop_assert!(found.score >= found.at_half);
        let (least, most) = probabilities.iter().fold((1.0f64, 0.0f64), |(a, b), &p| (a.min(p), b.max(p)));
        for threshold in (0..=400).map(|place| f64::from(place) / 400.0) {
            if least < threshold && threshold <= most {
                prop_assert!(score(threshold) <= found.score + 1e-12, "{threshold} is better than {found:?}");
            }
        }
    }
}

#[test]
fn one_half_stays_where_nothing_is_gained() {
    let accuracy = of(&[Metric::Accuracy]);
    let perfect = choose_threshold(&[0.9, 0.8, 0.3, 0.1], &[1, 1, 0, 0], 1, &accuracy).unwrap();
    assert_eq!((perfect.probability, perfect.score, perfect.at_half), (0.5, 1.0, 1.0));
    let alike = choose_threshold(&[0.2, 0.2], &[1, 0], 1, &accuracy).unwrap();
    assert_eq!(alike.probability, 0.5, "between equal probabilities there is none");
}

#[test]
fn a_shifted_model_is_put_right_by_the_threshold_between_its_classes() {
    let metrics = of(&[Metric::Accuracy, Metric::F1]);
    let found = choose_threshold(&[0.45, 0.40, 0.20, 0.10], &[1, 1, 0, 0], 1, &metrics).unwrap();
    assert!((found.probability - 0.3).abs() < 1e-12, "{found:?}");
    assert_eq!((found.score, found.at_half), (1.0, 0.25));
    // The same rows with the other class as the positive one.
    let other = choose_threshold(&[0.55, 0.60, 0.80, 0.90], &[1, 1, 0, 0], 0, &metrics).unwrap();
    assert!((other.probability - 0.7).abs() < 1e-12 && other.score == 1.0, "{other:?}");
}

#[test]
fn what_is_no_probability_or_no_class_is_refused() {
    let metrics = of(&[Metric::F1]);
    let refused = |probabilities: &[f64], reference: &[usize], positive| {
        choose_threshold(probabilities, reference, positive, &metrics).unwrap_err().to_string()
    };
    assert_eq!(refused(&[0.5, f64::NAN], &[0, 1], 1), "probability 1 is NaN, expected one from 0 to 1");
    assert_eq!(refused(&[1.5], &[0], 1), "probability 0 is 1.5, expected one from 0 to 1");
    assert_eq!(
        refused(&[0.5], &[2], 1),
        "reference 0 is label 2, expected one below 2, the number of labels"
    );
    assert_eq!(refused(&[], &[], 1), "no rows to score, expected at least one");
    assert_eq!(
        refused(&[0.5], &[0], 2),
        "the positive class is label 2, expected one below 2, the number of labels"
    );
    let error = choose_threshold(&[0.5], &[0], 1, &of(&[Metric::Mse]));
    assert!(matches!(error, Err(Error::WrongKind { .. })), "{error:?}");
}
