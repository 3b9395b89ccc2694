//! A judged model on multisets of its rows: what counts mean, and what leaving rows out gives.

use mtlift_eval::{Judged, Metric, Outcome, TaskMetrics};
use proptest::prelude::*;

const CLASS_METRICS: [Metric; 4] = [Metric::Accuracy, Metric::F1, Metric::Mcc, Metric::MacroF1];
const VALUE_METRICS: [&[Metric]; 2] = [&[Metric::Pearson, Metric::Spearman], &[Metric::Mse]];

/// Rows of (predicted, reference, count), some of which occur.
fn rows() -> impl Strategy<Value = Vec<(u8, u8, u32)>> {
    prop::collection::vec((0..3_u8, 0..3_u8, 0..4_u32), 1..30)
        .prop_filter("some row occurs", |rows| rows.iter().any(|row| row.2 > 0))
}

fn columns<T: From<u8>>(rows: &[(u8, u8, u32)]) -> (Vec<T>, Vec<T>) {
    rows.iter().map(|&(p, r, _)| (T::from(p), T::from(r))).unzip()
}

/// Every row as often as its count says.
fn repeated(rows: &[(u8, u8, u32)]) -> Vec<(u8, u8, u32)> {
    rows.iter().flat_map(|&(p, r, count)| std::iter::repeat_n((p, r, 1), count as usize)).collect()
}

fn without(rows: &[(u8, u8, u32)], left: usize) -> Vec<(u8, u8, u32)> {
    rows.iter().enumerate().filter(|&(row, _)| row != left).map(|(_, &row)| row).collect()
}

fn of_classes(rows: &[(u8, u8, u32)], metrics: &TaskMetrics) -> Judged {
    let (predicted, reference) = columns::<usize>(rows);
    Judged::classes(&predicted, &reference, 3, 1, metrics).unwrap()
}

fn of_values(rows: &[(u8, u8, u32)], metrics: &TaskMetrics) -> Judged {
    let (predicted, reference) = columns::<f32>(rows);
    Judged::values(&predicted, &reference, metrics).unwrap()
}

type Make = fn(&[(u8, u8, u32)], &TaskMetrics) -> Judged;

fn tasks() -> Vec<(Make, TaskMetrics)> {
    let classes = std::iter::once((of_classes as Make, &CLASS_METRICS[..]));
    let values = VALUE_METRICS.map(|metrics| (of_values as Make, metrics));
    classes.chain(values).map(|(make, metrics)| (make, TaskMetrics::check(metrics).unwrap())).collect()
}

fn close(a: f64, b: f64) -> bool {
    (a - b).abs() <= 1e-10
}

proptest! {
    #[test]
    fn a_count_is_a_row_written_so_often(rows in rows()) {
        let counts: Vec<u32> = rows.iter().map(|row| row.2).collect();
        for (make, metrics) in tasks() {
            let counted = make(&rows, &metrics).headline_of(&counts);
            let written = make(&repeated(&rows), &metrics).headline();
            prop_assert!(close(counted, written), "{metrics:?}: {counted} {written}");
        }
    }

    #[test]
    fn pseudo_values_leave_each_row_out(rows in rows()) {
        let n = rows.len() as f64;
        for (make, metrics) in tasks() {
            let judged = make(&rows, &metrics);
            for (row, found) in judged.pseudo_values().into_iter().enumerate() {
                let expected = match rows.len() {
                    1 => judged.headline(),
                    _ => n * judged.headline() - (n - 1.0) * make(&without(&rows, row), &metrics).headline(),
                };
                prop_assert!(close(found, expected), "{metrics:?}, row {row}: {found} {expected}");
            }
        }
    }

    #[test]
    fn pseudo_values_of_accuracy_are_the_rows(rows in rows()) {
        let judged = of_classes(&rows, &TaskMetrics::check(&[Metric::Accuracy]).unwrap());
        for (found, row) in judged.pseudo_values().into_iter().zip(&rows) {
            let right = f64::from(u8::from(row.0 == row.1));
            prop_assert!(close(found, right), "{found} {right}");
        }
    }

    #[test]
    fn the_headline_is_that_of_the_scores(rows in rows()) {
        for (make, metrics) in tasks() {
            let outcome = if metrics.kind() == mtlift_eval::Kind::Classes {
                let (predicted, reference) = columns::<usize>(&rows);
                Outcome::classes(&predicted, &reference, 3, 1).unwrap()
            } else {
                let (predicted, reference) = columns::<f32>(&rows);
                Outcome::values(&predicted, &reference).unwrap()
            };
            prop_assert_eq!(make(&rows, &metrics).headline(), metrics.score(&outcome).unwrap().headline());
        }
    }
}

#[test]
fn metrics_of_another_kind_and_bad_rows_are_refused() {
    let (accuracy, pearson) =
        (TaskMetrics::check(&[Metric::Accuracy]).unwrap(), TaskMetrics::check(&[Metric::Pearson]).unwrap());
    let cases = [
        (
            Judged::classes(&[0], &[0], 2, 1, &pearson),
            "metric `pearson` reads values, the outcome holds classes",
        ),
        (
            Judged::values(&[0.0], &[0.0], &accuracy),
            "metric `accuracy` reads classes, the outcome holds values",
        ),
        (
            Judged::classes(&[2], &[0], 2, 1, &accuracy),
            "prediction 0 is label 2, expected one below 2, the number of labels",
        ),
        (Judged::values(&[f32::NAN], &[0.0], &pearson), "prediction 0 is NaN, expected a finite number"),
    ];
    for (found, message) in cases {
        assert_eq!(found.unwrap_err().to_string(), message);
    }
}

#[test]
#[should_panic(expected = "at least one row occurs")]
fn a_multiset_without_rows_has_no_headline() {
    let judged = Judged::classes(&[0], &[0], 2, 1, &TaskMetrics::check(&[Metric::Accuracy]).unwrap());
    judged.unwrap().headline_of(&[0]);
}
