//! Metric names, the checked list of a task's metrics, its headline and direction, and what a report calls degenerate.

use mtlift_eval::{Degenerate, Error, Kind, Metric, Outcome, TaskMetrics};

#[test]
fn a_metric_has_one_name_everywhere() {
    let names = ["accuracy", "f1", "mcc", "pearson", "spearman", "macro-f1", "mse"];
    assert_eq!(Metric::ALL.map(Metric::name), names);
    for metric in Metric::ALL {
        assert_eq!(metric.to_string().parse(), Ok(metric));
        assert_eq!(serde_json::to_value(metric).unwrap(), metric.name());
        assert_eq!(serde_json::from_value::<Metric>(metric.name().into()).unwrap(), metric);
    }
}

#[test]
fn the_best_and_the_worst_predictions_score_the_ends_of_the_range() {
    let classes = |predicted: &[usize]| Outcome::classes(predicted, &[0, 1, 1, 0], 2, 1).unwrap();
    let values = |predicted: &[f32]| Outcome::values(predicted, &[1.0, 2.0, 3.0]).unwrap();
    for metric in Metric::ALL {
        let (worst, best) = match metric.kind() {
            Kind::Classes => (classes(&[1, 0, 0, 1]), classes(&[0, 1, 1, 0])),
            Kind::Values => (values(&[3.0, 2.0, 1.0]), values(&[1.0, 2.0, 3.0])),
        };
        let [worst, best] = [worst, best].map(|outcome| outcome.score(metric).unwrap().value);
        let expected = if metric == Metric::Mse { (best, f64::INFINITY) } else { (worst, best) };
        let (low, high) = metric.range();
        assert!((low - expected.0).abs() < 1e-12, "{metric}: {low}");
        assert!(high == expected.1 || (high - expected.1).abs() < 1e-12, "{metric}: {high}");
    }
    let mrpc = TaskMetrics::check(&[Metric::Accuracy, Metric::Mcc]).unwrap();
    assert_eq!(mrpc.range(), (-0.5, 1.0));
}

#[test]
fn an_unknown_metric_is_told_the_known_ones() {
    for name in ["F1", "acc", " mcc", ""] {
        let message = format!(
            "unknown metric `{name}`, expected one of accuracy, f1, mcc, pearson, spearman, macro-f1, mse"
        );
        assert_eq!(name.parse::<Metric>().unwrap_err().to_string(), message);
    }
}

#[test]
fn lists_without_a_meaning_are_refused() {
    use Metric::{Accuracy, F1, Mse, Pearson, Spearman};
    let cases: [(&[Metric], &str); 4] = [
        (&[], "a task's metrics are empty, expected at least one"),
        (&[Accuracy, F1, Accuracy], "metric `accuracy` is listed twice, list it once"),
        (
            &[Accuracy, Mse],
            "metrics `accuracy` and `mse` cannot belong to one task: one reads classes, the other values",
        ),
        (
            &[Pearson, Spearman, Mse],
            "metrics `pearson` and `mse` have no mean: higher is better in one, lower in the other; list only one",
        ),
    ];
    for (metrics, message) in cases {
        assert_eq!(TaskMetrics::check(metrics).unwrap_err().to_string(), message);
    }
}

#[test]
fn a_checked_list_knows_its_kind_and_direction() {
    let correlations = TaskMetrics::check(&[Metric::Spearman, Metric::Pearson]).unwrap();
    assert_eq!(correlations.as_slice(), [Metric::Spearman, Metric::Pearson]);
    assert_eq!(correlations.kind(), Kind::Values);
    assert!(correlations.higher_is_better());
    assert!(correlations.better(0.2, 0.1));
    assert!(!correlations.better(0.1, 0.2));

    let error = TaskMetrics::check(&[Metric::Mse]).unwrap();
    assert!(!error.higher_is_better());
    assert!(error.better(0.1, 0.2));
    assert!(!error.better(0.2, 0.1));

    for metrics in [correlations, error] {
        assert!(!metrics.better(0.1, 0.1), "the earlier of two equal ones stays");
        assert!(!metrics.better(f64::NAN, 0.1));
    }
}

#[test]
fn the_headline_is_the_mean_of_the_listed_metrics() {
    let outcome = Outcome::classes(&[1, 0, 1, 1, 0], &[1, 0, 0, 1, 1], 2, 1).unwrap();
    let scores = TaskMetrics::check(&[Metric::F1, Metric::Accuracy]).unwrap().score(&outcome).unwrap();
    let listed: Vec<Metric> = scores.iter().map(|(metric, _)| metric).collect();
    assert_eq!(listed, [Metric::F1, Metric::Accuracy]);
    assert_eq!(scores.get(Metric::Accuracy), outcome.score(Metric::Accuracy).ok());
    assert_eq!(scores.get(Metric::Mcc), None);
    // TP 2, FP 1, FN 1, TN 1.
    assert!((scores.headline() - (4.0 / 6.0 + 3.0 / 5.0) / 2.0).abs() < 1e-15);
    assert_eq!(scores.degenerate(), None);
}

#[test]
fn a_single_metric_is_its_own_headline() {
    let outcome = Outcome::values(&[1.0, 2.0], &[1.5, 3.0]).unwrap();
    let scores = TaskMetrics::check(&[Metric::Mse]).unwrap().score(&outcome).unwrap();
    assert_eq!(scores.headline(), 0.625);
}

#[test]
fn the_wrong_kind_of_outcome_has_no_headline() {
    let outcome = Outcome::values(&[1.0], &[1.0]).unwrap();
    let found = TaskMetrics::check(&[Metric::Accuracy]).unwrap().score(&outcome);
    assert_eq!(found, Err(Error::WrongKind { metric: Metric::Accuracy, found: Kind::Values }));
}

#[test]
fn a_report_names_what_only_a_metric_finds_degenerate() {
    let outcome = Outcome::classes(&[0, 2], &[0, 2], 3, 1).unwrap();
    let degenerate =
        |metrics: &[Metric]| TaskMetrics::check(metrics).unwrap().score(&outcome).unwrap().degenerate();
    assert_eq!(degenerate(&[Metric::Accuracy]), None);
    assert_eq!(degenerate(&[Metric::Accuracy, Metric::F1]), Some(Degenerate::PositiveAbsent));
}

#[test]
fn a_report_names_a_collapse_that_no_listed_metric_sees() {
    let outcome = Outcome::classes(&[1, 1, 1], &[1, 0, 1], 2, 1).unwrap();
    let scores = TaskMetrics::check(&[Metric::Accuracy]).unwrap().score(&outcome).unwrap();
    assert_eq!(scores.get(Metric::Accuracy).unwrap().degenerate, None);
    assert_eq!(scores.degenerate(), Some(Degenerate::OneClassPredicted));
}
