//! What must hold of every metric on any input: ranges, perfect predictions, and invariances.

use mtlift_eval::{Metric, Outcome};
use proptest::prelude::*;

const TOLERANCE: f64 = 1e-12;
const MAX_LABELS: usize = 6;

/// `L`, a permutation of the labels, and rows of (predicted, reference).
fn classes() -> impl Strategy<Value = (usize, Vec<usize>, Vec<(usize, usize)>)> {
    (1..=MAX_LABELS).prop_flat_map(|labels| {
        let permutation = Just((0..labels).collect::<Vec<_>>()).prop_shuffle();
        (Just(labels), permutation, prop::collection::vec((0..labels, 0..labels), 1..40))
    })
}

/// Rows of (predicted, reference) that are small integers: ties are common and maps of them exact in `f32`.
fn integers() -> impl Strategy<Value = Vec<(i16, i16)>> {
    prop::collection::vec((-20..=20_i16, -20..=20_i16), 1..40)
}

/// Rows of any finite `f32`, subnormal and huge ones included.
fn any_finite() -> impl Strategy<Value = Vec<(f32, f32)>> {
    use prop::num::f32::{NEGATIVE, NORMAL, POSITIVE, SUBNORMAL, ZERO};
    let finite = POSITIVE | NEGATIVE | NORMAL | SUBNORMAL | ZERO;
    prop::collection::vec((finite, finite), 1..40)
}

fn outcome_of_classes(labels: usize, positive: usize, rows: &[(usize, usize)]) -> Outcome {
    let (predicted, reference): (Vec<_>, Vec<_>) = rows.iter().copied().unzip();
    Outcome::classes(&predicted, &reference, labels, positive)
        .expect("the strategy draws labels below `labels`")
}

fn outcome_of_values(rows: impl IntoIterator<Item = (f32, f32)>) -> Outcome {
    let (predicted, reference): (Vec<_>, Vec<_>) = rows.into_iter().unzip();
    Outcome::values(&predicted, &reference).expect("the strategy draws finite values")
}

fn value(outcome: &Outcome, metric: Metric) -> f64 {
    outcome.score(metric).expect("the metric is of the outcome's kind").value
}

fn close(a: f64, b: f64) -> bool {
    (a - b).abs() <= TOLERANCE
}

