//! What the constructors refuse, with the exact message, and which degenerate case gets which name.

use mtlift_eval::{Degenerate, Error, Metric, Outcome, Score};

#[test]
fn hostile_input_is_refused_by_name() {
    let cases = [
        (Outcome::classes(&[0, 1], &[0], 2, 1), "2 predictions for 1 references, expected one for each"),
        (Outcome::values(&[], &[1.0]), "0 predictions for 1 references, expected one for each"),
        (Outcome::classes(&[], &[], 2, 1), "no rows to score, expected at least one"),
        (Outcome::values(&[], &[]), "no rows to score, expected at least one"),
        (
            Outcome::classes(&[0, 1, 2], &[0, 1, 1], 2, 1),
            "prediction 2 is label 2, expected one below 2, the number of labels",
        ),
        (
            Outcome::classes(&[0, 1], &[9, 1], 2, 1),
            "reference 0 is label 9, expected one below 2, the number of labels",
        ),
        (
            Outcome::classes(&[0], &[0], 0, 0),
            "prediction 0 is label 0, expected one below 0, the number of labels",
        ),
        (
            Outcome::classes(&[0], &[0], 1, 1),
            "the positive class is label 1, expected one below 1, the number of labels",
        ),
        (Outcome::values(&[1.0, f32::NAN], &[1.0, 2.0]), "prediction 1 is NaN, expected a finite number"),
        (
            Outcome::values(&[1.0, 2.0], &[f32::NEG_INFINITY, 2.0]),
            "reference 0 is -inf, expected a finite number",
        ),
    ];
    for (found, message) in cases {
        assert_eq!(found.unwrap_err().to_string(), message);
    }
}

#[test]
fn a_metric_reads_only_its_kind() {
    let classes = Outcome::classes(&[0, 1], &[0, 1], 2, 1).unwrap();
    let values = Outcome::values(&[0.0, 1.0], &[0.0, 1.0]).unwrap();
    for metric in Metric::ALL {
        for outcome in [&classes, &values] {
            let found = outcome.score(metric);
            if metric.kind() == outcome.kind() {
                assert!(found.is_ok(), "{metric}");
            } else {
                assert_eq!(found, Err(Error::WrongKind { metric, found: outcome.kind() }));
            }
        }
    }
    assert_eq!(
        classes.score(Metric::Mse).unwrap_err().to_string(),
        "metric `mse` reads values, the outcome holds classes"
    );
}

#[test]
fn degenerate_classes_have_names() {
    use Degenerate::{OneClassPredicted, OneClassReference, PositiveAbsent};
    // predicted, reference, labels; the whole outcome, F1, MCC.
    let cases: [(&[usize], &[usize], usize, _, _, _); 6] = [
        (&[0, 0], &[0, 1], 2, Some(OneClassPredicted), None, Some(OneClassPredicted)),
        (&[0, 1], &[1, 1], 2, Some(OneClassReference), None, Some(OneClassReference)),
        (&[1, 1], &[1, 1], 2, Some(OneClassReference), None, Some(OneClassReference)),
        (&[0, 0], &[0, 0], 2, Some(OneClassReference), Some(PositiveAbsent), Some(OneClassReference)),
        (&[0, 2], &[2, 0], 3, None, Some(PositiveAbsent), None),
        (&[0, 1], &[1, 0], 2, None, None, None),
    ];
    for (predicted, reference, labels, whole, f1, mcc) in cases {
        let outcome = Outcome::classes(predicted, reference, labels, 1).unwrap();
        let why = |metric| outcome.score(metric).unwrap().degenerate;
        let found = (outcome.degenerate(), why(Metric::F1), why(Metric::Mcc));
        assert_eq!(found, (whole, f1, mcc), "{predicted:?} for {reference:?}");
        assert_eq!((why(Metric::Accuracy), why(Metric::MacroF1)), (None, None));
    }
}

#[test]
fn degenerate_values_have_names() {
    use Degenerate::{ConstantPrediction, ConstantReference};
    // predicted, reference; the whole outcome, Pearson and Spearman.
    let cases: [(&[f32], &[f32], _, _); 7] = [
        (&[0.1, 0.1, 0.1], &[1.0, 2.0, 3.0], Some(ConstantPrediction), Some(ConstantPrediction)),
        (&[1.0, 2.0, 3.0], &[0.1, 0.1, 0.1], Some(ConstantReference), Some(ConstantReference)),
        (&[1.0, 1.0], &[2.0, 2.0], Some(ConstantReference), Some(ConstantReference)),
        (&[0.0, -0.0], &[1.0, 2.0], Some(ConstantPrediction), Some(ConstantPrediction)),
        (&[2.5, 2.500_001, 2.500_002], &[1.0, 2.0, 3.0], Some(ConstantPrediction), None),
        (&[2.5, 2.500_01, 2.500_02], &[1.0, 2.0, 3.0], None, None),
        (&[0.0, 1e-30, 2e-30], &[1.0, 2.0, 3.0], None, None),
    ];
    for (predicted, reference, whole, correlation) in cases {
        let outcome = Outcome::values(predicted, reference).unwrap();
        let why = |metric| outcome.score(metric).unwrap().degenerate;
        let found = (outcome.degenerate(), why(Metric::Pearson), why(Metric::Spearman));
        assert_eq!(found, (whole, correlation, correlation), "{predicted:?} for {reference:?}");
        assert_eq!(why(Metric::Mse), None);
    }
}

#[test]
fn values_one_step_of_f32_apart_keep_their_correlation() {
    let step = 5.0_f32.next_up();
    let outcome = Outcome::values(&[5.0, step, 5.0, step], &[1.0, 2.0, 1.0, 2.0]).unwrap();
    let Score { value, degenerate } = outcome.score(Metric::Pearson).unwrap();
    assert!((value - 1.0).abs() < 1e-12, "{value}");
    assert_eq!(degenerate, None);
    assert_eq!(outcome.degenerate(), Some(Degenerate::ConstantPrediction));
}

#[test]
fn a_degenerate_case_prints_and_serialises_alike() {
    let cases = [
        (Degenerate::OneClassReference, "one-class-reference"),
        (Degenerate::OneClassPredicted, "one-class-predicted"),
        (Degenerate::PositiveAbsent, "positive-absent"),
        (Degenerate::ConstantReference, "constant-reference"),
        (Degenerate::ConstantPrediction, "constant-prediction"),
    ];
    for (degenerate, name) in cases {
        assert_eq!(degenerate.to_string(), name);
        assert_eq!(serde_json::to_value(degenerate).unwrap(), name);
    }
}
