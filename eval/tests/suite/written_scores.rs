//! The object in which a result holds its scores: how it is written, that reading gives back what was written, and what is
//! refused.

use mtlift_eval::{Degenerate, Kind, Metric, Outcome, Score, Scores, TaskMetrics};
use proptest::prelude::*;
use proptest::sample::subsequence;

fn read(text: &str) -> serde_json::Result<Scores> {
    serde_json::from_str(text)
}

#[test]
fn scores_serialise_in_the_listed_order() {
    let metrics = TaskMetrics::check(&[Metric::F1, Metric::Accuracy]).unwrap();
    let sound = metrics.score(&Outcome::classes(&[0, 1], &[0, 1], 2, 1).unwrap()).unwrap();
    assert_eq!(serde_json::to_string(&sound).unwrap(), r#"{"f1":1.0,"accuracy":1.0,"headline":1.0}"#);

    let collapsed = metrics.score(&Outcome::classes(&[0, 0], &[0, 1], 2, 1).unwrap()).unwrap();
    assert_eq!(
        serde_json::to_string(&collapsed).unwrap(),
        r#"{"f1":0.0,"accuracy":0.5,"headline":0.25,"degenerate":"one-class-predicted"}"#
    );
}

#[test]
fn what_is_read_has_no_reasons_but_the_reports_own() {
    let task = TaskMetrics::check(&[Metric::Mcc, Metric::Accuracy]).unwrap();
    let written = task.score(&Outcome::classes(&[1, 1, 1], &[1, 0, 1], 2, 1).unwrap()).unwrap();
    assert_eq!(written.get(Metric::Mcc).unwrap().degenerate, Some(Degenerate::OneClassPredicted));
    let found = read(&serde_json::to_string(&written).unwrap()).unwrap();
    assert_eq!(found.get(Metric::Mcc), Some(Score { value: 0.0, degenerate: None }));
    assert_eq!(found.degenerate(), Some(Degenerate::OneClassPredicted));
    assert_eq!(found, written);
}

#[test]
fn scores_that_are_written_differently_are_not_equal() {
    let texts = [
        r#"{"accuracy":0.5,"f1":0.25,"headline":0.375}"#,
        r#"{"f1":0.25,"accuracy":0.5,"headline":0.375}"#,
        r#"{"accuracy":0.25,"f1":0.5,"headline":0.375}"#,
        r#"{"accuracy":0.5,"headline":0.375}"#,
        r#"{"accuracy":0.5,"f1":0.25,"headline":0.25}"#,
        r#"{"accuracy":0.5,"f1":0.25,"headline":0.375,"degenerate":"one-class-predicted"}"#,
        r#"{"accuracy":0.5,"f1":0.25,"headline":0.375,"degenerate":"positive-absent"}"#,
    ];
    for (index, one) in texts.iter().enumerate() {
        for (other_index, other) in texts.iter().enumerate() {
            assert_eq!(read(one).unwrap() == read(other).unwrap(), index == other_index, "{one} {other}");
        }
    }
}

#[test]
fn the_place_of_the_headline_does_not_matter() {
    let found = read(r#"{"degenerate":"positive-absent","headline":0.25,"f1":0,"accuracy":0.5}"#).unwrap();
    let written = r#"{"f1":0.0,"accuracy":0.5,"headline":0.25,"degenerate":"positive-absent"}"#;
    assert_eq!(serde_json::to_string(&found).unwrap(), written);
}

#[test]
fn an_object_that_no_evaluation_wrote_is_refused() {
    let cases = [
        ("0.5", "expected an object with a task's metrics and `headline`"),
        ("{}", "a task's metrics are empty, expected at least one"),
        (r#"{"headline":0.5}"#, "a task's metrics are empty, expected at least one"),
        (r#"{"accuracy":0.5}"#, "missing field `headline`"),
        (
            r#"{"recall":0.5,"headline":0.5}"#,
            "unknown metric `recall`, expected one of accuracy, f1, mcc, pearson, spearman, macro-f1, mse",
        ),
        (r#"{"f1":0.5,"accuracy":0.5,"f1":0.5,"headline":0.5}"#, "metric `f1` is listed twice, list it once"),
        (
            r#"{"f1":0.5,"pearson":0.5,"headline":0.5}"#,
            "metrics `f1` and `pearson` cannot belong to one task",
        ),
        (r#"{"f1":0.5,"headline":0.5,"headline":0.5}"#, "duplicate field `headline`"),
        (
            r#"{"f1":0.5,"headline":0.5,"degenerate":"positive-absent","degenerate":"positive-absent"}"#,
            "duplicate field `degenerate`",
        ),
        (r#"{"f1":0.0,"headline":0.0,"degenerate":"flat"}"#, "unknown variant `flat`"),
        (r#"{"f1":null,"headline":0.5}"#, "invalid type: null, expected f64"),
        (
            r#"{"f1":1.5,"headline":1.0}"#,
            "invalid value: floating point `1.5`, expected f1 to be finite and from 0 to 1",
        ),
        (
            r#"{"mse":-0.5,"headline":0.5}"#,
            "invalid value: floating point `-0.5`, expected mse to be finite and from 0 to inf",
        ),
        (
            r#"{"mcc":0.5,"accuracy":0.5,"headline":-0.75}"#,
            "invalid value: floating point `-0.75`, expected headline to be finite and from -0.5 to 1",
        ),
    ];
    for (text, message) in cases {
        let found = read(text).unwrap_err().to_string();
        assert!(found.contains(message), "{text}: {found}");
    }
}

/// Metrics that can be one task's, in any order.
fn tasks() -> impl Strategy<Value = TaskMetrics> {
    use Metric::{Accuracy, F1, MacroF1, Mcc, Mse, Pearson, Spearman};
    let some = |metrics: &[Metric]| subsequence(metrics.to_vec(), 1..=metrics.len()).prop_shuffle();
    prop_oneof![some(&[Accuracy, F1, Mcc, MacroF1]), some(&[Pearson, Spearman]), some(&[Mse])]
        .prop_map(|metrics| TaskMetrics::check(&metrics).unwrap())
}

proptest! {
    /// Few rows of few labels, so that degenerate outcomes are common.
    #[test]
    fn what_is_written_is_read(task in tasks(), rows in prop::collection::vec((0..3_usize, 0..3_usize), 1..9)) {
        let (predicted, reference): (Vec<usize>, Vec<usize>) = rows.into_iter().unzip();
        let third = |values: &[usize]| values.iter().map(|&value| value as f32 / 3.0).collect::<Vec<_>>();
        let outcome = match task.kind() {
            Kind::Classes => Outcome::classes(&predicted, &reference, 3, 1),
            Kind::Values => Outcome::values(&third(&predicted), &third(&reference)),
        };
        let scores = task.score(&outcome.unwrap()).unwrap();
        let text = serde_json::to_string(&scores).unwrap();
        let found = read(&text).unwrap();
        let bits = |scores: &Scores| -> Vec<(Metric, u64)> {
            scores.iter().map(|(metric, score)| (metric, score.value.to_bits())).collect()
        };
        prop_assert_eq!(bits(&found), bits(&scores));
        prop_assert_eq!(found.headline().to_bits(), scores.headline().to_bits());
        prop_assert_eq!(found.degenerate(), scores.degenerate());
        prop_assert_eq!(serde_json::to_string(&found).unwrap(), text);
        prop_assert_eq!(found, scores);
    }
}