proptest! {
    #[test]
    fn class_metrics_stay_in_range((labels, _, rows) in classes()) {
        let outcome = outcome_of_classes(labels, labels - 1, &rows);
        for metric in [Metric::Accuracy, Metric::F1, Metric::MacroF1] {
            prop_assert!((0.0..=1.0).contains(&value(&outcome, metric)), "{metric}");
        }
        prop_assert!((-1.0..=1.0).contains(&value(&outcome, Metric::Mcc)));
    }

    #[test]
    fn value_metrics_stay_in_range(rows in any_finite()) {
        let outcome = outcome_of_values(rows);
        for metric in [Metric::Pearson, Metric::Spearman] {
            prop_assert!((-1.0..=1.0).contains(&value(&outcome, metric)), "{metric}");
        }
        let error = value(&outcome, Metric::Mse);
        prop_assert!(error.is_finite() && error >= 0.0);
    }

    #[test]
    fn class_metrics_do_not_see_the_order_of_rows((labels, _, rows) in classes(), turn in 0..40_usize) {
        let mut turned = rows.clone();
        turned.rotate_left(turn % rows.len());
        turned.reverse();
        let (before, after) = (outcome_of_classes(labels, 0, &rows), outcome_of_classes(labels, 0, &turned));
        for metric in [Metric::Accuracy, Metric::F1, Metric::Mcc, Metric::MacroF1] {
            prop_assert_eq!(before.score(metric), after.score(metric));
        }
    }

    #[test]
    fn value_metrics_do_not_see_the_order_of_rows(
        (rows, shuffled) in integers().prop_flat_map(|rows| (Just(rows.clone()), Just(rows).prop_shuffle())),
    ) {
        let outcome = |rows: Vec<(i16, i16)>| outcome_of_values(rows.into_iter().map(|(p, r)| (p.into(), r.into())));
        let (before, after) = (outcome(rows), outcome(shuffled));
        for metric in [Metric::Pearson, Metric::Spearman, Metric::Mse] {
            let (before, after) = (before.score(metric).unwrap(), after.score(metric).unwrap());
            prop_assert!(close(before.value, after.value), "{metric}: {before:?} {after:?}");
            prop_assert_eq!(before.degenerate, after.degenerate);
        }
    }

    #[test]
    fn the_names_of_labels_do_not_matter((labels, renamed, rows) in classes()) {
        let relabelled: Vec<_> = rows.iter().map(|&(p, r)| (renamed[p], renamed[r])).collect();
        let before = outcome_of_classes(labels, 0, &rows);
        let after = outcome_of_classes(labels, renamed[0], &relabelled);
        for metric in [Metric::Accuracy, Metric::F1, Metric::Mcc] {
            prop_assert_eq!(before.score(metric), after.score(metric));
        }
        prop_assert!(close(value(&before, Metric::MacroF1), value(&after, Metric::MacroF1)));
    }

    #[test]
    fn labels_that_never_occur_do_not_matter((labels, _, rows) in classes(), more in 1..5_usize) {
        let (before, after) = (outcome_of_classes(labels, 0, &rows), outcome_of_classes(labels + more, 0, &rows));
        for metric in [Metric::Accuracy, Metric::F1, Metric::Mcc, Metric::MacroF1] {
            prop_assert_eq!(before.score(metric), after.score(metric));
        }
    }

    #[test]
    fn mcc_is_symmetric((labels, _, rows) in classes()) {
        let swapped: Vec<_> = rows.iter().map(|&(p, r)| (r, p)).collect();
        let (before, after) = (outcome_of_classes(labels, 0, &rows), outcome_of_classes(labels, 0, &swapped));
        prop_assert_eq!(value(&before, Metric::Mcc), value(&after, Metric::Mcc));
    }

    #[test]
    fn mcc_of_two_labels_is_pearson_of_their_indices(
        rows in prop::collection::vec((0..2_usize, 0..2_usize), 1..40),
    ) {
        let classes = outcome_of_classes(2, 1, &rows);
        let values = outcome_of_values(rows.iter().map(|&(p, r)| (p as f32, r as f32)));
        prop_assert!(close(value(&classes, Metric::Mcc), value(&values, Metric::Pearson)));
    }

    #[test]
    fn a_perfect_classifier_has_the_best_scores((labels, _, rows) in classes()) {
        let right: Vec<_> = rows.iter().map(|&(_, r)| (r, r)).collect();
        let outcome = outcome_of_classes(labels, right[0].0, &right);
        for metric in [Metric::Accuracy, Metric::F1, Metric::Mcc, Metric::MacroF1] {
            let score = outcome.score(metric).unwrap();
            let best = if score.degenerate.is_some() { 0.0 } else { 1.0 };
            prop_assert_eq!(score.value, best, "{}", metric);
        }
        prop_assert_eq!(outcome.degenerate().is_some(), right.iter().all(|row| row == &right[0]));
    }

    #[test]
    fn a_perfect_regressor_has_the_best_scores(rows in any_finite()) {
        let constant = rows.iter().all(|row| row.1 == rows[0].1);
        let outcome = outcome_of_values(rows.iter().map(|&(_, r)| (r, r)));
        prop_assert_eq!(value(&outcome, Metric::Mse), 0.0);
        for metric in [Metric::Pearson, Metric::Spearman] {
            let score = outcome.score(metric).unwrap();
            prop_assert_eq!(score.degenerate.is_some(), constant);
            prop_assert!(close(score.value, if constant { 0.0 } else { 1.0 }), "{metric} is {}", score.value);
        }
    }

    #[test]
    fn pearson_does_not_see_scale_and_offset(
        rows in integers(), scale in 1..1000_i32, offset in -1000..1000_i32, flip: bool,
    ) {
        let sign = if flip { -1 } else { 1 };
        let before = outcome_of_values(rows.iter().map(|&(p, r)| (p.into(), r.into())));
        let after = outcome_of_values(
            rows.iter().map(|&(p, r)| ((sign * scale * i32::from(p) + offset) as f32, r.into())),
        );
        let expected = f64::from(sign) * value(&before, Metric::Pearson);
        prop_assert!(close(value(&after, Metric::Pearson), expected));
    }

    #[test]
    fn spearman_sees_only_the_order(rows in integers()) {
        let cube = |x: i16| f32::from(x) * f32::from(x) * f32::from(x);
        let before = outcome_of_values(rows.iter().map(|&(p, r)| (p.into(), r.into())));
        let rising = outcome_of_values(rows.iter().map(|&(p, r)| (cube(p) + 7.0, r.into())));
        let falling = outcome_of_values(rows.iter().map(|&(p, r)| (-cube(p), r.into())));
        prop_assert_eq!(rising.score(Metric::Spearman), before.score(Metric::Spearman));
        prop_assert!(close(value(&falling, Metric::Spearman), -value(&before, Metric::Spearman)));
    }

    #[test]
    fn correlations_are_symmetric(rows in any_finite()) {
        let before = outcome_of_values(rows.iter().copied());
        let after = outcome_of_values(rows.iter().map(|&(p, r)| (r, p)));
        for metric in [Metric::Pearson, Metric::Spearman] {
            prop_assert_eq!(value(&before, metric), value(&after, metric));
        }
    }
}
